//! How contents compare, and what is claimed of it.

use super::*;

#[test]
fn tags_compare_weakly_and_without_marks() {
    for (origin, edge, weakened) in [
        ("\"a\"", "\"a\"", false),
        ("\"a\"", "W/\"a\"", true),
        ("W/\"a\"", "W/\"a\"", false),
        ("\"a\"", "\"a-gzip\"", true),
        ("\"a\"", "W/\"a;br\"", true),
        ("\"a,b\"", "\"a,b\"", false),
    ] {
        let case = Case::new(&[("etag", origin)], &[("etag", edge)]);
        case.wants_bodies(false);
        case.is(Verdict::Fresh);
        let ladder = rule(&case.question()).ladder.unwrap();
        assert_eq!(ladder.etag_weakened, weakened, "{origin} {edge}");
    }
}

#[test]
fn tags_that_differ_or_say_nothing_want_bodies() {
    for (origin, edge) in [("\"a\"", "\"b\""), ("\"\"", "\"\""), ("\"a-gzip\"", "\"b-gzip\"")] {
        Case::new(&[("etag", origin)], &[("etag", edge)]).wants_bodies(true);
    }
    let mut repeated = same_content();
    repeated.observation.head.fields.append("etag", "\"other\"".parse().unwrap());
    repeated.wants_bodies(true);
    Case::new(&[], &[]).wants_bodies(true);
}

#[test]
fn bodies_that_are_the_same_outweigh_tags_that_differ() {
    Case::new(&[("etag", "\"a\"")], &[("etag", "\"b\"")]).bodies(1, 1).is(Verdict::Fresh);
    Case::new(&[("last-modified", LAST_MODIFIED)], &[("last-modified", EARLIER)]).bodies(1, 1).is(Verdict::Fresh);
}

#[test]
fn bodies_that_differ_outweigh_tags_that_agree() {
    same_content().bodies(1, 2).is(Verdict::Divergent);
    same_content().bodies(1, 2).purged(ago(60)).aged(3_600).is(Verdict::Stale);
}

#[test]
fn an_earlier_date_is_older_and_a_later_one_is_not() {
    let dated = |edge| Case::new(&[("last-modified", LAST_MODIFIED)], &[("last-modified", edge)]);
    dated(LAST_MODIFIED).wants_bodies(false);
    dated(LAST_MODIFIED).is(Verdict::Fresh);
    for other in [EARLIER, LATER] {
        dated(other).wants_bodies(true);
    }
    dated(EARLIER).bodies(1, 2).is(Verdict::Stale);
    dated(LATER).bodies(1, 2).is(Verdict::Divergent);
}

#[test]
fn dates_in_all_three_forms_are_one_date() {
    for same in ["Saturday, 28-Feb-26 12:00:00 GMT", "Sat Feb 28 12:00:00 2026"] {
        Case::new(&[("last-modified", LAST_MODIFIED)], &[("last-modified", same)]).is(Verdict::Fresh);
    }
}

#[test]
fn dates_that_cannot_be_prove_nothing() {
    for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 31 Dec 1989 23:59:59 GMT", "Mon, 01 Mar 2027 12:00:00 GMT"] {
        let case = Case::new(&[("last-modified", date)], &[("last-modified", date)]);
        case.wants_bodies(true);
        case.comes_to(Verdict::Unverifiable, Some(Trouble::NothingToCompare));
        // Nor do they show content that differs to be the older one.
        Case::new(&[("last-modified", LAST_MODIFIED)], &[("last-modified", date)]).bodies(1, 2).is(Verdict::Divergent);
    }
}

#[test]
fn a_length_that_agrees_is_no_more_than_a_hint() {
    let length = |edge| Case::new(&[("content-length", "10")], &[("content-length", edge)]);
    length("10").wants_bodies(true);
    length("10").comes_to(Verdict::Unverifiable, Some(Trouble::NothingToCompare));
    length("10").no_body().comes_to(Verdict::Unverifiable, Some(Trouble::BodyUnavailable));
    length("10").bodies(1, 2).is(Verdict::Divergent);
    length("10").bodies(1, 1).is(Verdict::Fresh);
}

