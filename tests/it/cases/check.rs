//! Holds a report against what its case expects, and every format against the report.

use std::collections::{BTreeMap, BTreeSet};

use purgeproof::model::{Finding, Report, Verdict};
use purgeproof::report::{self, Look};

use super::told::{Case, Expected};
use crate::readers;

/// Everything that is not as it should be.
pub(super) fn all(case: &Case, report: &Report) -> Vec<String> {
    let mut wrong = decision(case, report);
    wrong.extend(findings(case, report));
    wrong.extend(notes(case, report));
    wrong.extend(purpose(case, report));
    wrong.extend(report::ALL.iter().flat_map(|format| rendered(format, report)));
    wrong
}

fn decision(case: &Case, report: &Report) -> Vec<String> {
    let (expect, gate) = (&case.expect, &report.gate);
    let mut wrong = Vec::new();
    if (gate.outcome, gate.exit_code) != (expect.outcome, expect.exit_code) {
        wrong.push(format!(
            "{} ({}) instead of {} ({})",
            gate.outcome.id(),
            gate.exit_code,
            expect.outcome.id(),
            expect.exit_code
        ));
    }
    let counted: BTreeMap<String, u64> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.id().to_owned(), report.summary.verdicts.of(verdict)))
        .filter(|(_, count)| *count > 0)
        .collect();
    if counted != expect.counts {
        wrong.push(format!("counts are {counted:?} instead of {:?}", expect.counts));
    }
    wrong
}

/// Each finding is expected once, and each expected one is found.
fn findings(case: &Case, report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut unexpected: Vec<&Finding> = report.findings.iter().collect();
    for expected in &case.expect.findings {
        let before = unexpected.len();
        unexpected.retain(|finding| !is(expected, finding));
        let found = before - unexpected.len();
        if found != expected.times {
            wrong.push(format!("found {found} times instead of {}: {expected:?}", expected.times));
        }
    }
    wrong.extend(unexpected.into_iter().map(|finding| format!("unexpected: {}", shown(finding))));
    wrong
}

fn is(expected: &Expected, finding: &Finding) -> bool {
    let same = |expected: &Option<String>, found: &str| expected.as_deref().is_none_or(|expected| expected == found);
    let part = |expected: &Option<String>, found: &str| expected.as_deref().is_none_or(|part| found.contains(part));
    let said = |(rung, says): (&String, &String)| {
        finding.evidence.iter().any(|row| row.rung == *rung && row.says.contains(says.as_str()))
    };
    expected.verdict == finding.verdict
        && expected.cause == finding.cause.id
        && same(&expected.edge, &finding.edge)
        && same(&expected.host, &finding.host)
        && same(&expected.path, &finding.path)
        && same(&expected.variant, &finding.variant)
        && part(&expected.says, &finding.cause.summary)
        && part(&expected.fix, &finding.cause.fix)
        && expected.evidence.iter().all(said)
}

fn shown(finding: &Finding) -> String {
    let evidence: Vec<String> = finding.evidence.iter().map(|row| format!("{} {}", row.rung, row.says)).collect();
    let layers: Vec<String> = finding
        .layers
        .iter()
        .map(|layer| {
            format!(
                "{} {} {:?}{}",
                layer.provider,
                layer.status,
                layer.age_seconds,
                if layer.history { " history" } else { "" }
            )
        })
        .collect();
    format!(
        "{} {} {}{} [{}]: {}: {:?}; {:?}; {evidence:?}; {layers:?}",
        finding.verdict.id(),
        finding.edge,
        finding.host,
        finding.path,
        finding.variant,
        finding.cause.id,
        finding.cause.summary,
        finding.cause.fix,
    )
}

fn notes(case: &Case, report: &Report) -> Option<String> {
    let noted: BTreeSet<&str> = report.notes.iter().map(|note| note.id.as_str()).collect();
    let expected: BTreeSet<&str> = case.expect.notes.iter().map(String::as_str).collect();
    (noted != expected).then(|| format!("notes are {noted:?} instead of {expected:?}"))
}

/// The rule that the case is for speaks, or keeps quiet.
fn purpose(case: &Case, report: &Report) -> Vec<String> {
    let causes = report.findings.iter().map(|finding| finding.cause.id.as_str());
    let spoke: BTreeSet<&str> = causes.chain(report.notes.iter().map(|note| note.id.as_str())).collect();
    let mut wrong = Vec::new();
    if let Some(id) = case.speaks.as_deref().filter(|id| !spoke.contains(id)) {
        wrong.push(format!("{id} does not speak ({})", case.why));
    }
    if let Some(id) = case.quiet.as_deref().filter(|id| spoke.contains(id)) {
        wrong.push(format!("{id} does not keep quiet ({})", case.why));
    }
    wrong
}

/// What a format shows is what the report says.
fn rendered(format: &report::Format, report: &Report) -> Vec<String> {
    let looks = [Look::PLAIN, Look { color: true, width: 120 }];
    let plain = String::from_utf8((format.render)(report, Look::PLAIN)).unwrap();
    let told = readers::disagreements(format.id, &plain, report);
    let shown =
        looks.into_iter().flat_map(|look| disagreements(format.id, &(format.render)(report, look), look, report));
    told.into_iter().chain(shown).collect()
}

fn disagreements(id: &str, bytes: &[u8], look: Look, report: &Report) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return vec![format!("{id}: not UTF-8")] };
    if id == "json" {
        return match serde_json::from_str::<Report>(text) {
            Ok(read) if read == *report => Vec::new(),
            Ok(_) => vec!["json: reads back as another report".to_owned()],
            Err(error) => vec![format!("json: {error}")],
        };
    }
    let causes: BTreeSet<&str> = report.findings.iter().map(|finding| finding.cause.id.as_str()).collect();
    let mut wanted: Vec<String> = Vec::new();
    if id == "table" || causes.iter().any(|cause| text.contains(cause)) {
        wanted.extend(causes.into_iter().map(str::to_owned));
    }
    if id == "table" {
        wanted.push(report.gate.outcome.id().to_uppercase());
        wanted.push(format!("exit code {}", report.gate.exit_code));
        wanted.extend(report.findings.iter().map(|finding| finding.verdict.id().to_uppercase()));
    }
    let missing = wanted.into_iter().filter(|word| !text.contains(word.as_str()));
    missing.map(|word| format!("{id} ({look:?}) does not show {word:?}")).collect()
}
