//! Whole runs on a modelled CDN with time paused: hours pass in no time, and the truth is known.

mod world;

use std::time::Duration;

use purgeproof::lab::Voice;
use purgeproof::model::Verdict;
use world::{Asked, Mood, Outcome, Pop, run};

fn pop(region: &'static str, round_trip_ms: u64, purged_after_ms: Option<u64>) -> Pop {
    Pop {
        region,
        round_trip: Duration::from_millis(round_trip_ms),
        purged_after: purged_after_ms.map(Duration::from_millis),
        others: Vec::new(),
        mood: Mood::Answers,
        voice: Voice::Varnish,
        dial: 0,
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap()
}

/// When an edge's last check was seen fresh.
fn last_ms(outcome: &Outcome, edge: usize) -> u64 {
    outcome.report.edges[edge].convergence.as_ref().unwrap().fresh_ms.last.unwrap()
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
fn a_body_that_was_seen_to_be_old_is_not_asked_for_again_while_its_tag_stays() {
    let outcome = run(vec![pop("eu", 20, Some(10_000))], &Asked { tenants: 1, ..Asked::default() });
    assert_eq!(outcome.report.summary.verdicts.fresh, 1);
    assert!(outcome.report.summary.requests > 20, "{}", outcome.report.summary.requests);
    assert_eq!(outcome.bodies_of_edges, 1);
}

#[test]
fn what_was_asked_when_the_deadline_came_is_not_told_as_not_asked() {
    let deadline = Some(Duration::from_secs(2));
    let mute = Pop { mood: Mood::Mute, ..pop("eu", 20, None) };
    let outcome = run(vec![mute], &Asked { deadline, closely: true, tenants: 1, ..Asked::default() });
    let finding = &outcome.report.findings[0];
    assert_eq!((finding.attempts, finding.address.as_deref()), (1, Some("10.0.0.0:443")));
    assert!(finding.cause.summary.contains("begun, and no answer yet"), "{}", finding.cause.summary);
    // Seen to be old, and being looked at a last time.
    let asked = Asked { deadline: Some(Duration::from_secs(4)), tenants: 1, ..Asked::default() };
    let far = run(vec![pop("eu", 600, None)], &asked);
    let finding = &far.report.findings[0];
    assert!(finding.cause.summary.contains("last seen stale"), "{}", finding.cause.summary);
    assert!(finding.attempts >= 1, "{finding:?}");
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
    let dark = Pop { mood: Mood::Dark, ..pop("us", 20, None) };
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
fn between_the_bounds_of_each_edge_lies_the_planted_time() {
    let planted = [200, 900, 2_500, 7_000, 20_000];
    let pops = planted.iter().map(|after| pop("eu", 40, Some(*after))).collect();
    let outcome = run(pops, &Asked { tenants: 1, ..Asked::default() });
    for (edge, after) in outcome.report.edges.iter().zip(planted) {
        let converged = edge.convergence.as_ref().unwrap();
        let (low, high) = (converged.not_fresh_ms.unwrap(), converged.fresh_ms.last.unwrap());
        assert!(low <= after + 20 && after <= high, "{low} to {high}, planted {after}");
        assert!(high - low <= 500 + 4 * 40, "{low} to {high}");
    }
}

#[test]
fn lateness_is_kept_by_region_provider_tenant_and_edge() {
    let outcome = run(vec![pop("eu", 20, Some(5_000)), pop("us", 20, Some(100))], &Asked::default());
    let report = outcome.report;
    let late = |row: &Option<purgeproof::model::Converged>| row.as_ref().unwrap().late;
    assert_eq!(report.regions.iter().map(|row| late(&row.convergence)).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(report.edges.iter().map(|row| late(&row.convergence)).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(report.tenants.iter().map(|row| late(&row.convergence)).collect::<Vec<_>>(), [1, 0, 0, 0]);
    let by = &report.convergence.unwrap().by;
    assert_eq!(
        (by["provider"]["varnish"].late, by["priority"]["critical"].late, by["priority"]["high"].late),
        (1, 1, 0)
    );
    assert_eq!(
        report.gate.policy.service_levels_ms.into_values().collect::<Vec<_>>(),
        [1_000, 10_000, 60_000, 300_000]
    );
}

#[test]
fn an_edge_that_falls_back_has_inconsistent_servers() {
    // What was fresh is asked again of the other server, which the purge never reached.
    let torn = Pop { others: vec![None], ..pop("eu", 20, Some(0)) };
    let whole = Pop { others: vec![Some(Duration::ZERO)], ..pop("us", 20, Some(0)) };
    let asked = Asked { tenants: 40, within: Duration::from_secs(3), ..Asked::default() };
    let report = run(vec![torn, whole], &asked).report;
    let fell = report.edges[0].verdicts.of(Verdict::Stale);
    assert!(fell >= 1, "{:?}", report.edges[0].verdicts);
    assert_eq!(report.edges[1].verdicts.of(Verdict::Fresh), 40);
    let causes: Vec<&str> = report.findings.iter().map(|finding| &*finding.cause.id).collect();
    assert!(causes.contains(&"inconsistent-servers-in-pop"), "{causes:?}");
    assert_eq!(report.convergence.unwrap().unsettled, fell);
}

#[test]
fn two_black_holes_and_one_that_throttles_cost_seconds_and_the_rest_is_judged() {
    let mood = |mood| Pop { mood, ..pop("us", 20, None) };
    let pops = vec![pop("eu", 20, Some(500)), mood(Mood::Dark), mood(Mood::Mute), mood(Mood::Throttled)];
    let asked = Asked { tenants: 300, within: Duration::from_secs(5), rate: Some(500), ..Asked::default() };
    let Outcome { report, took, .. } = run(pops, &asked);
    let counts = |edge: usize| report.edges[edge].verdicts;
    assert_eq!(counts(0).of(Verdict::Fresh), 300);
    assert_eq!((counts(1).of(Verdict::Unreachable), counts(2).of(Verdict::Unreachable)), (300, 300));
    assert_eq!(counts(3).of(Verdict::Fresh) + counts(3).of(Verdict::Unreachable), 0, "{:?}", counts(3));
    let named: std::collections::BTreeSet<_> = report.findings.iter().map(|finding| &*finding.edge).collect();
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["e001", "e002", "e003"]);
    assert!(report.run.complete && took < Duration::from_secs(25), "{took:?}");
}

#[test]
fn an_edge_that_never_answers_costs_seconds_without_waiting_too() {
    let asked = Asked { tenants: 800, within: Duration::from_millis(1), ..Asked::default() };
    let Outcome { report, took, .. } = run(vec![Pop { mood: Mood::Mute, ..pop("us", 20, None) }], &asked);
    assert_eq!(report.summary.verdicts.unreachable, 800);
    assert!(took < Duration::from_secs(25), "{took:?}");
}

#[test]
fn dark_edges_do_not_hold_what_others_may_send() {
    let dark = (0..20).map(|_| Pop { mood: Mood::Dark, ..pop("us", 20, None) });
    let pops = std::iter::once(pop("eu", 20, Some(300))).chain(dark).collect();
    let asked = Asked { tenants: 200, within: Duration::from_secs(20), max_concurrency: 256, ..Asked::default() };
    let outcome = run(pops, &asked);
    let last = last_ms(&outcome, 0);
    assert!(last <= 300 + 500 + 200, "{last}");
}

#[test]
fn a_huge_tenant_keeps_no_other_waiting() {
    let asked = Asked { rate: Some(200), paths_of_the_first: 2_000, ..Asked::default() };
    let report = run(vec![pop("eu", 20, Some(300))], &asked).report;
    for tenant in &report.tenants[1..] {
        let last = tenant.convergence.as_ref().unwrap().fresh_ms.last.unwrap();
        assert!(last <= 300 + 500 + 500, "{}: {last}", tenant.id);
    }
    assert_eq!(report.summary.verdicts.fresh, 2_003);
}

#[test]
fn random_fleets_get_no_wrong_verdict_no_starved_lane_and_no_request_beyond_a_limit() {
    let fleets = std::env::var("FLEETS").map_or(200, |fleets| fleets.parse().unwrap());
    (0..fleets).for_each(random_fleet);
}

/// The same for the same seed.
fn random_fleet(seed: u64) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let pops: Vec<Pop> = (0..=next(5))
        .map(|_| {
            let after = (next(6) > 0).then(|| next(4_000));
            let region = ["eu", "us", "ap"][usize::try_from(next(3)).unwrap()];
            let mood = [Mood::Answers, Mood::Answers, Mood::Answers, Mood::Answers, Mood::Dark, Mood::Mute];
            Pop { mood: mood[usize::try_from(next(6)).unwrap()], ..pop(region, 5 + next(250), after) }
        })
        .collect();
    let concurrency = 1 + usize::try_from(next(8)).unwrap();
    let asked = Asked {
        tenants: 1 + usize::try_from(next(12)).unwrap(),
        paths_of_the_first: 1 + usize::try_from(next(20)).unwrap(),
        within: Duration::from_secs(20),
        seed,
        rate: (next(2) == 0).then_some(200),
        concurrency,
        // Room for each edge's first requests, and hardly more.
        max_concurrency: pops.len() * concurrency + usize::try_from(next(8)).unwrap(),
        ..Asked::default()
    };
    let objects = (asked.tenants + asked.paths_of_the_first - 1) as u64;
    let planned = pops.clone();
    let outcome = run(pops, &asked);
    for (edge, row) in planned.iter().zip(in_their_order(&outcome, planned.len())) {
        let place = format!("seed {seed}, {}", row.name);
        let expected = match (edge.mood, edge.purged_after) {
            (Mood::Dark | Mood::Mute, _) => Verdict::Unreachable,
            (_, None) => Verdict::Stale,
            (_, Some(_)) => Verdict::Fresh,
        };
        assert_eq!(row.verdicts.of(expected), objects, "{place}: {:?}", row.verdicts);
        if let (Verdict::Fresh, Some(after)) = (expected, edge.purged_after) {
            let (after, last) = (ms(after), row.convergence.as_ref().unwrap().fresh_ms.last.unwrap());
            let round_trip = ms(edge.round_trip);
            // All objects once, by what is slower: the round trips or the rate; and the pause before the last look.
            let sweep = objects.div_ceil(concurrency as u64) * round_trip + asked.rate.map_or(0, |_| objects * 5);
            let latest = after + 500 + 3 * sweep + 2 * round_trip;
            assert!(last >= after && last <= latest, "{place}: planted {after}, measured {last}, {latest} at most");
        }
    }
    assert!(outcome.most_under_way <= concurrency as u64, "seed {seed}: {}", outcome.most_under_way);
    assert!(outcome.most_at_once <= asked.max_concurrency as u64, "seed {seed}: {}", outcome.most_at_once);
    // A slot may be caught up that a busy machine missed.
    let most = asked.rate.map_or(usize::MAX, |rate| rate as usize + 1);
    assert!(outcome.most_in_a_second <= most, "seed {seed}: {}", outcome.most_in_a_second);
}

/// The report's edges in the order in which they were planned: by number, whatever their region.
fn in_their_order(outcome: &Outcome, edges: usize) -> Vec<&purgeproof::model::EdgeRow> {
    let named = |nth: usize| format!("e{nth:03}");
    let row = |nth| outcome.report.edges.iter().find(|row| row.name == named(nth)).unwrap();
    (0..edges).map(row).collect()
}

/// One object looked at closely; a connection takes two round trips, TCP and TLS 1.3.
fn closely(round_trips_ms: &[u64], purged: bool) -> Outcome {
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
