//! Varnish: the pair of transaction ids tells a hit; everything else is what a VCL author wrote.

use super::evidence::{Evidence, Found, aligned, begins, layer};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Bypass, Hit, Miss, Synthetic, Unknown};
use crate::model::Layer;
use crate::syntax::list;

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Software, is_hop)),
    cache_status_names: &["varnish"],
    bare_x_cache: true,
    purge: Some("curl -X PURGE {url} at the cache itself, where its VCL allows that"),
    ..Dialect::new("varnish", claim, layers)
};

/// Words of Wikimedia's VCL, and of most others (<https://wikitech.wikimedia.org/wiki/Caching_overview>).
const WORDS: Words = &[
    ("hit", Hit),
    ("hit-front", Hit),
    ("hit-local", Hit),
    ("hit-remote", Hit),
    ("miss", Miss),
    ("pass", Bypass),
    ("bypass", Bypass),
    ("int", Synthetic),
    ("int-front", Synthetic),
    ("synth", Synthetic),
];

fn is_hop(evidence: &Evidence<'_>, at: usize) -> bool {
    let hop = evidence.hops[at];
    let is_named = hop.by.eq_ignore_ascii_case("varnish") || begins(hop.by, "varnish-v");
    begins(hop.comment, "varnish") || (is_named && !super::fastly::is_hop(evidence, at))
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if named(evidence.last_x_cache).is_some() {
        return Some(Claim::Software);
    }
    let shows = evidence.has("x-varnish") || evidence.server.eq_ignore_ascii_case("varnish");
    shows.then_some(Claim::Passed)
}

/// `cp1052 hit(4)`, `cp3008 frontend hit/10414`, `cp3072 miss`: who, and what it did.
fn named(member: &str) -> Option<(&str, CacheStatus)> {
    let (host, said) = member.split_once(' ')?;
    let word = said.rsplit_once("frontend ").map_or(said, |(_, word)| word).trim();
    let word = word.split(['(', '/', ' ']).next().unwrap_or(word);
    let is_host = host.bytes().any(|byte| byte.is_ascii_digit()) && !host.contains(':') && !begins(host, "tcp_");
    let status = meaning(WORDS, word);
    (is_host && status != Unknown).then_some((host, status))
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let ids = evidence.value("x-varnish");
    let ids = || list::members(ids.as_deref().unwrap_or(""));
    let words = || evidence.bare_x_cache(DIALECT.id);
    let count = ids().count().max(words().count()).max(1);
    for (id, word) in aligned(ids(), count).zip(aligned(words(), count)) {
        let (name, said) = match word {
            Some(word) => named(word).map_or((None, meaning(WORDS, bare(word))), |(host, status)| (Some(host), status)),
            None => (None, Unknown),
        };
        // Two ids are those of this request and of the one that filled the store. One can be a miss as well as a pass.
        let status = match id.map(|id| id.split_ascii_whitespace().count()) {
            Some(2..) => Hit,
            Some(_) if said == Unknown || said == Hit => Miss,
            _ => said,
        };
        found.layers.push(Layer { name: name.map(str::to_owned), ..layer(DIALECT.id, status) });
    }
    let Some(front) = found.layers.last_mut() else { return };
    if front.status == Unknown
        && let Some(value) = evidence.value("x-cache-status")
    {
        front.status = meaning(WORDS, &value);
    }
    let host = evidence.hops.last().map(|hop| hop.by).filter(|by| by.contains('.') || by.contains(':'));
    front.name = front.name.take().or_else(|| host.map(str::to_owned));
}

/// `hit (58457)`, `HIT/3` and `MISS` begin with the word.
fn bare(member: &str) -> &str {
    member.split(['(', '/', ' ', ':']).next().unwrap_or(member)
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers};

    const DOCS: &str = "https://varnish-cache.org/docs/trunk/";

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (DOCS, "via: 1.1 varnish\nx-varnish: 2072003290 2071932251\nage: 1369", "varnish hit - 1369"),
            (DOCS, "via: 1.1 varnish\nx-varnish: 92494479\nage: 0", "varnish miss - 0"),
            (DOCS, "x-varnish: 2067884606,378331597 378078226", "varnish hit - -"),
            (DOCS, "via: 1.1 a.example (Varnish/7.1)\nx-varnish: 5", "varnish miss - -"),
            (DOCS, "via: 1.1 varnish-v4\nx-varnish: 5\nx-cache: pass", "varnish bypass - -"),
            (DOCS, "via: 1.1 varnish\nx-cache: HIT\nage: 3", "varnish hit - 3"),
            ("captured 2015", "server: Varnish\nvia: 1.1 varnish", "varnish unknown - -"),
            (
                "captured 2015",
                "server: nginx\nvia: 1.1 varnish\nx-varnish: 92494479\nx-cache: MISS",
                "varnish miss - -",
            ),
            (
                "captured 2026",
                "x-cache: cp3072 miss, cp3072 hit/17254\nx-cache-status: hit-front\nage: 7",
                "varnish hit - 7",
            ),
            ("captured", "x-cache: cp1066 int\nx-cache-status: int-front", "varnish synthetic - -"),
            ("captured", "x-cache: cp1066 pass, cp1065 frontend pass", "varnish bypass - -"),
        ]);
    }

    #[test]
    fn ids_and_words_line_up_from_the_clients_end() {
        let text = "via: 1.1 varnish, 1.1 varnish\nx-cache: cp1066 hit (58457), cp1065 frontend miss (0)\nage: 73\n\
                    x-varnish: 4166956242 4166756159, 2357713472";
        assert_eq!(layers(text), ["varnish hit - 73", "varnish miss - -"]);
    }

    #[test]
    fn an_origins_varnish_behind_fastly_is_told_from_fastly() {
        let text =
            "via: 1.1 varnish (Varnish/6.0), 1.1 varnish\nx-varnish: 5 4\nx-cache: HIT\nx-served-by: cache-bfi-1-BFI";
        assert_eq!(layers(text), ["varnish hit - - history", "fastly hit BFI -"]);
    }
}
