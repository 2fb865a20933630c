//! Apache httpd's `mod_cache`: `X-Cache` with its host, where an operator switched it on.

use super::evidence::{Evidence, Found, layer};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Hit, Miss, Revalidated, Unknown};
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect::new("apache", claim, layers);

/// <https://httpd.apache.org/docs/2.4/mod/mod_cache.html#cacheheader>
const WORDS: Words = &[("HIT", Hit), ("REVALIDATE", Revalidated), ("MISS", Miss)];

fn said(member: &str) -> Option<(CacheStatus, &str)> {
    let (word, host) = member.split_once(" from ")?;
    let status = meaning(WORDS, word);
    (status != Unknown).then_some((status, host.trim()))
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    let (status, host) = said(evidence.last_x_cache)?;
    if host.eq_ignore_ascii_case("cloudfront") || evidence.has("x-cache-lookup") {
        return None;
    }
    // Others write the same words but one, and sign Via; mod_cache can add a detail, and names its own server.
    let may_be = evidence.server_begins("Apache") && evidence.hops.is_empty() && !evidence.has("x-varnish");
    let is_apache = status == Revalidated || evidence.has("x-cache-detail") || may_be;
    is_apache.then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    if evidence.hops.iter().any(|hop| hop.comment.starts_with("squid")) {
        return;
    }
    if let Some((status, host)) = said(evidence.last_x_cache) {
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
                "a Varnish that says so",
                "server: Apache\nvia: 1.1 varnish\nx-varnish: 5 4\nx-cache: HIT from a.example",
                "varnish hit - -",
            ),
            ("either could have written it", "x-cache: HIT from a.example", "unknown hit - -"),
        ]);
    }
}
