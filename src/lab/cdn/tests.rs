mod content;

use http::HeaderMap;

use crate::lab::*;
use crate::model::Timestamp;

const HOST: &str = "a.example";
const PATH: &str = "/x";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// Two edges behind one shield, with version 1 of everything.
struct Small {
    cdn: Cdn,
    shield: CacheId,
    edge: CacheId,
    other: CacheId,
}

fn small(page: Page) -> Small {
    let mut origin = Origin::default();
    origin.add_host(HOST);
    origin.add_host("b.example");
    origin.add_page(PATH, page);
    origin.deploy(&Scope::Everything, None, at(-100_000));
    let mut cdn = Cdn::new(origin);
    let shield = cdn.add(Station::new("shield", "FRA", Voice::CacheStatus), None, Keeping::default());
    let mut edge = |name| cdn.add(Station::new(name, "FRA", Voice::CacheStatus), Some(shield), Keeping::default());
    let (edge, other) = (edge("one"), edge("two"));
    Small { cdn, shield, edge, other }
}

fn lasting(max_age: u32) -> Page {
    Page { policy: Policy { max_age: Some(max_age), ..Policy::default() }, ..Page::default() }
}

fn lasting_and_stale(max_age: u32, stale_while_revalidate: u32, stale_if_error: u32) -> Page {
    let policy = Policy { max_age: Some(max_age), stale_while_revalidate, stale_if_error, ..Policy::default() };
    Page { policy, ..Page::default() }
}

impl Small {
    fn get(&mut self, cache: CacheId, second: i64) -> Response {
        self.cdn.answer(cache, &Request::get(HOST, PATH, &HeaderMap::new()), at(second))
    }

    /// Version, and what each layer did, origin side first.
    fn told(&mut self, cache: CacheId, second: i64) -> (Version, Vec<Outcome>) {
        let response = self.get(cache, second);
        (response.version, response.trail.iter().map(|step| step.outcome).collect())
    }

    fn deploy(&mut self, second: i64) {
        self.cdn.origin.deploy(&Scope::Everything, None, at(second));
    }

    fn purge(&mut self, second: i64, with: impl FnOnce(Purge) -> Purge) {
        self.cdn.purge(with(Purge::new(Scope::Everything, at(second))));
    }
}

fn age(response: &Response) -> Option<u32> {
    response.headers.get("age").map(|age| age.to_str().unwrap().parse().unwrap())
}

#[test]
fn an_age_counts_the_time_in_every_layer() {
    let mut small = small(lasting(1_000));
    assert_eq!(age(&small.get(small.edge, 0)), None);
    assert_eq!(age(&small.get(small.edge, 40)), Some(40));
    // The other edge fetches the shield's copy, which is 50 s old by then.
    let filled = small.get(small.other, 50);
    assert_eq!((filled.trail[1].outcome, age(&filled)), (Outcome::Miss, Some(50)));
    assert_eq!(age(&small.get(small.other, 75)), Some(75));
}

#[test]
fn a_copy_is_fresh_until_its_age_reaches_its_lifetime() {
    let mut small = small(lasting(60));
    small.get(small.edge, 0);
    assert_eq!(small.told(small.edge, 59).1, [Outcome::Miss, Outcome::Hit]);
    assert_eq!(small.told(small.edge, 60).1, [Outcome::Revalidated, Outcome::Revalidated]);
    assert_eq!(small.told(small.edge, 61).1, [Outcome::Revalidated, Outcome::Hit]);
}

#[test]
fn an_expired_copy_of_an_old_version_is_replaced() {
    let mut small = small(lasting(60));
    small.get(small.edge, 0);
    small.deploy(10);
    assert_eq!(small.told(small.edge, 30), (1, vec![Outcome::Miss, Outcome::Hit]));
    assert_eq!(small.told(small.edge, 70), (2, vec![Outcome::Expired, Outcome::Expired]));
}

#[test]
fn time_at_the_shield_is_taken_from_the_lifetime_at_the_edge() {
    let mut small = small(lasting(60));
    small.get(small.edge, 0);
    small.get(small.other, 50);
    assert_eq!(small.told(small.other, 59).1, [Outcome::Hit, Outcome::Hit]);
    assert_eq!(small.told(small.other, 60).1, [Outcome::Revalidated, Outcome::Revalidated]);
}

