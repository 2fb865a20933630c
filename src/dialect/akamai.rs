//! Akamai: silent unless asked with `Pragma` or told to speak; three ways to say it, none of them with a city.

use std::borrow::Cow;

use super::evidence::{Evidence, Found, begins, contains, layer, pop, word_and_host};
use super::words::{SQUID_LOG, Words, meaning};
use super::{Claim, Dialect, Notation, places};
use crate::model::CacheStatus::{self, Dynamic, Error, Hit, Miss, Revalidated, Stale, Synthetic, Unknown};
use crate::model::{City, Layer};
use crate::syntax::list;

pub(super) static DIALECT: Dialect = Dialect {
    blocked,
    cache_status_names: &["akamai"],
    writes_age: false,
    // <https://techdocs.akamai.com/property-mgr/docs/downstream-cacheability>: the lesser of the origin's and what is left.
    counts_max_age_down: true,
    debug_headers: &[("Pragma", "akamai-x-cache-on, akamai-x-cache-remote-on, akamai-x-check-cacheable")],
    purge: Some(r#"POST /ccu/v3/delete/url/production {"objects": ["{url}"]}"#),
    pops: Notation::City(city),
    // It rewrites max-age to what is left of it.
    hides_policy: true,
    ..Dialect::new("akamai", claim, layers)
};

/// <https://techdocs.akamai.com/property-mgr/docs/return-cache-status>
const RETURNED: Words = &[
    ("Hit", Hit),
    ("Miss", Miss),
    ("RefreshHit", Revalidated),
    ("HitStale", Stale),
    ("NotCacheable", Dynamic),
    ("Constructed", Synthetic),
    ("Redirect", Synthetic),
    ("Error", Error),
];

/// `desc` of the `cdn-cache` metric in `Server-Timing`.
const TIMED: Words = &[("HIT", Hit), ("MISS", Miss), ("REVALIDATE", Revalidated)];

const OF_EACH_ANSWER: [&str; 5] =
    ["akamai-cache-status", "akamai-grn", "akamai-request-id", "x-akamai-request-id", "akamai-request-bc"];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if OF_EACH_ANSWER.iter().any(|name| evidence.has(name))
        || evidence.has("x-akamai-transformed")
        || own_x_cache(evidence).is_some()
        || evidence.value("server-timing").is_some_and(|timing| timed(&timing).is_some() || contains(&timing, "ak_p"))
    {
        return Some(Claim::PerAnswer);
    }
    if evidence.server_begins("AkamaiGHost") {
        return Some(Claim::Platform);
    }
    let names_it = |value: Cow<'_, str>| begins(&value, "AKAM") || contains(&value, "akamai");
    evidence.value("x-cdn").is_some_and(names_it).then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let pop = evidence.value("akamai-request-bc").as_deref().and_then(place);
    if let Some(said) = evidence.value("akamai-cache-status") {
        let start = found.layers.len();
        for member in list::members(&said) {
            let (word, tier) = word_and_host(member).unwrap_or((member, ""));
            let name = Some(tier.trim().to_owned()).filter(|tier| !tier.is_empty());
            found.layers.push(Layer { name, ..layer(DIALECT.id, meaning(RETURNED, word)) });
        }
        // `<status> from child, <status> from parent`: here the edge comes first.
        found.layers[start..].reverse();
    } else if let Some(child) = own_x_cache(evidence) {
        found.layers.extend(
            evidence.value("x-cache-remote").as_deref().and_then(|value| list::members(value).last()).map(node),
        );
        found.layers.push(node(child));
    } else {
        let status = evidence.value("server-timing").and_then(|timing| timed(&timing)).unwrap_or(Unknown);
        found.layers.push(layer(DIALECT.id, status));
    }
    if let Some(edge) = found.layers.last_mut() {
        edge.pop = pop;
    }
}

/// `TCP_HIT from a23-10-249-53.deploy.akamaitechnologies.com (AkamaiGHost/10.2.3) (-)`: the node's name is its address.
fn own_x_cache<'e>(evidence: &Evidence<'e>) -> Option<&'e str> {
    evidence.x_cache().filter(|member| contains(member, "AkamaiGHost") || contains(member, ".akamai")).last()
}

fn node(member: &str) -> Layer {
    let (word, rest) = word_and_host(member).unwrap_or((member, ""));
    let name = rest.split_ascii_whitespace().next().map(str::to_owned);
    Layer { name, ..layer(DIALECT.id, meaning(SQUID_LOG, word)) }
}

/// `cdn-cache; desc=HIT`, and in another form `akam;dur=3;desc=hit`.
fn timed(timing: &str) -> Option<CacheStatus> {
    list::members(timing).find_map(|metric| {
        let mut parts = metric.split(';').map(str::trim);
        let name = parts.next()?;
        if name != "cdn-cache" && name != "akam" {
            return None;
        }
        let desc = parts.find_map(|part| part.strip_prefix("desc="))?;
        Some(meaning(TIMED, desc.trim_matches('"')))
    })
}

