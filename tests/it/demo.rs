//! The demo finds exactly what it planted, and says so in the exit code where that is asked.

use std::collections::BTreeSet;

use purgeproof::lab::{Options, Planted};
use serde_json::Value;

use crate::support::stage::Stage;
use crate::support::{Ran, purgeproof, run};

fn demo(args: &[&str]) -> Ran {
    run(purgeproof().arg("demo").args(args))
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap()
}

/// The last word of the line that begins so.
fn planted<'t>(told: &'t str, what: &str) -> &'t str {
    let line = told.lines().find_map(|line| line.trim().strip_prefix(what));
    line.unwrap_or_else(|| panic!("nothing says {what}: {told}")).trim()
}

#[test]
fn exactly_what_was_planted_is_stale() {
    let ran = demo(&["--format", "json"]);
    let report = report(&ran);
    let edge = planted(&ran.stderr, "the purge misses the edge ");
    let tenant = planted(&ran.stderr, "the purge misses the hostname of ");
    let region = planted(&ran.stderr, "the purge misses the shield ").strip_suffix("-shield").unwrap();
    let mut expected = BTreeSet::new();
    for row in report["edges"].as_array().unwrap() {
        for known in report["tenants"].as_array().unwrap() {
            if text(row, "name") == edge || text(known, "id") == tenant || text(row, "region") == region {
                expected.insert((text(row, "name"), text(known, "id")));
            }
        }
    }
    let findings = report["findings"].as_array().unwrap();
    let seen: BTreeSet<_> = findings.iter().map(|finding| (text(finding, "edge"), text(finding, "tenant"))).collect();
    assert_eq!(seen, expected);
    assert_eq!(expected.len(), findings.len());
    assert!(findings.iter().all(|finding| finding["verdict"] == "stale"));
    assert_eq!((&report["gate"]["outcome"], &report["gate"]["exit_code"]), (&"fail".into(), &1.into()));
}

#[test]
fn each_mishap_gets_its_own_diagnosis() {
    let ran = demo(&["--format", "json"]);
    let report = report(&ran);
    let edge = planted(&ran.stderr, "the purge misses the edge ");
    let tenant = planted(&ran.stderr, "the purge misses the hostname of ");
    let region = planted(&ran.stderr, "the purge misses the shield ").strip_suffix("-shield").unwrap();
    for finding in report["findings"].as_array().unwrap() {
        let cause = text(&finding["cause"], "id");
        let (at_edge, of_tenant) = (text(finding, "edge") == edge, text(finding, "tenant") == tenant);
        let behind_shield = text(finding, "region") == region;
        let fitting: Vec<&str> = [
            (at_edge, "region-cut-off"),
            (of_tenant, "tenant-hostname-missed"),
            (behind_shield, "shield-refilled-stale"),
        ]
        .into_iter()
        .filter_map(|(is, cause)| is.then_some(cause))
        .collect();
        assert!(fitting.contains(&cause), "{cause} instead of {fitting:?}");
    }
}

#[test]
fn a_shield_that_holds_the_old_copy_is_named_though_its_edges_were_asked_again_and_again() {
    let ran = demo(&["--tenants", "3", "--within", "3s", "--format", "json"]);
    let report = report(&ran);
    let region = planted(&ran.stderr, "the purge misses the shield ").strip_suffix("-shield").unwrap();
    let tenant = planted(&ran.stderr, "the purge misses the hostname of ");
    let findings = report["findings"].as_array().unwrap().iter();
    let behind_it = findings.filter(|finding| text(finding, "region") == region && text(finding, "tenant") != tenant);
    let causes: BTreeSet<_> = behind_it.map(|finding| text(&finding["cause"], "id")).collect();
    assert_eq!(causes, BTreeSet::from(["shield-refilled-stale"]));
}

#[test]
fn only_with_gate_does_it_end_as_verify_did() {
    assert_eq!(demo(&["--quiet"]).code, 0);
    assert_eq!(demo(&["--gate", "--quiet"]).code, 1);
}

#[test]
fn a_purge_that_reached_everything_is_a_pass() {
    let ran = demo(&["--healthy", "--gate", "--format", "json"]);
    let report = report(&ran);
    assert_eq!(report["summary"]["verdicts"]["fresh"], report["summary"]["checks"]);
    assert_eq!((ran.code, report["findings"].as_array().unwrap().len()), (0, 0));
    assert!(!ran.stderr.contains("misses"), "{}", ran.stderr);
}