#[test]
fn a_hard_purge_removes_and_spares_what_is_stored_after_it() {
    let mut small = small(lasting(1_000));
    small.get(small.edge, 0);
    small.deploy(10);
    small.purge(20, |purge| purge);
    assert_eq!(small.told(small.edge, 19).0, 1);
    assert_eq!(small.told(small.edge, 20), (2, vec![Outcome::Miss, Outcome::Miss]));
    assert_eq!(small.told(small.edge, 21), (2, vec![Outcome::Miss, Outcome::Hit]));
}

#[test]
fn a_purge_lost_for_one_edge_leaves_its_copy() {
    let mut small = small(lasting(1_000));
    small.get(small.edge, 0);
    small.get(small.other, 0);
    small.deploy(10);
    let other = small.other;
    small.purge(20, |purge| purge.lost_for(other));
    assert_eq!(small.told(small.edge, 30).0, 2);
    assert_eq!(small.told(small.other, 30), (1, vec![Outcome::Hit, Outcome::Hit]));
    assert_eq!(age(&small.get(small.other, 30)), Some(30));
}

#[test]
fn a_purge_that_misses_a_host_concerns_every_other() {
    let mut small = small(lasting(1_000));
    let headers = HeaderMap::new();
    let other_host = Request::get("b.example", PATH, &headers);
    small.get(small.edge, 0);
    small.cdn.answer(small.edge, &other_host, at(0));
    small.deploy(10);
    small.purge(20, |purge| purge.missing_host(HOST));
    assert_eq!(small.told(small.edge, 30).0, 1);
    assert_eq!(small.cdn.answer(small.edge, &other_host, at(30)).version, 2);
}

#[test]
fn a_purge_by_key_leaves_the_same_path_with_a_query() {
    let mut small = small(lasting(1_000));
    let headers = HeaderMap::new();
    let query = Request::get(HOST, "/x?v=1", &headers);
    small.get(small.edge, 0);
    small.cdn.answer(small.edge, &query, at(0));
    small.deploy(10);
    small.cdn.purge(Purge::new(Scope::object(HOST, PATH), at(20)));
    assert_eq!(small.told(small.edge, 30).0, 2);
    assert_eq!(small.cdn.answer(small.edge, &query, at(30)).version, 1);
}

#[test]
fn an_edge_purged_before_its_shield_refills_with_the_old_copy_and_keeps_it() {
    let mut small = small(lasting(1_000));
    small.get(small.edge, 0);
    small.deploy(10);
    let shield = small.shield;
    small.purge(20, |purge| purge.arriving(shield, at(25)));
    let raced = small.get(small.edge, 22);
    assert_eq!((raced.version, age(&raced)), (1, Some(22)));
    assert_eq!(raced.trail.iter().map(|step| step.outcome).collect::<Vec<_>>(), [Outcome::Hit, Outcome::Miss]);
    // Both purges have arrived, and the edge is still old: its copy is younger than its purge.
    assert_eq!(small.told(small.edge, 30).0, 1);
    assert_eq!(small.told(small.other, 30).0, 2);
    assert_eq!(
        small.cdn.truth(small.edge, &Request::get(HOST, PATH, &HeaderMap::new()), at(30)).stored_at,
        Some(at(22))
    );
}

#[test]
fn a_soft_purge_without_a_window_revalidates() {
    let mut small = small(lasting(1_000));
    small.get(small.edge, 0);
    small.purge(10, Purge::soft);
    assert_eq!(small.told(small.edge, 20), (1, vec![Outcome::Revalidated, Outcome::Revalidated]));
    small.deploy(30);
    small.purge(40, Purge::soft);
    assert_eq!(small.told(small.edge, 50), (2, vec![Outcome::Expired, Outcome::Expired]));
}

#[test]
fn a_soft_purge_with_a_window_serves_the_old_copy_once_and_refreshes() {
    let mut small = small(lasting_and_stale(1_000, 60, 0));
    small.get(small.edge, 0);
    small.deploy(10);
    let shield = small.shield;
    small.purge(20, |purge| purge.soft().arriving(shield, at(15)));
    // The edge and its shield each answer stale once; the shield's stale answer is what the edge refreshes with.
    assert_eq!(small.told(small.edge, 30), (1, vec![Outcome::Miss, Outcome::Updating]));
    assert_eq!(small.told(small.shield, 31).0, 2);
    assert_eq!(small.told(small.other, 32).0, 2);
}

