//! What a deploy pinned, and what was there before it.

use std::collections::BTreeMap;

use super::*;

/// The deploy pinned this build, and the edge shows that one.
fn built(pinned: &str, shown: &str) -> Case {
    let mut case = Case::new(&[("etag", "\"a\"")], &[("etag", "\"a\""), ("x-build", shown)]);
    case.expect = Some(Expect { headers: BTreeMap::from([("x-build".into(), pinned.into())]), ..Expect::default() });
    case
}

#[test]
fn a_pinned_value_outweighs_what_the_origin_says() {
    built("2", "2").wants_bodies(false);
    built("2", "2").is(Verdict::Fresh);
    built("2", "1").wants_bodies(false);
    built("2", "1").is(Verdict::Divergent);
    built("2", "1").purged(ago(60)).aged(3_600).is(Verdict::Stale);
}

#[test]
fn what_is_pinned_needs_no_origin() {
    let silent = || Reference::Unreachable(Silence::new(Phase::Connect, "192.0.2.1:443", "connection refused"));
    for (shown, verdict) in [("2", Verdict::Fresh), ("1", Verdict::Divergent)] {
        let mut case = built("2", shown);
        case.reference = silent();
        case.is(verdict);
    }
}

#[test]
fn a_pinned_digest_wants_the_body() {
    let mut case = same_content();
    case.expect = Some(Expect { sha256: Some([1; 32]), ..Expect::default() });
    case.wants_bodies(true);
    case.observation.body = body(1);
    case.is(Verdict::Fresh);
    case.observation.body = body(2);
    case.is(Verdict::Divergent);
    case.no_body().comes_to(Verdict::Unverifiable, Some(Trouble::BodyUnavailable));
}

#[test]
fn what_was_there_before_the_deploy_is_old() {
    let before = |etag: &'static str| {
        let mut case = other_content();
        case.baseline = Some(Validators { status: 200, etag: Some(etag.into()), ..Validators::default() });
        case
    };
    before("\"old\"").is(Verdict::Stale);
    before("\"older\"").is(Verdict::Divergent);
    // The deploy changed nothing: then what was there before says nothing about age.
    let mut unchanged = same_content();
    unchanged.baseline = Some(Validators { status: 200, etag: Some("\"new\"".into()), ..Validators::default() });
    unchanged.is(Verdict::Fresh);
}
