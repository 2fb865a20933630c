//! What goes around the program fits it: metrics, flags and exit codes are those that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use purgeproof::lab::Planted;
use purgeproof::model::exit_code;
use serde_json::Value;

use crate::guide::{commands, flags, help, readme, table};
use crate::readers::openmetrics;
use crate::support::server::installed;
use crate::support::stage::{Stage, pair};
use crate::support::validator;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib")
}

/// Every file below, by its path there.
fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(entry.path()).unwrap().map(|file| file.unwrap().path()) {
            let name = file.strip_prefix(folder()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(file).unwrap()));
        }
    }
    found.sort();
    found
}

/// YAML, as another program reads it.
fn yaml(file: &str) -> Value {
    validator::yaml(&folder().join(file))
}

#[test]
fn every_file_is_told_of_and_every_file_told_of_is_there() {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let told: BTreeSet<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let files: Vec<String> = files().into_iter().map(|(name, _)| name).collect();
    let there: BTreeSet<&str> = files.iter().map(String::as_str).filter(|name| !name.ends_with("_test.yml")).collect();
    assert_eq!(told, there);
}

#[test]
fn alerts_are_sound_and_fire_when_they_should() {
    for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]] {
        let mut promtool = Command::new(installed("promtool", "prometheus"));
        let output = promtool.args(arguments).current_dir(folder().join("prometheus")).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    // Each is tested.
    let tests = fs::read_to_string(folder().join("prometheus/alerts_test.yml")).unwrap();
    let alerts = yaml("prometheus/alerts.yml");
    for rule in alerts["groups"][0]["rules"].as_array().unwrap() {
        let alert = rule["alert"].as_str().unwrap();
        assert!(tests.contains(&format!("alertname: {alert}\n        exp_alerts:")), "{alert} never fires");
    }
}

/// Metrics that a text names.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("purgeproof_")).map(str::to_owned).collect()
}

#[test]
fn every_metric_that_is_looked_at_is_exposed() {
    let stage = Stage::purged(pair(1), &Planted { missed_edge: Some("fra".to_owned()), ..Planted::nothing() });
    let path = stage.file("p.prom");
    fs::write(&path, "purgeproof_last_pass_timestamp_seconds 60.5\n# EOF\n").unwrap();
    let target = format!("openmetrics={}", path.display());
    stage.verify(&["--within", "400ms", "--report", &target]);
    let samples = openmetrics::samples(&fs::read_to_string(path).unwrap());
    let exposed: BTreeSet<String> = samples.iter().map(|sample| sample.name.clone()).collect();
    let labels: BTreeSet<&str> = samples.iter().flat_map(|sample| sample.labels.keys().map(String::as_str)).collect();
    for file in ["prometheus/alerts.yml", "prometheus/alerts_test.yml", "grafana/dashboard.json"] {
        let looked_at = metrics(&fs::read_to_string(folder().join(file)).unwrap());
        assert!(looked_at.len() > 4 && looked_at.is_subset(&exposed), "{file}: {looked_at:?} of {exposed:?}");
    }
    let dashboard: Value =
        serde_json::from_str(&fs::read_to_string(folder().join("grafana/dashboard.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for target in panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap()) {
        let text = target["expr"].as_str().unwrap();
        for by in text.split("by (").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(by.split(", ").all(|label| labels.contains(label)), "{text}");
        }
    }
}

#[test]
fn every_flag_is_one_of_the_program() {
    let known: BTreeSet<String> = commands().iter().flat_map(|command| flags(&help(command))).collect();
    for (name, text) in files() {
        let lines = text.lines().filter(|line| !line.contains("--collector.textfile"));
        let used: BTreeSet<String> = lines.flat_map(flags).collect();
        let unknown: Vec<&String> = used.difference(&known).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}

fn codes(rule: &Value) -> BTreeSet<u64> {
    let values = rule["onExitCodes"]["values"].as_array();
    values.into_iter().flatten().map(|code| code.as_u64().unwrap()).collect()
}

/// As README says of each exit code.
fn retried() -> BTreeSet<u64> {
    let rows = table(&readme(), "| exit code |");
    rows.iter().filter(|row| row[2] == "yes").map(|row| row[0].parse().unwrap()).collect()
}

#[test]
fn what_a_retry_helps_is_tried_again_and_nothing_else() {
    let all: BTreeSet<u64> = [
        exit_code::FAIL,
        exit_code::USAGE,
        exit_code::INCONCLUSIVE,
        exit_code::EMPTY,
        exit_code::UNWRITTEN,
        exit_code::INTERNAL,
        exit_code::INTERRUPTED,
        exit_code::TERMINATED,
    ]
    .map(u64::from)
    .into();
    for (file, job, gives_up) in [
        ("kubernetes/cronjob.yaml", "/spec/jobTemplate/spec", "FailJob"),
        ("kubernetes/indexed-job.yaml", "/spec", "FailIndex"),
        ("argo/analysis-template.yaml", "/spec/metrics/0/provider/job/spec", "FailJob"),
    ] {
        let file_read = yaml(file);
        let job = file_read.pointer(job).unwrap();
        // Kubernetes takes a policy only where pods are not restarted in place.
        assert_eq!(job["template"]["spec"]["restartPolicy"], "Never", "{file}");
        let rules = job["podFailurePolicy"]["rules"].as_array().unwrap();
        let of = |action: &str| {
            rules.iter().filter(|rule| rule["action"] == action).flat_map(codes).collect::<BTreeSet<_>>()
        };
        assert_eq!(of("Count"), retried(), "{file}");
        assert_eq!(of(gives_up), all.difference(&retried()).copied().collect(), "{file}");
        let container = &job["template"]["spec"]["containers"][0]["name"];
        assert!(
            rules
                .iter()
                .all(|rule| rule["onExitCodes"].is_null() || rule["onExitCodes"]["containerName"] == *container)
        );
    }
    let gitlab = yaml("gitlab/purgeproof.gitlab-ci.yml");
    let again = gitlab["purgeproof"]["retry"]["exit_codes"].as_array().unwrap();
    assert_eq!(again.iter().filter_map(Value::as_u64).collect::<BTreeSet<_>>(), retried());
    assert_eq!(gitlab["purgeproof"]["allow_failure"]["exit_codes"], serde_json::json!([exit_code::INCONCLUSIVE]));
}

/// As Kubernetes runs it for the last index, with a program that prints what it was given.
#[test]
fn parts_count_from_one_and_the_last_is_the_last() {
    let job = yaml("kubernetes/indexed-job.yaml");
    let parts = job["spec"]["completions"].as_u64().unwrap();
    let line = job["spec"]["template"]["spec"]["containers"][0]["args"][0].as_str().unwrap();
    let line = line.replace("exec purgeproof", "exec echo");
    for index in [0, parts - 1] {
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).env("JOB_COMPLETION_INDEX", index.to_string()).env("PURGED_AT", "now");
        let said = String::from_utf8(shell.output().unwrap().stdout).unwrap();
        assert!(said.contains(&format!("--partition hash:{}/{parts} ", index + 1)), "{said}");
        assert!(said.contains(&format!("json=/reports/{index}.json ")), "{said}");
    }
    let workflow = yaml("github/workflow.yml");
    let matrix = &workflow["jobs"]["verify"]["strategy"]["matrix"]["part"];
    assert_eq!(*matrix, serde_json::json!([1, 2, 3, 4]));
    assert!(workflow.to_string().contains("hash:$PART/4"));
}
