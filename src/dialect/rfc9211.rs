//! `Cache-Status` for whoever writes it, as layers. The fields of a cache's own are read elsewhere.

use super::evidence::{Evidence, Found, begins, layer};
use super::{ALL, Claim, Dialect};
use crate::model::{CacheStatus, Layer};
use crate::syntax::cache_status::{Fwd, Member};

/// What a member says its cache did. `answered` is the status of the whole answer.
pub(super) fn status(member: &Member<'_>, answered: u16) -> CacheStatus {
    // Some caches put `hit` and `fwd=stale` side by side: served stale, and fetched behind the client's back.
    match (member.hit, member.fwd) {
        (true, Some(Fwd::Stale)) => CacheStatus::Stale,
        (true, _) if member.ttl.is_some_and(|ttl| ttl < 0) => CacheStatus::Stale,
        (true, _) => CacheStatus::Hit,
        (false, Some(Fwd::Stale)) => match member.fwd_status {
            Some(304) => CacheStatus::Revalidated,
            // The error did not reach the client: what it got came out of the store.
            Some(500..) if answered < 500 => CacheStatus::Stale,
            _ => CacheStatus::Expired,
        },
        // That a request went forward once does not say that the answer is not kept.
        (false, Some(Fwd::Bypass | Fwd::Method)) if !member.stored => CacheStatus::Bypass,
        (false, Some(_)) => CacheStatus::Miss,
        (false, None) => CacheStatus::Unknown,
    }
}

/// Whether a cache that served a stale copy did so because it got no new one: by its own member, where it has one.
pub(super) fn refresh_failed(front: Option<&Dialect>, evidence: &Evidence<'_>) -> bool {
    let own = evidence.cache_status.last().filter(|member| front.is_none_or(|front| is_of(front, member)));
    match own {
        Some(member) => !member.hit && member.fwd_status.is_some_and(|status| status >= 500),
        None => front.is_some_and(|front| front.stale_is_failure),
    }
}

/// Whether a member is this provider's, by the name it gives itself.
pub(super) fn is_of(dialect: &Dialect, member: &Member<'_>) -> bool {
    let is_name = |name: &str| {
        begins(&member.cache, name) && !member.cache.as_bytes().get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
    };
    dialect.cache_status_names.iter().any(|name| is_name(name))
}

fn as_layer(provider: &'static str, member: &Member<'_>, evidence: &Evidence<'_>) -> Layer {
    Layer { name: Some(member.cache.clone().into_owned()), ..layer(provider, status(member, evidence.head.status)) }
}

/// Members that no dialect knows are layers of their own, behind those that are known.
pub(super) fn unclaimed(evidence: &Evidence<'_>, found: &mut Found) {
    let nobodys = |member: &&Member<'_>| !ALL.iter().any(|dialect| is_of(dialect, member));
    let members = evidence.cache_status.iter().filter(nobodys);
    found.layers.extend(members.map(|member| as_layer("unknown", member, evidence)));
}

/// Puts the members that are this dialect's in the place of what its other fields said, but for the POP.
pub(super) fn refine(dialect: &Dialect, evidence: &Evidence<'_>, from: usize, found: &mut Found) {
    let mut own = evidence.cache_status.iter().filter(|member| is_of(dialect, member)).peekable();
    if own.peek().is_none() {
        return;
    }
    let other = found.layers.drain(from..).next_back();
    found.layers.extend(own.map(|member| as_layer(dialect.id, member, evidence)));
    if let (Some(last), Some(other)) = (found.layers.last_mut(), other) {
        last.pop = other.pop;
        last.age_seconds = other.age_seconds;
        if last.status == CacheStatus::Unknown {
            last.status = other.status;
        }
    }
}

/// A server that only its `Via` shows, and a member beside it that names nobody: they are the same cache.
pub(super) fn adopt(claim: Option<Claim>, found: &mut Found) {
    if claim.is_none_or(|claim| claim > Claim::Software) {
        return;
    }
    let [.., member, server] = &mut found.layers[..] else { return };
    let is_nobodys = member.provider == "unknown" && member.name.is_some() && member.status != CacheStatus::Unknown;
    if is_nobodys && server.status == CacheStatus::Unknown {
        member.provider = server.provider;
        found.layers.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::testing::{assert_reads, layers, reading};
    use crate::syntax::cache_status::parse;

    /// RFC 9211 sections 2 and 3.
    #[test]
    fn each_parameter_has_its_status() {
        for (value, expected) in [
            ("c; hit", CacheStatus::Hit),
            ("c; hit; ttl=376", CacheStatus::Hit),
            ("c; hit; ttl=-412", CacheStatus::Stale),
            ("c; hit; fwd=stale", CacheStatus::Stale),
            ("c; fwd=uri-miss; collapsed", CacheStatus::Miss),
            ("c; fwd=vary-miss; stored", CacheStatus::Miss),
            ("c; fwd=miss", CacheStatus::Miss),
            ("c; fwd=partial", CacheStatus::Miss),
            ("c; fwd=request", CacheStatus::Miss),
            ("c; fwd=stale; fwd-status=304", CacheStatus::Revalidated),
            ("c; fwd=stale; fwd-status=200; stored", CacheStatus::Expired),
            ("c; fwd=stale; fwd-status=503", CacheStatus::Stale),
            ("c; fwd=stale", CacheStatus::Expired),
            ("c; fwd=bypass", CacheStatus::Bypass),
            ("c; fwd=method", CacheStatus::Bypass),
            ("c; detail=x", CacheStatus::Unknown),
        ] {
            assert_eq!(status(&parse(value.as_bytes()).unwrap()[0], 200), expected, "{value}");
        }
    }

    #[test]
    fn whoever_speaks_it_is_read() {
        assert_reads(&[
            ("RFC 9211 section 3", "cache-status: ExampleCache; hit; ttl=376\nage: 5", "unknown hit - 5"),
            ("RFC 9211 section 3", "cache-status: \"nginx\"; fwd=miss", "nginx miss - -"),
            (
                "RFC 9211 section 3",
                "via: 1.1 a.example (squid/6.1)\ncache-status: a.example;hit;detail=match",
                "squid hit - -",
            ),
            (
                "RFC 9211 section 2",
                "server: cloudflare\ncf-cache-status: HIT\ncache-status: a; hit",
                "cloudflare hit - -",
            ),
        ]);
    }

    #[test]
    fn members_behind_one_that_hit_are_history() {
        let text = "cache-status: Origin; hit; ttl=1100, Shield; fwd=miss, Edge; hit";
        assert_eq!(layers(text), ["unknown hit - - history", "unknown miss - - history", "unknown hit - -"]);
    }

    #[test]
    fn a_field_that_does_not_parse_is_noted_and_the_rest_is_read() {
        let reading = reading("x-cache: HIT, HIT\nx-served-by: cache-ams1-AMS\ncache-status: hit from = edge");
        assert_eq!((reading.provider, reading.status), ("fastly", CacheStatus::Hit));
        assert!(reading.notes[0].contains("Cache-Status"), "{:?}", reading.notes);
    }
}
