//! Reads each format back, by that format's own rules: what it says of a run.

pub(crate) mod github;
pub(crate) mod junit;
mod markdown;
pub(crate) mod openmetrics;
mod table;

use std::collections::BTreeMap;

use purgeproof::model::{Report, Verdict};
use serde_json::Value;

/// By verdict; those that are none are left out.
pub(crate) type Counts = BTreeMap<String, u64>;
/// By verdict and cause.
pub(crate) type Findings = BTreeMap<(String, String), u64>;

/// What a format says; nothing where it has no place for it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: Option<String>,
    pub(crate) exit_code: Option<u8>,
    pub(crate) counts: Option<Counts>,
    pub(crate) findings: Option<Findings>,
}

/// What that format says; nothing where no reader knows it.
pub(crate) fn read(format: &str, text: &str) -> Option<Told> {
    Some(match format {
        "json" => truth(&serde_json::from_str(text).unwrap()),
        "ndjson" => ndjson(text),
        "table" => table::read(text),
        "junit" => junit::read(text),
        "markdown" => markdown::read(text),
        "github" => github::read(text),
        "openmetrics" => openmetrics::read(text),
        _ => return None,
    })
}

/// What every format must say of that report.
pub(crate) fn truth(report: &Report) -> Told {
    let counts = Verdict::ALL.into_iter().map(|verdict| (verdict.id().to_owned(), report.summary.verdicts.of(verdict)));
    let mut findings = Findings::new();
    for finding in &report.findings {
        *findings.entry((finding.verdict.id().to_owned(), finding.cause.id.clone())).or_default() += 1;
    }
    Told {
        outcome: Some(report.gate.outcome.id().to_owned()),
        exit_code: Some(report.gate.exit_code),
        counts: Some(counts.filter(|(_, count)| *count > 0).collect()),
        findings: Some(findings),
    }
}

/// Where a format says another thing than the report.
pub(crate) fn disagreements(format: &str, text: &str, report: &Report) -> Vec<String> {
    let (Some(told), truth) = (read(format, text), truth(report)) else { return unread(format, text, report) };
    let mut wrong = Vec::new();
    let mut compare = |what: &str, told: Option<String>, truth: Option<String>| {
        if told.is_some() && told != truth {
            wrong.push(format!("{format} has {what} {told:?} instead of {truth:?}"));
        }
    };
    compare("the outcome", told.outcome, truth.outcome);
    compare("the exit code", told.exit_code.map(|n| n.to_string()), truth.exit_code.map(|n| n.to_string()));
    compare("counts", told.counts.map(|n| format!("{n:?}")), truth.counts.map(|n| format!("{n:?}")));
    compare("findings", told.findings.map(|n| format!("{n:?}")), truth.findings.map(|n| format!("{n:?}")));
    wrong
}

/// Of a format without a reader: the words and numbers that it must hold, whatever stands between them.
fn unread(format: &str, text: &str, report: &Report) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    let counts = truth(report).counts.unwrap_or_default();
    let bad = counts.into_iter().filter(|(verdict, _)| !Verdict::named(verdict).unwrap().is_good());
    let mut wanted = vec![report.gate.outcome.id().to_owned(), report.gate.exit_code.to_string()];
    wanted.extend(bad.flat_map(|(verdict, count)| [verdict, count.to_string()]));
    wanted.retain(|word| !words.contains(word));
    wanted.into_iter().map(|word| format!("{format} does not say {word}")).collect()
}

fn ndjson(text: &str) -> Told {
    let mut findings = Findings::new();
    for line in text.lines() {
        let finding: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        *findings.entry((word(&finding["verdict"]), word(&finding["cause"]["id"]))).or_default() += 1;
    }
    Told { findings: Some(findings), ..Told::default() }
}

/// The number in `(3 checks)`, at the end of what stands before it.
fn counted(text: &str) -> Option<(&str, u64)> {
    let (before, after) = text.rsplit_once(" (")?;
    let number = after.strip_suffix(" checks)").or_else(|| after.strip_suffix(" check)"))?;
    Some((before, number.parse().ok()?))
}

/// The number in `(exit code 3)`.
fn exit_code(text: &str) -> Option<u8> {
    text.rsplit_once("(exit code ")?.1.split_once(')')?.0.parse().ok()
}
