//! What each format keeps to, for the sake of who reads it.

use std::collections::BTreeSet;
use std::fs;

use purgeproof::lab::Planted;
use serde_json::{Value, json};

use super::{text, valid};
use crate::readers::{github, junit, openmetrics};
use crate::support::run;
use crate::support::stage::{Stage, missing, pair};

/// One stale check at the edge `fra`, of tenant `tenant-001`.
fn stale() -> Value {
    Stage::purged(pair(1), &missing("fra")).verify(&["--within", "400ms"]).0
}

fn finding(report: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut finding = report["findings"][0].clone();
    change(&mut finding);
    finding
}

#[test]
fn a_case_has_one_failure_whose_type_is_the_verdict() {
    let mut report = stale();
    for (verdict, element, kind) in [
        ("stale", "failure", "stale"),
        ("divergent", "failure", "divergent"),
        ("unverifiable", "error", "unverifiable"),
        ("unreachable", "error", "unreachable"),
    ] {
        report["pairs"][0]["verdicts"] = json!({verdict: 3});
        let text = text("junit", &report);
        let case = junit::cases(&text).into_iter().find(|case| case.class.ends_with("eu.fra")).unwrap();
        assert_eq!(case.wrong, [[element, kind, &format!("3 {verdict}")].map(str::to_owned)], "{text}");
    }
    // The worst decides, and the message has them all.
    report["pairs"][0]["verdicts"] = json!({"unreachable": 1, "failing": 2, "stale": 1, "fresh": 7});
    let case = junit::cases(&text("junit", &report)).into_iter().find(|case| case.class.ends_with("eu.fra")).unwrap();
    assert_eq!(case.wrong, [["failure", "stale", "1 stale, 2 failing, 1 unreachable"].map(str::to_owned)]);
    // What the gate was not asked about fails nothing.
    report["pairs"][0]["verdicts"] = json!({"unpurged": 1});
    let case = junit::cases(&text("junit", &report)).into_iter().find(|case| case.class.ends_with("eu.fra")).unwrap();
    assert!(case.wrong.is_empty() && case.told.starts_with("1 unpurged\n"), "{case:?}");
}

#[test]
fn lateness_that_fails_the_gate_fails_its_case() {
    let stage = Stage::purged(pair(1), &missing("fra"));
    let flags = ["--within", "400ms", "--service-level", "normal=1ms", "--fail-on", "failing", "--late", "fail"];
    let (report, ran) = stage.verify(&flags);
    assert_eq!((ran.code, &report["gate"]["reasons"][0]["code"]), (1, &"late".into()), "{}", report["gate"]);
    let cases = junit::cases(&text("junit", &report));
    let [element, kind, message] = &cases[0].wrong[0];
    assert_eq!((&*cases[0].name, &**element, &**kind), ("gate", "failure", "fail"));
    assert!(message.contains("not fresh when their service level said"), "{message}");
    assert!(cases[1..].iter().all(|case| case.wrong.is_empty()), "{cases:?}");
    let first = &github::commands(&text("github", &report))[0];
    assert_eq!((&*first.level, &*first.properties["title"]), ("error", "purgeproof: fail (exit code 1)"));
    // The same as a warning is none.
    let mut report = report;
    report["gate"] = json!({"outcome": "pass", "exit_code": 0, "reasons": report["gate"]["reasons"], "policy": report["gate"]["policy"]});
    assert!(junit::cases(&text("junit", &report))[0].wrong.is_empty());
}

#[test]
fn the_gates_case_is_red_exactly_where_the_exit_code_is() {
    let mut report = stale();
    for (outcome, code, element, level) in [
        ("pass", 0, None, "notice"),
        ("empty", 0, None, "notice"),
        ("empty", 4, Some("error"), "warning"),
        ("inconclusive", 3, Some("error"), "warning"),
        ("pass", 130, Some("error"), "warning"),
        ("fail", 143, Some("failure"), "error"),
        ("fail", 1, Some("failure"), "error"),
    ] {
        report["gate"]["outcome"] = outcome.into();
        report["gate"]["exit_code"] = code.into();
        let case = &junit::cases(&text("junit", &report))[0];
        assert_eq!(case.wrong.first().map(|wrong| &*wrong[0]), element, "{outcome} {code}");
        assert_eq!(github::commands(&text("github", &report))[0].level, level, "{outcome} {code}");
    }
}

