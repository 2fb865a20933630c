//! Edges that are listed as several and turned out to be one POP: they prove something about one.

use std::fmt::Write as _;

use super::super::Look;
use super::super::text::{defused, wrapped};
use super::{painted, warning, width};
use crate::model::{Report, SamePopRow, counted};

/// Rows shown, and edges named of each.
const ROWS: usize = 5;
const EDGES: usize = 6;

pub(super) fn show(out: &mut String, report: &Report, look: Look) {
    if report.same_pops.is_empty() {
        return;
    }
    let answered = report.edges.iter().filter(|edge| edge.verdicts.answered() > 0).count() as u64;
    let told = format!("{} reached {}", counted(answered, "edge"), counted(report.summary.pops_reached, "POP"));
    let _ = writeln!(out, "\n{}  {told}", painted("FEWER POPS THAN EDGES", warning(), look));
    for row in report.same_pops.iter().take(ROWS) {
        let _ = writeln!(out, "  {}", wrapped(&defused(&said(row)), width(look), "    "));
    }
    if report.same_pops.len() > ROWS {
        let _ = writeln!(out, "  ... and {} more; --format json has them all", report.same_pops.len() - ROWS);
    }
}

/// `ams and ams2 reached the same: cloudflare AMS`.
fn said(row: &SamePopRow) -> String {
    let mut names: Vec<&str> = row.edges.iter().map(String::as_str).take(EDGES).collect();
    let more = format!("{} more", row.edges.len() - names.len());
    if row.edges.len() > names.len() {
        names.push(&more);
    }
    let last = names.pop().unwrap_or_default();
    let names = format!("{} and {last}", names.join(", "));
    let place = [row.provider.as_deref().unwrap_or_default(), &row.pops.join(", ")].join(" ");
    match (row.pops.is_empty(), row.addresses.is_empty()) {
        (true, _) => format!("{names} are the same: {}", row.addresses.join(", ")),
        (false, true) => format!("{names} reached the same: {place}"),
        (false, false) => format!("{names} reached the same: {place}, at {}", row.addresses.join(", ")),
    }
}
