//! Whole runs on a modelled CDN with time paused: hours pass in no time, and the truth is known.

mod world;

use std::time::Duration;

use purgeproof::model::Verdict;
use world::{Asked, Pop, run};

fn pop(region: &'static str, round_trip_ms: u64, purged_after_ms: Option<u64>) -> Pop {
    Pop {
        region,
        round_trip: Duration::from_millis(round_trip_ms),
        purged_after: purged_after_ms.map(Duration::from_millis),
        dark: false,
        dial: 0,
    }
}

#[test]
fn the_time_to_fresh_of_each_edge_is_the_planted_one_to_one_interval() {
    let planted = [200, 900, 2_500, 7_000, 20_000];
    let pops = planted.iter().map(|after| pop("eu", 40, Some(*after))).chain([pop("us", 40, None)]).collect();
    let asked = Asked::default();
    let outcome = run(pops, &asked);
    let interval = 500 + 40;
    for (edge, after) in outcome.report.edges.iter().zip(planted) {
        let converged = edge.convergence.as_ref().unwrap();
        for ms in [converged.fresh_ms.p50, converged.fresh_ms.last] {
            let ms = ms.unwrap();
            assert!(ms >= after && ms <= after + interval, "{}: planted {after}, measured {ms}", edge.name);
        }
        assert_eq!(converged.unsettled, 0);
    }
    let lost = outcome.report.edges.last().unwrap().convergence.as_ref().unwrap();
    assert_eq!((lost.unsettled, lost.fresh_ms.last), (4, None));
    assert_eq!(outcome.report.summary.verdicts.stale, 4);
    assert_eq!(outcome.report.summary.verdicts.fresh, 20);
    assert_eq!(outcome.report.convergence.as_ref().unwrap().unsettled, 4);
}

#[test]
fn percentiles_are_those_of_the_plan() {
    let planted: Vec<u64> = (1..=100).map(|nth| nth * 100).collect();
    let pops = planted.iter().map(|after| pop("eu", 10, Some(*after))).collect();
    let outcome = run(pops, &Asked { tenants: 1, ..Asked::default() });
    let fresh = outcome.report.convergence.unwrap().fresh_ms;
    for (measured, planted) in [(fresh.p50, 5_000), (fresh.p95, 9_500), (fresh.p99, 9_900), (fresh.last, 10_000)] {
        let measured = measured.unwrap();
        assert!(measured >= planted && measured <= planted + 510, "planted {planted}, measured {measured}");
    }
}

#[test]
fn the_run_ends_when_everything_is_settled() {
    let pops = vec![pop("eu", 20, Some(300)), pop("us", 200, Some(1_000))];
    let outcome = run(pops, &Asked { within: Duration::from_secs(600), ..Asked::default() });
    assert_eq!(outcome.report.summary.verdicts.fresh, 8);
    assert!(outcome.took < Duration::from_secs(3), "{:?}", outcome.took);
}

#[test]
fn the_run_ends_at_its_time_with_what_never_converged() {
    let outcome = run(vec![pop("eu", 20, None)], &Asked { within: Duration::from_secs(5), ..Asked::default() });
    assert_eq!(outcome.report.summary.verdicts.stale, 4);
    assert!(outcome.took < Duration::from_secs(6), "{:?}", outcome.took);
    assert_eq!(outcome.report.gate.exit_code, 1);
}

#[test]
fn a_dark_edge_delays_nobody_else() {
    let dark = Pop { dark: true, ..pop("us", 20, None) };
    let outcome =
        run(vec![pop("eu", 20, Some(500)), dark], &Asked { within: Duration::from_secs(10), ..Asked::default() });
    let counts = outcome.report.summary.verdicts;
    assert_eq!((counts.fresh, counts.unreachable), (4, 4));
    assert_eq!(outcome.report.edges[0].convergence.as_ref().unwrap().unsettled, 0);
    assert!(outcome.took < Duration::from_secs(40), "{:?}", outcome.took);
}

#[test]
fn lateness_is_told_by_priority() {
    // Critical must be fresh after 1 s, high after 10 s; both are seen stale at 5 s, and the one is late.
    let outcome = run(vec![pop("eu", 20, Some(5_000))], &Asked::default());
    assert_eq!(outcome.report.summary.late, 1);
    assert_eq!(outcome.report.summary.verdicts.fresh, 4);
    assert_eq!(outcome.report.gate.exit_code, 0);
    assert_eq!(outcome.report.gate.reasons[0].code, "late");
}

#[test]
fn random_fleets_get_no_wrong_verdict_and_no_request_beyond_a_limit() {
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for seed in 0..200 {
        let pops: Vec<Pop> = (0..=next(5))
            .map(|_| {
                let after = (next(6) > 0).then(|| next(4_000));
                pop(["eu", "us", "ap"][usize::try_from(next(3)).unwrap()], 5 + next(250), after)
            })
            .collect();
        let asked = Asked {
            tenants: 1 + usize::try_from(next(12)).unwrap(),
            within: Duration::from_secs(8),
            seed,
            rate: (next(2) == 0).then_some(200),
            concurrency: 1 + usize::try_from(next(8)).unwrap(),
            ..Asked::default()
        };
        let lost = pops.iter().filter(|pop| pop.purged_after.is_none()).count() as u64;
        let (edges, tenants) = (pops.len() as u64, asked.tenants as u64);
        let outcome = run(pops, &asked);
        let counts = outcome.report.summary.verdicts;
        assert_eq!(counts.of(Verdict::Stale), lost * tenants, "seed {seed}");
        assert_eq!(counts.of(Verdict::Fresh), (edges - lost) * tenants, "seed {seed}");
        assert!(outcome.most_under_way <= asked.concurrency as u64, "seed {seed}: {}", outcome.most_under_way);
    }
}

/// One object looked at closely; a connection takes two round trips, TCP and TLS 1.3.
fn closely(round_trips_ms: &[u64], purged: bool) -> world::Outcome {
    let purged = purged.then_some(0);
    let pops = round_trips_ms.iter().map(|ms| Pop { dial: 2, ..pop("eu", *ms, purged) }).collect();
    let origin = Duration::from_millis(100);
    run(pops, &Asked { tenants: 1, origin, origin_dial: 2, closely: true, ..Asked::default() })
}

#[test]
fn one_object_on_a_fresh_fleet_takes_one_round_trip_more_than_the_slowest_edge_alone() {
    let outcome = closely(&[20, 60, 100], true);
    assert_eq!(outcome.report.summary.verdicts.fresh, 9);
    assert!(outcome.report.asked.iter().all(|row| row.asked.samples >= 3), "start and end");
    // Alone: TCP, TLS, request.
    assert_eq!(outcome.took.as_millis(), 3 * 100 + 100);
    // Where edges are further away than the origin, even that one is saved: it was asked while they were dialled.
    assert_eq!(closely(&[20, 400], true).took.as_millis(), 3 * 400);
}

#[test]
fn one_object_that_is_stale_takes_the_bodies_and_a_second_look_more() {
    let outcome = closely(&[20, 100], false);
    assert_eq!(outcome.report.summary.verdicts.stale, 6);
    // The origin's three round trips, the edge's head, both bodies, and a connection of its own with the body again;
    // then the other scheme: a connection and its head and body.
    assert_eq!(outcome.took.as_millis(), (3 + 1 + 1 + 3 + 4) * 100);
}
