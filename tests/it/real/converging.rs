//! Real caches that are purged one after another while the program watches.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use purgeproof::model::Timestamp;
use serde_json::Value;

use super::black_hole::{BlackHole, Deaf};
use super::cdn::{Edge, HOST, Site, purge_varnish, warm};
use super::varnish::Varnish;
use crate::support::responder::{Responder, answer};

const EDGES: [&str; 4] = ["fourth", "first", "third", "second"];
/// The order in which they are purged.
const ORDER: [usize; 4] = [1, 3, 2, 0];

/// Milliseconds since the epoch.
fn now_ms() -> u64 {
    u64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

/// A pipe that the program writes its events to, so that they are heard as they happen.
fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Reads on until that edge was seen as that.
fn heard(events: &mut impl Iterator<Item = Value>, edge: &str, verdict: &str) {
    let is_it = |event: &Value| event["edge"] == edge && event["verdict"] == verdict;
    assert!(events.any(|event| is_it(&event)), "{edge} was never seen {verdict}");
}

#[test]
fn the_order_and_times_of_purges_come_back_out_of_the_report() {
    let site = Site::new();
    let varnishes = EDGES.map(|name| site.varnish(name));
    for varnish in &varnishes {
        warm(varnish.plain);
    }
    site.publish("second", 2);
    let start = now_ms();
    let at = Timestamp::from_millisecond(i64::try_from(start).unwrap()).unwrap().to_string();
    let events = site.path("events");
    pipe(&events);
    let edges: Vec<Edge<'_>> = EDGES.iter().zip(&varnishes).map(|(name, edge)| Edge::plain(name, edge.plain)).collect();
    let flags = ["--purged-at", &at, "--within", "5m", "--interval", "200ms", "--events", events.to_str().unwrap()];
    let (run, purged) = std::thread::scope(|scope| {
        let purging = scope.spawn(|| purge_in_order(&events, &varnishes, start));
        (site.verify(&edges, &flags), purging.join().unwrap())
    });
    assert_eq!(run.code, 0, "{:#}", run.report);
    let mut seen: Vec<(u64, &str)> = Vec::new();
    for row in run.report["edges"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let (low, high) = (&row["convergence"]["not_fresh_ms"], &row["convergence"]["fresh_ms"]["last"]);
        let (low, high) = (low.as_u64().unwrap(), high.as_u64().unwrap());
        let (before, after) = purged[EDGES.iter().position(|edge| *edge == name).unwrap()];
        assert!(low <= after && before <= high, "{name}: purged {before} to {after}, seen {low} to {high}");
        seen.push((high, name));
    }
    seen.sort_unstable();
    assert_eq!(seen.iter().map(|(_, name)| *name).collect::<Vec<_>>(), ["first", "second", "third", "fourth"]);
}

/// Purges each once it was seen stale, and once the one before was seen fresh; by edge, from when to when that was.
fn purge_in_order(events: &Path, varnishes: &[Varnish], start: u64) -> [(u64, u64); 4] {
    let lines = BufReader::new(File::open(events).unwrap()).lines();
    let mut events = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let mut purged = [(0, 0); 4];
    let mut stale = std::collections::BTreeSet::new();
    while stale.len() < EDGES.len() {
        let event = events.next().unwrap();
        assert_eq!((&event["host"], &event["verdict"]), (&HOST.into(), &"stale".into()), "{event}");
        stale.insert(event["edge"].as_str().unwrap().to_owned());
    }
    for nth in ORDER {
        let before = now_ms();
        purge_varnish(&varnishes[nth]);
        purged[nth] = (before - start, now_ms() - start);
        heard(&mut events, EDGES[nth], "fresh");
    }
    // To the end, or the program could not go on writing.
    events.for_each(drop);
    purged
}

#[test]
fn black_holes_and_a_throttle_cost_seconds_and_the_rest_is_judged() {
    let site = Site::new();
    let varnish = site.varnish("varnish");
    let (hole, deaf) = (BlackHole::new(), Deaf::new());
    let throttle =
        Responder::start(|request| Some(answer(request, "429 Too Many Requests", "retry-after: 30\r\n", "")));
    let paths: Vec<String> = (0..300).map(|nth| format!("/{nth}.js")).collect();
    for path in &paths {
        site.publish_at(path, "first", 1);
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let edges = [
        Edge::plain("varnish", varnish.plain),
        Edge::plain("hole", hole.at).with("timeout = \"300ms\""),
        Edge::plain("deaf", deaf.at).with("connect_timeout = \"300ms\""),
        Edge::plain("throttle", throttle.address),
    ];
    // Were every check waited for, with four at once it would take minutes.
    let flags = ["--within", "3s", "--deadline", "60s", "--edge-concurrency", "4"];
    let run = site.verify_paths(&paths, &edges, &flags);
    assert_eq!(run.report["run"]["complete"], true);
    assert_eq!(run.verdicts()["varnish"], "300 fresh");
    assert_eq!((&*run.verdicts()["hole"], &*run.verdicts()["deaf"]), ("300 unreachable", "300 unreachable"));
    for (edge, phase) in [("hole", "timeout"), ("deaf", "connect")] {
        assert_eq!(run.finding(edge)["phase"], phase);
    }
    assert_eq!(run.finding("throttle")["cause"]["id"], "rate-limited");
}
