//! What is written keeps to its published schema, and so do files that are read; an independent validator says so.

use std::path::Path;

use purgeproof::lab::{Options, Planted};
use serde_json::{Value, json};

use crate::support::stage::{Stage, missing, pair};
use crate::support::{purgeproof, run, validator};

fn errors(of: &str, instances: &[Value]) -> Vec<Vec<String>> {
    let schema: Value = serde_json::from_str(&run(purgeproof().args(["schema", of])).stdout).unwrap();
    validator::errors(&schema, instances)
}

fn all_valid(of: &str, instances: &[Value]) {
    for (nth, errors) in errors(of, instances).into_iter().enumerate() {
        assert_eq!(errors, Vec::<String>::new(), "{of} {nth}");
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Reports of every kind of run.
fn reports() -> Vec<Value> {
    let options = Options { tenants: 5, ..Options::default() };
    let planted = Planted::demo(&options);
    let mut stage = Stage::purged(options, &planted);
    stage.close("ewr");
    let mut reports: Vec<Value> = [
        &[][..],
        &["--within", "1s", "--method", "get"],
        &["--only", "tenant=nobody"],
        &["--partition", "hash:1/2"],
        &["--partition", "hash:2/2", "--within", "1s"],
        &["--deadline", "1ms"],
    ]
    .iter()
    .map(|flags| stage.verify(flags).0)
    .collect();
    std::fs::write(stage.file("part.json"), reports[3].to_string()).unwrap();
    let merged = run(purgeproof().args(["merge", "--format", "json"]).arg(stage.file("part.json")));
    reports.push(serde_json::from_str(&merged.stdout).unwrap());
    let url = format!("https://{}/assets/app.js", reports[0]["findings"][0]["host"].as_str().unwrap());
    let regions = stage.file("regions.toml");
    let diagnosed = run(purgeproof().args(["diagnose", &url, "--format", "json", "--regions"]).arg(regions));
    reports.push(serde_json::from_str(&diagnosed.stdout).unwrap());
    reports
}

#[test]
fn every_report_keeps_to_its_schema() {
    let reports = reports();
    assert!(reports[4]["partial"]["lanes"][0]["spans"].is_array() && reports[7]["rows"].is_array());
    all_valid("report", &reports);
}

#[test]
fn a_report_may_grow_and_keeps_its_types() {
    let whole = Stage::purged(pair(1), &missing("fra")).verify(&[]).0;
    let with = |at: &str, key: &str, value: Value| {
        let mut report = whole.clone();
        report.pointer_mut(at).unwrap()[key] = value;
        report
    };
    all_valid(
        "report",
        &[with("", "later", json!(1)), with("/findings/0", "later", json!({})), with("/run", "x", json!([]))],
    );
    let wrong = [
        with("", "schema", json!("purgeproof.report/2")),
        with("/summary", "checks", json!("4")),
        with("/findings/0", "verdict", json!("stail")),
        with("/gate", "reasons", json!(null)),
        with("", "run", json!({})),
    ];
    assert!(errors("report", &wrong).iter().all(|errors| !errors.is_empty()));
}

#[test]
fn every_event_keeps_to_its_schema() {
    let stage = Stage::purged(pair(2), &missing("fra"));
    let path = stage.file("events.ndjson");
    stage.verify(&["--within", "1s", "--events", &path.display().to_string()]);
    let text = std::fs::read_to_string(path).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.len() >= 4, "{text}");
    all_valid("events", &events);
    let wrong = json!({ "schema": "purgeproof.events/1", "verdict": 3 });
    assert!(!errors("events", &[wrong])[0].is_empty());
}

#[test]
fn what_inspect_says_keeps_to_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let heads = folder.path().join("heads.txt");
    // https://www.fastly.com/documentation/reference/http/http-headers/X-Served-By/ and RFC 9213 section 2.2.
    let text = "HTTP/2 200\nvia: 1.1 varnish, 1.1 varnish\nx-cache: MISS, HIT\nage: 96\netag: \"5f\"\n\
                x-served-by: cache-jfk1-JFK, cache-ams2-AMS\n\nHTTP/1.1 404 Not Found\n\n\
                HTTP/2 200\nserver: cloudflare\ncf-cache-status: HIT\ncdn-cache-control: max-age=600\n";
    std::fs::write(&heads, text).unwrap();
    let ran = run(purgeproof().args(["inspect", "--format", "json"]).arg(heads));
    let said: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(said.len(), 3, "{}", ran.stderr);
    assert!(said[0]["city"].is_object() && said[2]["lifetime"].is_object(), "or this shows little: {}", ran.stdout);
    all_valid("inspect", &said);
    refused("inspect", &said[0], &[("/schema", json!("purgeproof.inspect/2")), ("/layers/0/provider", json!(1))]);
    refused("inspect", &said[0], &[("/age_seconds", json!("96")), ("/notes", Value::Null), ("/city/iata", json!(1))]);
}

