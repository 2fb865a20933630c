//! What is wrong, by cause: each once, with every edge and variant that it concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::Look;
use super::super::causes::{Group, comparison, grouped};
use super::super::table::{failure, painted, warning};
use super::super::text::{clipped, defused};
use super::{LONGEST, line};
use crate::model::{Finding, Report, counted};

/// Sentences of one cause that differ in nothing but names.
const SENTENCES: usize = 3;
/// Edges of one region that are named one by one.
const NAMED: usize = 6;

pub(super) fn show(out: &mut String, report: &Report, look: Look) {
    let mut causes: Vec<Vec<Group<'_>>> = Vec::new();
    for group in grouped(report) {
        match causes.iter_mut().find(|same| (same[0].verdict, same[0].cause) == (group.verdict, group.cause)) {
            Some(same) => same.push(group),
            None => causes.push(vec![group]),
        }
    }
    for groups in &causes {
        one(out, report, groups, look);
    }
}

fn one(out: &mut String, report: &Report, groups: &[Group<'_>], look: Look) {
    let first = &groups[0];
    let findings: Vec<&Finding> = groups.iter().flat_map(|group| group.findings.iter().copied()).collect();
    let style = if first.verdict.is_comparable() { failure() } else { warning() };
    let verdict = painted(&first.verdict.id().to_uppercase(), style, look);
    let _ = writeln!(out, "\n{verdict}  {} ({})", defused(first.cause), counted(findings.len() as u64, "check"));
    sentences(out, look, "  ", groups.iter().map(Group::said));
    line(out, look, "  at:   ", &places(report, &findings));
    if let Some(said) = findings.iter().copied().find_map(evidence) {
        line(out, look, "  seen: ", &said);
    }
    line(out, look, "  why:  ", first.why);
    sentences(out, look, "  fix:  ", groups.iter().map(|group| group.fix.to_owned()));
}

/// The first few that differ.
fn sentences(out: &mut String, look: Look, lead: &str, all: impl Iterator<Item = String>) {
    let mut seen = BTreeSet::new();
    let told: Vec<String> = all.filter(|sentence| seen.insert(sentence.clone())).collect();
    let beneath = " ".repeat(lead.chars().count());
    for (nth, sentence) in told.iter().take(SENTENCES).enumerate() {
        line(out, look, if nth == 0 { lead } else { &beneath }, sentence);
    }
    if told.len() > SENTENCES {
        line(out, look, &beneath, &format!("... and {} more like these", told.len() - SENTENCES));
    }
}

/// Each edge once, with its variants; a region that is concerned as a whole, or in many places, as one.
fn places(report: &Report, findings: &[&Finding]) -> String {
    let mut edges: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
    for finding in findings {
        let place = (finding.environment.as_str(), finding.region.as_str(), finding.edge.as_str());
        edges.entry(place).or_default().push(&finding.variant);
    }
    let mut alike: BTreeMap<(&str, &str, Vec<&str>), Vec<&str>> = BTreeMap::new();
    for ((environment, region, edge), variants) in edges {
        alike.entry((environment, region, variants)).or_default().push(edge);
    }
    let several = report.environments.len() > 1;
    let told = alike.into_iter().map(|((environment, region, variants), edges)| {
        let all = report.edges.iter().filter(|edge| edge.environment == environment && edge.region == region).count();
        let named = match edges.len() {
            many if many > NAMED && many == all => format!("all {many} edges"),
            many if many > NAMED => format!("{} and {} more", edges[..NAMED].join(", "), many - NAMED),
            _ => edges.join(", "),
        };
        let environment = if several { format!("{environment}/") } else { String::new() };
        format!("{named} ({environment}{region}) [{}]", variants.join(", "))
    });
    told.collect::<Vec<_>>().join("; ")
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
