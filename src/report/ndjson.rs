//! Findings for programs that read line by line: each a JSON object on a line of its own.

use super::{Format, Look};
use crate::model::Report;

pub(super) static FORMAT: Format = Format::new("ndjson", "findings, a JSON object a line", render);

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let mut bytes = Vec::new();
    for finding in &report.findings {
        // Strings, numbers and maps keyed by strings always serialize.
        bytes.extend(serde_json::to_vec(finding).unwrap_or_default());
        bytes.push(b'\n');
    }
    bytes
}
