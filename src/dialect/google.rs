//! Google Cloud CDN, Media CDN and front ends: silent by default, so that `Age` is the only sign of a hit.

use super::evidence::{Evidence, Found, layer, pop};
use super::words::{Words, meaning};
use super::{Claim, Dialect, Notation};
use crate::model::CacheStatus::{self, Dynamic, Hit, Miss, Revalidated, Stale, Unknown};
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Software, |evidence, at| evidence.hops[at].by.eq_ignore_ascii_case("google"))),
    cache_status_names: &["google"],
    keeps_date: true,
    purge: Some("gcloud compute url-maps invalidate-cdn-cache MAP --host {host} --path '{path}'"),
    stale_is_failure: false,
    pops: Notation::Airport,
    ..Dialect::new("google", claim, layers)
};

/// `{cdn_cache_status}`, which operators put under a name of their own
/// (<https://cloud.google.com/load-balancing/docs/https/custom-headers>).
const STATUSES: Words = &[
    ("hit", Hit),
    ("miss", Miss),
    ("revalidated", Revalidated),
    ("stale", Stale),
    ("uncacheable", Dynamic),
    ("disabled", Dynamic),
];

/// Google's own servers that keep copies and sign no `Via`.
const SERVERS: [&str; 5] = ["sffe", "UploadServer", "Google Frontend", "gws", "ESF"];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    SERVERS.contains(&evidence.server).then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let custom = custom_status(evidence);
    let status = if custom == Unknown && is_alone(evidence) && evidence.has("age") { Hit } else { custom };
    found.layers.push(Layer { pop: location(evidence), ..layer(DIALECT.id, status) });
}

/// The words are lower case on the wire, which tells them from most other caches' words under the same names.
/// `X-Cache` is too common a name to be Google's where another cache signed `Via`.
fn custom_status(evidence: &Evidence<'_>) -> CacheStatus {
    let words = evidence.head.fields.iter().filter_map(|(name, value)| {
        let word = value.to_str().ok()?.trim();
        let is_cache = name.as_str().contains("cache") && name != "cache-control" && !word.is_empty();
        let is_cache = is_cache && (name != "x-cache" || all_google(evidence));
        (is_cache && word.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| meaning(STATUSES, word))
    });
    words.into_iter().find(|status| *status != Unknown).unwrap_or(Unknown)
}

/// `{cdn_cache_id}`: a location's code and an id, `SEA-b9fa975e`.
fn location(evidence: &Evidence<'_>) -> Option<String> {
    evidence.head.fields.iter().find_map(|(name, value)| {
        if !name.as_str().contains("cache") {
            return None;
        }
        let (code, id) = value.to_str().ok()?.split_once('-')?;
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_id = id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_code && is_id { pop(code) } else { None }
    })
}

fn all_google(evidence: &Evidence<'_>) -> bool {
    evidence.hops.iter().all(|hop| hop.by.eq_ignore_ascii_case("google"))
}

/// No other cache shows, whose the `Age` could be.
fn is_alone(evidence: &Evidence<'_>) -> bool {
    all_google(evidence)
        && evidence.cache_status.is_empty()
        && !["x-cache", "x-varnish", "x-cache-status", "x-proxy-cache", "x-served-by", "cf-ray"]
            .iter()
            .any(|name| evidence.has(name))
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const HEADERS: &str = "https://cloud.google.com/load-balancing/docs/https/custom-headers (documentation only)";
    const STEPS: &str = "https://cloud.google.com/cdn/docs/troubleshooting-steps";

    #[test]
    fn each_custom_status_is_read_under_any_name() {
        for (word, expected) in [
            ("hit", "hit"),
            ("miss", "miss"),
            ("revalidated", "revalidated"),
            ("stale", "stale"),
            ("uncacheable", "dynamic"),
            ("disabled", "dynamic"),
        ] {
            for name in ["x-cache-hit", "x-cache-status", "cache-status"] {
                let text = format!("via: 1.1 google\n{name}: {word}\nx-cache-id: SEA-b9fa975e");
                assert_reads(&[(HEADERS, &text, &format!("google {expected} SEA -"))]);
            }
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (STEPS, "via: 1.1 google\nage: 24", "google hit - 24"),
            (STEPS, "via: 1.1 google", "google unknown - -"),
            ("captured 2024", "server: sffe\nage: 1374", "google hit - 1374"),
            ("captured 2024", "server: UploadServer\nage: 2147641", "google hit - 2147641"),
            ("an Age that may be a Varnish's", "via: 1.1 varnish, 1.1 google\nage: 24", "google unknown - 24"),
            ("a word that may be a Varnish's", "via: 1.1 varnish, 1.1 google\nx-cache: hit", "google unknown - -"),
        ]);
    }

    #[test]
    fn behind_another_cdn_it_says_nothing_and_is_no_layer() {
        let text = "server: cloudflare\ncf-ray: 1-SYD\ncf-cache-status: HIT\nvia: 1.1 google\nage: 62";
        assert_eq!(layers(text), ["cloudflare hit SYD 62"]);
    }

    #[test]
    fn its_date_is_the_origins() {
        // Captured 2024: Date and Age of a hit add up to the moment of the answer.
        assert!(reading("via: 1.1 google\nage: 24").date_is_origins);
    }
}
