//! One object on every edge, for whoever is on call: the reference, each check beside it, causes, and the commands that
//! ask the same again. It reads without colour, within 80 columns or the terminal's.

mod command;
mod references;
mod row;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::causes::{Group, comparison, grouped};
use super::table::{failure, headline, painted, warning};
use super::text::{clipped, defused, folded};
use super::{Format, Look};
use crate::model::{Finding, Report, counted};

pub(super) static FORMAT: Format =
    Format { id: "diagnosis", about: "one object closely, for people, on a terminal", render };

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
    if !report.rows.is_empty() {
        out.push_str("\nEDGES  (! differs from the reference, or is the cache with the old copy)\n");
        row::show(&mut out, report, look);
    }
    for group in grouped(report) {
        cause(&mut out, &group, look);
    }
    if !report.rows.is_empty() {
        out.push_str("\nASK AGAIN\n");
    }
    for row in &report.rows {
        line(&mut out, look, "  # ", &format!("{} [{}]: {}", place(row), row.variant, row.verdict.id()));
        let _ = writeln!(out, "{}", command::shown(&defused(&row.reproduce), look.width.into()));
    }
    out.into_bytes()
}

fn cause(out: &mut String, group: &Group<'_>, look: Look) {
    let style = if group.verdict.is_comparable() { failure() } else { warning() };
    let verdict = painted(&group.verdict.id().to_uppercase(), style, look);
    let count = counted(group.findings.len() as u64, "check");
    let _ = writeln!(out, "\n{verdict}  {} ({count})", group.cause);
    line(out, look, "  ", group.summary);
    line(out, look, "  at:   ", &places(&group.findings));
    if let Some(said) = group.findings.iter().copied().find_map(evidence) {
        line(out, look, "  seen: ", &said);
    }
    line(out, look, "  why:  ", group.why);
    line(out, look, "  fix:  ", group.fix);
}

/// Each edge once, with its variants.
fn places(findings: &[&Finding]) -> String {
    let mut edges: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for finding in findings {
        edges.entry(place(finding)).or_default().push(&finding.variant);
    }
    edges.iter().map(|(edge, variants)| format!("{edge} [{}]", variants.join(", "))).collect::<Vec<_>>().join("; ")
}

/// What its verdict rests on.
fn evidence(finding: &Finding) -> Option<String> {
    let mut said: Vec<String> = finding.evidence.iter().filter_map(comparison).collect();
    said.extend(finding.evidence.iter().filter(|row| row.rung == "age").map(|row| match &row.edge {
        Some(age) => format!("age {age}: {}", row.says),
        None => row.says.clone(),
    }));
    let said: Vec<String> = said.iter().map(|said| clipped(said, LONGEST)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn place(finding: &Finding) -> String {
    format!("{} ({})", finding.edge, finding.region)
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
