use serde_json::{Value, json};

use super::*;

/// One object at two edges: `fra` serves what the origin serves, `kix` an old copy.
fn report() -> Value {
    let row = |edge: &str, verdict: &str, more: Value| {
        let mut row = json!({
            "id": "1", "verdict": verdict, "phase": null, "environment": "production", "region": "eu", "edge": edge,
            "address": "192.0.2.1:443", "tenant": "acme", "host": "a.example", "path": "/x", "variant": "gzip",
            "priority": "normal", "pop_expected": null, "pop_seen": "FRA", "provider_seen": "fastly", "attempts": 1,
            "cause": { "id": "", "summary": "", "why": "", "fix": "" }, "evidence": [],
            "reference": { "status": 200, "etag": "\"new\"", "cache_control": "max-age=60" },
            "observed": { "status": 200, "etag": "\"new\"", "headers": { "cache-control": "max-age=60" } },
            "layers": [], "timings_ms": { "total": 1.0 }, "reproduce": "curl -I https://a.example/x",
        });
        merge(&mut row, more);
        row
    };
    let stale = row(
        "kix",
        "stale",
        json!({
            "observed": { "status": 200, "etag": "\"old\"", "age_seconds": 90, "headers": {} },
            "evidence": [
                { "rung": "etag", "says": "different", "edge": "\"old\"", "reference": "\"new\"" },
                { "rung": "age", "says": "predates the purge by 1 min", "edge": "90 s" },
            ],
            "layers": [
                { "provider": "fastly", "status": "hit", "pop": "AMS", "history": true },
                { "provider": "fastly", "status": "hit", "pop": "KIX" },
                { "provider": "nginx", "status": "miss" },
            ],
            "cause": { "id": "edge-not-purged", "summary": "kix is old", "why": "Because.", "fix": "Purge." },
        }),
    );
    let fresh = row("fra", "fresh", json!({}));
    let counts = json!({
        "fresh": 1, "uncached": 0, "unpurged": 0, "stale": 1, "divergent": 0, "failing": 0, "unverifiable": 0,
        "unreachable": 0,
    });
    let reference = |variant: &str| {
        json!({
            "environment": "production", "tenant": "acme", "host": "a.example", "path": "/x", "variant": variant,
            "status": 200, "samples": 3, "consistent": true, "trouble": "", "url": "https://o.example/x",
            "reference": { "status": 200, "etag": "\"new\"", "cache_control": "max-age=60" },
        })
    };
    json!({
        "schema": "purgeproof.report/1", "tool": { "name": "purgeproof", "version": "0" },
        "run": {
            "id": "1", "started_at": "", "finished_at": "", "duration_ms": 1, "complete": true, "plan_hash": "",
            "insecure": false, "seed": 0,
        },
        "gate": {
            "outcome": "fail", "exit_code": 1, "reasons": [],
            "policy": { "fail_on": ["stale"], "min_coverage": 100.0, "allow_empty": false },
        },
        "summary": {
            "environments": 1, "regions": 1, "edges": 2, "tenants": 1, "objects": 1, "checks": 2, "answered": 2,
            "requests": 5, "connections": 3, "verdicts": counts, "findings_left_out": 0, "parity_percent": 50.0,
            "coverage_percent": 100.0,
        },
        "environments": [], "regions": [], "edges": [], "tenants": [], "origins": [],
        "findings": [stale.clone()], "rows": [fresh, stale], "asked": [reference("br"), reference("gzip")],
    })
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                match into.get_mut(&key) {
                    Some(known) if known.is_object() && key != "observed" => merge(known, value),
                    _ => drop(into.insert(key, value)),
                }
            }
        }
        (into, more) => *into = more,
    }
}

fn shown(report: Value, look: Look) -> String {
    String::from_utf8(render(&serde_json::from_value(report).unwrap(), look)).unwrap()
}

#[test]
fn what_differs_is_marked_and_nothing_else() {
    let text = shown(report(), Look::PLAIN);
    for told in [
        "  fra (eu)  192.0.2.1:443\n    gzip    fresh         POP FRA  no age\n        200  etag \"new\"\n",
        "    gzip  ! STALE         POP FRA  age 1 min 30 s  ! predates the purge by 1 min\n",
        "        200  ! etag \"old\"  ! no cache-control\n",
        "        fastly AMS hit (when filled) > ! fastly KIX hit > nginx miss\n",
    ] {
        assert!(text.contains(told), "{told}{text}");
    }
}

#[test]
fn references_that_say_the_same_are_told_once() {
    let text = shown(report(), Look::PLAIN);
    let told =
        "REFERENCE  https://o.example/x\n  [br, gzip]  200, asked 3 times, consistent\n    etag           \"new\"\n";
    assert!(text.contains(told), "{text}");
    let mut varied = report();
    merge(&mut varied["asked"][1], json!({ "consistent": false, "trouble": "its answers contradict each other" }));
    let text = shown(varied, Look::PLAIN);
    assert!(text.contains("  [gzip]  200, asked 3 times, ! NOT consistent\n    ! its answers contradict"), "{text}");
}

