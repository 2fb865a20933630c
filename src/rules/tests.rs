//! Where each rule speaks, and where it keeps quiet.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::model::{Neighbour, Phase, Swept, Trouble, Verdict};

/// One edge of four is old for one of two tenants, and nothing else is known.
fn facts(verdict: Verdict) -> Facts<'static> {
    let nearby = Nearby {
        everywhere: Share { bad: 1, of: 8 },
        spans_edges_and_urls: true,
        object: Share { bad: 1, of: 2 },
        host: Share { bad: 1, of: 4 },
        other_hosts: Share { bad: 0, of: 4 },
        other_tenants: Share { bad: 0, of: 4 },
        edge: Share { bad: 1, of: 2 },
        region: Share { bad: 1, of: 4 },
        region_edges: 2,
        elsewhere: Share { bad: 0, of: 6 },
    };
    Facts {
        verdict,
        trouble: None,
        phase: None,
        region: "eu",
        edge: "fra",
        host: "a.example",
        path: "/x",
        variant: "gzip",
        error: None,
        observed_status: Some(200),
        reference_status: Some(200),
        pop_expected: None,
        pop_seen: None,
        provider_expected: None,
        provider_seen: None,
        led: None,
        purged: true,
        predates_purge: false,
        stored_after_purge: false,
        says_stale: false,
        outlived: false,
        revalidation_failed: false,
        from_a_store: false,
        metadata_changed_etag_same: false,
        took_turns: false,
        a_variant_is_fresh: false,
        how_to_purge: None,
        swept: &[],
        parent: None,
        edge_asked_its_parent: false,
        edge_refilled_after_purge: false,
        parent_still_serves: false,
        nearby,
    }
}

fn troubled(verdict: Verdict, trouble: Trouble) -> Facts<'static> {
    Facts { trouble: Some(trouble), ..facts(verdict) }
}

fn stale() -> Facts<'static> {
    facts(Verdict::Stale)
}

fn near(set: impl FnOnce(&mut Nearby)) -> Facts<'static> {
    let mut facts = stale();
    set(&mut facts.nearby);
    facts
}

fn refilled() -> Facts<'static> {
    let parent = Some(Parent { provider: "fastly", place: Some("FRA") });
    Facts { parent, edge_asked_its_parent: true, ..stale() }
}

/// A neighbour of each kind was asked, and fares like this.
fn swept(verdict: Verdict) -> [Swept; 4] {
    use Neighbour::{DirectoryAlias, OtherEncoding, OtherScheme, WithoutQuery};
    let asked = |neighbour| Swept { neighbour, url: "https://a.example/y".to_owned(), verdict, from_a_store: false };
    [WithoutQuery, OtherEncoding, DirectoryAlias, OtherScheme].map(asked)
}