/// `[a=23.44.214.23,…,n=SG__SINGAPORE,o=20940]`
fn place(crumbs: &str) -> Option<String> {
    let place = crumbs.split([',', '[', ']']).find_map(|crumb| crumb.trim().strip_prefix("n="))?;
    pop(place)
}

/// `SG__SINGAPORE`, `US_VA_ASHBURN`: country, state, city.
fn city(pop: &str) -> Option<City> {
    let (country, rest) = pop.split_once('_')?;
    let (_, city) = rest.split_once('_')?;
    places::by_name(city, Some(places::domain(country)))
}

fn blocked(evidence: &Evidence<'_>) -> bool {
    evidence.head.status == 403
        && (evidence.server_begins("AkamaiGHost")
            || own_x_cache(evidence).is_some_and(|word| begins(word, "TCP_DENIED")))
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const PRAGMA: &str = "https://techdocs.akamai.com/edge-diagnostics/docs/pragma-headers";
    const RETURNED: &str = "https://techdocs.akamai.com/property-mgr/docs/return-cache-status";

    #[test]
    fn each_code_of_x_cache_is_read() {
        for (word, expected) in [
            ("TCP_HIT", "hit"),
            ("TCP_MEM_HIT", "hit"),
            ("TCP_IMS_HIT", "hit"),
            ("TCP_NEGATIVE_HIT", "hit"),
            ("TCP_MISS", "miss"),
            ("TCP_REFRESH_HIT", "revalidated"),
            ("TCP_REFRESH_MISS", "expired"),
            ("TCP_REFRESH_FAIL_HIT", "stale"),
            ("TCP_DENIED", "error"),
            ("TCP_COOKIE_DENY", "error"),
        ] {
            let text =
                format!("x-cache: {word} from a23-10-249-53.deploy.akamaitechnologies.com (AkamaiGHost/10.2.3) (-)");
            assert_reads(&[(PRAGMA, &text, &format!("akamai {expected} - -"))]);
        }
    }

    #[test]
    fn each_returned_status_is_read() {
        for (word, expected) in [
            ("Hit", "hit"),
            ("Miss", "miss"),
            ("RefreshHit", "revalidated"),
            ("HitStale", "stale"),
            ("NotCacheable", "dynamic"),
            ("Constructed", "synthetic"),
            ("Redirect", "synthetic"),
            ("Error", "error"),
        ] {
            assert_reads(&[(
                RETURNED,
                &format!("akamai-cache-status: {word} from child"),
                &format!("akamai {expected} - -"),
            )]);
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            ("captured 2022", "server-timing: cdn-cache; desc=HIT\nserver-timing: edge; dur=1", "akamai hit - -"),
            ("captured 2022", "server-timing: edge; dur=26\nserver-timing: cdn-cache; desc=MISS", "akamai miss - -"),
            ("captured 2022", "server-timing: cdn-cache; desc=REVALIDATE", "akamai revalidated - -"),
            ("captured", "server-timing: akam;dur=3;desc=hit", "akamai hit - -"),
            ("captured 2022", "x-cdn: AKAM", "akamai unknown - -"),
            ("captured 2017", "server: nginx/1.10.1\nx-cdn: Served-By-Akamai", "akamai unknown - -"),
            (
                "captured 2024",
                "akamai-cache-status: Hit from child\nakamai-request-bc: [a=192.0.2.1,c=g,n=SG__SINGAPORE,o=1]",
                "akamai hit SG__SINGAPORE -",
            ),
            (
                PRAGMA,
                "x-cache: TCP_HIT from a23-10-249-53 (AkamaiGHost/9) (-)\nx-check-cacheable: NO",
                "akamai hit - -",
            ),
        ]);
    }

    #[test]
    fn the_parent_stands_behind() {
        assert_eq!(
            layers("akamai-cache-status: Miss from child, Hit from parent"),
            ["akamai hit - -", "akamai miss - -"]
        );
        let text = "x-cache: TCP_MISS from a1 (AkamaiGHost/9) (-)\nx-cache-remote: TCP_REFRESH_HIT from a2 (AkamaiGHost/9) (-)";
        assert_eq!(layers(text), ["akamai revalidated - -", "akamai miss - -"]);
        assert_eq!(reading(text).layers[0].name.as_deref(), Some("a2"));
    }

    #[test]
    fn it_stands_before_what_signed_via() {
        let text = "akamai-grn: 0.1\nserver-timing: cdn-cache; desc=MISS\nvia: 1.1 c.cloudfront.net (CloudFront)\n\
                    x-cache: Hit from cloudfront\nage: 9";
        assert_eq!(layers(text), ["cloudfront hit - 9", "akamai miss - -"]);
    }

    #[test]
    fn its_own_refusal_is_a_block_page() {
        assert!(reading("HTTP/2 403\nserver: AkamaiGHost\nakamai-grn: 0.1").blocked);
        assert!(!reading("HTTP/2 403\nserver: nginx\nakamai-grn: 0.1").blocked);
    }
}
