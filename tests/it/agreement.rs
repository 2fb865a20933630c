//! Every format tells of one and the same report: outcome, exit code, counts and findings.

use std::collections::BTreeMap;

use purgeproof::lab::{Fault, Options, Planted};
use purgeproof::model::Verdict;
use purgeproof::report;
use serde_json::Value;

use crate::support::stage::{Stage, missing, pair};
use crate::support::{Ran, run};

/// What each format made of one run.
struct Told {
    ran: Ran,
    json: Value,
    by_format: BTreeMap<&'static str, String>,
}

fn told(stage: &Stage, flags: &[&str]) -> Told {
    let mut command = stage.command();
    command.args(flags);
    let path = |format: &str| stage.file(&format!("report.{format}"));
    for format in report::ALL {
        command.arg("--report").arg(format!("{}={}", format.id, path(format.id).display()));
    }
    let ran = run(&mut command);
    let by_format: BTreeMap<_, _> =
        report::ALL.iter().map(|format| (format.id, std::fs::read_to_string(path(format.id)).unwrap())).collect();
    Told { ran, json: serde_json::from_str(&by_format["json"]).unwrap(), by_format }
}

/// Numbers and words, whatever stands between them.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    parts.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect()
}

/// The sum of each verdict's column in the table of regions.
fn columns(table: &str) -> BTreeMap<String, u64> {
    let cells =
        |line: &str| line.split(['|', ' ']).filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let mut lines = table.lines().map(cells).skip_while(|cells| cells.first().is_none_or(|cell| cell != "region"));
    let Some(header) = lines.next() else { return BTreeMap::new() };
    let mut sums = BTreeMap::new();
    for row in lines.take_while(|row| !row.is_empty()).filter(|row| row.len() == header.len()) {
        for (name, cell) in header.iter().zip(row) {
            if Verdict::named(name).is_some() {
                *sums.entry(name.clone()).or_default() += if cell == "." { 0 } else { cell.parse::<u64>().unwrap() };
            }
        }
    }
    sums
}

/// The sum of `(n checks)` over the table's groups of each verdict.
fn groups(table: &str) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for line in table.lines() {
        let Some(verdict) = line.split(' ').next().and_then(|word| Verdict::named(&word.to_ascii_lowercase())) else {
            continue;
        };
        let count = line.rsplit_once('(').and_then(|(_, count)| count.split(' ').next()?.parse::<u64>().ok());
        *sums.entry(verdict.id().to_owned()).or_default() += count.unwrap_or_else(|| panic!("no count: {line}"));
    }
    sums
}

/// The sum of `(n checks)` over the annotations of each verdict.
fn titles(annotations: &str) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for line in annotations.lines() {
        let title = line.split_once("title=").unwrap().1.split("::").next().unwrap();
        let Some(verdict) = title.split(' ').next().and_then(Verdict::named) else { continue };
        let count = title.rsplit_once('(').unwrap().1.split(' ').next().unwrap();
        *sums.entry(verdict.id().to_owned()).or_default() += count.parse::<u64>().unwrap();
    }
    sums
}