#[test]
fn what_edges_lists_keeps_to_its_schema() {
    let mut stage = Stage::quiet(Options::default());
    stage.close("ewr");
    let listed = |flags: &[&str]| -> Value {
        let ran = run(purgeproof().args(["edges", "--format", "json"]).args(flags));
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
    };
    let regions = stage.file("regions.toml").display().to_string();
    let probed = listed(&["--regions", &regions, "--probe", "www.lab.example"]);
    let seen: Vec<&Value> = probed["edges"].as_array().unwrap().iter().map(|edge| &edge["seen"][0]).collect();
    assert!(seen.iter().any(|seen| seen["error"].is_string()), "{probed}");
    assert!(seen.iter().any(|seen| seen["certificate"]["names"].is_array()), "{probed}");
    let example = top("regions.toml").display().to_string();
    all_valid("edges", &[probed.clone(), listed(&["--regions", &example, "--dry-run"])]);
    let answered = seen.iter().position(|seen| seen["status"].is_number()).unwrap();
    refused("edges", &probed, &[("/schema", json!("x")), ("/edges/0/addresses", json!("192.0.2.1"))]);
    refused("edges", &probed, &[(&format!("/edges/{answered}/seen/0/status"), json!("200"))]);
}

/// None of these values fits where it is put.
fn refused(of: &str, valid: &Value, wrong: &[(&str, Value)]) {
    let with = |(at, value): &(&str, Value)| {
        let mut instance = valid.clone();
        *instance.pointer_mut(at).unwrap_or_else(|| panic!("no {at}")) = value.clone();
        instance
    };
    let found = errors(of, &wrong.iter().map(with).collect::<Vec<_>>());
    for ((at, _), errors) in wrong.iter().zip(found) {
        assert!(!errors.is_empty(), "{of} {at}");
    }
}

fn toml(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

fn top(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn regions_files_keep_to_their_schema() {
    let stage = Stage::quiet(Options::default());
    let example = std::fs::read_to_string(top("regions.toml")).unwrap();
    let everything = "schema = 1
[origin]
url = 'https://o.example'
headers = { X-Token = { file = 'token.txt' } }
rate = 'none'
[defaults]
edge_rate = 'none'
scheme = '${SCHEME}'
[regions.r]
fastly_edge_check = { token = '${TOKEN}', calls = 3 }
globalping = { from = ['Tokyo'], limit = 2 }
edges = [{ name = 'a', address = '192.0.2.1', port = 8443, provider = 'fastly' }]
";
    let lab = std::fs::read_to_string(stage.file("regions.toml")).unwrap();
    all_valid("regions", &[toml(&example), toml(&lab), toml(everything)]);
    let edge = |keys: &str| format!("schema = 1\n[regions.r]\nedges = [{{ name = 'a', {keys} }}]");
    let wrong = [
        "[regions.r]\nedges = [{ name = 'a' }]".to_owned(),
        "schema = 2\n[regions.r]\nedges = [{ name = 'a' }]".to_owned(),
        "schema = 1".to_owned(),
        "schema = 1\n[regions.r]\nedges = [{ pop = 'FRA' }]".to_owned(),
        edge("adress = '192.0.2.1'"),
        edge("port = 0"),
        edge("port = '443'"),
        edge("provider = 'cloudfrnt'"),
        edge("coalesce = 'yes'"),
        edge("edge_rate = 0"),
        edge("timeout = 5"),
        format!("{}\n[origin]\nurl = 'https://o.example'\nsamples = 0", edge("ip = 'v4'")),
    ];
    let found = errors("regions", &wrong.clone().map(|text| toml(&text)));
    for (text, errors) in wrong.iter().zip(found) {
        assert!(!errors.is_empty(), "{text}");
    }
}

#[test]
fn tenants_files_keep_to_their_schema() {
    let of_toml = toml(&std::fs::read_to_string(top("fixtures/config/tenants.toml")).unwrap());
    let all = json!({ "schema": 1, "service_levels": { "critical": "1s" }, "tenants": [
        { "id": "a", "host": "a.example", "expect": { "status": 200, "paths": { "/x": { "sha256": "0" } } } },
        { "id": "b", "hosts": { "production": "b.example", "staging": ["b.test"] }, "priority": "high" },
    ] });
    all_valid("tenants", &[read(&top("fixtures/config/tenants.json")), of_toml, all]);
    let with = |tenant: Value| json!({ "schema": 1, "tenants": [tenant] });
    let wrong = [
        json!({ "tenants": [] }),
        json!({ "schema": 1 }),
        json!({ "schema": 1, "tenants": {} }),
        json!({ "schema": 1, "tenants": [], "service_levels": { "urgent": "1s" } }),
        with(json!({ "host": "a.example" })),
        with(json!({ "id": 7 })),
        with(json!({ "id": "a", "pahts": ["/"] })),
        with(json!({ "id": "a", "paths": "/" })),
        with(json!({ "id": "a", "priority": "urgent" })),
        with(json!({ "id": "a", "expect": { "status": "200" } })),
        with(json!({ "id": "a", "expect": { "paths": { "/": { "etags": "x" } } } })),
    ];
    for (instance, errors) in wrong.iter().zip(errors("tenants", &wrong)) {
        assert!(!errors.is_empty(), "{instance}");
    }
}