#[test]
fn the_cause_stands_with_its_places_evidence_and_fix() {
    let text = shown(report(), Look::PLAIN);
    let told = "STALE  edge-not-purged (1 check)\n  kix is old\n  at:   kix (eu) [gzip]\n  \
                seen: etag \"old\", origin has \"new\"; age 90 s: predates the purge by 1 min\n  \
                why:  Because.\n  fix:  Purge.\n\nEDGES  ";
    assert!(text.contains(told), "{text}");
    let (bad, good) = (text.find("\n  kix (eu)"), text.find("\n  fra (eu)"));
    assert!(bad.is_some() && bad < good, "what is wrong comes first\n{text}");
    assert!(text.contains("ASK AGAIN\n  # kix (eu) [gzip]: stale\n  curl -I"), "{text}");
}

/// So many edges in each of two regions; in `us` all are old, each for the cause that names it.
fn fleet(edges: usize) -> Value {
    let mut fleet = report();
    let (mut rows, mut findings, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (region, template) in [("eu", 0), ("us", 1)] {
        for nth in 0..edges {
            let name = format!("{region}{nth:03}");
            let mut row = fleet["rows"][template].clone();
            merge(&mut row, json!({ "region": region, "edge": name }));
            if template == 1 {
                merge(&mut row, json!({ "cause": { "summary": format!("edge {name} is old") } }));
                findings.push(row.clone());
            }
            rows.push(row);
            let counts = fleet["summary"]["verdicts"].clone();
            places.push(json!({
                "name": name, "environment": "production", "region": region, "verdicts": counts,
                "coverage_percent": 100.0, "provider": null, "pops_seen": [], "addresses": [], "connections": 1, "tls": [],
            }));
        }
    }
    merge(&mut fleet, json!({ "rows": rows, "findings": findings, "edges": places }));
    fleet
}

#[test]
fn of_a_large_fleet_a_cause_is_told_once_and_what_is_fresh_by_region() {
    let text = shown(fleet(150), Look { width: 100, ..Look::PLAIN });
    let told = "STALE  edge-not-purged (150 checks)\n  edge us000 is old\n  edge us001 is old\n  edge us002 is old\n  \
                ... and 147 more like these\n  at:   all 150 edges (us) [gzip]\n";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("... and 138 more edges with something wrong: --only edge=NAME"), "{text}");
    assert!(text.contains("\n  nothing is wrong at:\n    eu  150 fresh: 150 edges\n"), "{text}");
    assert!(text.lines().count() < 120, "{}", text.lines().count());
    let text = shown(fleet(8), Look::PLAIN);
    assert!((0..8).all(|nth| text.contains(&format!("\n  eu{nth:03} (eu)"))), "{text}");
}

#[test]
fn an_edge_that_did_not_answer_says_why() {
    let mut silent = report();
    let change = json!({
        "verdict": "unreachable", "observed": null, "layers": [], "pop_seen": null,
        "cause": { "summary": "connect 192.0.2.1:443: refused" },
    });
    merge(&mut silent["rows"][1], change);
    let text = shown(silent, Look::PLAIN);
    assert!(text.contains("    gzip  ! UNREACHABLE\n        connect 192.0.2.1:443: refused\n"), "{text}");
}

#[test]
fn whatever_an_edge_sends_no_line_is_too_long_and_no_terminal_is_steered() {
    let mut hostile = report();
    let word = "x\u{9b}31m\u{202e}".repeat(300);
    let change = json!({
        "pop_seen": word, "reproduce": format!("curl -H '{word}'"), "edge": word, "variant": word, "path": word,
        "observed": { "status": 200, "etag": word, "last_modified": word, "headers": { "cache-control": word } },
        "layers": [{ "provider": "fastly", "status": "hit", "pop": word }, { "provider": "x", "status": "hit" }],
        "cause": { "summary": word, "fix": word },
    });
    merge(&mut hostile["rows"][1], change.clone());
    merge(&mut hostile["findings"][0], change);
    merge(&mut hostile["asked"][1], json!({ "url": word, "reference": { "etag": word }, "trouble": word }));
    for width in [60, 80, 100, 140] {
        let text = shown(hostile.clone(), Look { color: false, width });
        let most = usize::from(width.max(80));
        assert_eq!(text.lines().find(|line| line.chars().count() > most), None);
        assert!(!text.contains(['\u{9b}', '\u{202e}']));
    }
}

#[test]
fn colour_changes_no_word() {
    let plain = shown(report(), Look::PLAIN);
    assert!(!plain.contains('\u{1b}'));
    let color = shown(report(), Look { color: true, ..Look::PLAIN });
    assert!(color.contains("\u{1b}["));
    let mut bare = String::new();
    for (nth, part) in color.split("\u{1b}[").enumerate() {
        bare.push_str(if nth == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(bare, plain);
}
