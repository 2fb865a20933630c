//! What is wrong, worst first: findings that say the same of the same are told once, with a few of them as examples.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::{ColumnConstraint, Width};

use super::super::Look;
use super::super::causes::{Group, comparison, grouped, layer, region};
use super::super::text::{defused, wrapped};
use super::{failure, indented, painted, plain_table, warning, width};
use crate::model::{Finding, Phase, Report, counted};

/// Groups shown, and findings shown of each.
const GROUPS: usize = 12;
const EXAMPLES: usize = 3;

pub(super) fn show(out: &mut String, report: &Report, look: Look) {
    let groups = grouped(report);
    for group in groups.iter().take(GROUPS) {
        let style = if group.verdict.is_comparable() { failure() } else { warning() };
        let verdict = painted(&group.verdict.id().to_uppercase(), style, look);
        let count = counted(group.findings.len() as u64, "check");
        let _ = writeln!(out, "\n{verdict}  {} ({count})", defused(group.cause));
        let _ = writeln!(out, "  {}", wrapped(&defused(&group.said()), width(look), "  "));
        let _ = writeln!(out, "  fix: {}", wrapped(&defused(group.fix), width(look), "       "));
        let _ = writeln!(out, "{}", examples(report, group, look));
    }
    let hidden: usize = groups.iter().skip(GROUPS).map(|group| group.findings.len()).sum();
    if hidden > 0 {
        let hidden = counted(hidden as u64, "finding");
        let _ = writeln!(out, "\n... and {hidden} of other kinds or places; --format json has them all");
    }
    if report.summary.findings_left_out > 0 {
        let left_out = counted(report.summary.findings_left_out, "finding");
        let _ = writeln!(out, "\n{left_out} beyond --max-findings left out; the counts are exact");
    }
}

fn examples(report: &Report, group: &Group<'_>, look: Look) -> String {
    let mut table = plain_table(look.width.saturating_sub(3));
    table.set_header(["edge", "tenant and object", "seen, and why it counts"]);
    let shown = picked(&group.findings);
    for finding in &shown {
        let variant = if finding.variant == "identity" { String::new() } else { format!("\n[{}]", finding.variant) };
        let object = format!("{}\n{}{}{variant}", finding.tenant, finding.host, finding.path);
        let place = format!("{}\n({})", finding.edge, region(report, finding));
        table.add_row([lines(&place), lines(&object), lines(&seen(finding))]);
    }
    let at_most = |percent| ColumnConstraint::UpperBoundary(Width::Percentage(percent));
    table.set_constraints([at_most(22), at_most(36)]);
    let more = match group.findings.len() - shown.len() {
        0 => String::new(),
        more => format!("\n  ... and {more} more"),
    };
    format!("{}{more}", indented(&table).lines().map(|line| format!(" {line}")).collect::<Vec<_>>().join("\n"))
}

/// A few that differ in edge first, then in tenant.
fn picked<'r>(findings: &[&'r Finding]) -> Vec<&'r Finding> {
    let mut edges = BTreeSet::new();
    let mut first: Vec<&Finding> = findings.iter().copied().filter(|finding| edges.insert(&finding.edge)).collect();
    let rest = findings.iter().copied().filter(|finding| !first.iter().any(|known| known.id == finding.id));
    let rest: Vec<&Finding> = rest.take(EXAMPLES).collect();
    first.extend(rest);
    first.truncate(EXAMPLES);
    first
}

/// What came, and why that counts; the most telling comparison alone.
fn seen(finding: &Finding) -> String {
    let mut said: Vec<String> = finding.evidence.iter().find_map(comparison).into_iter().collect();
    // Tags and dates say more to people than digests do.
    if let Some(told) = finding.evidence.iter().find(|row| matches!(&*row.rung, "etag" | "last-modified"))
        && finding.evidence.first().is_some_and(|row| row.rung == "digest" && row.says != "same")
        && let Some(told) = comparison(told)
    {
        said = vec![format!("other content; {told}")];
    }
    let age = finding.evidence.iter().find(|row| row.rung == "age");
    said.extend(age.map(|row| match &finding.observed.as_ref().and_then(|observed| observed.age_seconds) {
        Some(age) => format!("age {age} s: {}", row.says),
        None => row.says.clone(),
    }));
    if !finding.layers.is_empty() {
        said.push(finding.layers.iter().map(layer).collect::<Vec<_>>().join(" > "));
    }
    if finding.phase == Some(Phase::Deadline) {
        said.extend(finding.cause.summary.split_once(": ").map(|(_, standing)| standing.to_owned()));
    }
    if said.is_empty() {
        said.push(finding.address.clone().unwrap_or_else(|| "not asked".to_owned()));
    }
    said.join("\n")
}

fn lines(text: &str) -> String {
    text.split('\n').map(defused).collect::<Vec<_>>().join("\n")
}
