//! Findings for programs that read line by line: each a JSON object on a line of its own.

use super::json::unspoken;
use super::{Format, Look};
use crate::model::Report;

pub(super) static FORMAT: Format = Format::new("ndjson", "findings, a JSON object a line", render);

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let mut text = String::new();
    for finding in &report.findings {
        // Strings, numbers and maps keyed by strings always serialize.
        text.push_str(&unspoken(&serde_json::to_string(finding).unwrap_or_default()));
        text.push('\n');
    }
    text.into_bytes()
}
