//! Fastly: lists that shield and edge append to, read from the client's end because their lengths can differ.

use super::evidence::{Evidence, Found, aligned, begins, layer, pop};
use super::words::{Words, meaning};
use super::{Claim, Dialect, Notation};
use crate::model::CacheStatus::{self, Bypass, Error, Hit, Miss, Stale, Synthetic, Unknown};
use crate::model::Layer;
use crate::syntax::list;

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Via, is_hop)),
    cache_status_names: &["fastly"],
    bare_x_cache: true,
    stale_is_failure: false,
    debug_headers: &[("Fastly-Debug", "1")],
    purge: Some("POST https://api.fastly.com/purge/{host}{path}"),
    pops: Notation::Airport,
    // https://www.fastly.com/documentation/reference/http/http-headers/Surrogate-Control
    follows: &["Surrogate-Control"],
    ..Dialect::new("fastly", claim, layers)
};

/// It signs `Via` with the plain name that a Varnish of anybody's may bear, so its other marks must be there.
pub(super) fn is_hop(evidence: &Evidence<'_>, at: usize) -> bool {
    let hop = evidence.hops[at];
    hop.by.eq_ignore_ascii_case("varnish") && hop.comment.is_empty() && has_marks(evidence)
}

/// On the wire there are HIT and MISS (<https://www.fastly.com/documentation/reference/http/http-headers/X-Cache>);
/// services that show `fastly_info.state` write the rest
/// (<https://gist.github.com/mnot/74ba8ed638a3d85659aa2868b9240d50>).
const STATES: Words = &[
    ("HIT", Hit),
    ("MISS", Miss),
    ("HIT-STALE", Stale),
    ("HIT-SYNTH", Synthetic),
    ("HITPASS", Bypass),
    ("PASS", Bypass),
    ("ERROR", Error),
];

fn state(member: &str) -> CacheStatus {
    let mut word = member;
    loop {
        let status = meaning(STATES, word);
        // HIT-CLUSTER, MISS-WAIT-CLUSTER: where in the POP it was found does not matter.
        match word.rsplit_once('-') {
            Some((shorter, _)) if status == Unknown => word = shorter,
            _ => return status,
        }
    }
}

fn is_node(name: &str) -> bool {
    begins(name, "cache-")
}

fn has_marks(evidence: &Evidence<'_>) -> bool {
    *evidence.fastly_marks.get_or_init(|| looked_for_marks(evidence))
}

fn looked_for_marks(evidence: &Evidence<'_>) -> bool {
    evidence.value("x-served-by").is_some_and(|nodes| list::members(&nodes).any(is_node))
        || evidence.has("x-fastly-request-id")
        || evidence.has("fastly-restarts")
        || evidence.has("fastly-debug-path")
        || evidence.value("x-timer").is_some_and(|timer| timer.starts_with('S') && timer.contains(",VS"))
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if !has_marks(evidence) {
        return None;
    }
    // Compute services write no Via. They append to X-Cache, which those that write it over would have taken away.
    let signs_via = evidence.hops.iter().any(|hop| hop.by.eq_ignore_ascii_case("varnish"));
    let is_last = !signs_via && state(evidence.last_x_cache) != Unknown;
    Some(if is_last { Claim::Via } else { Claim::Passed })
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let (nodes, hits) = (evidence.value("x-served-by"), evidence.value("x-cache-hits"));
    let nodes = || list::members(nodes.as_deref().unwrap_or(""));
    let hits = list::members(hits.as_deref().unwrap_or(""));
    let words = || evidence.bare_x_cache(DIALECT.id);
    let names_nodes = nodes().next().is_some();
    let count = nodes().count().max(words().count()).max(1);
    let members = aligned(nodes(), count).zip(aligned(words(), count)).zip(aligned(hits, count));
    for (at, ((node, word), hit)) in members.enumerate() {
        let is_edge = at + 1 == count;
        let status = match (word, hit.and_then(|hits| hits.parse::<u64>().ok())) {
            (Some(word), _) => state(word),
            (None, Some(1..)) if is_edge => Hit,
            _ => Unknown,
        };
        let of_fastly = node.filter(|node| is_node(node));
        // An origin's own cache writes into the same lists.
        let is_ours = node.map_or(!names_nodes || is_edge, is_node);
        let provider = if is_ours { DIALECT.id } else { "unknown" };
        let pop = of_fastly.and_then(|node| node.rsplit_once('-')).and_then(|(_, code)| pop(code));
        found.layers.push(Layer { name: node.map(str::to_owned), pop, ..layer(provider, status) });
        if is_edge && status == Hit && hit == Some("1") {
            remark_on_waiting(evidence, found);
        }
    }
    if let Some(edge) = found.layers.last_mut()
        && edge.status == Hit
        && has_no_lifetime_left(evidence)
    {
        edge.status = Stale;
    }
}

