//! Squid: a pair of lines for each proxy, used and found; a copy confirmed by the origin shows as a miss.

use super::evidence::{Evidence, Found, begins, contains, layer};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Hit, Miss, Unknown};
use crate::model::Layer;
use crate::syntax::list;

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Software, |evidence, at| begins(evidence.hops[at].comment, "squid"))),
    cache_status_names: &["squid"],
    ..Dialect::new("squid", claim, layers)
};

/// `X-Cache`: whether a copy was used.
const USED: Words = &[("HIT", Hit), ("MISS", Miss)];

/// `HIT from host`, with a port where it is of `X-Cache-Lookup`.
fn pair(member: &str) -> Option<(CacheStatus, &str)> {
    let (word, host) = member.split_once(" from ")?;
    let status = meaning(USED, word);
    let host = host.trim();
    (status != Unknown && !host.eq_ignore_ascii_case("cloudfront") && !contains(host, "akamai"))
        .then_some((status, host))
}

fn looks_up(evidence: &Evidence<'_>) -> bool {
    evidence
        .value("x-cache-lookup")
        .is_some_and(|value| list::members(&value).any(|m| contains(m, " from ") && contains(m, ":")))
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if pair(evidence.last_x_cache).is_some() && looks_up(evidence) {
        return Some(Claim::Software);
    }
    evidence.server_begins("squid").then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let lookups = evidence.value("x-cache-lookup");
    let is_ours = looks_up(evidence) || evidence.hops.iter().any(|hop| begins(hop.comment, "squid"));
    let start = found.layers.len();
    for (status, host) in evidence.x_cache().filter_map(pair).filter(|_| is_ours) {
        found.layers.push(Layer { name: Some(host.to_owned()), ..layer(DIALECT.id, status) });
    }
    if found.layers.len() == start {
        let via = evidence.hops.iter().rev().find(|hop| begins(hop.comment, "squid"));
        found.layers.push(Layer { name: via.map(|hop| hop.by.to_owned()), ..layer(DIALECT.id, Unknown) });
    }
    let found_a_copy =
        lookups.as_deref().and_then(|value| list::members(value).last()).is_some_and(|last| begins(last, "HIT"));
    if found_a_copy && found.layers.last().is_some_and(|layer| layer.status == Miss) {
        found.note("a copy was there and was not used as it was: confirmed by the origin, or a reload was forced");
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const BLOG: &str = "https://lyte.id.au/2014/08/28/x-cache-and-x-cache-lookupheaders";

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (BLOG, "x-cache: HIT from a.example\nx-cache-lookup: HIT from a.example:3128\nage: 5", "squid hit - 5"),
            (BLOG, "x-cache: MISS from a.example\nx-cache-lookup: NONE from a.example:3128", "squid miss - -"),
            (BLOG, "via: 1.1 a.example (squid/5.7)\nx-cache: HIT from a.example", "squid hit - -"),
            (BLOG, "via: 1.1 a.example:3128 (squid)", "squid unknown - -"),
            (
                "squid 5",
                "via: 1.1 a.example (squid/5.7)\ncache-status: a.example;fwd=stale;fwd-status=304",
                "squid revalidated - -",
            ),
        ]);
    }

    #[test]
    fn each_proxy_is_a_layer() {
        let text = "x-cache: MISS from a.example\nx-cache-lookup: MISS from a.example:80\n\
                    x-cache: HIT from b.example\nx-cache-lookup: HIT from b.example:3128\nvia: 1.0 a.example (squid), 1.1 b.example (squid)";
        assert_eq!(layers(text), ["squid miss - - history", "squid hit - -"]);
        assert_eq!(reading(text).layers[1].name.as_deref(), Some("b.example"));
    }

    #[test]
    fn a_miss_although_a_copy_was_there_is_noted() {
        let text = "x-cache: MISS from a.example\nx-cache-lookup: HIT from a.example:3128";
        assert_eq!(reading(text).notes.len(), 1);
    }
}