/// `a.b` in `c` and `b` in `c.a` are two edges.
#[test]
fn no_two_cases_have_one_name() {
    let mut report = stale();
    let mut edges = Vec::new();
    for (environment, region, edge) in [
        ("p", "eu", "west.a"),
        ("p", "eu.west", "a"),
        ("p", "eu_west", "a"),
        ("p.eu", "west", "a"),
        ("q", "eu", "west.a"),
    ] {
        let mut row = report["edges"][0].clone();
        (row["environment"], row["region"], row["name"]) = (environment.into(), region.into(), edge.into());
        edges.push(row);
    }
    report["edges"] = edges.into();
    report["tenants"][0]["absent_from"] = json!(["q"]);
    let cases = junit::cases(&text("junit", &report));
    let names: BTreeSet<_> = cases.iter().map(|case| (&case.class, &case.name)).collect();
    assert_eq!((names.len(), cases.len()), (5, 5), "{names:?}");
    assert!(cases[1..].iter().all(|case| case.class.split('.').count() == 3), "{names:?}");
}

#[test]
fn too_many_pairs_are_told_by_tenant_and_too_many_tenants_by_those_that_fail() {
    let mut report = stale();
    let bad = report["tenants"][0].clone();
    let good = |at: usize| {
        let mut row = bad.clone();
        row["id"] = format!("good-{at}").into();
        row["verdicts"]["stale"] = 0.into();
        row
    };
    let class = |report: &Value| {
        let cases = junit::cases(&text("junit", report));
        let failed: Vec<String> =
            cases[1..].iter().filter(|case| !case.wrong.is_empty()).map(|case| case.name.clone()).collect();
        (cases.len() - 1, cases[1].class.clone(), failed)
    };
    let failed = vec![bad["id"].as_str().unwrap().to_owned()];
    let with = |more: usize| {
        let mut report = report.clone();
        let rows = report["tenants"].as_array_mut().unwrap();
        rows.extend((0..more).map(good));
        report
    };
    assert_eq!(report["edges"].as_array().unwrap().len(), 2);
    assert_eq!(class(&with(24_999)), (50_000, "lab.eu.ams".to_owned(), failed.clone()));
    assert_eq!(class(&with(25_000)), (25_001, "tenants".to_owned(), failed.clone()));
    assert_eq!(class(&with(50_000)), (1, "tenants".to_owned(), failed.clone()));
    report["pairs_left_out"] = 1.into();
    assert_eq!(class(&report), (1, "tenants".to_owned(), failed));
}

#[test]
fn ten_annotations_of_a_level_and_the_last_says_how_many_more() {
    let report = stale();
    let checks = report["findings"].as_array().unwrap().len() as u64;
    assert_eq!(checks, 1);
    let causes = |count: usize, verdict: &str| {
        let one = |at: usize| {
            finding(&report, |finding| {
                (finding["cause"]["id"], finding["verdict"]) = (format!("cause-{at}").into(), verdict.into());
            })
        };
        (0..count).map(one).collect::<Vec<Value>>()
    };
    for (stale, unreachable, left_out, errors, warnings, last) in [
        (9, 10, 0, 10, 10, None),
        (10, 0, 0, 10, 0, Some("2 more checks; see the step's summary or the report")),
        (50, 40, 0, 10, 10, Some("42 more checks; see the step's summary or the report")),
        (9, 0, 3, 10, 0, Some("4 more checks; see the step's summary or the report")),
        (3, 0, 7, 5, 0, Some("7 more checks; see the step's summary or the report")),
    ] {
        let mut report = report.clone();
        report["findings"] = [causes(stale, "stale"), causes(unreachable, "unreachable")].concat().into();
        report["summary"]["verdicts"]["stale"] = (stale + left_out).into();
        report["summary"]["verdicts"]["unreachable"] = unreachable.into();
        report["summary"]["findings_left_out"] = left_out.into();
        let commands = github::commands(&text("github", &report));
        let of = |level: &str| commands.iter().filter(|command| command.level == level).collect::<Vec<_>>();
        assert_eq!((of("error").len(), of("warning").len()), (errors, warnings), "{commands:#?}");
        let shown = of("error").last().map(|command| &*command.message).filter(|message| message.contains(" more "));
        assert_eq!(shown, last, "{commands:#?}");
    }
}

#[test]
fn annotations_stand_at_the_tenants_line_from_the_top_of_the_repository() {
    let stage = Stage::purged(pair(1), &missing("fra"));
    let top = stage.folder.path().canonicalize().unwrap();
    fs::create_dir_all(top.join("deploy/cdn")).unwrap();
    fs::rename(top.join("tenants.yaml"), top.join("deploy/cdn/tenants.yaml")).unwrap();
    let line = fs::read_to_string(top.join("deploy/cdn/tenants.yaml")).unwrap();
    let line = line.lines().position(|line| line.contains("id: tenant-001")).unwrap() + 1;
    for (from, tenants, workspace) in [
        ("", "deploy/cdn/tenants.yaml", None),
        ("deploy", "cdn/tenants.yaml", Some(&top)),
        ("deploy", "../deploy/cdn/tenants.yaml", Some(&top)),
        ("", top.join("deploy/cdn/tenants.yaml").to_str().unwrap(), None),
    ] {
        let mut command = crate::support::purgeproof();
        command.current_dir(top.join(from)).args(["verify", "--format", "github", "--tenants", tenants, "--regions"]);
        command.arg(top.join("regions.toml")).args(["--purged-at", stage.purged_at.as_ref().unwrap()]);
        let ran = run(command.envs(workspace.map(|top| ("GITHUB_WORKSPACE", top))));
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        let properties = &github::commands(&ran.stdout)[1].properties;
        let place = (&*properties["file"], &*properties["line"]);
        assert_eq!(place, ("deploy/cdn/tenants.yaml", &*line.to_string()), "{tenants} from {from:?}");
    }
}

