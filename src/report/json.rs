//! The report as JSON: the model as it is.

use super::{Format, Look};
use crate::model::Report;

pub(super) static FORMAT: Format = Format::new("json", "for programs", render);

fn render(report: &Report, _look: Look) -> Vec<u8> {
    // Strings, numbers and maps keyed by strings always serialize.
    let mut bytes = serde_json::to_vec_pretty(report).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
