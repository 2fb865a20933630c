//! Apache httpd's `mod_cache`: `X-Cache` with its host, where an operator switched it on.

use super::evidence::{Evidence, Found, contains, layer, word_and_host};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Hit, Miss, Revalidated, Stale, Unknown};
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect::new("apache", claim, layers);

/// <https://httpd.apache.org/docs/2.4/mod/mod_cache.html#cacheheader>
const WORDS: Words = &[("HIT", Hit), ("REVALIDATE", Revalidated), ("MISS", Miss)];

fn said(member: &str) -> Option<(CacheStatus, &str)> {
    let (word, host) = word_and_host(member)?;
    let status = meaning(WORDS, word);
    (status != Unknown).then_some((status, host.trim()))
}

/// A stale copy is called a hit, and warned of in nobody's name (`modules/cache/mod_cache.c`; seen from Debian's
/// Apache 2.4 while its origin was down, without an `Age`).
fn warns_of_stale(evidence: &Evidence<'_>) -> bool {
    evidence.warns_of_stale("Response is stale") || evidence.warns_of_stale("Revalidation failed")
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    let (status, host) = said(evidence.last_x_cache)?;
    if host.eq_ignore_ascii_case("cloudfront") || evidence.has("x-cache-lookup") {
        return None;
    }
    // Others write the same words but one, and sign Via; mod_cache can add a detail, and names its own server, though
    // only on a hit: with all else it hands on the origin's (seen from Debian's Apache 2.4).
    let is_unsigned = evidence.hops.is_empty() && !evidence.has("x-varnish");
    let may_be = is_unsigned && (evidence.server_begins("Apache") || warns_of_stale(evidence));
    let is_apache = status == Revalidated || evidence.has("x-cache-detail") || may_be;
    is_apache.then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    if evidence.hops.iter().any(|hop| hop.comment.starts_with("squid")) {
        return;
    }
    if let Some((status, host)) = said(evidence.last_x_cache) {
        let is_stale = status == Hit
            && (warns_of_stale(evidence)
                || evidence.value("x-cache-detail").is_some_and(|detail| contains(&detail, "stale content returned")));
        let status = if is_stale { Stale } else { status };
        found.layers.push(Layer { name: Some(host.to_owned()), ..layer(DIALECT.id, status) });
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;

    #[test]
    fn heads_are_read() {
        const DOCS: &str = "https://httpd.apache.org/docs/2.4/mod/mod_cache.html#cacheheader (documentation only)";
        assert_reads(&[
            (DOCS, "server: Apache/2.4.58\nx-cache: HIT from a.example\nage: 8", "apache hit - 8"),
            (DOCS, "server: Apache/2.4.58\nx-cache: MISS from a.example", "apache miss - -"),
            (DOCS, "x-cache: REVALIDATE from a.example", "apache revalidated - -"),
            (DOCS, "x-cache: HIT from a.example\nx-cache-detail: \"cache hit\" from a.example", "apache hit - -"),
            (
                "seen from Debian's Apache 2.4",
                "server: origin\nwarning: 111 Revalidation failed\nx-cache: HIT from a.example\n\
                 x-cache-detail: \"cache hit: 503 status; stale content returned\" from a.example",
                "apache stale - -",
            ),
            (
                "seen from Debian's Apache 2.4",
                "server: origin\nwarning: 111 Revalidation failed\nx-cache: HIT from a.example",
                "apache stale - -",
            ),
            (
                "a Varnish that says so",
                "server: Apache\nvia: 1.1 varnish\nx-varnish: 5 4\nx-cache: HIT from a.example",
                "varnish hit - -",
            ),
            ("either could have written it", "x-cache: HIT from a.example", "unknown hit - -"),
        ]);
    }
}
