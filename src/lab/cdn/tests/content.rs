use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

use super::{HOST, PATH, Small, age, at, lasting, small};
use crate::lab::*;

#[test]
fn a_head_is_answered_from_the_copy_that_a_get_left_and_the_other_way_round() {
    let mut small = small(lasting(1_000));
    let headers = HeaderMap::new();
    let get = small.get(small.edge, 0);
    let head = small.cdn.answer(small.edge, &Request::head(HOST, PATH, &headers), at(10));
    assert_eq!(head.trail[1].outcome, Outcome::Hit);
    assert!(head.body.is_empty());
    assert_eq!(head.headers.get("content-length"), get.headers.get("content-length"));
    small.cdn.answer(small.other, &Request::head(HOST, PATH, &headers), at(10));
    assert_eq!(small.get(small.other, 11).trail[1].outcome, Outcome::Hit);
}

#[test]
fn codings_are_kept_apart_and_purged_together() {
    let mut small = small(lasting(1_000));
    let (mut gzip, plain) = (HeaderMap::new(), HeaderMap::new());
    gzip.insert(ACCEPT_ENCODING, "gzip".parse().unwrap());
    let edge = small.edge;
    let ask =
        |small: &mut Small, headers, second| small.cdn.answer(edge, &Request::get(HOST, PATH, headers), at(second));
    let coded = ask(&mut small, &gzip, 0);
    assert_eq!(coded.headers["content-encoding"], "gzip");
    assert_eq!(coded.headers["vary"], "Accept-Encoding");
    assert!(coded.headers["etag"].to_str().unwrap().starts_with("W/\""));
    small.deploy(10);
    let identity = ask(&mut small, &plain, 20);
    assert!(!identity.headers.contains_key("content-encoding"));
    assert_eq!((identity.version, ask(&mut small, &gzip, 20).version), (2, 1));
    small.cdn.purge(Purge::new(Scope::object(HOST, PATH), at(30)));
    assert_eq!(ask(&mut small, &gzip, 30).version, 2);
}

#[test]
fn gzip_decodes_to_the_identity_body() {
    use std::io::Read as _;
    let mut small = small(lasting(1_000));
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, "gzip".parse().unwrap());
    let coded = small.cdn.answer(small.edge, &Request::get(HOST, PATH, &headers), at(0));
    let mut decoded = Vec::new();
    flate2::read::GzDecoder::new(&coded.body[..]).read_to_end(&mut decoded).unwrap();
    assert_eq!(decoded, small.get(small.edge, 0).body);
}

#[test]
fn a_stored_404_outlives_the_page_that_was_missing() {
    let mut small = small(Page::default());
    let headers = HeaderMap::new();
    let late = Request::get(HOST, "/late", &headers);
    assert_eq!(small.cdn.answer(small.edge, &late, at(0)).status, 404);
    small.cdn.origin.deploy(&Scope::object(HOST, "/late"), Some(Page::default()), at(1));
    let cached = small.cdn.answer(small.edge, &late, at(9));
    assert_eq!((cached.status, cached.trail[1].outcome), (404, Outcome::Hit));
    assert_eq!(small.cdn.answer(small.edge, &late, at(10)).status, 200);
}

#[test]
fn a_stored_redirect_outlives_its_target() {
    let mut small = small(Page::redirect(301, "/app.{version}.js"));
    assert_eq!(small.get(small.edge, 0).headers["location"], "/app.1.js");
    small.deploy(10);
    assert_eq!(small.get(small.edge, 20).headers["location"], "/app.1.js");
    small.purge(30, |purge| purge);
    assert_eq!(small.get(small.edge, 30).headers["location"], "/app.2.js");
}

#[test]
fn a_page_that_must_not_be_stored_is_made_anew_each_time() {
    let mut small = small(Page::dynamic());
    let (first, second) = (small.get(small.edge, 0), small.get(small.edge, 1));
    assert_eq!(second.trail.iter().map(|step| step.outcome).collect::<Vec<_>>(), [Outcome::Pass, Outcome::Pass]);
    assert_ne!(first.body, second.body);
    assert_eq!(small.cdn.copies(), 0);
    assert_eq!(age(&second), None);
}

#[test]
fn the_same_content_deployed_again_keeps_its_body() {
    for (tags, same) in [(Tags::ByDeploy, false), (Tags::ByContent, true)] {
        let mut small = small(lasting(60));
        small.cdn.origin.tags = tags;
        let before = small.get(small.edge, 0);
        small.cdn.origin.redeploy(&Scope::Everything, None, at(10));
        let after = small.get(small.edge, 60);
        assert_eq!(after.version, 2);
        assert_eq!(before.body, after.body);
        assert_ne!(before.headers["last-modified"], after.headers["last-modified"]);
        assert_eq!(before.headers["etag"] == after.headers["etag"], same);
    }
}

#[test]
fn origin_servers_that_do_not_agree_send_several_tags_for_one_body() {
    let mut small = small(lasting(60));
    small.cdn.origin.tags = Tags::ByServer;
    let headers = HeaderMap::new();
    let answers: Vec<Response> =
        (0..20).map(|second| small.cdn.ask_origin(&Request::get(HOST, PATH, &headers), at(second))).collect();
    let tags: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.headers["etag"].as_bytes()).collect();
    assert_eq!(tags.len(), 3);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
}

#[test]
fn only_the_validators_that_were_switched_on_are_sent() {
    for (validators, etag, last_modified) in [
        (Validators::Both, true, true),
        (Validators::EtagOnly, true, false),
        (Validators::LastModifiedOnly, false, true),
        (Validators::Neither, false, false),
    ] {
        let mut small = small(lasting(60));
        small.cdn.origin.validators = validators;
        let headers = small.get(small.edge, 0).headers;
        assert_eq!((headers.contains_key("etag"), headers.contains_key("last-modified")), (etag, last_modified));
    }
}

#[test]
fn a_head_is_refused_where_only_get_is_allowed() {
    let mut small = small(lasting(60));
    small.cdn.origin.methods = Methods::GetOnly;
    let headers = HeaderMap::new();
    assert_eq!(small.cdn.answer(small.edge, &Request::head(HOST, PATH, &headers), at(0)).status, 405);
    assert_eq!(small.get(small.edge, 0).status, 200);
}

#[test]
fn a_variant_by_another_header_has_a_copy_of_its_own() {
    let mut small = small(Page { vary: &["user-agent"], ..lasting(1_000) });
    let mut mobile = HeaderMap::new();
    mobile.insert("user-agent", "Mobile/1.0".parse().unwrap());
    let mobile = Request::get(HOST, PATH, &mobile);
    small.cdn.answer(small.edge, &mobile, at(0));
    small.deploy(10);
    let (plain, mobile) = (small.get(small.edge, 20), small.cdn.answer(small.edge, &mobile, at(20)));
    assert_eq!((plain.version, mobile.version), (2, 1));
    assert_ne!(plain.headers["etag"], mobile.headers["etag"]);
    let body = String::from_utf8(mobile.body.to_vec()).unwrap();
    assert!(body.starts_with("// a.example /x version 1 for Mobile/1.0\n"));
}
