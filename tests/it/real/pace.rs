//! No edge and no origin is asked harder than was allowed, as the asked themselves count.

use std::time::{Duration, Instant};

use purgeproof::clock::Clock;

use super::cdn::{Edge, Site};
use super::counting::Counting;

const OLD: &str = "Wed, 15 Nov 2023 22:13:20 GMT";
const NEW: &str = "Thu, 16 Nov 2023 22:13:20 GMT";

/// `verify` for so many paths with `origin` as reference.
fn verify(origin: &Counting, count: usize, edges: &[Edge<'_>], flags: &[&str]) -> i32 {
    verify_with("", origin, count, edges, flags)
}

/// The same with an origin that has a pace of its own.
fn verify_with(origin_keys: &'static str, origin: &Counting, count: usize, edges: &[Edge<'_>], flags: &[&str]) -> i32 {
    let mut site = Site::new();
    (site.origin_at, site.origin_keys) = (origin.at, origin_keys);
    let paths: Vec<String> = (0..count).map(|n| format!("/{n}.js")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    site.verify_paths(&paths, edges, flags).code
}

/// However requests are bunched on their way, the n-th can not come before n pauses have passed.
fn assert_spaced(start: Instant, came: &[Instant], every: Duration) {
    for (n, at) in (0..).zip(came) {
        assert!(*at - start >= every * n, "request {n} came after {:?}", *at - start);
    }
}

#[test]
fn requests_under_way_at_an_edge_stay_within_its_concurrency() {
    let origin = Counting::start(Duration::ZERO, OLD);
    let edge = Counting::start(Duration::from_millis(50), OLD);
    let edges = [Edge::plain("edge", edge.at).with("edge_concurrency = 3")];
    assert_eq!(verify(&origin, 30, &edges, &[]), 0);
    assert_eq!(edge.most(), 3);
}

#[test]
fn looking_again_before_an_accusation_stays_within_the_concurrency() {
    let origin = Counting::start(Duration::ZERO, NEW);
    let edge = Counting::start(Duration::from_millis(50), OLD);
    let edges = [Edge::plain("edge", edge.at).with("edge_concurrency = 3")];
    assert_eq!(verify(&origin, 12, &edges, &["--body", "never"]), 1);
    assert_eq!(edge.most(), 3);
    assert_eq!(edge.came().len(), 24, "each is looked at twice");
}

#[test]
fn requests_under_way_over_all_edges_stay_within_the_whole_runs_concurrency() {
    let origin = Counting::start(Duration::ZERO, OLD);
    let edge = Counting::start(Duration::from_millis(50), OLD);
    let edges = ["a", "b", "c", "d"].map(|name| Edge::plain(name, edge.at));
    assert_eq!(verify(&origin, 10, &edges, &["--max-concurrency", "5"]), 0);
    assert_eq!(edge.most(), 5);
}

#[test]
fn requests_to_an_edge_stay_within_its_rate() {
    let origin = Counting::start(Duration::ZERO, OLD);
    let edge = Counting::start(Duration::ZERO, OLD);
    let start = Clock::stopwatch();
    let edges = [Edge::plain("edge", edge.at).with("edge_rate = 40")];
    assert_eq!(verify(&origin, 40, &edges, &[]), 0);
    assert_eq!(edge.came().len(), 40);
    assert_spaced(start, &edge.came(), Duration::from_millis(25));
}

#[test]
fn looking_again_before_an_accusation_stays_within_the_rate() {
    let origin = Counting::start(Duration::ZERO, NEW);
    let edge = Counting::start(Duration::ZERO, OLD);
    let start = Clock::stopwatch();
    let edges = [Edge::plain("edge", edge.at).with("edge_rate = 40")];
    assert_eq!(verify(&origin, 15, &edges, &["--body", "never"]), 1);
    assert_eq!(edge.came().len(), 30);
    assert_spaced(start, &edge.came(), Duration::from_millis(25));
}

#[test]
fn the_origins_own_pace_holds_whatever_the_edges_is() {
    let origin = Counting::start(Duration::from_millis(50), OLD);
    let edge = Counting::start(Duration::ZERO, OLD);
    let start = Clock::stopwatch();
    let edges = [Edge::plain("edge", edge.at)];
    assert_eq!(verify_with("concurrency = 3\nrate = 100", &origin, 10, &edges, &[]), 0);
    assert_eq!(origin.most(), 3);
    assert_spaced(start, &origin.came(), Duration::from_millis(10));
}

#[test]
fn the_origin_is_asked_at_the_edges_pace_where_it_has_none_of_its_own() {
    let origin = Counting::start(Duration::from_millis(20), OLD);
    let edge = Counting::start(Duration::ZERO, OLD);
    let start = Clock::stopwatch();
    let edges = [Edge::plain("edge", edge.at)];
    assert_eq!(verify(&origin, 10, &edges, &["--edge-rate", "40", "--edge-concurrency", "2"]), 0);
    assert!(origin.most() <= 2, "{}", origin.most());
    assert!(origin.came().len() >= 20, "two looks at each object");
    assert_spaced(start, &origin.came(), Duration::from_millis(25));
}
