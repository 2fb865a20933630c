//! The partitions of a run, merged, are the run.

use std::path::{Path, PathBuf};
use std::process::Command;

use purgeproof::lab::{Fault, Options, Planted};
use serde_json::{Value, json};

use crate::support::stage::{Stage, missing, pair};
use crate::support::{Ran, purgeproof, run};

/// Keys whose values follow the clock, or how the work was divided.
const OF_THE_MOMENT: [&str; 11] = [
    "started_at",
    "finished_at",
    "duration_ms",
    "last_passed_at",
    "requests",
    "connections",
    "timings_ms",
    "age_seconds",
    "stored_by",
    "headers",
    "attempts",
];

/// Where two reports differ by more than the moment they were made at.
fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    differing("", one, other, &mut found);
    found
}

fn differing(at: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
            let is_age = one.get("rung").is_some_and(|rung| rung == "age");
            for (key, value) in one.iter().filter(|(key, _)| !OF_THE_MOMENT.contains(&key.as_str())) {
                let is_the_runs_id = at == "/run" && key == "id";
                if !is_age && !is_the_runs_id {
                    differing(&format!("{at}/{key}"), value, &other[key], found);
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (nth, (one, other)) in one.iter().zip(other).enumerate() {
                differing(&format!("{at}/{nth}"), one, other, found);
            }
        }
        (one, other) if one == other => {}
        // Whether the origin's body was read for an object follows who asked first, in one run as in many.
        (Value::Null, _) | (_, Value::Null) if at.ends_with("/sha256") && at.contains("/reference") => {}
        (one, other) => found.push(format!("{at}: {one} and {other}")),
    }
}

fn part(stage: &Stage, share: &str, name: &str, more: &[&str]) -> (PathBuf, Ran) {
    let path = stage.file(name);
    let target = format!("json={}", path.display());
    let ran = run(stage.command().args(["--quiet", "--partition", share, "--report", &target]).args(more));
    (path, ran)
}

fn parts(stage: &Stage, by: &str, of: usize, more: &[&str]) -> Vec<PathBuf> {
    let part = |nth| part(stage, &format!("{by}:{nth}/{of}"), &format!("{by}-{nth}.json"), more).0;
    (1..=of).map(part).collect()
}

fn merge(parts: &[PathBuf]) -> Command {
    let mut command = purgeproof();
    command.args(["merge", "--format", "json"]).args(parts);
    command
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("no report ({error}): {}", ran.stderr))
}

/// A fleet on which purges, an origin and edges went wrong, each in its own way. Asked once, so that no edge learns
/// anything new by being asked again.
fn mishaps() -> Stage {
    let options = Options { tenants: 23, ..Options::default() };
    let planted = Planted::demo(&options);
    let mut stage = Stage::purged(options, &planted);
    assert!(stage.lab.fault("iad", Some(Fault::Status(503))));
    stage.close("ewr");
    stage.verify(&[]);
    stage
}

