//! What a large fleet costs to follow: 300 POPs and 10,000 tenants on paused time, every edge purged at a moment of its
//! own. Prints figures and fails where something did not converge as planned; it opens no socket.
//!
//! `cargo bench --bench fleet`, or with other sizes `cargo bench --bench fleet -- POPS TENANTS`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on has failed")]

#[path = "../tests/it/simulated/world.rs"]
mod world;

use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::lab::Voice;
use world::{Asked, Mood, Pop, run};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let (pops, tenants) = (sizes.first().map_or(300, |n| *n), sizes.get(1).map_or(10_000, |n| *n));
    let planned: Vec<Pop> = (0..pops).map(pop).collect();
    let asked = Asked { tenants, within: Duration::from_secs(90), rate: Some(500), ..Asked::default() };
    let watch = Clock::stopwatch();
    let outcome = run(planned.clone(), &asked);
    let took = watch.elapsed();
    let report = &outcome.report;
    let checks = report.summary.checks;
    println!("{pops} POPs x {tenants} tenants: {checks} checks, {} requests", report.summary.requests);
    println!("paused time {:?}, real time {took:?}", outcome.took);
    println!("{:?} of real time for each request", took / u32::try_from(report.summary.requests).unwrap());
    let (at_one, at_all, a_second) = (outcome.most_under_way, outcome.most_at_once, outcome.most_in_a_second);
    println!("{} bodies asked of edges", outcome.bodies_of_edges);
    println!("at most {at_one} under way at one edge, {at_all} in all, {a_second} a second at one edge");
    println!("convergence {:?}", report.convergence.as_ref().unwrap().fresh_ms);
    // At 500 a second a sweep over all tenants takes its time, and what was just looked at waits for the next one.
    let sweep = Duration::from_millis(tenants as u64 * 2);
    for (nth, pop) in planned.iter().enumerate() {
        let row = report.edges.iter().find(|row| row.name == format!("e{nth:03}")).unwrap();
        if pop.mood != Mood::Answers {
            assert_eq!(row.verdicts.unreachable, tenants as u64, "{}", row.name);
            continue;
        }
        let after = u64::try_from(pop.purged_after.unwrap().as_millis()).unwrap();
        let last = row.convergence.as_ref().unwrap().fresh_ms.last.unwrap();
        let latest = after + u64::try_from((sweep * 3).as_millis()).unwrap() + 2_000;
        assert_eq!(row.verdicts.fresh, tenants as u64, "{}", row.name);
        assert!(last >= after && last <= latest, "{}: planned {after} ms, measured {last} ms", row.name);
    }
    println!("every edge converged as planned");
}

/// From 5 to 254 ms away, and purged after up to 20 s; two in a hundred do not answer.
fn pop(nth: usize) -> Pop {
    let nth = nth as u64;
    Pop {
        region: ["eu", "us", "ap"][usize::try_from(nth % 3).unwrap()],
        round_trip: Duration::from_millis(5 + nth * 37 % 250),
        purged_after: Some(Duration::from_millis(nth * 7_919 % 20_000)),
        others: Vec::new(),
        mood: match nth % 100 {
            42 => Mood::Dark,
            77 => Mood::Mute,
            _ => Mood::Answers,
        },
        voice: Voice::Cloudflare,
        dial: 0,
    }
}
