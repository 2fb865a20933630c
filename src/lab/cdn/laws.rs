use std::time::Duration;

use http::HeaderMap;
use proptest::prelude::*;

use crate::lab::*;
use crate::model::Timestamp;

const HOSTS: [&str; 2] = ["a.example", "b.example"];
const PATH: &str = "/x";

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
}

/// What happens next, so many milliseconds later.
#[derive(Debug, Clone)]
enum Event {
    Ask { cache: usize, host: usize },
    Deploy { host: Option<usize> },
    Purge { host: Option<usize>, soft: bool, delays: Vec<Option<u16>> },
}

fn event() -> impl Strategy<Value = (u16, Event)> {
    let host = || proptest::option::of(0..HOSTS.len());
    let delays = proptest::collection::vec(proptest::option::weighted(0.8, 0_u16..20_000), 5);
    let event = prop_oneof![
        6 => (0..5_usize, 0..HOSTS.len()).prop_map(|(cache, host)| Event::Ask { cache, host }),
        1 => host().prop_map(|host| Event::Deploy { host }),
        1 => (host(), proptest::bool::weighted(0.2), delays)
            .prop_map(|(host, soft, delays)| Event::Purge { host, soft, delays }),
    ];
    (0_u16..20_000, event)
}

fn scope(host: Option<usize>) -> Scope {
    host.map_or(Scope::Everything, |host| Scope::host(HOSTS[host]))
}

/// Four edges behind one shield; the shield is the first.
fn cdn(stale_while_revalidate: u32, warm: bool) -> (Cdn, Vec<CacheId>) {
    let policy = Policy { max_age: Some(30), stale_while_revalidate, ..Policy::default() };
    let mut origin = Origin::default();
    for host in HOSTS {
        origin.add_host(host);
    }
    origin.add_page(PATH, Page { policy, ..Page::default() });
    origin.deploy(&Scope::Everything, None, at(-1_000_000));
    let mut cdn = Cdn::new(origin);
    let shield = cdn.add(Station::new("shield", "FRA", Voice::Fastly), None, Keeping::default());
    let edges = ["one", "two", "three", "four"]
        .map(|name| cdn.add(Station::new(name, "FRA", Voice::Fastly), Some(shield), Keeping::default()));
    let all: Vec<CacheId> = std::iter::once(shield).chain(edges).collect();
    if warm {
        // Filled at the latest at -10 s, so that some of it is still fresh.
        cdn.warm(shield, at(-400_000));
        for edge in edges {
            cdn.warm(edge, at(-130_000));
        }
    }
    (cdn, all)
}

/// Runs a history; `asked` sees every request before and after it is answered.
fn run(
    history: &[(u16, Event)],
    (mut cdn, caches): (Cdn, Vec<CacheId>),
    mut asked: impl FnMut(&[Purge], CacheId, usize, Timestamp, Truth, &Response) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut now = 0;
    let mut purges = Vec::new();
    for (later, event) in history {
        now += i64::from(*later);
        match event {
            Event::Deploy { host } => {
                cdn.origin.deploy(&scope(*host), None, at(now));
            }
            Event::Purge { host, soft, delays } => {
                let purge =
                    caches.iter().zip(delays).fold(Purge::new(scope(*host), at(now)), |purge, (cache, delay)| {
                        match delay {
                            Some(delay) => purge.arriving(*cache, at(now + i64::from(*delay))),
                            None => purge.lost_for(*cache),
                        }
                    });
                let purge = if *soft { purge.soft() } else { purge };
                purges.push(purge.clone());
                cdn.purge(purge);
            }
            Event::Ask { cache, host } => {
                let headers = HeaderMap::new();
                let request = Request::get(HOSTS[*host], PATH, &headers);
                let truth = cdn.truth(caches[*cache], &request, at(now));
                let response = cdn.answer(caches[*cache], &request, at(now));
                asked(&purges, caches[*cache], *host, at(now), truth, &response)?;
            }
        }
    }
    Ok(())
}

fn history() -> impl Strategy<Value = Vec<(u16, Event)>> {
    proptest::collection::vec(event(), 1..60)
}

fn age(response: &Response) -> i64 {
    response.headers["age"].to_str().unwrap().parse().unwrap()
}