/// A hit of which nobody had served before, at age 0 and after a long time at the edge, waited for the fetch of another
/// request (`X-Timer: S<epoch>,VS0,VE<ms>`).
fn remark_on_waiting(evidence: &Evidence<'_>, found: &mut Found) {
    let took = || evidence.value("x-timer")?.rsplit_once(",VE")?.1.trim().parse::<u64>().ok();
    if evidence.value("age").as_deref() == Some("0")
        && let Some(ms) = took().filter(|ms| *ms >= 50)
    {
        found.note(format!("hit at age 0 after {ms} ms: it waited for a fetch that another request had begun"));
    }
}

/// `Fastly-Debug-TTL: (H <server> <ttl> <grace> <age>)`, which only a debugging request gets
/// (<https://www.fastly.com/documentation/reference/http/http-headers/Fastly-Debug-TTL>).
fn has_no_lifetime_left(evidence: &Evidence<'_>) -> bool {
    let Some(value) = evidence.value("fastly-debug-ttl") else { return false };
    let Some(last) = value.rsplit('(').next() else { return false };
    let mut parts = last.split_ascii_whitespace();
    parts.next() == Some("H") && parts.nth(1).and_then(|ttl| ttl.parse::<f64>().ok()).is_some_and(|ttl| ttl < 0.0)
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const X_CACHE: &str = "https://www.fastly.com/documentation/reference/http/http-headers/X-Cache";
    const STATES: &str = "https://gist.github.com/mnot/74ba8ed638a3d85659aa2868b9240d50";

    #[test]
    fn each_word_is_read() {
        for (source, word, expected) in [
            (X_CACHE, "HIT", "hit"),
            (X_CACHE, "MISS", "miss"),
            (STATES, "HIT-CLUSTER", "hit"),
            (STATES, "MISS-WAIT-CLUSTER", "miss"),
            (STATES, "HIT-STALE", "stale"),
            (STATES, "HIT-STALE-CLUSTER", "stale"),
            (STATES, "HIT-SYNTH", "synthetic"),
            (STATES, "HITPASS", "bypass"),
            (STATES, "PASS", "bypass"),
            (STATES, "ERROR", "error"),
            (X_CACHE, "ELSE", "unknown"),
        ] {
            let text = format!("via: 1.1 varnish\nx-served-by: cache-nrt-rjtf7700022-NRT\nx-cache: {word}");
            assert_reads(&[(source, &text, &format!("fastly {expected} NRT -"))]);
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (
                "captured 2018",
                "x-cache: HIT, HIT\nx-served-by: cache-ams4138-AMS, cache-bma1624-BMA",
                "fastly hit BMA -",
            ),
            (
                "captured 2024",
                "via: 1.1 google, 1.1 varnish, 1.1 varnish\nx-cache: HIT, MISS\nage: 543072\n\
              x-served-by: cache-dfw-kdal2120085-DFW, cache-bfi-krnt7300088-BFI",
                "fastly miss BFI 543072",
            ),
            ("X-Cache-Hits", "x-served-by: cache-ams4138-AMS\nx-cache-hits: 4", "fastly hit AMS -"),
            ("X-Cache-Hits", "x-served-by: cache-ams4138-AMS\nx-cache-hits: 0", "fastly unknown AMS -"),
            (
                "Compute behind nothing",
                "via: 1.1 google\nx-served-by: cache-ams4138-AMS\nx-cache: HIT",
                "fastly hit AMS -",
            ),
            ("X-Timer", "via: 1.1 varnish\nx-timer: S1488280140.152574,VS0,VE0\nx-cache: HIT", "fastly hit - -"),
        ]);
    }

    #[test]
    fn what_came_before_a_hit_is_history() {
        let text = "via: 1.1 varnish, 1.1 varnish\nx-cache: MISS, HIT\nx-cache-hits: 0, 3\nage: 96\n\
                    x-served-by: cache-iad-1-IAD, cache-bfi-2-BFI";
        assert_eq!(layers(text), ["fastly miss IAD - history", "fastly hit BFI 96"]);
    }

    #[test]
    fn an_edge_that_missed_shows_what_its_shield_did() {
        let text = "via: 1.1 varnish, 1.1 varnish\nx-cache: HIT, MISS\nage: 96\n\
                    x-served-by: cache-dfw-1-DFW, cache-bfi-2-BFI";
        assert_eq!(layers(text), ["fastly hit DFW 96", "fastly miss BFI -"]);
    }

    #[test]
    fn lists_of_different_lengths_end_together() {
        let text = "via: 1.1 varnish\nvia: 1.1 varnish\nx-cache: MISS, HIT, HIT\nx-cache-hits: 0, 2, 115\n\
                    x-served-by: api-a025.example, config-a006.example, cache-iad2121-IAD, cache-jfk1025-JFK\nage: 745";
        assert_eq!(
            layers(text),
            [
                "unknown unknown - - history",
                "unknown miss - - history",
                "fastly hit IAD - history",
                "fastly hit JFK 745"
            ]
        );
    }

    #[test]
    fn another_cdn_behind_keeps_its_word() {
        let text = "via: 1.1 c.cloudfront.net (CloudFront), 1.1 varnish\nx-cache: Miss from cloudfront, HIT\n\
                    x-amz-cf-pop: IAD89-P2\nx-served-by: cache-bfi-2-BFI\nage: 66";
        assert_eq!(layers(text), ["cloudfront miss IAD - history", "fastly hit BFI 66"]);
    }

    #[test]
    fn behind_cloudfront_it_is_not_nearest() {
        let text = "via: 1.1 varnish, 1.1 c.cloudfront.net (CloudFront)\nx-cache: Miss from cloudfront\n\
                    x-amz-cf-pop: IAD89-P2\nx-served-by: cache-bfi-2-BFI";
        assert_eq!(layers(text), ["fastly unknown BFI -", "cloudfront miss IAD -"]);
    }

    #[test]
    fn a_hit_that_waited_for_a_fetch_is_noted() {
        let text = "via: 1.1 varnish\nx-cache: HIT\nx-cache-hits: 1\nage: 0\nx-served-by: cache-bma1649-BMA\n\
                    x-timer: S1539298742.367525,VS0,VE114";
        assert_eq!(reading(text).notes.len(), 1);
        assert!(reading(&text.replace("VE114", "VE2")).notes.is_empty());
    }

    #[test]
    fn debugging_shows_a_hit_beyond_its_lifetime() {
        // https://www.fastly.com/documentation/reference/http/http-headers/Fastly-Debug-TTL, documentation only.
        let text = "via: 1.1 varnish\nx-cache: HIT\nx-served-by: cache-ams1-AMS\n\
                    fastly-debug-ttl: (H cache-ams1-AMS -12.500 3600.000 96)";
        assert_reads(&[("documentation only", text, "fastly stale AMS -")]);
        assert_reads(&[("documentation only", &text.replace("-12.500", "-"), "fastly hit AMS -")]);
    }
}