/// For each rule: facts that it must explain, and facts that it has nothing to say about.
fn cases<'f>(fresh: &'f [Swept; 4], old: &'f [Swept; 4]) -> Vec<(&'static str, Facts<'f>, Facts<'f>)> {
    use Trouble as T;
    use Verdict::{Divergent, Failing, Fresh, Unpurged, Unreachable, Unverifiable};
    let all = |of| Share { bad: of, of };
    let beside = |swept| Facts { swept, ..stale() };
    vec![
        ("no-origin", troubled(Unverifiable, T::NoOrigin), troubled(Unverifiable, T::OriginUnreachable)),
        ("origin-unreachable", troubled(Unverifiable, T::OriginUnreachable), troubled(Unverifiable, T::OriginFailing)),
        ("origin-failing", troubled(Unverifiable, T::OriginFailing), troubled(Unverifiable, T::OriginInconsistent)),
        ("origin-inconsistent", troubled(Unverifiable, T::OriginInconsistent), facts(Divergent)),
        ("body-unavailable", troubled(Unverifiable, T::BodyUnavailable), troubled(Unverifiable, T::NothingToCompare)),
        ("wrong-pop", troubled(Unverifiable, T::WrongPop), troubled(Unverifiable, T::WrongProvider)),
        ("wrong-provider", troubled(Unverifiable, T::WrongProvider), troubled(Unverifiable, T::WrongPop)),
        ("not-told-apart", troubled(Unverifiable, T::NotToldApart), troubled(Unverifiable, T::WrongPop)),
        ("rate-limited", troubled(Failing, T::RateLimited), facts(Failing)),
        ("host-not-served", troubled(Failing, T::HostNotServed), facts(Unreachable)),
        ("blocked-by-waf", troubled(Failing, T::Blocked), facts(Failing)),
        ("nothing-to-compare", troubled(Unverifiable, T::NothingToCompare), troubled(Unverifiable, T::BodyUnavailable)),
        ("not-asked", Facts { phase: Some(Phase::Deadline), ..facts(Unreachable) }, facts(Unreachable)),
        (
            "vendor-not-asked",
            Facts { phase: Some(Phase::Unasked), ..facts(Unreachable) },
            Facts { phase: Some(Phase::Deadline), ..facts(Unreachable) },
        ),
        ("no-answer", facts(Unreachable), facts(Failing)),
        (
            "inconsistent-servers-in-pop",
            Facts { took_turns: true, ..stale() },
            Facts { took_turns: true, ..facts(Failing) },
        ),
        ("shield-refilled-stale", refilled(), Facts { edge_asked_its_parent: false, ..refilled() }),
        ("lower-layer-stale", Facts { purged: false, ..refilled() }, Facts { parent: None, ..refilled() }),
        (
            "variant-missed",
            Facts { a_variant_is_fresh: true, ..stale() },
            Facts { a_variant_is_fresh: true, ..facts(Divergent) },
        ),
        ("query-key", beside(&fresh[..1]), beside(old)),
        ("path-encoding", beside(&fresh[1..2]), beside(old)),
        ("directory-alias", beside(&fresh[2..3]), beside(old)),
        ("scheme-keyed", beside(&fresh[3..]), beside(old)),
        (
            "purged-everywhere-but-nothing-moved",
            near(|nearby| nearby.everywhere = all(4)),
            near(|nearby| nearby.everywhere = Share { bad: 7, of: 8 }),
        ),
        (
            "tenant-hostname-missed",
            near(|nearby| nearby.host = all(4)),
            near(|nearby| nearby.host = Share { bad: 3, of: 4 }),
        ),
        ("region-cut-off", near(|nearby| nearby.edge = all(2)), near(|nearby| nearby.edge = Share { bad: 1, of: 2 })),
        ("negative-cached", Facts { observed_status: Some(404), ..stale() }, stale()),
        ("redirect-stale", Facts { observed_status: Some(301), ..stale() }, stale()),
        (
            "metadata-changed-etag-same",
            Facts { metadata_changed_etag_same: true, ..stale() },
            Facts { metadata_changed_etag_same: true, ..facts(Failing) },
        ),
        (
            "revalidation-failed",
            Facts { revalidation_failed: true, says_stale: true, ..stale() },
            Facts { says_stale: true, ..stale() },
        ),
        ("stale-while-revalidate", Facts { says_stale: true, ..stale() }, stale()),
        ("edge-not-purged", Facts { predates_purge: true, ..stale() }, stale()),
        (
            "purge-raced-deploy",
            Facts { stored_after_purge: true, ..stale() },
            Facts { predates_purge: true, ..stale() },
        ),
        ("stale-copy", stale(), facts(Divergent)),
        ("copy-predates-purge", facts(Unpurged), facts(Fresh)),
        ("edge-error", Facts { observed_status: Some(503), ..facts(Failing) }, facts(Divergent)),
        ("content-differs", facts(Divergent), stale()),
    ]
}

#[test]
fn every_rule_speaks_where_it_should_and_keeps_quiet_elsewhere() {
    let (fresh, old) = (swept(Verdict::Fresh), swept(Verdict::Stale));
    let cases = cases(&fresh, &old);
    let told: Vec<&str> = cases.iter().map(|(id, ..)| *id).collect();
    let all: Vec<&str> = ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(told, all);
    for (rule, (id, speaks, quiet)) in ALL.iter().zip(&cases) {
        assert_eq!(diagnose(speaks).unwrap().id, *id);
        assert!(!(rule.applies)(quiet), "{id} speaks out of turn");
    }
}

#[test]
fn neighbours_that_are_old_as_well_point_elsewhere() {
    let others_are_old = near(|nearby| {
        nearby.host = Share { bad: 4, of: 4 };
        nearby.other_hosts = Share { bad: 2, of: 4 };
        nearby.other_tenants = Share { bad: 2, of: 4 };
    });
    assert_ne!(diagnose(&others_are_old).unwrap().id, "tenant-hostname-missed");
    let elsewhere_is_old = near(|nearby| {
        nearby.edge = Share { bad: 2, of: 2 };
        nearby.elsewhere = Share { bad: 3, of: 6 };
    });
    assert_ne!(diagnose(&elsewhere_is_old).unwrap().id, "region-cut-off");
    let one_url_alone = near(|nearby| {
        nearby.everywhere = Share { bad: 4, of: 4 };
        nearby.spans_edges_and_urls = false;
    });
    assert_ne!(diagnose(&one_url_alone).unwrap().id, "purged-everywhere-but-nothing-moved");
}

#[test]
fn a_whole_region_that_is_old_is_named_as_one() {
    let mut facts = near(|nearby| {
        nearby.edge = Share { bad: 2, of: 2 };
        nearby.region = Share { bad: 4, of: 4 };
    });
    assert!(diagnose(&facts).unwrap().summary.contains("region eu"));
    assert!(diagnose(&facts).unwrap().fix.contains("If region eu stays old, take it out"));
    facts.nearby.region = Share { bad: 2, of: 4 };
    assert!(diagnose(&facts).unwrap().summary.contains("edge fra"));
    // Of copies that were filled by a parent, that comes first.
    facts.parent = Some(Parent { provider: "fastly", place: Some("FRA") });
    assert!(diagnose(&facts).unwrap().fix.starts_with("Purge the parent FRA (fastly) first"), "{:?}", diagnose(&facts));
}

