//! Vercel: one status for the whole edge network; the first region is the one that was entered.

use super::evidence::{Evidence, Found, layer, pop};
use super::words::{Words, meaning};
use super::{Claim, Dialect, Notation, places};
use crate::model::CacheStatus::{Bypass, Expired, Hit, Miss, Stale, Unknown};
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect {
    blocked: |evidence| evidence.has("x-vercel-mitigated") || evidence.has("x-vercel-challenge-token"),
    cache_status_names: &["vercel"],
    stale_is_failure: false,
    // https://vercel.com/docs/regions: an airport's code and a number.
    pops: Notation::City(places::by_leading_code),
    // https://vercel.com/docs/headers/cache-control-headers
    follows: &["Vercel-CDN-Cache-Control", "CDN-Cache-Control"],
    hides_policy: true,
    ..Dialect::new("vercel", claim, layers)
};

/// <https://vercel.com/docs/headers/response-headers>
const STATUSES: Words = &[
    ("HIT", Hit),
    ("MISS", Miss),
    ("STALE", Stale),
    ("PRERENDER", Hit),
    // Fetched anew after a purge; a 304 from behind has no part in it.
    ("REVALIDATED", Expired),
    ("BYPASS", Bypass),
];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.server.eq_ignore_ascii_case("vercel") || evidence.server.eq_ignore_ascii_case("now") {
        return Some(Claim::Platform);
    }
    (evidence.has("x-vercel-id") || evidence.has("x-vercel-cache")).then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = evidence.value("x-vercel-cache").map_or(Unknown, |word| meaning(STATUSES, &word));
    // `fra1::iad1::…`, in an older form `syd1:syd1:sfo1::…`; a function's region stands further back.
    let pop = evidence
        .value("x-vercel-id")
        .and_then(|id| pop(id.split(':').next().filter(|first| first.len() < id.len())?));
    found.layers.push(Layer { pop, ..layer(DIALECT.id, status) });
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const DOCS: &str = "https://vercel.com/docs/headers/response-headers";

    #[test]
    fn each_status_is_read() {
        for (word, expected) in [
            ("HIT", "hit"),
            ("MISS", "miss"),
            ("STALE", "stale"),
            ("PRERENDER", "hit"),
            ("REVALIDATED", "expired"),
            ("BYPASS", "bypass"),
            ("ELSE", "unknown"),
        ] {
            let text =
                format!("server: Vercel\nx-vercel-id: fra1::iad1::lqkmb-1634694596041-1\nx-vercel-cache: {word}");
            assert_reads(&[(DOCS, &text, &format!("vercel {expected} FRA1 -"))]);
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (
                "captured 2021",
                "server: Vercel\nx-vercel-id: syd1:syd1:sfo1::lqkmb-1\nx-vercel-cache: MISS",
                "vercel miss SYD1 -",
            ),
            (
                "captured 2021",
                "server: Vercel\nx-vercel-id: syd1::a\nx-vercel-cache: HIT\nage: 8805",
                "vercel hit SYD1 8805",
            ),
            ("no region", "server: Vercel\nx-vercel-id: abc", "vercel unknown - -"),
            ("a load balancer behind", "server: Vercel\nx-vercel-cache: MISS\nvia: 1.1 google", "vercel miss - -"),
        ]);
    }

    #[test]
    fn a_cdn_in_front_hands_its_fields_on() {
        let text = "server: Vercel\nx-vercel-id: fra1::a\nx-vercel-cache: HIT\nvia: 1.1 c.cloudfront.net (CloudFront)\n\
                    x-cache: Miss from cloudfront\nx-amz-cf-pop: FRA56-P1\nage: 9";
        assert_eq!(layers(text), ["vercel hit FRA1 9", "cloudfront miss FRA -"]);
    }

    #[test]
    fn a_challenge_says_so() {
        // https://vercel.com/docs/vercel-firewall/attack-challenge-mode, documentation only.
        assert!(reading("HTTP/2 429\nserver: Vercel\nx-vercel-mitigated: challenge").blocked);
        assert!(!reading("HTTP/2 403\nserver: Vercel\nx-vercel-cache: MISS").blocked);
    }
}
