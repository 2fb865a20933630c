//! Edges and name servers that do what they should not, all at once, beside a hundred that are well.

mod certificates;
mod content;
mod edge;
mod frames;
mod http1;
mod http2;
mod left;
mod names;
mod row;
mod say;
mod tcp;
mod told;
mod town;

use std::time::Duration;

use row::{Due, Row};
use serde_json::Value;
use town::{Ran, Town, WELL};

const HOST: &str = "www.site.test";

/// As `docs/reliability.md` names them.
const FLAGS: [&str; 8] = ["--timeout", "6s", "--connect-timeout", "4s", "--retry", "1", "--max-body", "256KiB"];
const TIMEOUT: Duration = Duration::from_secs(6);
/// What a machine that has other things to do may add.
const SLACK: Duration = Duration::from_secs(20);
const PEAK_KIB: u64 = 200 << 10;

/// Every behaviour.
fn rows() -> Vec<Row> {
    [tcp::rows(), http1::rows(), http2::rows(), names::rows()].into_iter().flatten().collect()
}

/// As long as an edge may take: a request and its repetition where none is answered; where the body does not come, a
/// look, and another one before it is said.
fn longest(due: Due) -> Duration {
    match due.verdict {
        "unreachable" | "unverifiable" => TIMEOUT * 2 + SLACK,
        _ => SLACK,
    }
}

/// Holds every edge to what it is due.
fn judge(town: &Town, ran: &Ran) {
    let mut wrong = Vec::new();
    for (name, due) in &town.due {
        let row = ran.report["edges"].as_array().unwrap().iter().find(|row| row["name"] == *name).unwrap();
        if row["verdicts"][due.verdict] != town.objects {
            wrong.push(format!("{name}: not {}: {}", due.verdict, row["verdicts"]));
        }
        let findings = ran.report["findings"].as_array().unwrap().iter().filter(|finding| finding["edge"] == *name);
        for finding in findings {
            wrong.extend(contradiction(name, *due, finding));
        }
        let took = ran.took[name];
        if took > longest(*due) {
            wrong.push(format!("{name}: took {took:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn contradiction(name: &str, due: Due, finding: &Value) -> Option<String> {
    let (phase, cause) = (finding["phase"].as_str(), finding["cause"]["id"].as_str());
    let summary = finding["cause"]["summary"].as_str().unwrap();
    let is_due = phase == due.phase
        && due.cause.is_none_or(|due| due.is_empty() || cause == Some(due))
        && summary.contains(due.says);
    (!is_due).then(|| format!("{name}: {phase:?}, {cause:?}: {summary}"))
}

/// Holds the run to its bounds, and every edge to what it is due.
fn hold(town: &Town, ran: &Ran) {
    assert_eq!(ran.report["run"]["complete"], true);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.peak_kib < PEAK_KIB, "{} KiB", ran.peak_kib);
    assert_eq!(town.files(), ["ca.pem", "errors", "events", "regions.toml", "tenants.yaml"]);
    assert_eq!(ran.report["edges"].as_array().unwrap().len(), town.due.len());
    judge(town, ran);
}

#[test]
#[expect(clippy::print_stdout, reason = "the times that docs/reliability.md shows, with --no-capture")]
fn each_hostile_edge_gets_its_verdict_in_time_and_no_other_suffers() {
    let rows = rows();
    assert!(rows.len() >= 40 && WELL == 100);
    let town = Town::open(rows);
    let ran = town.verify(&[&FLAGS[..], &["--body", "always", "--deadline", "2m"]].concat());
    println!("{} KiB, {} ms", ran.peak_kib, ran.report["run"]["duration_ms"]);
    for (name, took) in &ran.took {
        println!("{name} {:.1} s", took.as_secs_f64());
    }
    hold(&town, &ran);
}

/// Who does not answer GET does not answer HEAD, which only has no use for the length of a body.
#[test]
fn what_is_silent_is_silent_by_head_too() {
    let is_silent = |row: &Row| row.due.verdict == "unreachable" && !row.name.contains("content-length");
    let town = Town::open(rows().into_iter().filter(is_silent).collect());
    hold(&town, &town.verify(&[&FLAGS[..], &["--deadline", "2m"]].concat()));
}

/// However long an edge asks to be left alone, or keeps silent, patience is over when it is over.
#[test]
fn waiting_for_convergence_ends_in_time_under_fire() {
    let town = Town::open(rows());
    let flags = ["--body", "always", "--within", "3s", "--purged-at", "now", "--late", "ignore", "--deadline", "2m"];
    hold(&town, &town.verify(&[&FLAGS[..], &flags].concat()));
}

/// Many objects, and an edge that takes few requests at once, none at all, or less than it said.
#[test]
fn what_a_connection_may_carry_is_kept_to() {
    let limits = ["http2-no-streams-at-all", "http2-one-stream-at-a-time", "http2-settings-mid-flight"];
    let rows: Vec<Row> = rows().into_iter().filter(|row| limits.contains(&row.name.as_str())).collect();
    assert_eq!(rows.len(), limits.len());
    let town = Town::with(rows, 20);
    hold(&town, &town.verify(&[&FLAGS[..], &["--body", "always", "--deadline", "2m"]].concat()));
}
