//! Every format tells of one and the same report: outcome, exit code, counts and findings.

use std::collections::BTreeMap;

use purgeproof::lab::{Fault, Options, Planted};
use purgeproof::model::{Finding, Report, Verdict};
use purgeproof::report;
use serde_json::Value;

use crate::readers;
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

    let report: Report = serde_json::from_value(json).unwrap();
    let wrong: Vec<String> =
        by_format.iter().flat_map(|(format, text)| readers::disagreements(format, text, &report)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A finding a line, each as it stands in the report.
    let lines: Vec<Finding> = by_format["ndjson"].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, report.findings);
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
fn on_several_environments_and_each_is_named() {
    let stage = Stage::purged(pair(3), &missing("fra"));
    let regions = std::fs::read_to_string(stage.file("regions.toml")).unwrap();
    let staging = stage.file("staging.toml");
    std::fs::write(&staging, regions.replacen("\"lab\"", "\"staging\"", 1)).unwrap();
    let staging = staging.display().to_string();
    agrees(&stage, &["--regions", &staging], "fail");
    for (format, place) in [("table", "(staging/eu)"), ("markdown", "staging/eu/fra"), ("html", ">staging/eu<")] {
        let text = run(stage.command().args(["--regions", &staging, "--format", format])).stdout;
        let told = ["lab", "staging"]
            .map(|name| text.contains(&format!("{name}: edge fra")) || text.contains(&format!("{name}: region eu")));
        assert!(told == [true, true] && text.contains(place), "{format}: {text}");
    }
}

#[test]
fn on_nothing_to_check() {
    agrees(&Stage::purged(pair(1), &Planted::nothing()), &["--only", "tenant=nobody"], "empty");
}
