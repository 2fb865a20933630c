//! What is written: each format by the rules of who reads it, whole or not at all, and the same from a saved report.

mod formats;
mod hostile;
mod rendered;
mod unwritten;
mod valid;

use std::path::{Path, PathBuf};
use std::process::Command;

use purgeproof::model::Report;
use purgeproof::report::{self, Look};
use serde_json::Value;

/// `--report` for each format into a folder.
fn into(command: &mut Command, folder: &Path) {
    for format in report::ALL {
        command.arg("--report").arg(format!("{}={}", format.id, file(folder, format.id).display()));
    }
}

fn file(folder: &Path, format: &str) -> PathBuf {
    folder.join(format!("out.{format}"))
}

/// What a format makes of a report that is given as JSON.
fn text(format: &str, report: &Value) -> String {
    let report: Report = serde_json::from_value(report.clone()).unwrap();
    String::from_utf8((report::named(format).unwrap().render)(&report, Look::PLAIN)).unwrap()
}
