//! One object on every edge, for whoever is on call: the outcome, the reference, causes with their fix, then the checks
//! themselves, the bad ones first, and the commands that ask the same again. It reads without colour, within 80 columns or the terminal's.

mod cause;
mod command;
mod references;
mod row;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::causes::region;
use super::table::{headline, told_once};
use super::text::{defused, folded, unheard};
use super::{Format, Look};
use crate::model::{Finding, Report};

pub(super) static VIEW: Format = Format::new("diagnosis", "one object closely, for people, on a terminal", render);

/// Narrower than this it would not be read.
const NARROWEST: u16 = 80;
/// No value is worth more of the screen.
const LONGEST: usize = 160;

fn render(report: &Report, look: Look) -> Vec<u8> {
    let look = Look { width: look.width.max(NARROWEST), ..look };
    let mut out = String::new();
    if let Some(row) = report.rows.first() {
        let tenant = if row.tenant == row.host { String::new() } else { format!("  (tenant {})", row.tenant) };
        line(&mut out, look, "", &format!("{}{}{tenant}", row.host, row.path));
    }
    headline(&mut out, report, look);
    references::show(&mut out, report, look);
    cause::show(&mut out, report, look);
    told_once(&mut out, report, look);
    let shown = row::show(&mut out, report, look);
    if !shown.is_empty() {
        out.push_str("\nASK AGAIN\n");
    }
    if shown.len() < report.rows.len() {
        line(
            &mut out,
            look,
            "  ",
            "The commands of all checks are in the JSON report (--format json, rows[].reproduce).",
        );
    }
    for row in shown {
        line(&mut out, look, "  # ", &format!("{} [{}]: {}", place(report, row), row.variant, row.verdict.id()));
        let _ = writeln!(out, "{}", command::shown(&defused(&row.reproduce), look.width.into()));
    }
    unheard(&out).into_bytes()
}

fn place(report: &Report, finding: &Finding) -> String {
    format!("{} ({})", finding.edge, region(report, finding))
}

/// Parts that stay whole as far as a line has room for them.
fn parts(out: &mut String, look: Look, lead: &str, parts: &[String], between: &str) {
    let room = usize::from(look.width).saturating_sub(lead.chars().count());
    let mut lead = lead.to_owned();
    let mut told = String::new();
    for part in parts {
        let length = told.chars().count() + between.chars().count() + defused(part).chars().count();
        if !told.is_empty() && length + between.trim_end().chars().count() > room {
            told.push_str(between.trim_end());
            line(out, look, &lead, &std::mem::take(&mut told));
            lead = " ".repeat(lead.chars().count());
        }
        if !told.is_empty() {
            told.push_str(between);
        }
        told.push_str(part);
    }
    line(out, look, &lead, &told);
}

/// A line of text from wherever, made safe; what does not fit goes on below, as far in as the text began.
fn line(out: &mut String, look: Look, lead: &str, text: &str) {
    let indent = " ".repeat(lead.chars().count());
    let _ = writeln!(out, "{lead}{}", folded(&defused(text), look.width.into(), &indent));
}
