//! JSON reports that were saved before, read back.

use std::path::Path;

use super::AppError;
use crate::inventory::given;
use crate::model::Report;

/// The report in that file; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Report, AppError> {
    let fail = |what: String| AppError::Usage(format!("{}: {what}", path.display()));
    let bytes = bytes(path)
        .map_err(|error| fail(format!("cannot be read ({error}), name a report saved with --report json=PATH")))?;
    Report::from_json(&bytes).map_err(fail)
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() == "-" { given::standard_input() } else { given::read(path) }
}
