//! When a copy was stored, and what that shows.

use super::*;

#[test]
fn the_same_content_from_before_the_purge_is_unpurged() {
    same_content().purged(ago(60)).aged(3_600).is(Verdict::Unpurged);
    same_content().purged(ago(60)).aged(5).is(Verdict::Fresh);
}

#[test]
fn other_content_from_before_the_purge_is_stale_and_from_after_it_divergent() {
    other_content().purged(ago(60)).aged(3_600).is(Verdict::Stale);
    other_content().purged(ago(60)).aged(5).is(Verdict::Divergent);
}

#[test]
fn a_copy_predates_the_purge_from_the_very_moment_that_the_tolerance_ends() {
    // received - Age = purge - skew is not before it.
    let purge = ago(100);
    for (age, verdict) in [(101, Verdict::Fresh), (102, Verdict::Fresh), (103, Verdict::Unpurged)] {
        same_content().purged(purge).aged(age).is(verdict);
    }
    let nanosecond = jiff::SignedDuration::from_nanos(1);
    same_content().purged(purge + nanosecond).aged(102).is(Verdict::Unpurged);
    same_content().purged(purge - nanosecond).aged(102).is(Verdict::Fresh);
    let mut strict = same_content().purged(purge).aged(101);
    strict.purge.skew = Duration::ZERO;
    strict.is(Verdict::Unpurged);
    strict.aged(100).is(Verdict::Fresh);
}

#[test]
fn without_the_time_of_the_purge_nothing_is_said_about_time() {
    same_content().aged(1_000_000).is(Verdict::Fresh);
    other_content().aged(1_000_000).is(Verdict::Divergent);
}

#[test]
fn the_moment_a_copy_was_stored_is_received_less_its_age() {
    let case = same_content().aged(96);
    assert_eq!(rule(&case.question()).age.stored_by, Some(ago(96)));
}

/// No `Age`, and a `Date` so many seconds before the answer.
fn dated(seconds: i64) -> Case {
    let mut case = same_content().purged(ago(100));
    case.reading.date_is_origins = true;
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&ago(seconds)).unwrap();
    case.observation.head.fields.insert("date", date.parse().unwrap());
    case
}

#[test]
fn date_stands_in_for_age_where_the_cache_keeps_the_origins() {
    // A `Date` is cut to whole seconds: the copy can be almost one second younger.
    dated(103).is(Verdict::Fresh);
    dated(104).is(Verdict::Unpurged);
    let mut rewritten = dated(3_600);
    rewritten.reading.date_is_origins = false;
    rewritten.is(Verdict::Fresh);
}

#[test]
fn date_says_nothing_of_a_copy_that_came_from_no_store() {
    dated(3_600).status(CacheStatus::Miss).is(Verdict::Fresh);
}

#[test]
fn date_does_not_stand_in_for_an_age_that_is_none() {
    let mut case = dated(3_600);
    case.observation.head.fields.insert("age", "-5".parse().unwrap());
    case.is(Verdict::Fresh);
}

#[test]
fn an_absurd_age_is_no_overflow() {
    for age in [u64::from(u32::MAX), u64::MAX] {
        let ruling = rule(&same_content().purged(ago(60)).aged(age).question());
        assert!(matches!(ruling.verdict, Verdict::Fresh | Verdict::Unpurged), "{age}: {ruling:?}");
    }
}

#[test]
fn a_cache_that_says_stale_shows_its_copy_to_be_old() {
    for status in [CacheStatus::Stale, CacheStatus::Updating] {
        other_content().status(status).is(Verdict::Stale);
        // The status explains; it makes no verdict of its own.
        same_content().status(status).is(Verdict::Fresh);
    }
    let mut parent = other_content().status(CacheStatus::Miss);
    parent.reading.layers = vec![layer(CacheStatus::Stale, false), layer(CacheStatus::Miss, false)];
    parent.is(Verdict::Stale);
    parent.reading.layers[0].history = true;
    parent.is(Verdict::Divergent);
}

#[test]
fn a_copy_beyond_its_lifetime_is_an_old_one() {
    let with = |lifetime: &str, age| {
        let mut case = other_content().aged(age);
        case.observation.head.fields.insert("cache-control", lifetime.parse().unwrap());
        case
    };
    with("max-age=60", 61).is(Verdict::Stale);
    with("max-age=60", 60).is(Verdict::Divergent);
    with("max-age=60, s-maxage=600", 61).is(Verdict::Divergent);
    // What is meant for browsers alone says nothing about the cache.
    with("max-age=0", 61).is(Verdict::Divergent);
}

#[test]
fn miss_is_not_fresh_and_hit_is_not_stale() {
    for status in CacheStatus::ALL {
        let old = other_content().status(status).purged(ago(60)).aged(3_600);
        old.is(Verdict::Stale);
        let new = rule(&same_content().status(status).purged(ago(60)).question()).verdict;
        assert!(new.is_good(), "{status:?}: {new:?}");
    }
}

#[test]
fn an_old_cache_before_the_origin_blames_no_edge() {
    let mut case = same_content().purged(ago(60)).aged(3_600);
    if let Reference::Sound { stored_by, .. } = &mut case.reference {
        *stored_by = Some(ago(7_200));
    }
    case.is(Verdict::Fresh);
    if let Reference::Sound { stored_by, .. } = &mut case.reference {
        *stored_by = Some(ago(5));
    }
    case.is(Verdict::Unpurged);
}
