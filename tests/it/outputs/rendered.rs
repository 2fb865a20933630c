//! A saved report says the same as the run that saved it, and is decided again only where that is asked.

use std::fs;
use std::path::Path;

use purgeproof::lab::{Options, Planted};
use purgeproof::report;

use super::{file, into};
use crate::support::stage::{Stage, missing, pair};
use crate::support::{Ran, purgeproof, run};

fn render(saved: &Path, flags: &[&str]) -> Ran {
    run(purgeproof().arg("render").arg(saved).args(flags))
}

#[test]
fn a_saved_report_renders_byte_for_byte_as_its_run() {
    let options = Options { tenants: 5, ..Options::default() };
    let demo = Planted::demo(&options);
    for stage in [Stage::purged(options, &demo), Stage::purged(pair(3), &Planted::nothing())] {
        let folder = stage.folder.path();
        // An earlier run passed.
        fs::write(file(folder, "openmetrics"), "purgeproof_last_pass_timestamp_seconds 60.5\n# EOF\n").unwrap();
        let mut command = stage.command();
        into(&mut command, folder);
        let (before, after) = (folder.join("before.md"), folder.join("after.md"));
        let ran = run(command.args(["--within", "1s"]).env("GITHUB_STEP_SUMMARY", &before));
        assert!(ran.code <= 1, "{}", ran.stderr);
        let again = tempfile::tempdir().unwrap();
        let mut command = purgeproof();
        into(command.arg("render").arg(file(folder, "json")), again.path());
        let rendered = run(command.env("GITHUB_STEP_SUMMARY", &after));
        assert_eq!((rendered.code, &rendered.stdout), (0, &ran.stdout), "{}", rendered.stderr);
        for format in report::ALL {
            let of = |folder: &Path| fs::read_to_string(file(folder, format.id)).unwrap();
            assert!(of(folder) == of(again.path()), "{} is another:\n{}", format.id, of(again.path()));
            let printed = render(&file(folder, "json"), &["--format", format.id]).stdout;
            assert!(printed == of(folder), "{} is printed otherwise", format.id);
        }
        assert_eq!(fs::read_to_string(before).unwrap(), fs::read_to_string(after).unwrap());
    }
}

#[test]
fn a_summary_is_appended_to() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    let summary = stage.file("summary.md");
    fs::write(&summary, "# Deploy\n").unwrap();
    let (markdown, github) = (stage.file("r.md"), stage.file("r.txt"));
    let mut command = stage.command();
    command.arg("--report").arg(format!("github={}", github.display()));
    command.arg("--report").arg(format!("markdown={}", markdown.display()));
    assert_eq!(run(command.env("GITHUB_STEP_SUMMARY", &summary)).code, 0);
    let expected = format!("# Deploy\n{}", fs::read_to_string(markdown).unwrap());
    assert_eq!(fs::read_to_string(summary).unwrap(), expected);
}

#[test]
fn the_last_pass_is_kept_until_another_run_passes() {
    let last = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().find_map(|line| line.strip_prefix("purgeproof_last_pass_timestamp_seconds ").map(str::to_owned))
    };
    let stale = Stage::purged(pair(1), &missing("fra"));
    let path = stale.file("p.prom");
    let target = format!("openmetrics={}", path.display());
    stale.verify(&["--report", &target]);
    assert_eq!(last(&path), None, "it never passed");
    fs::write(&path, "purgeproof_last_pass_timestamp_seconds 60.5\n# EOF\n").unwrap();
    stale.verify(&["--report", &target]);
    assert_eq!(last(&path).as_deref(), Some("60.5"));
    let fine = Stage::purged(pair(1), &Planted::nothing());
    let (report, _) = fine.verify(&["--report", &target]);
    let passed = last(&path).unwrap();
    assert_ne!(passed, "60.5");
    // Decided again and failed, that run is no pass.
    let saved = fine.file("saved.json");
    fs::write(&saved, report.to_string()).unwrap();
    let other = fine.file("other.prom");
    let target = format!("openmetrics={}", other.display());
    render(&saved, &["--report", &target]);
    assert_eq!(last(&other), Some(passed));
    fs::remove_file(&other).unwrap();
    render(&saved, &["--report", &target, "--fail-on", "fresh"]);
    assert_eq!(last(&other), None);
}

#[test]
fn a_saved_report_is_decided_again_by_another_policy() {
    let mut stage = Stage::purged(pair(2), &missing("fra"));
    stage.close("ams");
    let saved = stage.file("saved.json");
    stage.verify(&["--report", &format!("json={}", saved.display())]);
    for (flags, outcome, code) in [
        (&[][..], "FAIL", 0),
        (&["--gate"], "FAIL", 1),
        (&["--gate", "--exit-zero"], "FAIL", 0),
        (&["--gate", "--max-fail", "2"], "INCONCLUSIVE", 3),
        (&["--gate", "--fail-on", "divergent"], "INCONCLUSIVE", 3),
        (&["--gate", "--max-fail", "100%", "--min-coverage", "50%"], "PASS", 0),
        (&["--gate", "--max-fail", "2", "--min-coverage", "0%", "--min-parity", "1%"], "FAIL", 1),
        (&["--max-fail", "2"], "INCONCLUSIVE", 0),
        (&["--gate", "--fail-on", "unreachable"], "FAIL", 1),
    ] {
        let ran = render(&saved, flags);
        assert_eq!(ran.code, code, "{flags:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.starts_with(outcome), "{flags:?}: {}", ran.stdout);
    }
}

#[test]
fn what_is_no_report_is_said_so_and_nothing_is_written() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    let (report, _) = stage.verify(&[]);
    let whole = report.to_string();
    let (regions, missing) = (fs::read_to_string(stage.file("regions.toml")).unwrap(), stage.file("missing.json"));
    let nested = "[".repeat(100_000);
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let nested_within = whole.replacen("\"tool\":", &format!("\"more\":{deep},\"tool\":{deep},\"tools\":"), 1);
    for (text, says) in [
        (&whole[..whole.len() / 2], "is no JSON report (EOF"),
        (&*whole.replace("purgeproof.report/1", "purgeproof.report/2"), "has the schema \"purgeproof.report/2\""),
        ("{\"schema\": \"purgeproof.edges/1\", \"edges\": []}", "has the schema \"purgeproof.edges/1\""),
        ("not JSON", "is no JSON report"),
        ("", "is no JSON report (EOF"),
        ("null", "is no JSON report"),
        ("[]", "is no"),
        (&*regions, "is no JSON report"),
        (&*nested, "is no JSON report"),
        (&*nested_within, "is not a whole report"),
        (&*whole.replace("\"summary\"", "\"sum\""), "is not a whole report (missing field `summary`"),
        (&*whole.replace("\"exit_code\":0", "\"exit_code\":-1"), "is not a whole report"),
    ] {
        let saved = stage.file("saved.json");
        fs::write(&saved, text).unwrap();
        let out = stage.file("out.xml");
        let ran = render(&saved, &["--report", &format!("junit={}", out.display())]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        let expected = format!("error: {}: {says}", saved.display());
        assert!(ran.stderr.starts_with(&expected), "{} instead of {expected}", ran.stderr);
        assert!(ran.stderr.lines().count() == 1 && !out.exists(), "{}", ran.stderr);
    }
    for unreadable in [missing.as_path(), stage.folder.path()] {
        let ran = render(unreadable, &[]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("name a report saved with --report json=PATH"), "{}", ran.stderr);
    }
}
