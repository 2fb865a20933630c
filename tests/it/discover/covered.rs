//! What nobody can ask for lowers the coverage of a run, and the gate names it.

use purgeproof::lab::Options;
use serde_json::Value;

use super::folder;
use crate::support::stage::{Stage, pair};
use crate::support::{Ran, purgeproof, run};

/// The lab's own tenants, found in a list, with more lines behind.
fn verify(more: &str, flags: &[&str]) -> (Value, Ran) {
    let stage = Stage::quiet(Options { ..pair(2) });
    let tenants = run(purgeproof().args(["tenants", "--format", "json", "--tenants"]).arg(stage.file("tenants.yaml")));
    let list: Value = serde_json::from_str(&tenants.stdout).unwrap();
    let hosts: Vec<&str> =
        list["tenants"].as_array().unwrap().iter().map(|tenant| tenant["host"].as_str().unwrap()).collect();
    let path = list["tenants"][0]["paths"][0].as_str().unwrap();
    let folder = folder(&[("hosts.txt", &format!("{}\n{more}", hosts.join("\n")))]);
    let at = |file: &str| folder.path().join(file);
    let source = format!("hosts={}", at("hosts.txt").display());
    let mut command = purgeproof();
    command.args(["verify", "--format", "json", "--discover", &source, "--path", path]).args(flags);
    command.arg("--regions").arg(stage.file("regions.toml"));
    let ran = run(&mut command);
    (serde_json::from_str(&ran.stdout).unwrap_or(Value::Null), ran)
}

#[test]
fn discovered_hosts_are_checked_like_any() {
    let (report, ran) = verify("", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!((&report["summary"]["tenants"], &report["summary"]["coverage_percent"]), (&2.into(), &100.0.into()));
    assert!(report.get("unprobeable").is_none() && report["summary"].get("unprobeable").is_none());
}

#[test]
fn a_wildcard_without_a_sample_makes_a_run_inconclusive() {
    let (report, ran) = verify("*.wild.example\n*.wild.example # again\n", &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let summary = &report["summary"];
    let (checks, lost) = (summary["checks"].as_u64().unwrap(), summary["unprobeable_checks"].as_u64().unwrap());
    // One name on every edge, as two tenants' two names are.
    assert_eq!((&summary["unprobeable"], lost * 2), (&1.into(), checks));
    let covered = summary["coverage_percent"].as_f64().unwrap();
    assert!((covered - 66.66).abs() < 0.1, "{covered}");
    assert_eq!((&report["gate"]["outcome"], &report["gate"]["exit_code"]), (&"inconclusive".into(), &3.into()));
    let reason = report["gate"]["reasons"][0]["message"].as_str().unwrap();
    assert!(reason.contains("of 1 name that cannot be asked for (\"*.wild.example\")"), "{reason}");
    assert_eq!(report["unprobeable"][0]["pattern"], "*.wild.example");
    assert!(
        ran.stderr.contains("warning: 2 names cannot be asked for") || ran.stderr.contains("1 name"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_share_that_is_asked_for_may_be_smaller() {
    let (_, ran) = verify("*.wild.example\n", &["--min-coverage", "60%"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (_, ran) = verify("*.wild.example\n", &["--skip", "tenant=[*].wild.example"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn a_saved_report_is_decided_the_same_way_again() {
    let (report, _) = verify("*.wild.example\n", &[]);
    let folder = folder(&[("r.json", &report.to_string())]);
    let render = |least: &str| {
        run(purgeproof().current_dir(folder.path()).args(["render", "r.json", "--gate", "--min-coverage", least]))
    };
    assert_eq!((render("99%").code, render("50%").code), (3, 0));
}

#[test]
fn of_several_parts_the_first_tells_it_once() {
    let parts: Vec<Value> =
        ["slice:1/2", "slice:2/2"].map(|part| verify("*.wild.example\n", &["--partition", part]).0).into();
    let told: Vec<u64> = parts.iter().map(|part| part["summary"]["unprobeable"].as_u64().unwrap_or(0)).collect();
    assert_eq!(told, [1, 0]);
}

#[test]
fn discovery_that_fails_sends_nothing() {
    let (report, ran) = verify("a b\n", &[]);
    assert_eq!((report, ran.code), (Value::Null, 2), "{}", ran.stderr);
    assert!(ran.stderr.contains("hosts.txt:3: "), "{}", ran.stderr);
}

#[test]
fn tenants_without_paths_are_an_error_that_says_how() {
    let files = folder(&[
        ("h.txt", "a.example\n"),
        (
            "regions.toml",
            "schema = 1\n[origin]\nurl = 'https://o.example'\n[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n",
        ),
    ]);
    let ran = run(purgeproof().current_dir(files.path()).args(["verify", "--discover", "hosts=h.txt"]));
    let message = "error: h.txt:1: tenant \"a.example\": has no paths, name them with --path, or in \"defaults\" of a tenants file as \"paths\"\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (2, message));
    for command in [&["edges", "--dry-run"][..], &["diagnose", "https://a.example/x", "--dry-run"]] {
        let ran = run(purgeproof().current_dir(files.path()).args(command).args(["--discover", "hosts=h.txt"]));
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.stderr);
    }
}
