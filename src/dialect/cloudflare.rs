//! Cloudflare: one status, one layer; its tiers do not show.

use super::evidence::{Evidence, Found, begins, contains, layer, pop};
use super::words::{Words, meaning};
use super::{Claim, Dialect, Notation};
use crate::model::CacheStatus::{
    Bypass, Dynamic, Expired, Hit, Miss, Revalidated, Stale, Synthetic, Unknown, Updating,
};
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect {
    blocked,
    cache_status_names: &["cloudflare"],
    purge: Some(r#"POST https://api.cloudflare.com/client/v4/zones/ZONE/purge_cache {"files": ["{url}"]}"#),
    pops: Notation::Airport,
    // https://developers.cloudflare.com/cache/concepts/cdn-cache-control
    follows: &["Cloudflare-CDN-Cache-Control", "CDN-Cache-Control"],
    ..Dialect::new("cloudflare", claim, layers)
};

/// <https://developers.cloudflare.com/cache/concepts/cache-responses>
const STATUSES: Words = &[
    ("HIT", Hit),
    ("MISS", Miss),
    ("EXPIRED", Expired),
    ("STALE", Stale),
    ("UPDATING", Updating),
    ("REVALIDATED", Revalidated),
    ("BYPASS", Bypass),
    ("DYNAMIC", Dynamic),
    ("NONE/UNKNOWN", Unknown),
];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    // It writes its own Server over the origin's, so with another one there its fields were handed on.
    if evidence.server_begins("cloudflare") {
        return Some(Claim::Server);
    }
    (evidence.has("cf-ray") || evidence.has("cf-cache-status")).then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let said = evidence.value("cf-cache-status");
    let status = match said {
        Some(word) => meaning(STATUSES, &word),
        None if evidence.has("cf-mitigated") => Synthetic,
        None => Unknown,
    };
    let ray = evidence.value("cf-ray");
    let pop = ray.as_deref().and_then(|ray| ray.rsplit_once('-')).and_then(|(_, pop_code)| pop(pop_code));
    found.layers.push(Layer { pop, ..layer(DIALECT.id, status) });
}

/// A challenge says so (<https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/>);
/// a block page is HTML with 403 that never saw the cache, and nothing in it is the origin's.
fn blocked(evidence: &Evidence<'_>) -> bool {
    if let Some(word) = evidence.value("cf-mitigated") {
        return contains(&word, "challenge") || contains(&word, "block");
    }
    evidence.head.status == 403
        && !["cf-cache-status", "etag", "last-modified", "via", "age"].iter().any(|name| evidence.has(name))
        && evidence.value("content-type").is_some_and(|kind| begins(&kind, "text/html"))
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const TABLE: &str = "https://developers.cloudflare.com/cache/concepts/cache-responses";

    #[test]
    fn each_status_is_read() {
        for (word, expected) in [
            ("HIT", "hit"),
            ("MISS", "miss"),
            ("EXPIRED", "expired"),
            ("STALE", "stale"),
            ("UPDATING", "updating"),
            ("REVALIDATED", "revalidated"),
            ("BYPASS", "bypass"),
            ("DYNAMIC", "dynamic"),
            ("NONE/UNKNOWN", "unknown"),
            ("hit", "hit"),
            ("NEWS", "unknown"),
        ] {
            let text = format!("server: cloudflare\ncf-ray: 89284c124e17aad8-SYD\ncf-cache-status: {word}");
            assert_reads(&[(TABLE, &text, &format!("cloudflare {expected} SYD -"))]);
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (TABLE, "server: cloudflare\ncf-ray: 1-SYD", "cloudflare unknown SYD -"),
            (
                "captured 2017",
                "server: cloudflare-nginx\ncf-ray: 32fc956b9bad0bab-HKG\ncf-cache-status: HIT",
                "cloudflare hit HKG -",
            ),
            (TABLE, "server: cloudflare\ncf-cache-status: HIT\nage: 5\nvia: 1.1 google", "cloudflare hit - 5"),
            ("no dash, no POP", "server: cloudflare\ncf-ray: 32fc956b9bad0bab", "cloudflare unknown - -"),
        ]);
    }

    #[test]
    fn with_another_server_its_fields_were_handed_on() {
        let text = "server: nginx\ncf-ray: 1-SYD\ncf-cache-status: HIT\nvia: 1.1 a.cloudfront.net (CloudFront)\n\
                    x-cache: Miss from cloudfront";
        assert_eq!(layers(text), ["cloudflare hit SYD -", "cloudfront miss - -"]);
    }

    #[test]
    fn it_stands_before_what_it_hands_on() {
        let text = "server: cloudflare\ncf-ray: 1-SEA\ncf-cache-status: DYNAMIC\nvia: 1.1 varnish\nx-cache: MISS\n\
                    x-served-by: cache-pdx12328-PDX";
        assert_eq!(layers(text), ["fastly miss PDX -", "cloudflare dynamic SEA -"]);
    }

    #[test]
    fn its_own_pages_are_known_and_an_origins_refusal_is_not_taken_for_one() {
        let is_blocked = |text: &str| reading(text).blocked;
        assert!(is_blocked("HTTP/2 403\nserver: cloudflare\ncf-mitigated: challenge\ncf-ray: 1-SYD"));
        assert!(is_blocked("HTTP/2 403\nserver: cloudflare\ncf-ray: 1-SYD\ncontent-type: text/html; charset=UTF-8"));
        assert!(!is_blocked("HTTP/2 403\nserver: cloudflare\ncf-cache-status: DYNAMIC\ncontent-type: text/html"));
        assert!(!is_blocked("HTTP/2 403\nserver: cloudflare\ncf-ray: 1-SYD\ncontent-type: application/json"));
        assert!(!is_blocked("HTTP/2 200\nserver: cloudflare\ncf-ray: 1-SYD\ncontent-type: text/html"));
    }
}
