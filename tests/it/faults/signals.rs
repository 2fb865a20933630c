//! Signals at moments drawn by a seed: a report that parses, and the code that says how it ended.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::server::until;
use crate::support::stage::{Stage, missing, pair};

const TENANTS: usize = 12;
/// Edges times tenants.
const CHECKS: u64 = 2 * TENANTS as u64;

/// Splitmix64: <https://prng.di.unimi.it/splitmix64.c>.
struct Moments(u64);

impl Moments {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -s {name} {}", child.id())]).status().unwrap();
    assert!(sent.success());
}

/// `verify` at a pace that leaves room for a signal, its events on standard error.
fn watched(stage: &Stage, report: &Path) -> Child {
    let mut command = stage.command();
    command.args(["--events", "/dev/stderr", "--quiet", "--edge-concurrency", "2"]);
    command.arg("--report").arg(format!("json={}", report.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What may come of it: ended by the signal's code with a part, or through with the whole.
#[track_caller]
fn told(status: ExitStatus, report: &Path, code: i32, when: &str) -> bool {
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let (complete, verdicts) = (report["run"]["complete"].as_bool().unwrap(), &report["summary"]["verdicts"]);
    let total: u64 = verdicts.as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(total, CHECKS, "{when}: each check has a verdict: {verdicts}");
    assert_eq!(status.code().map(i64::from), report["gate"]["exit_code"].as_i64(), "{when}");
    match status.code() {
        Some(1) => assert!(complete, "{when}"),
        Some(ended) if ended == code => assert!(!complete, "{when}"),
        other => panic!("{when}: {other:?}"),
    }
    assert_eq!(
        verdicts["divergent"].as_u64().unwrap() + verdicts["failing"].as_u64().unwrap(),
        0,
        "{when}: {verdicts}"
    );
    complete
}

/// Sends it once so many events are written.
fn after_events(name: &str, code: i32, seed: u64) {
    let stage = Stage::purged(pair(TENANTS), &missing("fra"));
    let mut moments = Moments(seed);
    let mut cut = 0;
    for run in 0..50 {
        let report = stage.file("report.json");
        std::fs::write(&report, "old").unwrap();
        let mut child = watched(&stage, &report);
        let mut events = BufReader::new(child.stderr.take().unwrap());
        let wanted = 1 + moments.below(CHECKS);
        let mut line = String::new();
        for _ in 0..wanted {
            line.clear();
            assert!(events.read_line(&mut line).unwrap() > 0, "run {run}: fewer than {wanted} events");
            assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
        }
        signal(&child, name);
        let mut rest = String::new();
        events.read_to_string(&mut rest).unwrap();
        assert!(rest.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{rest}");
        let when = format!("SIG{name} after {wanted} events, seed {seed}, run {run}");
        cut += u32::from(!told(child.wait().unwrap(), &report, code, &when));
    }
    assert!(cut >= 10, "only {cut} of 50 were cut short: this shows little");
}

#[test]
fn an_interrupt_after_any_event_leaves_a_report_that_parses() {
    after_events("INT", 130, 11);
}

#[test]
fn a_termination_after_any_event_leaves_a_report_that_parses() {
    after_events("TERM", 143, 12);
}

/// Before it listens, a signal ends it as any program; then nothing was asked and nothing was written.
#[test]
fn an_interrupt_at_any_moment_leaves_the_old_report_or_a_whole_one() {
    let stage = Stage::purged(pair(TENANTS), &missing("fra"));
    let mut moments = Moments(13);
    for run in 0..50 {
        let report = stage.file("report.json");
        std::fs::write(&report, "old").unwrap();
        let mut child = watched(&stage, &report);
        let mut errors = child.stderr.take().unwrap();
        let reading = std::thread::spawn(move || errors.read_to_end(&mut Vec::new()).unwrap());
        let delay = Duration::from_micros(moments.below(150_000));
        // The moment itself, and no waiting for anything: whatever has happened by then must do.
        std::thread::sleep(delay);
        signal(&child, "INT");
        let status = child.wait().unwrap();
        reading.join().unwrap();
        if status.code().is_none() {
            assert_eq!(std::fs::read_to_string(&report).unwrap(), "old", "run {run}, after {delay:?}");
        } else {
            told(status, &report, 130, &format!("run {run}, after {delay:?}"));
        }
    }
}

#[test]
fn a_second_signal_ends_a_run_whose_reader_does_not_read() {
    let stage = Stage::purged(pair(200), &missing("fra"));
    let saved = stage.file("saved.json");
    let mut command = stage.command();
    command.args(["--format", "json", "--report"]).arg(format!("json={}", saved.display()));
    // Far more than a pipe holds, and nobody takes it out.
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    until("the report is saved", || saved.exists().then_some(()));
    // Two of a kind may be delivered as one.
    signal(&child, "TERM");
    signal(&child, "INT");
    let status = until("it ends", || child.try_wait().unwrap());
    assert!([Some(130), Some(143)].contains(&status.code()), "{status}");
    let report: Value = serde_json::from_slice(&std::fs::read(saved).unwrap()).unwrap();
    assert_eq!(report["run"]["complete"], true);
}