#[test]
fn only_a_body_beyond_our_own_bound_is_mended_by_raising_it() {
    for (error, ours) in
        [("larger than 16 MiB", true), ("at the origin: larger than 1 MiB", true), ("truncated after 3 B", false)]
    {
        let facts = Facts { error: Some(error), ..troubled(Verdict::Unverifiable, Trouble::BodyUnavailable) };
        assert_eq!(diagnose(&facts).unwrap().fix.contains("--max-body"), ours, "{error}");
    }
}

#[test]
fn a_name_that_does_not_resolve_is_no_matter_of_firewalls() {
    let facts = Facts { phase: Some(Phase::Dns), ..facts(Verdict::Unreachable) };
    assert!(diagnose(&facts).unwrap().fix.contains("resolver"));
}

#[test]
fn ids_are_unique_and_in_kebab_case() {
    let ids: BTreeSet<&str> = ALL.iter().map(|rule| rule.id).chain(NOTES.iter().map(|note| note.id)).collect();
    assert_eq!(ids.len(), ALL.len() + NOTES.len());
    for id in ids {
        let words = id.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
        assert!(words, "{id}");
    }
}

#[test]
fn every_note_speaks_of_its_own_signs_and_of_no_others() {
    let signs: [(&str, Signs); 6] = [
        ("reference-is-an-error", Signs { reference_is_error: true, ..Signs::default() }),
        ("etag-differs-content-same", Signs { etag_differs: true, content_same: true, ..Signs::default() }),
        ("weak-etag-only", Signs { etag_weakened: true, ..Signs::default() }),
        ("head-get-differ", Signs { head_get_differ: true, ..Signs::default() }),
        ("policy-overridden", Signs { policy_differs: true, ..Signs::default() }),
        ("vary-not-asked", Signs { vary_unasked: true, ..Signs::default() }),
    ];
    assert_eq!(signs.map(|(id, _)| id).as_slice(), NOTES.iter().map(|note| note.id).collect::<Vec<_>>());
    let told = |signs| NOTES.iter().filter(|note| (note.applies)(signs)).map(|note| note.id).collect::<Vec<_>>();
    for (id, signs) in signs {
        assert_eq!(told(signs), [id]);
    }
    assert!(told(Signs::default()).is_empty());
    assert!(told(Signs { etag_differs: true, ..Signs::default() }).is_empty());
}

fn share() -> impl Strategy<Value = Share> {
    (0_u64..4, 0_u64..4).prop_map(|(bad, good)| Share { bad, of: bad + good })
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop::sample::select(vec![
        Trouble::NoOrigin,
        Trouble::OriginUnreachable,
        Trouble::OriginFailing,
        Trouble::OriginInconsistent,
        Trouble::BodyUnavailable,
        Trouble::NothingToCompare,
        Trouble::WrongPop,
        Trouble::WrongProvider,
        Trouble::RateLimited,
        Trouble::HostNotServed,
        Trouble::Blocked,
    ])
}

/// Whatever is not good; what is unverifiable has a trouble that made it so.
fn any_facts() -> impl Strategy<Value = Facts<'static>> {
    let bad: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| !verdict.is_good()).collect();
    let verdict = (prop::sample::select(bad), trouble(), any::<bool>());
    let seen = (prop::option::of(100_u16..600), prop::option::of(100_u16..600), prop::option::of(Just("it broke")));
    let parent = prop::option::of((Just("fastly"), prop::option::of(Just("FRA"))));
    (verdict, seen, any::<[bool; 10]>(), parent, prop::array::uniform8(share()), 0_usize..3).prop_map(
        |((verdict, trouble, clear), (observed, reference, error), flags, parent, shares, region_edges)| {
            let [purged, predates_purge, stored_after_purge, says_stale, edge_asked_its_parent, spans, ..] = flags;
            let [.., revalidation_failed, metadata_changed_etag_same, took_turns, a_variant_is_fresh] = flags;
            let [everywhere, object, host, other_hosts, other_tenants, edge, region, elsewhere] = shares;
            Facts {
                trouble: (verdict == Verdict::Unverifiable || !clear).then_some(trouble),
                error,
                observed_status: observed,
                reference_status: reference,
                purged,
                predates_purge,
                stored_after_purge,
                says_stale,
                revalidation_failed,
                metadata_changed_etag_same,
                took_turns,
                a_variant_is_fresh,
                edge_asked_its_parent,
                parent: parent.map(|(provider, place)| Parent { provider, place }),
                nearby: Nearby {
                    everywhere,
                    spans_edges_and_urls: spans,
                    object,
                    host,
                    other_hosts,
                    other_tenants,
                    edge,
                    region,
                    region_edges,
                    elsewhere,
                },
                ..facts(verdict)
            }
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_not_good_has_a_cause_with_a_fix(facts in any_facts()) {
        let cause = diagnose(&facts);
        prop_assert!(cause.is_some());
        let cause = cause.unwrap_or_default();
        let lines = [&cause.id, &cause.summary, &cause.why, &cause.fix];
        prop_assert!(lines.iter().all(|line| !line.is_empty() && !line.contains('\n')), "{cause:?}");
    }
}