#[test]
fn the_summary_is_shorter_than_github_takes_and_begins_with_the_worst() {
    let report = stale();
    let long = "a".repeat(5_000);
    let one = |at: usize| {
        finding(&report, |finding| {
            finding["cause"]["id"] = format!("cause-{at}").into();
            finding["cause"]["summary"] = long.clone().into();
            finding["verdict"] = if at < 500 { "unreachable" } else { "stale" }.into();
        })
    };
    let mut report = report.clone();
    report["findings"] = (0..1_000).map(one).collect();
    let text = text("markdown", &report);
    assert!(text.len() < 1 << 20, "{} bytes", text.len());
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("### ")).collect();
    let stale = headings.iter().take_while(|line| line.starts_with("### stale")).count();
    assert!(stale > 100 && headings[0].contains("(1 check)"), "{headings:?}");
    let left = 1_000 - headings.len();
    assert!(text.contains(&format!("... and {left} more causes with {left} checks")), "{left}");
}

#[test]
fn the_histogram_counts_what_never_became_fresh_as_infinite() {
    let mut report = stale();
    report["summary"]["checks"] = 10.into();
    report["convergence"] = json!({
        "fresh_ms": {"p50": 700, "p95": null, "p99": null, "last": 2500}, "unsettled": 3, "by": {},
        "curve": [{"ms": 250, "fresh": 0.1}, {"ms": 700, "fresh": 0.6}, {"ms": 2500, "fresh": 0.7}]
    });
    let text = text("openmetrics", &report);
    let samples = openmetrics::samples(&text);
    let bucket = |le: &str| {
        let is = |sample: &&openmetrics::Sample| sample.name.ends_with("_bucket") && sample.labels["le"] == le;
        samples.iter().find(is).unwrap().value
    };
    assert_eq!(
        ["0.25", "0.5", "1.0", "2.0", "5.0", "3600.0", "+Inf"].map(|le| bucket(le).to_string()),
        ["1", "1", "6", "6", "7", "7", "10"]
    );
    let value = |name: &str| samples.iter().find(|sample| sample.name == name).unwrap().value;
    assert_eq!(value("purgeproof_time_to_fresh_seconds_count").to_string(), "10");
    // 1 at 0.25 s, 5 at 0.7 s, 1 at 2.5 s.
    assert_eq!(value("purgeproof_time_to_fresh_seconds_sum").to_string(), "6.25");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("p.prom"), text).unwrap();
    valid::holds("openmetrics", &folder.path().join("p.prom"));
}

#[test]
fn metrics_have_the_names_that_alerts_rely_on_and_no_tenants() {
    let stage = Stage::purged(pair(2), &Planted::nothing());
    let (report, _) = stage.verify(&["--within", "400ms"]);
    let samples = openmetrics::samples(&text("openmetrics", &report));
    let labels = |name: &str| {
        let found = samples.iter().find(|sample| sample.name == name).unwrap_or_else(|| panic!("no {name}"));
        found.labels.keys().map(String::as_str).collect::<Vec<_>>().join(",")
    };
    for (name, expected) in [
        ("purgeproof_checks", "edge,environment,provider,region,verdict"),
        ("purgeproof_parity_ratio", ""),
        ("purgeproof_coverage_ratio", ""),
        ("purgeproof_time_to_fresh_seconds_bucket", "le"),
        ("purgeproof_gate_outcome", "outcome"),
        ("purgeproof_last_run_timestamp_seconds", ""),
        ("purgeproof_last_pass_timestamp_seconds", ""),
        ("purgeproof_build_info", "version"),
    ] {
        assert_eq!(labels(name), expected, "{name}");
    }
    assert!(!samples.iter().any(|sample| sample.labels.values().any(|value| value.contains("tenant-"))));
    // Only good edges, and still a sample of each verdict: no alert on a series that is not there.
    let none_stale = samples
        .iter()
        .filter(|sample| sample.labels.get("verdict").is_some_and(|verdict| verdict == "stale"))
        .filter(|sample| sample.value == 0.0);
    assert_eq!(none_stale.count(), 2);
}
