//! Errors, block pages, and answers of somebody else.

use super::*;

#[test]
fn an_error_that_the_origin_does_not_have_is_failing() {
    for status in [400, 403, 404, 410, 500, 502, 503] {
        let case = Case::with_status(200, &[], status, &[]);
        case.wants_bodies(false);
        case.is(Verdict::Failing);
    }
}

#[test]
fn an_error_from_before_the_purge_is_a_stale_copy() {
    Case::with_status(200, &[], 404, &[]).purged(ago(60)).aged(3_600).is(Verdict::Stale);
    Case::with_status(200, &[], 404, &[]).purged(ago(60)).aged(5).is(Verdict::Failing);
}

#[test]
fn too_many_requests_and_unknown_hosts_have_causes_of_their_own() {
    for (status, trouble) in [(429, Trouble::RateLimited), (421, Trouble::HostNotServed)] {
        let case = Case::with_status(200, &[], status, &[]);
        case.comes_to(Verdict::Failing, Some(trouble));
        case.purged(ago(60)).aged(3_600).comes_to(Verdict::Failing, Some(trouble));
    }
}

#[test]
fn a_block_page_is_failing_whatever_its_status() {
    Case::with_status(200, &[], 403, &[]).blocked().comes_to(Verdict::Failing, Some(Trouble::Blocked));
    Case::with_status(200, &[], 503, &[]).blocked().comes_to(Verdict::Failing, Some(Trouble::Blocked));
    other_content().blocked().comes_to(Verdict::Failing, Some(Trouble::Blocked));
    let typed = Case::new(&[("content-type", "text/css")], &[("content-type", "text/html")]);
    typed.blocked().comes_to(Verdict::Failing, Some(Trouble::Blocked));
}

#[test]
fn a_block_page_that_cannot_be_compared_is_failing_too() {
    Case::new(&[("etag", "\"a\"")], &[]).blocked().comes_to(Verdict::Failing, Some(Trouble::Blocked));
    other_content().no_body().blocked().comes_to(Verdict::Failing, Some(Trouble::Blocked));
    let passed = || other_content().no_store().status(CacheStatus::Dynamic).blocked();
    passed().comes_to(Verdict::Failing, Some(Trouble::Blocked));
    passed().varying().no_store().comes_to(Verdict::Failing, Some(Trouble::Blocked));
}

#[test]
fn silence_is_unreachable() {
    let refused = Silence::new(Phase::Connect, "192.0.2.7:443", "connection refused");
    assert_eq!((silence(&refused).verdict, silence(&refused).trouble), (Verdict::Unreachable, None));
    let other_name = Silence { host_not_served: true, phase: Phase::Tls, ..refused };
    let ruling = silence(&other_name);
    assert_eq!((ruling.verdict, ruling.trouble), (Verdict::Unreachable, Some(Trouble::HostNotServed)));
}

/// Answered by NRT of fastly, where FRA or cloudfront was expected.
fn elsewhere(case: Case, pop: bool) -> Case {
    let reading = Reading { provider: "fastly", pop: Some("NRT".to_owned()), ..case.reading };
    let (pop, provider) = if pop { (Some("FRA"), None) } else { (None, Some("cloudfront")) };
    Case { reading, pop, provider, ..case }
}

#[test]
fn good_answers_of_another_pop_or_provider_prove_nothing() {
    for (pop, trouble) in [(true, Trouble::WrongPop), (false, Trouble::WrongProvider)] {
        let unverifiable = |case: Case| elsewhere(case, pop).comes_to(Verdict::Unverifiable, Some(trouble));
        unverifiable(same_content());
        unverifiable(same_content().status(CacheStatus::Dynamic));
        unverifiable(other_content().varying().status(CacheStatus::Dynamic).no_store());
    }
}

#[test]
fn bad_answers_of_another_pop_or_provider_are_bad() {
    for pop in [true, false] {
        elsewhere(other_content(), pop).is(Verdict::Divergent);
        elsewhere(other_content().purged(ago(60)).aged(3_600), pop).is(Verdict::Stale);
        elsewhere(same_content().purged(ago(60)).aged(3_600), pop).is(Verdict::Unpurged);
        elsewhere(Case::with_status(200, &[], 503, &[]), pop).is(Verdict::Failing);
    }
}

#[test]
fn who_does_not_say_who_it_is_is_believed() {
    let mut case = elsewhere(same_content(), true);
    case.reading.pop = None;
    case.is(Verdict::Fresh);
    let mut case = elsewhere(same_content(), false);
    case.reading.provider = "unknown";
    case.is(Verdict::Fresh);
}

#[test]
fn pops_compare_in_any_case() {
    let mut case = elsewhere(same_content(), true);
    case.pop = Some("nrt");
    case.is(Verdict::Fresh);
}

#[test]
fn the_evidence_names_what_was_compared() {
    let case = other_content().purged(ago(60)).aged(3_600);
    let rows = evidence(&case.question(), &rule(&case.question()));
    let said: Vec<(&str, &str)> = rows.iter().map(|row| (row.rung.as_str(), row.says.as_str())).collect();
    assert_eq!(said, [("digest", "different"), ("etag", "different"), ("age", "predates the purge by 59 min")]);
}
