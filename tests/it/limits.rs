//! Runs that end before they are done: a deadline, a signal, a reader or a file that is gone.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use purgeproof::lab::{Fault, Planted};
use serde_json::Value;

use crate::support::responder::Responder;
use crate::support::stage::{Stage, pair};
use crate::support::{purgeproof, run};

/// `verify` on an edge and an origin that never answer, reporting to a file.
fn waiting(server: &Responder, report: &Path) -> Command {
    let folder = report.parent().unwrap();
    let address = server.address;
    let regions = format!(
        "schema = 1\n[origin]\nurl = \"http://{address}\"\n[defaults]\nscheme = \"http\"\n[regions.eu]\nedges = [{{ name = \"fra\", address = \"{address}\" }}]\n"
    );
    std::fs::write(folder.join("regions.toml"), regions).unwrap();
    let tenants =
        "schema: 1\ndefaults: { paths: [/] }\ntenants: [{ id: a, host: a.example }, { id: b, host: b.example }]\n";
    std::fs::write(folder.join("tenants.yaml"), tenants).unwrap();
    let mut command = purgeproof();
    command.current_dir(folder).args(["verify", "--tenants", "tenants.yaml", "--timeout", "10m", "--format", "json"]);
    command.arg("--report").arg(format!("json={}", report.display()));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -s {name} {}", child.id())]).status().unwrap();
    assert!(sent.success());
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_deadline_ends_the_run_and_names_every_edge_concerned() {
    let stage = Stage::purged(pair(3), &Planted::nothing());
    for edge in ["ams", "fra"] {
        assert!(stage.lab.fault(edge, Some(Fault::Stalled)));
    }
    let (report, ran) = stage.verify(&["--deadline", "300ms", "--timeout", "10m"]);
    assert_eq!((ran.code, &report["run"]["complete"]), (3, &false.into()));
    assert_eq!(report["summary"]["verdicts"]["unreachable"], 6);
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["phase"] == "deadline"), "{findings:?}");
    for edge in ["ams", "fra"] {
        assert!(findings.iter().any(|finding| finding["edge"] == edge), "{edge}");
    }
    let reasons = report["gate"]["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|reason| reason["code"] == "deadline"), "{reasons:?}");
}

#[test]
fn however_few_findings_are_kept_every_edge_concerned_is_named() {
    let stage = Stage::purged(pair(3), &Planted::nothing());
    for edge in ["ams", "fra"] {
        assert!(stage.lab.fault(edge, Some(Fault::Stalled)));
    }
    let (report, _) = stage.verify(&["--deadline", "300ms", "--timeout", "10m", "--max-findings", "1"]);
    let findings = report["findings"].as_array().unwrap();
    let edges: Vec<&str> = findings.iter().filter_map(|finding| finding["edge"].as_str()).collect();
    assert_eq!(edges, ["ams", "fra"]);
    let left_out = report["summary"]["findings_left_out"].as_u64().unwrap();
    assert_eq!(left_out + findings.len() as u64, 6);
}

#[test]
fn an_edge_that_never_answers_is_unreachable_by_its_timeout() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    assert!(stage.lab.fault("fra", Some(Fault::Stalled)));
    let (report, ran) = stage.verify(&["--timeout", "200ms", "--retry", "0"]);
    let finding = &report["findings"][0];
    assert_eq!((ran.code, &finding["edge"], &finding["phase"]), (3, &"fra".into(), &"timeout".into()));
    let summary = finding["cause"]["summary"].as_str().unwrap();
    let address = stage.lab.edges()[1].address.to_string();
    assert!(summary.starts_with("timeout") && summary.contains(&address), "{summary}");
    assert_eq!(report["run"]["complete"], true);
}

#[test]
fn a_signal_ends_the_run_with_a_whole_report() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 143)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let server = Responder::start(|_| None);
        let child = waiting(&server, &path).spawn().unwrap();
        server.wait_until_asked();
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(read(&path), printed);
        assert_eq!((&printed["run"]["complete"], &printed["gate"]["exit_code"]), (&false.into(), &code.into()));
        assert_eq!(
            (&printed["summary"]["checks"], &printed["summary"]["verdicts"]["unreachable"]),
            (&2.into(), &2.into())
        );
    }
}

#[test]
fn a_run_that_is_killed_leaves_the_old_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    std::fs::write(&path, "old").unwrap();
    let server = Responder::start(|_| None);
    let mut child = waiting(&server, &path).spawn().unwrap();
    server.wait_until_asked();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
}

#[test]
fn a_run_that_never_began_leaves_the_old_report() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    let path = stage.file("report.json");
    std::fs::write(&path, "old").unwrap();
    let target = format!("json={}", path.display());
    let ran = run(stage.command().args(["--report", &target, "--report", "json=/nowhere/at/all.json"]));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
    let left: Vec<_> =
        std::fs::read_dir(stage.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn a_new_report_takes_the_place_of_the_old_one() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    let path = stage.file("report.json");
    std::fs::write(&path, "old").unwrap();
    let (report, ran) = stage.verify(&["--report", &format!("json={}", path.display())]);
    assert_eq!((ran.code, read(&path)), (0, report));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let stage = Stage::purged(pair(200), &Planted { missed_edge: Some("fra".to_owned()), ..Planted::nothing() });
    let mut command = stage.command();
    let mut child = command.args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    // Far more follows than a pipe holds.
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((first.as_str(), output.status.code()), ("{\n", Some(1)));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn what_is_piped_is_plain_and_fits_eighty_columns() {
    for variables in [&[][..], &[("NO_COLOR", "1")], &[("COLUMNS", "200"), ("TERM", "xterm-256color")]] {
        let ran = run(purgeproof().arg("demo").envs(variables.iter().copied()));
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
        let widest = ran.stdout.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.chars().count() <= 80, "{widest}");
    }
    assert!(run(purgeproof().args(["demo", "--color", "always"])).stdout.contains('\u{1b}'));
}

#[test]
fn only_data_goes_to_standard_output() {
    let stage = Stage::purged(pair(2), &Planted::nothing());
    let (_, loud) = stage.verify(&["--verbose"]);
    let (_, plain) = stage.verify(&[]);
    let (_, quiet) = stage.verify(&["--quiet"]);
    assert!(loud.stderr.contains("2 tenants") && loud.stderr.contains("fra"), "{}", loud.stderr);
    assert_eq!((plain.stderr.as_str(), quiet.stderr.as_str()), ("", ""));
}