#[test]
fn a_large_fleet_of_tenants_is_counted_to_the_last_check() {
    let ran = demo(&["--tenants", "847", "--format", "json", "--quiet"]);
    let summary = &report(&ran)["summary"];
    // One missed edge, three behind the missed shield, and one tenant at the eight others.
    let stale = 847 * 4 + 8;
    assert_eq!((&summary["checks"], &summary["verdicts"]["stale"]), (&10_164.into(), &stale.into()));
    assert_eq!(summary["verdicts"]["fresh"], 10_164 - stale);
    assert_eq!(summary["answered"], 10_164);
}

#[test]
fn a_report_goes_to_a_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let ran = demo(&["--tenants", "2", "--format", "json", "--report", &format!("json={}", path.display())]);
    assert_eq!(std::fs::read_to_string(path).unwrap(), ran.stdout);
}

/// Blanks what two runs on the same state may differ in: times, ages, durations, the run's id, numbers of requests and
/// connections, and the ids that caches give to each answer.
fn normalised(mut report: Value) -> String {
    const OF_EACH_ANSWER: [&str; 8] =
        ["date", "age", "cf-ray", "x-timer", "x-amz-cf-id", "via", "x-varnish", "x-cache-hits"];
    for key in ["id", "started_at", "finished_at", "duration_ms"] {
        report["run"][key] = Value::Null;
    }
    for key in ["requests", "connections"] {
        report["summary"][key] = Value::Null;
    }
    for edge in report["edges"].as_array_mut().unwrap() {
        edge["connections"] = Value::Null;
    }
    for finding in report["findings"].as_array_mut().unwrap() {
        finding["timings_ms"] = Value::Null;
        for key in ["age_seconds", "stored_by"] {
            finding["observed"][key] = Value::Null;
        }
        for name in OF_EACH_ANSWER {
            finding["observed"]["headers"].as_object_mut().unwrap().remove(name);
        }
        for layer in finding["layers"].as_array_mut().unwrap() {
            layer["age_seconds"] = Value::Null;
        }
        for evidence in finding["evidence"].as_array_mut().unwrap() {
            if evidence["rung"] == "age" {
                (evidence["says"], evidence["edge"]) = (Value::Null, Value::Null);
            }
        }
    }
    serde_json::to_string_pretty(&report).unwrap()
}

#[test]
fn two_runs_on_one_state_give_one_report() {
    let options = Options { tenants: 8, ..Options::default() };
    let planted = Planted::demo(&options);
    let stage = Stage::purged(options, &planted);
    // The first run fills caches: what it leaves is the state that the next two find.
    let (first, _) = stage.verify(&[]);
    let (one, _) = stage.verify(&[]);
    let (other, _) = stage.verify(&[]);
    assert_eq!(first["summary"]["verdicts"], one["summary"]["verdicts"]);
    assert_ne!(one["run"]["id"], other["run"]["id"]);
    assert_eq!(normalised(one), normalised(other));
}

#[test]
fn a_purge_that_takes_its_time_is_waited_for_and_its_events_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    let flags = ["--healthy", "--gate", "--tenants", "3", "--within", "8s", "--format", "json", "--events"];
    let table = folder.path().join("table.txt");
    let target = format!("table={}", table.display());
    let ran = run(purgeproof().arg("demo").args(flags).arg(&events).args(["--report", &target]));
    let report = report(&ran);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("the purge takes up to 4 s to arrive"), "{}", ran.stderr);
    assert_eq!(report["convergence"]["unsettled"], 0);
    assert!(report["convergence"]["fresh_ms"]["last"].as_u64().unwrap() > 0);
    let table = std::fs::read_to_string(table).unwrap();
    let line = table.lines().nth(1).unwrap();
    assert!(line.starts_with("  95% fresh within ") && line.contains(", the last ("), "{table}");
    let events = std::fs::read_to_string(events).unwrap();
    let settled = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let settled = settled.filter(|event| event["settled"] == true).count();
    assert_eq!(Some(settled as u64), report["summary"]["checks"].as_u64());
}
