//! Where each piece of advice speaks, and where it keeps quiet.

use super::*;
use crate::model::{Head, Priority};
use crate::syntax::cache_control;
use crate::syntax::heads;

fn head(fields: &str) -> Head {
    heads::parse(format!("HTTP/2 200\n{fields}\n").as_bytes()).remove(0)
}

/// What is said of an answer with these fields.
fn said(fields: &str, change: impl FnOnce(&mut Given<'_>)) -> Vec<(&'static str, String)> {
    let head = head(fields);
    let field = |name: &'static str| Some((name, cache_control::parse(&head.joined(name)?)));
    let policies: Vec<_> = ["Cache-Control", "CDN-Cache-Control"].into_iter().filter_map(field).collect();
    let mut given = Given {
        head: &head,
        path: "/app.js",
        priority: Priority::Normal,
        policies: &policies,
        from_a_store: false,
        passed: false,
        etags: None,
    };
    change(&mut given);
    ALL.iter().filter_map(|advice| Some((advice.id, (advice.speaks)(&given)?))).collect()
}

/// Only this, of that; or nothing.
#[track_caller]
fn is(found: &[(&str, String)], expected: &[(&str, &str)]) {
    let found: Vec<(&str, &str)> = found.iter().map(|(id, seen)| (*id, &**seen)).collect();
    assert_eq!(found, expected);
}

const FINE: &str = "etag: \"a\"\ncache-control: max-age=60, s-maxage=86400";

#[test]
fn a_good_policy_needs_no_advice() {
    is(&said(FINE, |_| ()), &[]);
    is(&said(FINE, |given| given.from_a_store = true), &[]);
}

#[test]
fn what_has_no_validator_is_told() {
    let seen = "neither etag nor last-modified";
    is(&said("cache-control: max-age=60", |_| ()), &[("no-validator", seen)]);
    is(&said("x: y", |_| ()), &[("no-validator", seen)]);
    for quiet in ["last-modified: x", "etag: W/\"\"", "cache-control: no-store"] {
        is(&said(quiet, |_| ()), &[]);
    }
    is(&said("x: y", |given| given.passed = true), &[]);
}

#[test]
fn a_long_lifetime_in_browsers_is_told_of_names_that_stay() {
    let long = "etag: \"a\"\ncache-control: public, max-age=31536000, immutable";
    let expected = [("browsers-keep-it", "cache-control: public, max-age=31536000, immutable")];
    is(&said(long, |_| ()), &expected);
    is(&said(long, |given| given.path = "/app.8e0d62a03e4b1c5d.js"), &[]);
    is(
        &said("etag: \"a\"\ncache-control: max-age=3600", |_| ()),
        &[("browsers-keep-it", "cache-control: max-age=3600")],
    );
    for quiet in ["max-age=3599", "max-age=86400, no-cache", "no-store, max-age=86400", "s-maxage=86400"] {
        is(&said(&format!("etag: \"a\"\ncache-control: {quiet}"), |_| ()), &[]);
    }
    // It is for CDNs, not for browsers.
    is(&said("etag: \"a\"\ncdn-cache-control: max-age=86400", |_| ()), &[]);
}

#[test]
fn vary_by_everything_and_by_browsers_is_told() {
    is(&said(&format!("{FINE}\nvary: *"), |_| ()), &[("varies-by-everything", "vary: *")]);
    let vary = "vary: Accept-Encoding, user-agent";
    is(&said(&format!("{FINE}\n{vary}"), |_| ()), &[("varies-by-user-agent", vary)]);
    is(&said(&format!("{FINE}\nvary: Accept-Encoding, X-User-Agent-Class"), |_| ()), &[]);
}

#[test]
fn a_cookie_that_may_be_kept_is_told_without_its_value() {
    let cookie = |rest: &str| format!("etag: \"a\"\nset-cookie: sid=secret\n{rest}");
    let expected = [("cookie-is-cached", "set-cookie")];
    is(&said(&cookie("cache-control: max-age=60"), |_| ()), &expected);
    is(&said(&cookie("cdn-cache-control: max-age=60"), |_| ()), &expected);
    is(&said(&cookie("x: y"), |given| given.from_a_store = true), &expected);
    for quiet in ["cache-control: private, max-age=60", "cache-control: no-store", "cache-control: max-age=0", "x: y"] {
        is(&said(&cookie(quiet), |_| ()), &[]);
    }
    is(&said(&cookie("cache-control: max-age=60"), |given| given.passed = true), &[]);
}

#[test]
fn what_is_critical_and_may_be_stale_is_told() {
    let fields = "etag: \"a\"\ncdn-cache-control: max-age=60, stale-while-revalidate=30";
    let critical = |given: &mut Given<'_>| given.priority = Priority::Critical;
    let seen = "cdn-cache-control: max-age=60, stale-while-revalidate=30";
    is(&said(fields, critical), &[("critical-served-stale", seen)]);
    is(&said(fields, |_| ()), &[]);
    is(&said("etag: \"a\"\ncache-control: max-age=60, stale-while-revalidate=0", critical), &[]);
    is(&said("etag: \"a\"\ncache-control: max-age=60, stale-if-error=60", critical), &[]);
}

#[test]
fn two_tags_for_one_content_are_told() {
    let etags = ["\"a\"".to_owned(), "\"b\"".to_owned()];
    let found = said(FINE, |given| given.etags = Some(Box::leak(Box::new(etags))));
    is(&found, &[("etags-by-server", "etag: \"a\" and \"b\"")]);
}

#[test]
fn every_piece_has_its_words_and_its_source() {
    for advice in ALL {
        let kebab = advice.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(kebab && !advice.summary.is_empty(), "{}", advice.id);
        assert!(advice.why.ends_with('.') && advice.fix.ends_with('.'), "{}", advice.id);
        assert!(advice.source.contains("RFC ") || advice.source.contains("https://"), "{}", advice.id);
    }
}
