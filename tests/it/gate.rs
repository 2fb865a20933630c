//! What the gate's flags make of one and the same finding.

use purgeproof::lab::{EdgePlan, Options, Planted, RegionPlan, Shields, Voice};
use serde_json::Value;

use crate::support::run;
use crate::support::stage::{Stage, missing, pair};

/// Each line of flags, and the code it must end with.
fn holds(stage: &Stage, cases: &[(&[&str], i32)]) {
    for (flags, code) in cases {
        let (report, ran) = stage.verify(flags);
        assert_eq!(ran.code, *code, "{flags:?}: {} {}", report["gate"], ran.stderr);
        let own = report["gate"]["exit_code"].as_i64();
        if flags.contains(&"--exit-zero") {
            assert_eq!(report["run"]["complete"], true);
        } else {
            assert_eq!(own, Some((*code).into()), "{flags:?}");
        }
    }
}

#[test]
fn failures_are_tolerated_as_far_as_was_asked() {
    let stage = Stage::purged(pair(2), &missing("fra"));
    let (report, _) = stage.verify(&[]);
    assert_eq!((&report["summary"]["verdicts"]["stale"], &report["summary"]["checks"]), (&2.into(), &4.into()));
    holds(
        &stage,
        &[
            (&[], 1),
            (&["--fail-on", "stale"], 1),
            (&["--fail-on", "divergent,failing"], 0),
            (&["--max-fail", "2"], 0),
            (&["--max-fail", "1"], 1),
            (&["--max-fail", "50%"], 0),
            (&["--max-fail", "49.9%"], 1),
            (&["--fail-on", "failing", "--min-parity", "50%"], 0),
            (&["--fail-on", "failing", "--min-parity", "50.1%"], 1),
            (&["--exit-zero"], 0),
        ],
    );
    assert_eq!(stage.verify(&["--exit-zero"]).0["gate"]["exit_code"], 1);
}

#[test]
fn an_old_copy_of_the_right_content_fails_only_where_asked() {
    let stage = Stage::quiet(pair(2)).then_purged(&missing("fra"));
    let (report, _) = stage.verify(&[]);
    assert_eq!(report["summary"]["verdicts"]["unpurged"], 2, "{}", report["summary"]);
    holds(&stage, &[(&[], 0), (&["--fail-on", "unpurged"], 1), (&["--min-parity", "100%"], 1)]);
}

#[test]
fn silence_is_inconclusive_unless_less_coverage_was_asked() {
    let mut stage = Stage::purged(pair(2), &Planted::nothing());
    stage.close("fra");
    let (report, _) = stage.verify(&[]);
    assert_eq!(report["summary"]["verdicts"]["unreachable"], 2, "{}", report["summary"]);
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["phase"] == "connect"), "{findings:?}");
    holds(
        &stage,
        &[
            (&[], 3),
            (&["--min-coverage", "50%"], 0),
            (&["--min-coverage", "50.1%"], 3),
            (&["--fail-on", "unreachable"], 1),
            (&["--exit-zero"], 0),
        ],
    );
    assert_eq!(stage.verify(&["--exit-zero"]).0["gate"]["exit_code"], 3);
}

#[test]
fn a_failure_outweighs_silence() {
    let mut stage = Stage::purged(pair(2), &missing("fra"));
    stage.close("ams");
    let (report, ran) = stage.verify(&[]);
    let codes: Vec<&Value> =
        report["gate"]["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]).collect();
    assert_eq!((ran.code, codes), (1, vec![&Value::from("verdicts"), &Value::from("coverage")]));
}

#[test]
fn an_origin_that_is_silent_accuses_nobody() {
    let mut stage = Stage::purged(pair(2), &missing("fra"));
    stage.close_origin();
    let (report, ran) = stage.verify(&[]);
    assert_eq!((ran.code, &report["summary"]["verdicts"]["unverifiable"]), (3, &4.into()));
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["cause"]["id"] == "origin-unreachable"));
}

#[test]
fn nothing_to_check_is_no_pass_unless_allowed() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    for (flags, code) in [(&["--only", "tenant=nobody"][..], 4), (&["--only", "edge=none", "--allow-empty"], 0)] {
        let (report, ran) = stage.verify(flags);
        assert_eq!((ran.code, &report["gate"]["outcome"]), (code, &Value::from("empty")), "{flags:?}");
        assert_eq!((&report["summary"]["checks"], &report["summary"]["requests"]), (&0.into(), &0.into()));
    }
    let dry = run(stage.command().args(["--dry-run", "--skip", "region=eu"]));
    assert_eq!(dry.code, 4, "{}", dry.stdout);
}

#[test]
fn enough_is_enough_where_failing_fast_was_asked() {
    let edges = vec![EdgePlan::new("FRA", Voice::Fastly)];
    let regions = vec![RegionPlan { key: "eu", title: "Europe", edges }];
    let options = Options { tenants: 50, regions, shields: Shields::None, ..Options::default() };
    let stage = Stage::purged(options, &missing("fra"));
    for (flags, at_least) in [(&["--max-fail", "0"][..], 1), (&["--max-fail", "3"], 4)] {
        let (report, ran) = stage.verify(&[&["--fail-fast", "--edge-concurrency", "1"], flags].concat());
        let verdicts = &report["summary"]["verdicts"];
        let (found, unasked) = (verdicts["stale"].as_u64().unwrap(), verdicts["unreachable"].as_u64().unwrap());
        assert!((at_least..50).contains(&found), "{verdicts}");
        assert_eq!((ran.code, found + unasked, &report["run"]["complete"]), (1, 50, &false.into()));
    }
}

#[test]
fn a_report_that_could_not_be_written_fails_what_had_passed_and_nothing_else() {
    let full = ["--report", "json=/dev/full"];
    let fine = Stage::purged(pair(1), &Planted::nothing());
    let stale = Stage::purged(pair(1), &missing("fra"));
    for (stage, flags, code) in
        [(&fine, &full[..], 6), (&stale, &full[..], 1), (&stale, &["--report", "json=/dev/full", "--exit-zero"], 6)]
    {
        let (report, ran) = stage.verify(flags);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert!(ran.stderr.contains("/dev/full"), "{}", ran.stderr);
        // What can be written is.
        assert_eq!(report["summary"]["checks"], 2);
    }
}

#[test]
fn what_was_fresh_when_first_asked_took_no_time_that_anybody_saw() {
    let stage = Stage { purged_at: None, ..Stage::purged(pair(2), &Planted::nothing()) };
    let table = stage.file("table.txt");
    let target = format!("table={}", table.display());
    let flags = ["--purged-at=-10m", "--within", "20m", "--service-level", "normal=5m", "--report", &target];
    let (report, ran) = stage.verify(&flags);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let convergence = &report["convergence"];
    assert_eq!((&convergence["at_first_look"], &convergence["unwatched"]), (&4.into(), &4.into()));
    let table = std::fs::read_to_string(table).unwrap();
    let said: Vec<&str> = table.lines().skip(1).take(2).map(str::trim).collect();
    let said = said.join(" ");
    assert!(said.starts_with("all fresh already when first asked, within 10 min"), "{table}");
    assert!(
        said.ends_with("of the purge; no service level seen missed, but 4 checks first asked after its own"),
        "{table}"
    );
}
