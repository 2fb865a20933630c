//! The report as JSON: the model as it is.

use std::fmt::Write as _;

use super::text::is_dangerous;
use super::{Format, Look};
use crate::model::Report;

pub(super) static FORMAT: Format = Format::new("json", "for programs", render);

fn render(report: &Report, _look: Look) -> Vec<u8> {
    // Strings, numbers and maps keyed by strings always serialize.
    let mut text = unspoken(&serde_json::to_string_pretty(report).unwrap_or_default());
    text.push('\n');
    text.into_bytes()
}

/// The same JSON, with what JSON leaves as it is and terminals obey written as `\u009b`: it can stand within strings alone.
pub fn unspoken(json: &str) -> String {
    // As in a log: see `unheard`.
    json.replace("##[", "#\\u0023[").chars().fold(String::with_capacity(json.len()), |mut safe, c| {
        if c != '\n' && is_dangerous(c) {
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
        safe
    })
}