proptest! {
    #[test]
    fn the_truth_told_before_is_what_is_answered(history in history(), swr in 0_u32..40, warm: bool) {
        run(&history, cdn(swr, warm), |_, _, _, _, truth, response| {
            prop_assert_eq!(truth.served, response.version);
            prop_assert!(truth.served <= truth.at_origin);
            Ok(())
        })?;
    }

    #[test]
    fn a_purged_cache_serves_no_copy_stored_before_the_purge(history in history(), swr in 0_u32..40, warm: bool) {
        run(&history, cdn(swr, warm), |purges, cache, host, now, truth, response| {
            let newest = purges
                .iter()
                .filter(|purge| !purge.soft && (purge.scope == Scope::Everything || purge.scope == scope(Some(host))))
                .filter_map(|purge| purge.arrives_at(cache))
                .filter(|arrival| *arrival <= now)
                .max();
            let from_store = response.trail.last().is_some_and(|step| step.outcome.is_stored());
            if let Some(newest) = newest && from_store {
                prop_assert!(truth.stored_at >= Some(newest));
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_age_never_says_more_than_the_truth_and_loses_a_second_at_most_in_each_layer(
        history in history(),
        warm: bool,
    ) {
        // Without a window for stale answers, no layer hands on a softly purged copy with a low age.
        run(&history, cdn(0, warm), |_, _, _, now, truth, response| {
            let true_age = now.duration_since(truth.left_origin).as_secs_f64();
            #[expect(clippy::cast_precision_loss, reason = "an age of this test is small")]
            let age = age(response) as f64;
            prop_assert!(age <= true_age, "{age} > {true_age}");
            prop_assert!(true_age < age + 2.0, "{true_age} >= {age} + 2");
            Ok(())
        })?;
    }

    #[test]
    fn a_hard_purge_that_reaches_the_parent_first_lets_no_older_version_through(
        history in history(),
        delay in 0_u64..20_000,
        warm: bool,
    ) {
        let (mut cdn, caches) = cdn(0, warm);
        let headers = HeaderMap::new();
        let mut now = 0;
        for (later, event) in &history {
            now += i64::from(*later);
            if let Event::Ask { cache, host } = event {
                cdn.answer(caches[*cache], &Request::get(HOSTS[*host], PATH, &headers), at(now));
            }
        }
        now += 1;
        let version = cdn.origin.deploy(&Scope::Everything, None, at(now));
        let purge = Purge::new(Scope::Everything, at(now)).spreading(delay, Duration::from_millis(delay));
        cdn.purge(purge.arriving(caches[0], at(now)));
        // While the purge is on its way no edge that has the new version goes back to the old one.
        let mut newest = vec![0; caches.len() * HOSTS.len()];
        for step in 0..=4 {
            let objects = caches.iter().flat_map(|cache| HOSTS.map(|host| (*cache, host)));
            for ((cache, host), newest) in objects.zip(&mut newest) {
                let answer = cdn.answer(cache, &Request::get(host, PATH, &headers), at(now + 5_000 * step));
                prop_assert!(answer.version >= *newest);
                *newest = answer.version;
            }
        }
        prop_assert!(newest.iter().all(|newest| *newest == version));
    }

    #[test]
    fn the_same_history_gives_the_same_answers(history in history(), swr in 0_u32..40, warm: bool) {
        let answers = || {
            let mut answers = Vec::new();
            run(&history, cdn(swr, warm), |_, _, _, _, _, response| {
                answers.push(format!("{response:?}"));
                Ok(())
            })
            .map(|()| answers)
        };
        prop_assert_eq!(answers()?, answers()?);
    }

    #[test]
    fn a_converged_cdn_serves_the_origins_version_everywhere(history in history(), swr in 0_u32..40, warm: bool) {
        let (mut cdn, caches) = cdn(swr, warm);
        let headers = HeaderMap::new();
        let mut now = 0;
        for (later, event) in &history {
            now += i64::from(*later);
            match event {
                Event::Ask { cache, host } => {
                    cdn.answer(caches[*cache], &Request::get(HOSTS[*host], PATH, &headers), at(now));
                }
                Event::Deploy { host } => {
                    cdn.origin.deploy(&scope(*host), None, at(now));
                }
                Event::Purge { .. } => {}
            }
        }
        // Lifetimes and windows end, purged or not.
        let after = at(now + 1_000_000);
        for (cache, host) in caches.iter().flat_map(|cache| HOSTS.map(|host| (*cache, host))) {
            let truth = cdn.truth(cache, &Request::get(host, PATH, &headers), after);
            prop_assert_eq!(truth.served, truth.at_origin);
        }
    }
}