#[test]
fn a_softly_purged_shield_hands_on_an_old_copy_with_a_low_age() {
    let mut small = small(lasting_and_stale(1_000, 60, 0));
    small.get(small.edge, 0);
    small.deploy(500);
    small.purge(600, Purge::soft);
    let response = small.get(small.other, 605);
    assert_eq!((response.version, age(&response)), (1, Some(5)));
    assert_eq!(response.trail[0].outcome, Outcome::Updating);
    // And the edge keeps it as if it were new.
    assert_eq!(small.told(small.other, 900).0, 1);
}

#[test]
fn a_stale_copy_is_served_while_revalidating_only_within_its_window() {
    let mut small = small(lasting_and_stale(60, 30, 0));
    small.get(small.shield, 0);
    small.deploy(10);
    assert_eq!(small.told(small.shield, 89), (1, vec![Outcome::Updating]));
    assert_eq!(small.told(small.shield, 90), (2, vec![Outcome::Hit]));
    small.deploy(100);
    assert_eq!(small.told(small.shield, 89 + 60 + 30), (3, vec![Outcome::Expired]));
}

#[test]
fn a_stale_copy_is_served_where_the_origin_fails_and_that_is_allowed() {
    for (stale_if_error, outcome, status) in [(300, Outcome::Stale, 200), (0, Outcome::Error, 503)] {
        let mut small = small(lasting_and_stale(60, 0, stale_if_error));
        small.get(small.shield, 0);
        small.cdn.origin.fail(at(50), at(500));
        let response = small.get(small.shield, 100);
        assert_eq!((response.trail[0].outcome, response.status), (outcome, status));
        assert_eq!(small.get(small.shield, 500).status, 200);
    }
}

#[test]
fn a_warm_cache_has_copies_by_way_of_its_shield_and_writes_none_down() {
    let mut small = small(lasting(10_000));
    small.cdn.warm(small.shield, at(-2_000));
    small.cdn.warm(small.edge, at(-1_000));
    let response = small.get(small.edge, 0);
    assert_eq!(response.trail.iter().map(|step| step.outcome).collect::<Vec<_>>(), [Outcome::Hit, Outcome::Hit]);
    let age = age(&response).unwrap();
    assert!((1_880..=2_000).contains(&age), "{age}");
    assert_eq!(small.cdn.copies(), 0);
    small.deploy(10);
    small.purge(20, |purge| purge);
    assert_eq!(small.told(small.edge, 30), (2, vec![Outcome::Miss, Outcome::Miss]));
    assert_eq!(small.cdn.copies(), 2);
}

#[test]
fn the_truth_is_what_an_answer_turns_out_to_be() {
    let mut small = small(lasting(60));
    let headers = HeaderMap::new();
    let request = Request::get(HOST, PATH, &headers);
    small.get(small.edge, 0);
    small.deploy(10);
    let truth = small.cdn.truth(small.edge, &request, at(30));
    assert_eq!((truth.stored, truth.served, truth.at_origin), (Some(1), 1, 2));
    assert_eq!(truth.left_origin, at(0));
    let truth = small.cdn.truth(small.edge, &request, at(70));
    assert_eq!((truth.stored, truth.served), (Some(1), 2));
    assert_eq!(small.get(small.edge, 70).version, 2);
    assert_eq!(small.cdn.truth(small.edge, &Request::get("c.example", PATH, &headers), at(70)).stored, None);
}

#[test]
fn a_cache_may_keep_for_longer_than_the_origin_says() {
    let mut small = small(lasting(10));
    let keeping = Keeping { ttl: Some(100), grace: 50, ..Keeping::default() };
    let own = small.cdn.add(Station::new("own", "FRA", Voice::Varnish), None, keeping);
    small.get(own, 0);
    small.deploy(1);
    assert_eq!(small.told(own, 99), (1, vec![Outcome::Hit]));
    assert_eq!(small.told(own, 149), (1, vec![Outcome::Updating]));
    assert_eq!(small.told(own, 150), (2, vec![Outcome::Hit]));
}

#[test]
fn a_cache_that_counts_by_date_sees_the_age_that_a_soft_purge_hid() {
    let mut small = small(lasting_and_stale(1_000, 60, 0));
    let keeping = Keeping { ages_by_date: true, ..Keeping::default() };
    let own = small.cdn.add(Station::new("own", "FRA", Voice::Varnish), Some(small.shield), keeping);
    small.get(small.shield, 0);
    small.purge(600, Purge::soft);
    small.get(own, 605);
    assert_eq!(age(&small.get(own, 606)), Some(606));
}
