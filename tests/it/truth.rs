//! An old copy is never called fresh, and a new one never stale, whatever is spoken and whatever there is to compare by.

use std::fmt::Write as _;

use purgeproof::lab::{EdgePlan, Options, Planted, Purge, RegionPlan, Scope, Shields, Validators, Voice};
use purgeproof::model::stamp;
use serde_json::Value;

use crate::support::stage::Stage;

const MISSED: [&str; 7] = ["IAD", "EWR", "ATL", "FRA", "AMS", "WAW", "NRT"];
const PURGED: [&str; 7] = ["KIX", "ICN", "GRU", "SCL", "EZE", "LHR", "CDG"];

#[derive(Clone, Copy, PartialEq)]
enum Spoken {
    H2,
    Http1,
    Plain,
}

/// One edge of each voice that the purge misses, and one of each that it reaches.
fn stage(spoken: Spoken, validators: Validators) -> Stage {
    let region = |key, title, pops: [&'static str; 7]| {
        let edges = pops.into_iter().zip(Voice::ALL).map(|(pop, voice)| EdgePlan::new(pop, voice)).collect();
        RegionPlan { key, title, edges }
    };
    let stage = Stage::quiet(Options {
        tenants: 1,
        regions: vec![region("missed", "Missed", MISSED), region("purged", "Purged", PURGED)],
        shields: Shields::None,
        tls: spoken != Spoken::Plain,
        http1_only: spoken == Spoken::Http1,
        validators,
        ..Options::default()
    });
    stage.lab.deploy();
    let missed: Vec<_> = MISSED.iter().flat_map(|pop| stage.lab.caches(&pop.to_ascii_lowercase())).collect();
    assert_eq!(missed.len(), MISSED.len());
    let purged_at = stage.lab.with(|cdn, now| {
        cdn.purge(missed.into_iter().fold(Purge::new(Scope::Everything, now), Purge::lost_for));
        now
    });
    Stage { purged_at: Some(stamp(purged_at)), ..stage }
}

/// Shown to be old by its age or by its date; what has neither, by the same copy at an edge that has.
const fn expected(missed: bool) -> &'static str {
    if missed { "stale" } else { "fresh" }
}

fn verdict(report: &Value, edge: &str) -> String {
    let row = report["edges"].as_array().unwrap().iter().find(|row| row["name"] == edge).unwrap();
    let counts = row["verdicts"].as_object().unwrap();
    let seen: Vec<&String> = counts.iter().filter(|(_, count)| **count == 1).map(|(verdict, _)| verdict).collect();
    assert_eq!(seen.len(), 1, "{row}");
    seen[0].clone()
}

fn holds(spoken: Spoken) {
    let mut wrong = String::new();
    for validators in [Validators::EtagOnly, Validators::LastModifiedOnly, Validators::Both, Validators::Neither] {
        let stage = stage(spoken, validators);
        for method in ["head", "get"] {
            let flag = match spoken {
                Spoken::H2 => "--http2",
                Spoken::Http1 | Spoken::Plain => "--http1.1",
            };
            let (report, ran) = stage.verify(&["--method", method, flag]);
            for (missed, pops) in [(true, MISSED), (false, PURGED)] {
                for (pop, voice) in pops.into_iter().zip(Voice::ALL) {
                    let (expected, seen) = (expected(missed), verdict(&report, &pop.to_ascii_lowercase()));
                    if expected != seen {
                        let _ = writeln!(wrong, "{method} {validators:?} {voice:?}: {seen} instead of {expected}");
                    }
                }
            }
            assert_eq!(ran.code, 1, "{}", ran.stderr);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn over_http_2() {
    holds(Spoken::H2);
}

#[test]
fn over_http_1() {
    holds(Spoken::Http1);
}

#[test]
fn without_tls() {
    holds(Spoken::Plain);
}

#[test]
fn a_copy_without_age_or_date_that_nobody_shows_to_be_old_is_divergent() {
    for voice in Voice::ALL {
        let edges = vec![EdgePlan::new("IAD", voice)];
        let stage = Stage::purged(
            Options {
                tenants: 1,
                regions: vec![RegionPlan { key: "us", title: "US", edges }],
                shields: Shields::None,
                tls: false,
                validators: Validators::EtagOnly,
                ..Options::default()
            },
            &Planted { missed_edge: Some("iad".to_owned()), ..Planted::nothing() },
        );
        let (report, _) = stage.verify(&[]);
        assert_eq!(verdict(&report, "iad"), if voice.sends_age() { "stale" } else { "divergent" }, "{voice:?}");
    }
}

#[test]
fn nothing_to_compare_by_is_neither_fresh_nor_stale() {
    let stage = stage(Spoken::Plain, Validators::Neither);
    for method in ["head", "get"] {
        let (report, ran) = stage.verify(&["--body", "never", "--method", method]);
        assert_eq!(report["summary"]["verdicts"]["unverifiable"], 14, "{method}: {}", report["summary"]);
        let findings = report["findings"].as_array().unwrap();
        assert!(findings.iter().all(|finding| finding["cause"]["id"] == "nothing-to-compare"));
        assert_eq!((ran.code, &report["gate"]["outcome"]), (3, &Value::from("inconclusive")));
    }
}

#[test]
fn a_body_too_large_to_compare_is_neither_fresh_nor_stale() {
    let stage = stage(Spoken::Plain, Validators::Neither);
    let (report, ran) = stage.verify(&["--max-body", "100"]);
    assert_eq!(report["summary"]["verdicts"]["unverifiable"], 14, "{}", report["summary"]);
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["cause"]["id"] == "body-unavailable"));
    assert_eq!(ran.code, 3);
}

#[test]
fn a_purge_that_changes_nothing_makes_nothing_stale() {
    let stage = Stage::quiet(Options { tenants: 2, ..Options::default() }).then_purged(&Planted::nothing());
    let (report, ran) = stage.verify(&[]);
    assert_eq!((&report["summary"]["verdicts"]["fresh"], ran.code), (&Value::from(24), 0));
}
