//! Tenants from what a team already has, as `purgeproof tenants` lists them.

mod clouds;
#[cfg(feature = "lab")]
mod covered;
mod deployed;
mod files;
mod lists;
mod merged;
mod written;

use std::path::Path;

use purgeproof::inventory::Discover;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, purgeproof, run};

#[test]
fn help_and_readme_name_every_kind_that_there_is() {
    let kinds: Vec<&str> = Discover::kinds().collect();
    let help = run(purgeproof().args(["help", "verify"])).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains(&format!("kinds: {}", kinds.join(", "))), "{help}");
    let readme = include_str!("../../../README.md");
    let rows = readme.lines().skip_while(|line| !line.starts_with("| kind | reads |")).skip(2);
    let named: Vec<&str> =
        rows.take_while(|line| line.starts_with("| `")).filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(named, kinds);
}

/// A folder with those files in it.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

pub(crate) fn tenants(folder: &Path, args: &[&str]) -> Ran {
    run(purgeproof().current_dir(folder).arg("tenants").args(args))
}

/// The list as JSON; it must be one.
#[track_caller]
pub(crate) fn listed(files: &[(&str, &str)], args: &[&str]) -> Value {
    let folder = folder(files);
    let ran = tenants(folder.path(), &[args, &["--format", "json"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    let list: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(list["schema"], "purgeproof.tenants/1");
    list
}

/// `id: host alias…`, each.
pub(crate) fn rows(list: &Value) -> Vec<String> {
    let row = |tenant: &Value| {
        let aliases = tenant["aliases"].as_array().unwrap().iter().map(|alias| format!(" {}", alias.as_str().unwrap()));
        let host = tenant["host"].as_str().unwrap_or("-");
        format!("{}: {host}{}", tenant["id"].as_str().unwrap(), aliases.collect::<String>())
    };
    list["tenants"].as_array().unwrap().iter().map(row).collect()
}

/// `pattern: reason`, each.
pub(crate) fn lost(list: &Value) -> Vec<String> {
    let row = |lost: &Value| format!("{}: {}", lost["pattern"].as_str().unwrap(), lost["reason"].as_str().unwrap());
    list["unprobeable"].as_array().unwrap().iter().map(row).collect()
}

/// Refused with exit 2 and this message, its first line.
#[track_caller]
pub(crate) fn refused(files: &[(&str, &str)], args: &[&str], message: &str) {
    let folder = folder(files);
    let ran = tenants(folder.path(), args);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
    assert_eq!(ran.stderr.lines().next().unwrap_or_default(), format!("error: {message}"));
}
