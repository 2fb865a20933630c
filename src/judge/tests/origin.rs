//! References that accuse nobody, and objects that no cache may keep.

use super::*;

#[test]
fn an_origin_that_is_not_to_be_had_accuses_nobody() {
    let silence = Silence::new(Phase::Connect, "192.0.2.1:443", "connection refused");
    for (reference, trouble) in [
        (Reference::Unreachable(silence), Trouble::OriginUnreachable),
        (Reference::Failing { status: 503, samples: 2 }, Trouble::OriginFailing),
        (Reference::Unnamed, Trouble::NoOrigin),
    ] {
        assert_eq!(without_asking(&reference, None).unwrap().trouble, Some(trouble));
        let mut case = other_content().purged(ago(60)).aged(3_600);
        case.reference = reference;
        case.comes_to(Verdict::Unverifiable, Some(trouble));
    }
    assert_eq!(without_asking(&same_content().reference, None), None);
    assert_eq!(without_asking(&same_content().varying().reference, None), None);
}

#[test]
fn an_origin_that_contradicts_itself_accuses_nobody() {
    let inconsistent = (Verdict::Unverifiable, Some(Trouble::OriginInconsistent));
    let ruling = rule(&other_content().varying().purged(ago(60)).aged(3_600).question());
    assert_eq!((ruling.verdict, ruling.trouble), inconsistent);
    assert_eq!((super::super::inconsistent().verdict, super::super::inconsistent().trouble), inconsistent);
}

#[test]
fn an_error_that_no_answer_of_the_origin_has_is_an_error_all_the_same() {
    let mut case = Case::with_status(200, &[], 503, &[]).varying();
    case.is(Verdict::Failing);
    case.observation.head.status = 421;
    case.comes_to(Verdict::Failing, Some(Trouble::HostNotServed));
}

#[test]
fn what_was_passed_on_and_agrees_is_uncached() {
    for status in [CacheStatus::Bypass, CacheStatus::Dynamic] {
        same_content().status(status).is(Verdict::Uncached);
        // What may be stored and is other content is a difference.
        other_content().status(status).is(Verdict::Divergent);
    }
}

#[test]
fn what_an_inner_cache_had_in_store_was_not_passed_on() {
    let mut case = same_content().status(CacheStatus::Bypass);
    case.reading.layers = vec![layer(CacheStatus::Hit, false), layer(CacheStatus::Bypass, false)];
    case.is(Verdict::Fresh);
    case.reading.layers[0].history = true;
    case.is(Verdict::Uncached);
}

#[test]
fn what_nobody_may_store_and_the_edge_did_not_is_uncached_though_every_answer_differs() {
    for status in [CacheStatus::Bypass, CacheStatus::Dynamic] {
        other_content().no_store().status(status).is(Verdict::Uncached);
    }
    other_content().varying().no_store().status(CacheStatus::Bypass).is(Verdict::Uncached);
}

#[test]
fn a_miss_is_uncached_only_of_an_answer_that_says_itself_that_nobody_may_store_it() {
    let mut missed = other_content().no_store().status(CacheStatus::Miss);
    missed.is(Verdict::Divergent);
    missed.observation.head.fields.insert("cache-control", "no-store".parse().unwrap());
    missed.is(Verdict::Uncached);
}

#[test]
fn what_nobody_may_store_and_the_edge_stored_is_not_uncached() {
    other_content().no_store().is(Verdict::Divergent);
    other_content().no_store().purged(ago(60)).aged(3_600).is(Verdict::Stale);
    let varying = other_content().varying().no_store();
    varying.comes_to(Verdict::Unverifiable, Some(Trouble::NothingToCompare));
    varying.purged(ago(60)).aged(3_600).is(Verdict::Stale);
}

#[test]
fn an_age_belies_a_cache_that_says_it_stored_nothing() {
    other_content().no_store().status(CacheStatus::Dynamic).aged(30).is(Verdict::Divergent);
    other_content().no_store().status(CacheStatus::Dynamic).aged(0).is(Verdict::Uncached);
}