/// The sum of the metric over all edges.
fn checks(metrics: &str, verdict: &str) -> u64 {
    let label = format!("verdict=\"{verdict}\"");
    let samples = metrics.lines().filter(|line| line.starts_with("purgeproof_checks{") && line.contains(&label));
    samples.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

fn counts(json: &Value) -> BTreeMap<String, u64> {
    let verdicts = json["summary"]["verdicts"].as_object().unwrap();
    verdicts.iter().map(|(verdict, count)| (verdict.clone(), count.as_u64().unwrap())).collect()
}

fn agrees(stage: &Stage, flags: &[&str], outcome: &str) {
    let Told { ran, json, by_format } = told(stage, flags);
    assert_eq!(json["gate"]["outcome"], outcome, "{}", ran.stderr);
    let code = json["gate"]["exit_code"].as_i64().unwrap();
    assert_eq!(i64::from(ran.code), code);
    assert_eq!(ran.stdout, by_format["table"], "a file and standard output are told the same");

    let counts = counts(&json);
    assert_eq!(counts.values().sum::<u64>(), json["summary"]["checks"].as_u64().unwrap());
    let of_findings = json["findings"].as_array().unwrap().iter().fold(BTreeMap::new(), |mut sums, finding| {
        *sums.entry(finding["verdict"].as_str().unwrap().to_owned()).or_default() += 1;
        sums
    });
    let bad: BTreeMap<String, u64> = counts
        .iter()
        .filter(|(verdict, count)| **count > 0 && !Verdict::named(verdict).unwrap().is_good())
        .map(|(verdict, count)| (verdict.clone(), *count))
        .collect();
    assert_eq!(of_findings, bad);
    for row in ["environments", "regions", "edges", "tenants"] {
        for (verdict, count) in &counts {
            let rows = json[row].as_array().unwrap().iter();
            assert_eq!(
                rows.map(|row| row["verdicts"][verdict].as_u64().unwrap()).sum::<u64>(),
                *count,
                "{row} {verdict}"
            );
        }
    }

    let lines: Vec<Value> = by_format["ndjson"].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::from(lines), json["findings"]);
    let metrics = &by_format["openmetrics"];
    assert!(metrics.contains(&format!("purgeproof_gate_outcome{{outcome=\"{outcome}\"}} 1\n")), "{metrics}");
    for (verdict, count) in &counts {
        assert_eq!(checks(metrics, verdict), *count, "{verdict}:\n{metrics}");
    }
    let annotations = &by_format["github"];
    assert_eq!(titles(annotations), bad, "{annotations}");
    assert!(annotations.contains(&format!("purgeproof%3A {outcome} (exit code {code})")), "{annotations}");
    // Those count in ways of their own.
    for (format, text) in by_format.iter().filter(|(format, _)| !["github", "ndjson", "openmetrics"].contains(format)) {
        let words = words(text);
        let has = |word: &str| words.iter().any(|known| known == word);
        assert!(has(outcome) && has(&code.to_string()), "{format} does not say {outcome} and {code}:\n{text}");
        for (verdict, count) in &bad {
            assert!(has(verdict) && has(&count.to_string()), "{format} does not say {count} {verdict}:\n{text}");
        }
    }
    let table = &by_format["table"];
    assert_eq!(groups(table), bad, "{table}");
    let columns = columns(table);
    for (verdict, count) in counts.iter().filter(|(_, count)| **count > 0) {
        assert_eq!(columns.get(verdict), Some(count), "{verdict}:\n{table}");
    }
}

#[test]
fn on_a_pass() {
    agrees(&Stage::purged(pair(3), &Planted::nothing()), &[], "pass");
}

#[test]
fn on_the_demos_mishaps() {
    let options = Options { tenants: 5, ..Options::default() };
    let planted = Planted::demo(&options);
    agrees(&Stage::purged(options, &planted), &[], "fail");
}

#[test]
fn on_edges_that_answer_with_errors_and_edges_that_do_not_answer() {
    let mut stage = Stage::purged(Options { tenants: 2, ..Options::default() }, &missing("kix"));
    for (edge, fault) in [("iad", Fault::Status(503)), ("ewr", Fault::Status(429)), ("atl", Fault::Broken)] {
        assert!(stage.lab.fault(edge, Some(fault)));
    }
    stage.close("fra");
    agrees(&stage, &[], "fail");
    agrees(&stage, &["--fail-on", "divergent"], "inconclusive");
    agrees(&stage, &["--fail-on", "divergent", "--min-coverage", "50%"], "pass");
}

#[test]
fn on_an_origin_that_is_gone() {
    let mut stage = Stage::purged(pair(2), &Planted::nothing());
    stage.close_origin();
    agrees(&stage, &[], "inconclusive");
}

#[test]
fn on_an_old_copy_of_the_right_content() {
    agrees(&Stage::quiet(pair(2)).then_purged(&missing("fra")), &[], "pass");
}

#[test]
fn on_nothing_to_check() {
    agrees(&Stage::purged(pair(1), &Planted::nothing()), &["--only", "tenant=nobody"], "empty");
}
