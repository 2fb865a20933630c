//! Where tenants stand in the repository, as annotations name it; changes nothing else of a report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::{Report, file_and_line};

/// The same report, its tenants' files named from the top of the repository: GitHub's workspace, or else where we are.
pub(super) fn placed(report: &Report) -> Report {
    let top = std::env::var_os("GITHUB_WORKSPACE").filter(|top| !top.is_empty());
    let top = resolved(&top.map_or_else(|| PathBuf::from("."), PathBuf::from));
    let mut known = BTreeMap::new();
    let mut report = report.clone();
    for source in report.tenants.iter_mut().filter_map(|tenant| tenant.source.as_mut()) {
        if let Some((file, line)) = file_and_line(source) {
            let file = known.entry(file.to_owned()).or_insert_with(|| within(&top, file));
            *source = format!("{file}:{line}");
        }
    }
    report
}

/// Outside of it, it stays as it was written.
fn within(top: &Path, file: &str) -> String {
    let inside = resolved(Path::new(file)).strip_prefix(top).map(|inside| inside.display().to_string());
    inside.unwrap_or_else(|_| file.to_owned())
}

/// As far as it exists: a saved report may come from another machine.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
