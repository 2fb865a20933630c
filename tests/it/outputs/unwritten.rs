//! Reports that cannot be written: noticed before anything is sent where that can be, and never half there.

use std::fs;
use std::process::Command;

use purgeproof::lab::{Options, Planted};
use purgeproof::report;

use super::{file, into, valid};
use crate::support::responder::{Responder, answer};
use crate::support::stage::{Stage, missing, pair};
use crate::support::{purgeproof, run};

#[test]
fn every_format_at_once_is_whole_and_valid() {
    let options = Options { tenants: 5, ..Options::default() };
    let planted = Planted::demo(&options);
    let stage = Stage::purged(options, &planted);
    let mut command = stage.command();
    into(&mut command, stage.folder.path());
    let ran = run(command.args(["--within", "1s", "--format", "openmetrics"]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for format in report::ALL {
        valid::holds(format.id, &file(stage.folder.path(), format.id));
    }
    assert_eq!(ran.stdout, fs::read_to_string(file(stage.folder.path(), "openmetrics")).unwrap());
}

/// Nothing is asked where the paths alone show that a report will be lost.
#[test]
fn a_path_that_cannot_be_written_ends_it_before_anything_is_sent() {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let heard = std::sync::Arc::clone(&asked);
    let server = Responder::start(move |request| {
        heard.store(true, std::sync::atomic::Ordering::Relaxed);
        Some(answer(request, "200 OK", "etag: \"a\"\r\n", "a"))
    });
    let folder = tempfile::tempdir().unwrap();
    let address = server.address;
    let regions = format!(
        "schema = 1\n[origin]\nurl = 'http://{address}'\n[defaults]\nscheme = 'http'\n[regions.eu]\nedges = [{{ name = 'fra', address = '{address}' }}]\n"
    );
    fs::write(folder.path().join("regions.toml"), regions).unwrap();
    fs::write(folder.path().join("a-file"), "").unwrap();
    let run_with = |flags: &[&str], summary: Option<&str>| {
        let mut command = purgeproof();
        command.current_dir(folder.path()).args(["verify", "--url", "http://a.example/"]).args(flags);
        run(command.envs(summary.map(|summary| ("GITHUB_STEP_SUMMARY", summary))))
    };
    for path in ["missing/r.json", "/proc/r.json", ".", "a-file/r.json", "/proc/version"] {
        for flags in [["--report", &format!("json={path}")], ["--events", path]] {
            // The kernel lets root open that one for writing.
            if flags == ["--events", "/proc/version"] {
                continue;
            }
            let ran = run_with(&[&flags[..], &["--report", "junit=whole.xml"]].concat(), None);
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{flags:?}: {}", ran.stderr);
            assert!(ran.stderr.contains(flags[0]) && ran.stderr.contains(path), "{}", ran.stderr);
        }
    }
    let ran = run_with(&["--format", "github"], Some("missing/summary.md"));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("$GITHUB_STEP_SUMMARY missing/summary.md"), "{}", ran.stderr);
    assert!(!asked.load(std::sync::atomic::Ordering::Relaxed), "something was sent");
    let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a-file", "regions.toml"]);
}

/// A file that must not grow beyond 4 KiB is what a disk is that has no more.
#[test]
fn a_disk_that_is_full_loses_that_report_alone() {
    for (planted, code) in [(Planted::nothing(), 6), (missing("fra"), 1)] {
        let stage = Stage::purged(pair(12), &planted);
        let folder = stage.folder.path();
        fs::write(file(folder, "json"), "old").unwrap();
        let before = fs::read_dir(folder).unwrap().count();
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "-"]);
        let verify = stage.command();
        command.arg(verify.get_program()).args(verify.get_args()).env_remove("GITHUB_STEP_SUMMARY");
        for format in ["json", "table", "ndjson"] {
            command.arg("--report").arg(format!("{format}={}", file(folder, format).display()));
        }
        let ran = run(command.args(["--format", "json"]));
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert!(ran.stderr.contains("out.json: File too large"), "{}", ran.stderr);
        assert_eq!(fs::read_to_string(file(folder, "json")).unwrap(), "old", "what was there is kept");
        let table = fs::read_to_string(file(folder, "table")).unwrap();
        assert!(table.contains(&format!("exit code {}", i32::from(code == 1))), "{table}");
        assert!(serde_json::from_str::<serde_json::Value>(&ran.stdout).is_ok(), "{}", ran.stdout);
        // The two that fit, and nothing half written beside them; with findings ndjson does not fit either.
        let more = 1 + usize::from(code == 6);
        assert_eq!(fs::read_dir(folder).unwrap().count(), before + more);
    }
}
