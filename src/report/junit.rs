//! The report as test cases, for CI servers that show those: one for each tenant at each edge, and one for the gate.

mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::severity::{self, Severity};
use super::text::defused;
use super::told_once::{differences, pieces};
use super::{Format, Look};
use crate::model::{Counts, EdgeRow, Finding, GatePolicy, PairRow, Report, Verdict};
use xml::{Case, Suite, Wrong};

pub(super) static FORMAT: Format = Format::new("junit", "test cases, for CI servers", render);

/// Beyond so many, CI servers give up: then there is a case for each tenant, or for each of which there is something to
/// tell.
const MOST_CASES: usize = 50_000;
/// Findings told in one case.
const MOST_TOLD: usize = 10;

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let mut suites = vec![gate(report)];
    let pairs = report.tenants.len().saturating_mul(report.edges.len());
    if pairs > MOST_CASES || report.pairs_left_out > 0 {
        suites.push(by_tenant(report));
    } else {
        suites.extend(by_edge(report));
    }
    xml::document(&suites)
}

/// The decision itself, so that a red gate is red here too, whatever was tolerated or left out.
fn gate(report: &Report) -> Suite<'_> {
    let (outcome, summary) = (report.gate.outcome.id(), &report.summary);
    let mut told = format!("{outcome}, exit code {}\n", report.gate.exit_code);
    for reason in &report.gate.reasons {
        let _ = writeln!(told, "{}: {}", defused(&reason.code), defused(&reason.message));
    }
    if report.run.insecure {
        told.push_str("certificates were NOT checked (--insecure)\n");
    }
    let _ = writeln!(told, "{} checks: {}", summary.checks, listed(&named(&summary.verdicts, |_| true)));
    for note in &report.notes {
        let _ = writeln!(told, "note {} ({} checks): {}", defused(&note.id), note.checks, defused(&note.summary));
    }
    for difference in differences(report).iter().take(MOST_TOLD) {
        let (header, said) = (defused(difference.header), defused(&difference.said()));
        let _ = writeln!(told, "between environments, {header}: {said}; {}", defused(&difference.place()));
    }
    for piece in pieces(report).iter().take(MOST_TOLD) {
        let (id, summary) = (defused(&piece.row.id), defused(&piece.row.summary));
        let _ = writeln!(told, "advice {id}: {summary}; {}", defused(&piece.place()));
    }
    let message = report.gate.reasons.first().map_or(outcome, |reason| &reason.message);
    let wrong = Wrong::of(severity::of_gate(&report.gate), outcome, message);
    Suite { name: "gate".to_owned(), cases: vec![Case { class: "purgeproof".into(), name: "gate", wrong, told }] }
}

fn by_edge(report: &Report) -> Vec<Suite<'_>> {
    let mut pairs: BTreeMap<[&str; 4], &PairRow> = BTreeMap::new();
    for row in &report.pairs {
        pairs.insert([&row.environment, &row.region, &row.edge, &row.tenant], row);
    }
    let mut findings: BTreeMap<[&str; 4], Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        let place = [finding.environment.as_str(), &finding.region, &finding.edge, &finding.tenant];
        findings.entry(place).or_default().push(finding);
    }
    let none = BTreeMap::new();
    let suite = |(edge, class): (&EdgeRow, String)| {
        let present = report.tenants.iter().filter(|tenant| !tenant.absent_from.contains(&edge.environment));
        let cases = present.map(|tenant| {
            let place = [edge.environment.as_str(), &edge.region, &edge.name, &tenant.id];
            let counts = pairs.get(&place).map_or(&none, |row| &row.verdicts);
            let told = findings.get(&place).map_or(&[][..], Vec::as_slice);
            outcome(class.clone(), &tenant.id, counts, told, &report.gate.policy)
        });
        Suite { cases: cases.collect(), name: class.clone() }
    };
    report.edges.iter().zip(classes(&report.edges)).map(suite).collect()
}

/// `environment.region.edge`, each another: dots within are none, since CI servers take them for packages.
fn classes(edges: &[EdgeRow]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let class = |edge: &EdgeRow| {
        let parts = [&edge.environment, &edge.region, &edge.name].map(|part| part.replace('.', "_"));
        let mut class = parts.join(".");
        while !taken.insert(class.clone()) {
            class.push('_');
        }
        class
    };
    edges.iter().map(class).collect()
}

fn by_tenant(report: &Report) -> Suite<'_> {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        findings.entry(&finding.tenant).or_default().push(finding);
    }
    let all_fit = report.tenants.len() <= MOST_CASES;
    let shown = report.tenants.iter().map(|row| (row, named(&row.verdicts, |verdict| !verdict.is_good())));
    let shown = shown.filter(|(_, counts)| all_fit || !counts.is_empty()).take(MOST_CASES);
    let cases = shown.map(|(row, counts)| {
        let told = findings.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
        outcome("tenants".to_owned(), &row.id, &counts, told, &report.gate.policy)
    });
    Suite { name: "tenants".to_owned(), cases: cases.collect() }
}

/// One case: its worst verdict decides, and everything known is told.
fn outcome<'r>(
    class: String,
    name: &'r str,
    counts: &BTreeMap<Verdict, u64>,
    findings: &[&Finding],
    policy: &GatePolicy,
) -> Case<'r> {
    let weight = |verdict: &Verdict| (severity::of(*verdict, policy), u8::MAX - verdict.rank());
    let worst = counts.keys().copied().max_by_key(weight);
    let bad = counts.iter().filter(|(verdict, _)| !verdict.is_good()).map(|(verdict, count)| (*verdict, *count));
    let headline = listed(&bad.collect());
    let mut told = if headline.is_empty() { String::new() } else { format!("{headline}\n") };
    for finding in findings.iter().take(MOST_TOLD) {
        tell(&mut told, finding);
    }
    if findings.len() > MOST_TOLD {
        let _ = writeln!(told, "\n... and {} more findings", findings.len() - MOST_TOLD);
    }
    let wrong = worst.and_then(|worst| Wrong::of(severity::of(worst, policy), worst.id(), &headline));
    Case { class, name, wrong, told }
}

fn tell(told: &mut String, finding: &Finding) {
    let Finding { verdict, host, path, variant, edge, cause, reproduce, .. } = finding;
    let said = [
        format!("{}: {host}{path} [{variant}] at {edge}", verdict.id()),
        format!("  why: {} ({})", cause.summary, cause.id),
        format!("  fix: {}", cause.fix),
        format!("  {reproduce}"),
    ];
    // Line breaks of ours only.
    let _ = writeln!(told, "\n{}", said.map(|line| defused(&line)).join("\n"));
}

fn named(counts: &Counts, wanted: impl Fn(Verdict) -> bool) -> BTreeMap<Verdict, u64> {
    let present = Verdict::ALL.into_iter().filter(|verdict| wanted(*verdict) && counts.of(*verdict) > 0);
    present.map(|verdict| (verdict, counts.of(verdict))).collect()
}

fn listed(counts: &BTreeMap<Verdict, u64>) -> String {
    let each = counts.iter().map(|(verdict, count)| format!("{count} {}", verdict.id()));
    each.collect::<Vec<_>>().join(", ")
}

impl Wrong {
    /// What CI servers show of a case; nothing where it is no reason to stop.
    fn of(severity: Severity, kind: &'static str, message: &str) -> Option<Self> {
        let element = match severity {
            Severity::Good | Severity::Notice => return None,
            Severity::Inconclusive => "error",
            Severity::Failing => "failure",
        };
        Some(Self { element, kind, message: message.to_owned() })
    }
}
