//! A system clock that is set while a run is under way. Debian's libfaketime sets it, for the program alone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::{Plain, write};
use crate::support::responder::{Responder, answer};
use crate::support::run;
use crate::support::stage::{Stage, missing, pair};

/// How far the system's clock is from the true one; replaced whole, since it is read at any moment.
fn set(folder: &Path, offset: &str) {
    write(folder, "offset.new", format!("{offset}\n"));
    std::fs::rename(folder.join("offset.new"), folder.join("offset")).unwrap();
}

/// The program under a clock that file sets; time that is measured runs on, as the kernel's does.
fn under(command: &mut Command, folder: &Path) {
    let libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(|machine| Path::new("/usr/lib").join(machine));
    let library = libraries.map(|folder: PathBuf| folder.join("faketime/libfaketime.so.1"));
    let library = library.iter().find(|library| library.exists());
    let library = library.unwrap_or_else(|| panic!("install from Debian: libfaketime (tests/run does)"));
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", folder.join("offset"));
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
}

#[test]
fn the_program_believes_the_clock_it_is_given() {
    let plain = Plain::start();
    set(plain.path(), "-3650d");
    let mut command = plain.verify();
    under(&mut command, plain.path());
    let report: Value = serde_json::from_str(&run(command.args(["--format", "json"])).stdout).unwrap();
    let started = report["run"]["started_at"].as_str().unwrap().to_owned();
    let true_one: Value = serde_json::from_str(&run(plain.verify().args(["--format", "json"])).stdout).unwrap();
    assert!(
        started.as_str() < true_one["run"]["started_at"].as_str().unwrap(),
        "{started}: or the other test shows nothing"
    );
    let (from, to): (jiff::Timestamp, jiff::Timestamp) =
        (started.parse().unwrap(), true_one["run"]["started_at"].as_str().unwrap().parse().unwrap());
    assert!(to.duration_since(from).as_hours() > 24 * 3_649, "{from} {to}");
}

/// The moment of the purge, ages, and how long the run took are all told by the clock.
#[test]
fn a_step_of_the_clock_during_the_run_changes_no_verdict() {
    let mut verdicts = Vec::new();
    for offset in [None, Some("+3650d"), Some("-3650d"), Some("+45m"), Some("-45m")] {
        let stage = Stage::purged(pair(12), &missing("fra"));
        let folder = stage.folder.path().to_owned();
        set(&folder, "+0");
        let asked = AtomicUsize::new(0);
        let (step, at) = (offset, folder.clone());
        // The first request sets the clock.
        let origin = Responder::start(move |request| {
            if asked.fetch_add(1, Ordering::SeqCst) == 0
                && let Some(step) = step
            {
                set(&at, step);
            }
            Some(answer(request, "404 Not Found", "", ""))
        });
        let regions = std::fs::read_to_string(stage.file("regions.toml")).unwrap();
        let second = format!(
            "schema = 1\nenvironment = 'plain'\n[origin]\nurl = 'http://{0}'\n[defaults]\nscheme = 'http'\n[regions.x]\nedges = [{{ name = 'x', address = '{0}' }}]\n",
            origin.address
        );
        write(&folder, "plain.toml", second);
        assert!(regions.contains("fra"));
        let mut command = stage.command();
        under(&mut command, &folder);
        let ran = run(command.arg("--regions").arg(folder.join("plain.toml")).args(["--format", "json"]));
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        assert_eq!(std::fs::read_to_string(folder.join("offset")).unwrap().trim(), offset.unwrap_or("+0"));
        let findings = report["findings"].as_array().unwrap().iter();
        let told: Vec<_> = findings.map(|finding| (finding["id"].clone(), finding["cause"]["id"].clone())).collect();
        verdicts.push((ran.code, report["summary"]["verdicts"].clone(), told));
        let started: jiff::Timestamp = report["run"]["started_at"].as_str().unwrap().parse().unwrap();
        let finished: jiff::Timestamp = report["run"]["finished_at"].as_str().unwrap().parse().unwrap();
        let took = finished.duration_since(started);
        assert!(took.is_positive() && took.as_mins() < 5, "{offset:?}: it took {took:?}");
    }
    assert_eq!((verdicts[0].0, &verdicts[0].1["stale"], &verdicts[0].1["unreachable"]), (1, &12.into(), &0.into()));
    for (nth, other) in verdicts.iter().enumerate().skip(1) {
        assert_eq!(*other, verdicts[0], "step {nth}");
    }
}
