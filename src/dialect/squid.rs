//! Squid: a pair of lines for each proxy, used and found; a copy that the origin confirmed shows as a hit like any other.

use super::evidence::{Evidence, Found, begins, contains, layer, word_and_host};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Error, Expired, Hit, Miss, Stale, Unknown};
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
    let (word, host) = word_and_host(member)?;
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
        // Where it signs Via, that tells its place.
        let signs = evidence.hops.iter().any(|hop| begins(hop.comment, "squid"));
        return Some(if signs { Claim::Passed } else { Claim::Software });
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
    let Some(front) = found.layers.last_mut() else { return };
    let had_a_copy =
        lookups.as_deref().and_then(|value| list::members(value).last()).is_some_and(|last| begins(last, "HIT"));
    // Seen from Debian's Squid 5.7: both of them whenever it makes the page itself, whatever the pair of lines says.
    if evidence.server_begins("squid") && evidence.has("x-squid-error") {
        front.status = Error;
    } else if front.status == Hit && evidence.warns_of_stale("squid/") {
        front.status = Stale;
    } else if had_a_copy && front.status == Miss {
        front.status = Expired;
        found.note("a copy was there and was not used: it was too old, or, with a Squid before 5, a reload was forced");
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};
    use crate::model::CacheStatus;

    const BLOG: &str = "https://lyte.id.au/2014/08/28/x-cache-and-x-cache-lookupheaders";

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (BLOG, "x-cache: HIT from a.example\nx-cache-lookup: HIT from a.example:3128\nage: 5", "squid hit - 5"),
            (BLOG, "x-cache: MISS from a.example\nx-cache-lookup: NONE from a.example:3128", "squid miss - -"),
            (BLOG, "via: 1.1 a.example (squid/5.7)\nx-cache: HIT from a.example", "squid hit - -"),
            (BLOG, "via: 1.1 a.example:3128 (squid)", "squid unknown - -"),
            (
                "seen from Debian's Squid 5.7",
                "warning: 110 squid/5.7 \"Response is stale\"\nwarning: 111 squid/5.7 \"Revalidation failed\"\nage: 9\n\
                 x-cache: HIT from a.example\nx-cache-lookup: HIT from a.example:80\nvia: 1.1 a.example (squid/5.7)",
                "squid stale - 9",
            ),
            (
                "seen from Debian's Squid 5.7",
                "HTTP/1.1 502 Bad Gateway\nserver: squid/5.7\nx-squid-error: ERR_ZERO_SIZE_OBJECT 0\n\
                 via: 1.1 a.example (squid/5.7)\nx-cache: MISS from a.example\nx-cache-lookup: HIT from a.example:3128",
                "squid error - -",
            ),
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
    fn a_copy_that_was_there_and_not_used_was_too_old() {
        let text = "x-cache: MISS from a.example\nx-cache-lookup: HIT from a.example:3128";
        assert_eq!(reading(text).status, CacheStatus::Expired);
        assert_eq!(reading(text).notes.len(), 1);
    }
}
