//! Findings told by cause, for formats that people read: those that say the same of the same are one group.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{Evidence, Finding, LayerRow, Phase, Report, Verdict};

/// Findings with one verdict and one cause, in one environment.
pub(super) struct Group<'r> {
    pub(super) verdict: Verdict,
    /// Where there are several.
    environment: Option<&'r str>,
    pub(super) cause: &'r str,
    pub(super) summary: &'r str,
    pub(super) why: &'r str,
    pub(super) fix: &'r str,
    pub(super) findings: Vec<&'r Finding>,
}

impl Group<'_> {
    /// The summary, and in which environment it is so, where there are several.
    pub(super) fn said(&self) -> String {
        self.environment
            .map_or_else(|| self.summary.to_owned(), |environment| format!("{environment}: {}", self.summary))
    }
}

/// An edge's region, with its environment where there are several.
pub(super) fn region(report: &Report, finding: &Finding) -> String {
    let Finding { environment, region, .. } = finding;
    if report.environments.len() > 1 { format!("{environment}/{region}") } else { region.clone() }
}

/// The worst first, and among equals what explains the most.
pub(super) fn grouped(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for finding in &report.findings {
        let cause = &finding.cause;
        // Those that were not asked differ in nothing but where.
        let summary = if finding.phase == Some(Phase::Deadline) { "the run ended first" } else { &cause.summary };
        let environment = (report.environments.len() > 1).then_some(finding.environment.as_str());
        let place = *places.entry((finding.verdict, &cause.id, summary, environment)).or_insert_with(|| {
            groups.push(Group {
                verdict: finding.verdict,
                environment,
                cause: &cause.id,
                summary,
                why: &cause.why,
                fix: &cause.fix,
                findings: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].findings.push(finding);
    }
    groups.sort_by_key(|group| (group.verdict.rank(), Reverse(group.findings.len())));
    groups
}

/// What a comparison said, unless it said *same*.
pub(super) fn comparison(row: &Evidence) -> Option<String> {
    if row.says == "same" || row.rung == "age" {
        return None;
    }
    Some(match (&row.edge, &row.reference) {
        (Some(edge), Some(reference)) => format!("{} {}, origin has {}", row.rung, short(edge), short(reference)),
        _ => format!("{} {}", row.rung, row.says),
    })
}

/// A cache, its place and what it did.
pub(super) fn layer(layer: &LayerRow) -> String {
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