#[test]
fn twenty_partitions_merged_are_the_whole_run() {
    let stage = mishaps();
    let (whole, ran) = stage.verify(&[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let causes: std::collections::BTreeSet<&str> =
        whole["findings"].as_array().unwrap().iter().map(|finding| finding["cause"]["id"].as_str().unwrap()).collect();
    assert!(causes.len() >= 5, "{causes:?}");
    for by in ["hash", "slice"] {
        let mut parts = parts(&stage, by, 20, &[]);
        for (nth, path) in (1..).zip(&parts) {
            let part = read(path);
            assert_eq!(part["run"]["partition"], format!("{nth}/20"));
            assert_eq!(part["run"]["plan_hash"], whole["run"]["plan_hash"]);
            assert!(part["partial"].is_object());
        }
        let merged = run(&mut merge(&parts));
        assert_eq!(merged.code, 1, "{}", merged.stderr);
        assert_eq!(differences(&report(&merged), &whole), Vec::<String>::new(), "{by}");
        assert_eq!(report(&merged)["run"]["partition"], Value::Null);
        assert!(report(&merged).get("partial").is_none());
        parts.rotate_left(7);
        parts.swap(0, 11);
        parts.reverse();
        assert_eq!(run(&mut merge(&parts)).stdout, merged.stdout, "in another order");
    }
}

#[test]
fn a_cause_that_one_partition_cannot_see_is_found_in_the_whole() {
    let stage = Stage::purged(pair(2), &missing("fra"));
    let (whole, _) = stage.verify(&[]);
    let parts = parts(&stage, "slice", 2, &[]);
    let cause = |report: &Value| report["findings"][0]["cause"]["id"].as_str().unwrap().to_owned();
    let merged = report(&run(&mut merge(&parts)));
    assert_eq!(cause(&merged), cause(&whole));
    assert_ne!(cause(&read(&parts[0])), cause(&whole), "or this shows nothing");
}

#[test]
fn the_worst_findings_are_kept_and_counts_stay_exact() {
    let stage = Stage::purged(pair(8), &missing("fra"));
    let whole = stage.verify(&["--max-findings", "3"]).0;
    let merged = report(&run(&mut merge(&parts(&stage, "hash", 4, &["--max-findings", "3"]))));
    assert_eq!(differences(&merged, &whole), Vec::<String>::new());
    assert_eq!((&merged["summary"]["findings_left_out"], merged["findings"].as_array().unwrap().len()), (&json!(5), 3));
}

#[test]
fn a_lost_partition_is_named_and_no_pass() {
    let fine = Stage::purged(pair(6), &Planted::nothing());
    let stale = Stage::purged(pair(6), &missing("fra"));
    for (stage, code, outcome) in [(&fine, 3, "inconclusive"), (&stale, 1, "fail")] {
        let mut parts = parts(stage, "slice", 3, &[]);
        parts.remove(1);
        let merged = run(&mut merge(&parts));
        let report = report(&merged);
        let gate = &report["gate"];
        let lost = gate["reasons"].as_array().unwrap().iter().find(|reason| reason["code"] == "partition").unwrap();
        assert_eq!((merged.code, &gate["outcome"]), (code, &json!(outcome)));
        assert_eq!(lost["message"], "partition 2/3 is missing");
        assert_eq!((&report["run"]["complete"], &report["summary"]["tenants"]), (&json!(false), &json!(4)));
        // Decided again, it is still lost.
        std::fs::write(stage.file("merged.json"), &merged.stdout).unwrap();
        let again = run(purgeproof().args(["render", "--gate", "--max-fail", "100%"]).arg(stage.file("merged.json")));
        assert_eq!(again.code, 3, "{}", again.stdout);
    }
}

#[test]
fn reports_that_do_not_belong_together_are_refused() {
    let stage = Stage::purged(pair(4), &Planted::nothing());
    let one = part(&stage, "hash:1/2", "one.json", &[]).0;
    let two = part(&stage, "hash:2/2", "two.json", &[]).0;
    let other = |share: &str, name: &str, more: &[&str]| part(&stage, share, name, more).0;
    let merged = stage.file("merged.json");
    std::fs::write(&merged, run(&mut merge(&[one.clone(), two.clone()])).stdout).unwrap();
    let whole = stage.file("whole.json");
    std::fs::write(&whole, stage.verify(&[]).1.stdout).unwrap();
    for (second, words) in [
        (other("hash:2/2", "plan.json", &["--only", "edge=fra"]), "are of different plans (plan_hash)"),
        (other("hash:2/3", "three.json", &[]), "are of 2 and of 3 partitions"),
        (other("hash:1/2", "twice.json", &[]), "both are partition 1/2, name one of them"),
        (other("slice:2/2", "slice.json", &[]), "are divided by hash and by slice"),
        (other("hash:2/2", "policy.json", &["--max-fail", "3"]), "were run with different gate flags"),
        (other("hash:2/2", "within.json", &["--within", "1s"]), "were run with different"),
        (other("hash:2/2", "method.json", &["--method", "get"]), "were run with different --method"),
        (other("hash:2/2", "body.json", &["--body", "never"]), "were run with different --body"),
        (other("hash:2/2", "insecure.json", &["--insecure"]), "were run with different --insecure"),
        (other("hash:2/2", "advise.json", &["--advise"]), "were run with different --advise"),
        (other("hash:2/2", "gate.json", &["--advise=fail"]), "were run with different gate flags"),
        (merged, "is no partition of a run"),
        (whole, "is no partition of a run"),
        (stage.file("regions.toml"), "is no JSON report"),
    ] {
        for pair in [[one.clone(), second.clone()], [second.clone(), one.clone()]] {
            let ran = run(&mut merge(&pair));
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words}");
            assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
            assert!(ran.stderr.contains(&second.display().to_string()), "{}", ran.stderr);
        }
    }
    let none = run(purgeproof().arg("merge"));
    assert_eq!(none.code, 2);
}

#[test]
fn partitions_that_do_not_say_how_they_asked_are_merged() {
    let stage = Stage::purged(pair(4), &Planted::nothing());
    let parts = parts(&stage, "hash", 2, &[]);
    let mut older = read(&parts[1]);
    for key in ["method", "body"] {
        assert!(older["run"].as_object_mut().unwrap().remove(key).is_some());
    }
    std::fs::write(&parts[1], older.to_string()).unwrap();
    let merged = run(&mut merge(&parts));
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let merged = report(&merged);
    assert_eq!((&merged["run"]["method"], &merged["run"]["body"]), (&json!("head"), &json!("auto")));
}

#[test]
fn the_whole_is_decided_by_the_partitions_policy_or_by_what_is_typed() {
    let stage = Stage::purged(pair(4), &missing("fra"));
    let parts = parts(&stage, "slice", 2, &["--max-fail", "2"]);
    // Two of them are in each partition, and four in the whole.
    for (nth, path) in parts.iter().enumerate() {
        assert_eq!(read(path)["gate"]["exit_code"], 0, "{nth}");
    }
    for (flags, code) in
        [(&[][..], 1), (&["--max-fail", "4"], 0), (&["--fail-on", "failing"], 0), (&["--exit-zero"], 0)]
    {
        assert_eq!(run(merge(&parts).args(flags)).code, code, "{flags:?}");
    }
}

#[test]
fn a_partition_to_which_nothing_falls_passes_unless_nothing_is_planned_at_all() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    for (more, code) in [(&[][..], 0), (&["--only", "tenant=nobody"], 4)] {
        let (path, ran) = part(&stage, "slice:2/2", "two.json", more);
        let gate = &read(&path)["gate"];
        assert_eq!(
            (ran.code, &gate["outcome"], &gate["exit_code"]),
            (code, &json!("empty"), &json!(code)),
            "{}",
            ran.stderr
        );
        let dry = run(stage.command().args(["--partition", "slice:2/2", "--dry-run"]).args(more));
        assert_eq!(dry.code, code);
    }
    assert_eq!(run(&mut merge(&parts(&stage, "slice", 2, &[]))).code, 0);
}

#[test]
fn the_jobs_index_says_which_partition_it_is() {
    let stage = Stage::purged(pair(2), &Planted::nothing());
    let ran = run(stage
        .command()
        .env("PURGEPROOF_PARTITION", "slice:/2")
        .env("JOB_COMPLETION_INDEX", "1")
        .args(["--format", "json"]));
    assert_eq!(report(&ran)["run"]["partition"], "2/2");
    let ran = run(stage.command().args(["--partition", "slice:/2"]).env_remove("JOB_COMPLETION_INDEX"));
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--partition") && ran.stderr.contains("JOB_COMPLETION_INDEX"), "{}", ran.stderr);
    let ran = run(stage.command().args(["--partition", "slice:3/2"]));
    assert!(
        ran.stderr.contains("--partition") && ran.stderr.contains("there is no partition 3 of 2"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.code, 2);
}
