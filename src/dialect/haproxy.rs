//! `HAProxy`: has no word of its own, so that only what operators add tells anything.

use super::evidence::{Evidence, Found, contains, layer};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{Hit, Miss, Unknown};

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Software, |evidence, at| contains(evidence.hops[at].by, "haproxy"))),
    cache_status_names: &["haproxy"],
    bare_x_cache: true,
    ..Dialect::new("haproxy", claim, layers)
};

/// As guides turn `res.cache_hit` into a field (<https://docs.haproxy.org/>).
const WORDS: Words = &[("HIT", Hit), ("MISS", Miss)];

const FIELDS: [&str; 3] = ["x-haproxy-cache", "x-haproxy-cache-status", "x-cache-haproxy"];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    match FIELDS.iter().find(|name| evidence.has(name)) {
        Some(name) if evidence.follows_via(name) => Some(Claim::Appended),
        Some(_) => Some(Claim::Passed),
        None => evidence.server_begins("haproxy").then_some(Claim::Passed),
    }
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let own = FIELDS.iter().find_map(|name| evidence.value(name));
    let status = match own {
        Some(word) => meaning(WORDS, &word),
        None => evidence.bare_x_cache(DIALECT.id).last().map_or(Unknown, |word| meaning(WORDS, word)),
    };
    found.layers.push(layer(DIALECT.id, status));
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;

    #[test]
    fn heads_are_read() {
        const DOCS: &str = "https://docs.haproxy.org/ (documentation only)";
        assert_reads(&[
            (DOCS, "x-haproxy-cache: HIT\nage: 8", "haproxy hit - 8"),
            (DOCS, "server: HAProxy\nx-cache: MISS", "haproxy miss - -"),
            (DOCS, "via: 1.1 haproxy-1", "haproxy unknown - -"),
            (DOCS, "cache-status: haproxy; hit", "haproxy hit - -"),
        ]);
    }
}
