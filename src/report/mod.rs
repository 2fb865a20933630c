//! Formats: a report in, bytes out. They decide nothing.

mod causes;
mod diagnosis;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod ndjson;
mod openmetrics;
mod severity;
mod table;
mod text;
mod told_once;

use crate::model::Report;

pub use json::unspoken;
pub use table::listing;
pub use text::{defused, unheard};

/// One format.
#[derive(Debug)]
pub struct Format {
    /// As flags name it.
    pub id: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// Renders.
    pub render: fn(&Report, Look) -> Vec<u8>,
    /// What goes with it into GitHub's summary of the step.
    pub step_summary: Option<&'static Format>,
    /// When a run last passed (RFC 3339), read from what an earlier one wrote in this format.
    pub last_pass: Option<fn(&str) -> Option<String>>,
}

impl Format {
    const fn new(id: &'static str, about: &'static str, render: fn(&Report, Look) -> Vec<u8>) -> Self {
        Self { id, about, render, step_summary: None, last_pass: None }
    }
}

/// How it should look, where the format has a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// ANSI colours.
    pub color: bool,
    /// Columns.
    pub width: u16,
}

impl Look {
    /// As files get it.
    pub const PLAIN: Self = Self { color: false, width: 80 };
}

/// Every format.
pub static ALL: &[&Format] = &[
    &table::FORMAT,
    &json::FORMAT,
    &ndjson::FORMAT,
    &junit::FORMAT,
    &markdown::FORMAT,
    &github::FORMAT,
    &openmetrics::FORMAT,
    &html::FORMAT,
];

/// One object closely, row by row; for reports that have rows, so it is none of [`ALL`].
pub static DIAGNOSIS: &Format = &diagnosis::VIEW;

/// The format of that name.
pub fn named(id: &str) -> Option<&'static Format> {
    ALL.iter().copied().find(|format| format.id == id)
}
