//! What goes around the program keeps to the schemas that its readers publish; where those come from stands beside them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::validator::{errors, yaml};

fn top(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn published(name: &str) -> Value {
    let path = top("tests/published").join(name);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// It does, and would not with a key too many at each of these places: the schema knows them.
fn keeps_to(schema: &Value, file: &Value, strict_at: &[&str]) {
    let with_one_more = strict_at.iter().map(|at| {
        let mut wrong = file.clone();
        wrong.pointer_mut(at).unwrap_or_else(|| panic!("no {at}"))["purgeprof"] = json!(1);
        wrong
    });
    let all: Vec<Value> = [file.clone()].into_iter().chain(with_one_more).collect();
    let found = errors(schema, &all);
    assert_eq!(found[0], Vec::<String>::new());
    for (at, errors) in strict_at.iter().zip(&found[1..]) {
        assert!(!errors.is_empty(), "a wrong key is let through at {at:?}");
    }
}

/// The Kubernetes schema of one definition.
fn kubernetes(definition: &str) -> Value {
    let mut schema = published("kubernetes.json");
    schema["$ref"] = json!(format!("#/$defs/io.k8s.api.batch.v1.{definition}"));
    schema
}

#[test]
fn github_takes_the_workflow() {
    let file = yaml(&top("contrib/github/workflow.yml"));
    let places = ["", "/on", "/permissions", "/jobs/verify", "/jobs/merge/steps/0"];
    keeps_to(&published("github-workflow.json"), &file, &places);
}

#[test]
fn github_takes_the_action() {
    let file = yaml(&top("contrib/github/action.yml"));
    keeps_to(&published("github-action.json"), &file, &["", "/inputs/within", "/runs", "/runs/steps/0"]);
}

#[test]
fn gitlab_takes_the_job() {
    let file = yaml(&top("contrib/gitlab/purgeproof.gitlab-ci.yml"));
    keeps_to(
        &published("gitlab-ci.json"),
        &file,
        &["/purgeproof", "/purgeproof/artifacts", "/purgeproof/retry", "/purgeproof/allow_failure"],
    );
}

#[test]
fn kubernetes_takes_the_cron_job() {
    let file = yaml(&top("contrib/kubernetes/cronjob.yaml"));
    let job = "/spec/jobTemplate/spec";
    let places = ["", "/spec", job, &format!("{job}/podFailurePolicy/rules/1/onExitCodes")];
    keeps_to(&kubernetes("CronJob"), &file, &places);
    keeps_to(&kubernetes("CronJob"), &file, &[&format!("{job}/template/spec/containers/0/securityContext")]);
}

#[test]
fn kubernetes_takes_the_indexed_job() {
    let file = yaml(&top("contrib/kubernetes/indexed-job.yaml"));
    let pod = "/spec/template/spec";
    let places = ["", "/spec", "/spec/podFailurePolicy/rules/0/onPodConditions/0", &format!("{pod}/volumes/1")];
    keeps_to(&kubernetes("Job"), &file, &places);
}

#[test]
fn kubernetes_takes_the_job_of_a_rollouts_analysis() {
    let file = yaml(&top("contrib/argo/analysis-template.yaml"));
    let job = file.pointer("/spec/metrics/0/provider/job/spec").unwrap();
    keeps_to(&kubernetes("JobSpec"), job, &["", "/podFailurePolicy", "/template/spec/containers/0"]);
}
