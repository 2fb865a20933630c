//! Apache Traffic Server: a code of letters in `Via`, short or long, and the debug plugin's `X-Cache`.

use super::evidence::{Evidence, Found, contains, layer};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Bypass, Dynamic, Expired, Hit, Miss, Revalidated, Stale, Unknown};
use crate::model::{Head, Layer};
use crate::syntax::via::Hop;
use crate::syntax::{age, cache_control};

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Software, |evidence, at| is_hop(evidence.hops[at]))),
    cache_status_names: &["ats", "ApacheTrafficServer", "trafficserver"],
    bare_x_cache: true,
    debug_headers: &[("X-Debug", "X-Cache")],
    ..Dialect::new("trafficserver", claim, layers)
};

/// The debug plugin's words (<https://docs.trafficserver.apache.org/en/latest/admin-guide/plugins/xdebug.en.html>). A
/// stale copy that was found says nothing of what was then served.
const WORDS: Words =
    &[("hit-fresh", Hit), ("miss", Miss), ("skipped", Bypass), ("none", Unknown), ("hit-stale", Unknown)];

fn is_hop(hop: Hop<'_>) -> bool {
    contains(hop.comment, "TrafficServer") || codes(hop).is_some()
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    (evidence.server_begins("ATS/") || evidence.server == "ATS" || evidence.server_begins("ApacheTrafficServer"))
        .then_some(Claim::Passed)
}

/// What the codes say that matters for a status.
#[derive(Clone, Copy)]
struct Codes {
    /// `c`: what the lookup found.
    lookup: char,
    /// `s`: what the server behind answered.
    server: char,
    /// `p`: whether a copy was confirmed.
    proxy: Option<char>,
}

/// `[uScHs f p eN:t cCHp sS]`, in the short form `[cHs f ]`: a key in lower case, then its value, which may be a space.
fn codes(hop: Hop<'_>) -> Option<Codes> {
    let (_, rest) = hop.comment.rsplit_once('[')?;
    let (codes, _) = rest.split_once(']')?;
    let codes = codes.split(':').next().unwrap_or(codes);
    let mut read = Codes { lookup: ' ', server: ' ', proxy: None };
    let mut letters = codes.chars();
    let mut has_lookup = false;
    while let Some(key) = letters.next() {
        let value = letters.next().unwrap_or(' ');
        match key {
            'c' => (read.lookup, has_lookup) = (value, true),
            's' => read.server = value,
            'p' => read.proxy = Some(value),
            'u' | 'f' | 'e' => {}
            _ => return None,
        }
    }
    has_lookup.then_some(read)
}

/// A copy fetched anew is not older than it may be. Seen from Debian's Traffic Server 9.2: where the origin answers
/// with an error, the stale copy is served under the codes of one fetched anew.
fn is_too_old(head: &Head) -> bool {
    let Ok(Some(age)) = age::of(head) else { return false };
    head.joined("cache-control")
        .and_then(|value| cache_control::parse(&value).shared_lifetime())
        .is_some_and(|lifetime| age > lifetime)
}

/// <https://linuxmanpag.es/man/1/traffic_via>
fn status(codes: Codes) -> CacheStatus {
    match codes.lookup {
        'H' | 'R' => Hit,
        // In the store, and not fit for this request.
        'M' | 'A' => Miss,
        'S' => match (codes.server, codes.proxy) {
            ('N', _) | (_, Some('R')) => Revalidated,
            ('S', _) => Expired,
            // Nobody behind was reached, or what came was an error: the stale copy was served.
            _ => Stale,
        },
        ' ' => Dynamic,
        _ => Unknown,
    }
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let start = found.layers.len();
    let is_of_a_cache_behind = found.layers.iter().any(|layer| layer.status.is_stored());
    for hop in evidence.hops.iter().filter(|hop| is_hop(**hop)) {
        let status = codes(*hop).map_or(Unknown, status);
        found.layers.push(Layer { name: Some(hop.by.to_owned()), ..layer(DIALECT.id, status) });
    }
    if found.layers.len() == start {
        found.layers.push(layer(DIALECT.id, Unknown));
    }
    let Some(nearest) = found.layers.last_mut() else { return };
    if nearest.status == Unknown
        && let Some(word) = evidence.bare_x_cache(DIALECT.id).last()
    {
        nearest.status = meaning(WORDS, word);
    }
    let is_last = evidence.hops.last().is_some_and(|hop| is_hop(*hop));
    if nearest.status == Expired && is_last && !is_of_a_cache_behind && is_too_old(evidence.head) {
        nearest.status = Stale;
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers};

    const MAN: &str = "https://linuxmanpag.es/man/1/traffic_via";

    #[test]
    fn each_code_is_read() {
        for (codes, expected) in [
            ("cHs f ", "hit"),
            ("cRs f ", "hit"),
            ("cMsSf ", "miss"),
            ("cAsSf ", "miss"),
            ("cSsNfU", "revalidated"),
            ("cSsSfU", "expired"),
            ("cSs f ", "stale"),
            ("c s f ", "dynamic"),
            ("uScHs f p eN:t cCHp s ", "hit"),
            ("uScMsSfWpSeN:t cCMp sS", "miss"),
            ("uScSsNfUpReN:t cCSp sS", "revalidated"),
            ("uIcSsSfUpSeN:t cCSp sS", "expired"),
        ] {
            let text = format!("via: http/1.1 ts.example (ApacheTrafficServer/9.1 [{codes}])");
            assert_reads(&[(MAN, &text, &format!("trafficserver {expected} - -"))]);
        }
    }

    #[test]
    fn heads_are_read() {
        const FAQ: &str = "https://docs.trafficserver.apache.org/en/latest/appendices/faq.en.html";
        const PLUGIN: &str =
            "https://docs.trafficserver.apache.org/en/latest/admin-guide/plugins/xdebug.en.html (documentation only)";
        assert_reads(&[
            (FAQ, "via: http/1.1 ts.example (ApacheTrafficServer/9.1)\nage: 4", "trafficserver unknown - 4"),
            (PLUGIN, "server: ATS/9.1.2\nx-cache: hit-fresh\nage: 4", "trafficserver hit - 4"),
            (PLUGIN, "server: ATS/9.1.2\nx-cache: skipped", "trafficserver bypass - -"),
            (PLUGIN, "server: ATS/9.1.2\nx-cache: hit-stale", "trafficserver unknown - -"),
            (PLUGIN, "server: ATS/9.1.2\nx-cache: none", "trafficserver unknown - -"),
        ]);
    }

    #[test]
    fn a_copy_fetched_anew_that_is_older_than_it_may_be_was_not_fetched() {
        const SEEN: &str = "seen from Debian's Traffic Server 9.2";
        let via = "via: http/1.1 ts.example (ApacheTrafficServer/9.2.9 [uScSsSfUpSeN:t cCSp sS])";
        assert_reads(&[
            (SEEN, &format!("{via}\nage: 5\ncache-control: max-age=2"), "trafficserver stale - 5"),
            (SEEN, &format!("{via}\nage: 0\ncache-control: max-age=2"), "trafficserver expired - 0"),
            ("RFC 9111 section 5.1", &format!("{via}\nage: 5"), "trafficserver expired - 5"),
        ]);
    }

    #[test]
    fn nodes_before_one_that_hit_are_history() {
        let text = "via: http/1.1 a.example (ApacheTrafficServer/9.1 [cMsSfW]), http/1.1 b.example (ApacheTrafficServer/9.1 [cHs f ])";
        assert_eq!(layers(text), ["trafficserver miss - - history", "trafficserver hit - -"]);
    }
}
