//! What is wrong, worst first: findings that say the same of the same are told once, with a few of them as examples.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use comfy_table::{ColumnConstraint, Width};

use super::super::Look;
use super::super::text::{defused, wrapped};
use super::{failure, indented, painted, plain_table, warning, width};
use crate::model::{Evidence, Finding, LayerRow, Phase, Report, Verdict, counted};

/// Groups shown, and findings shown of each.
const GROUPS: usize = 12;
const EXAMPLES: usize = 3;

struct Group<'r> {
    verdict: Verdict,
    cause: &'r str,
    summary: &'r str,
    fix: &'r str,
    findings: Vec<&'r Finding>,
}

pub(super) fn show(out: &mut String, report: &Report, look: Look) {
    let groups = grouped(report);
    for group in groups.iter().take(GROUPS) {
        let style = if group.verdict.is_comparable() { failure() } else { warning() };
        let verdict = painted(&group.verdict.id().to_uppercase(), style, look);
        let count = counted(group.findings.len() as u64, "check");
        let _ = writeln!(out, "\n{verdict}  {} ({count})", group.cause);
        let _ = writeln!(out, "  {}", wrapped(&defused(group.summary), width(look), "  "));
        let _ = writeln!(out, "  fix: {}", wrapped(&defused(group.fix), width(look), "       "));
        let _ = writeln!(out, "{}", examples(group, look));
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

fn grouped(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for finding in &report.findings {
        let cause = &finding.cause;
        // Those that were not asked differ in nothing but where.
        let summary = if finding.phase == Some(Phase::Deadline) { "the run ended first" } else { &cause.summary };
        let place = *places.entry((finding.verdict, &cause.id, summary)).or_insert_with(|| {
            groups.push(Group {
                verdict: finding.verdict,
                cause: &cause.id,
                summary,
                fix: &cause.fix,
                findings: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].findings.push(finding);
    }
    // The worst first, and among equals what explains the most.
    groups.sort_by_key(|group| (group.verdict.rank(), Reverse(group.findings.len())));
    groups
}

fn examples(group: &Group<'_>, look: Look) -> String {
    let mut table = plain_table(look.width.saturating_sub(3));
    table.set_header(["edge", "tenant and object", "seen, and why it counts"]);
    let shown = picked(&group.findings);
    for finding in &shown {
        let variant = if finding.variant == "identity" { String::new() } else { format!("\n[{}]", finding.variant) };
        let object = format!("{}\n{}{}{variant}", finding.tenant, finding.host, finding.path);
        let place = format!("{}\n({})", finding.edge, finding.region);
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
    if said.is_empty() {
        said.push(finding.address.clone().unwrap_or_else(|| "not asked".to_owned()));
    }
    said.join("\n")
}

fn comparison(row: &Evidence) -> Option<String> {
    if row.says == "same" || row.rung == "age" {
        return None;
    }
    Some(match (&row.edge, &row.reference) {
        (Some(edge), Some(reference)) => format!("{} {}, origin has {}", row.rung, short(edge), short(reference)),
        _ => format!("{} {}", row.rung, row.says),
    })
}

fn layer(layer: &LayerRow) -> String {
    let place = layer.pop.as_deref().map(|pop| format!(" {pop}")).unwrap_or_default();
    let history = if layer.history { " (when filled)" } else { "" };
    format!("{}{place} {}{history}", layer.provider, layer.status)
}

/// A digest is told by its beginning.
fn short(value: &str) -> String {
    match value.strip_prefix("sha256:") {
        Some(hex) => hex.chars().take(12).chain(['…']).collect(),
        None => value.to_owned(),
    }
}

fn lines(text: &str) -> String {
    text.split('\n').map(defused).collect::<Vec<_>>().join("\n")
}
