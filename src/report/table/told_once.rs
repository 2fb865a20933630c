//! Differences between environments, and advice, in a few lines.

use std::fmt::Write as _;

use super::super::Look;
use super::super::text::{defused, folded};
use super::super::told_once::{differences, pieces};
use super::{painted, warning, width};
use crate::model::{Report, counted};

/// Rows shown of each.
const ROWS: usize = 12;

pub(in super::super) fn show(out: &mut String, report: &Report, look: Look) {
    let all = differences(report);
    if !all.is_empty() {
        let told = format!("{}, which do not gate", counted(all.len() as u64, "difference"));
        let _ = writeln!(out, "\n{}  {told}", painted("BETWEEN ENVIRONMENTS", warning(), look));
    }
    for difference in all.iter().take(ROWS) {
        line(out, look, "  ", &format!("{}  {}", difference.header, difference.said()));
        line(out, look, "      ", &difference.place());
    }
    more(out, all.len());
    let all = pieces(report);
    if !all.is_empty() {
        let told = counted(all.len() as u64, "piece");
        let _ = writeln!(out, "\n{}  {told}", painted("ADVICE", warning(), look));
    }
    for piece in all.iter().take(ROWS) {
        line(out, look, "  ", &format!("{}: {}", piece.row.id, piece.row.summary));
        line(out, look, "      ", &format!("{}: {}", piece.place(), piece.seen()));
        line(out, look, "      ", &format!("fix: {}", piece.row.fix));
        line(out, look, "      ", &format!("source: {}", piece.row.source));
    }
    more(out, all.len());
}

fn more(out: &mut String, all: usize) {
    if all > ROWS {
        let _ = writeln!(out, "  ... and {} more; --format json has them all", all - ROWS);
    }
}

fn line(out: &mut String, look: Look, indent: &str, text: &str) {
    let _ = writeln!(out, "{indent}{}", folded(&defused(text), width(look), &format!("{indent}  ")));
}