#[test]
fn an_object_of_no_bytes_is_an_object() {
    let empty = Digest { sha256: [0xe3; 32], length: 0 };
    let mut case = Case::new(&[("content-length", "0")], &[("content-length", "0")]);
    case.wants_bodies(true);
    case.observation.body = Body::Read(empty);
    if let Reference::Sound { validators, .. } = &mut case.reference {
        *validators = (&Validators { digest: Some(empty), ..validators.view() }).into();
    }
    case.is(Verdict::Fresh);
}

#[test]
fn a_body_that_cannot_be_had_leaves_it_open() {
    for (origin, edge) in [
        (&[][..], &[][..]),
        (&[("etag", "\"a\"")], &[("etag", "\"b\"")]),
        (&[("last-modified", LAST_MODIFIED)], &[("last-modified", EARLIER)]),
        // What the head promises does not come.
        (&[("etag", "\"a\"")], &[("etag", "\"a\"")]),
    ] {
        Case::new(origin, edge).no_body().comes_to(Verdict::Unverifiable, Some(Trouble::BodyUnavailable));
    }
    let mut at_the_origin = Case::new(&[], &[]);
    at_the_origin.observation.body = body(1);
    if let Reference::Sound { body_trouble, .. } = &mut at_the_origin.reference {
        *body_trouble = Some("cut short".into());
    }
    at_the_origin.comes_to(Verdict::Unverifiable, Some(Trouble::BodyUnavailable));
}

#[test]
fn a_body_that_cannot_be_had_is_not_missed_where_the_head_differs() {
    let case = Case::with_status(200, &[], 301, &[("location", "/x")]).no_body();
    case.is(Verdict::Divergent);
}

#[test]
fn an_equal_repr_digest_is_the_same_content() {
    let digest = [("repr-digest", "sha-256=:YQ==:")];
    let case = Case::new(&digest, &digest);
    case.wants_bodies(false);
    case.is(Verdict::Fresh);
}

#[test]
fn another_status_that_is_no_error_is_another_content() {
    for edge in [206, 304, 301] {
        let case = Case::with_status(200, &[("etag", "\"a\"")], edge, &[("etag", "\"a\"")]);
        case.wants_bodies(false);
        case.is(Verdict::Divergent);
        case.purged(ago(60)).aged(3_600).is(Verdict::Stale);
    }
    // Deleted at the origin, and the old page is still there.
    Case::with_status(404, &[], 200, &[]).purged(ago(60)).aged(3_600).is(Verdict::Stale);
}

#[test]
fn a_redirect_is_where_it_leads() {
    let redirect = |edge| Case::with_status(301, &[("location", "/new")], 301, &[("location", edge)]);
    redirect("/new").wants_bodies(false);
    redirect("/new").is(Verdict::Fresh);
    redirect("/old").wants_bodies(false);
    redirect("/old").is(Verdict::Divergent);
    redirect("/old").purged(ago(60)).aged(3_600).is(Verdict::Stale);
    Case::with_status(301, &[("location", "/new")], 301, &[]).is(Verdict::Divergent);
}

#[test]
fn an_error_at_both_is_the_same_whatever_its_page_says() {
    let case = Case::with_status(404, &[("content-length", "5")], 404, &[("content-length", "500")]);
    case.wants_bodies(false);
    case.is(Verdict::Fresh);
}

#[test]
fn a_type_that_changed_under_one_tag_is_a_difference() {
    let typed = |edge| {
        let origin = [("etag", "\"a\""), ("content-type", "text/javascript; charset=utf-8")];
        Case::new(&origin, &[("etag", "\"a\""), ("content-type", edge)])
    };
    typed("application/javascript").is(Verdict::Fresh);
    typed("text/html").is(Verdict::Divergent);
    typed("text/html").purged(ago(60)).aged(3_600).is(Verdict::Stale);
}
