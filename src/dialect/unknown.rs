//! Caches that no dialect knows, as far as they speak the common fields. It never guesses who they are.

use super::evidence::{Evidence, Found, contains, layer, pop};
use super::words::{NGINX, SQUID_LOG, Words, meaning_in};
use crate::model::{CacheStatus, Layer};

/// Words of other caches that write `X-Cache` or a field like it.
const OTHERS: Words = &[
    // https://docs.trafficserver.apache.org/en/latest/admin-guide/plugins/xdebug.en.html, on Apple's edges, too.
    ("hit-fresh", CacheStatus::Hit),
    ("REVALIDATE", CacheStatus::Revalidated),
    ("PASS", CacheStatus::Bypass),
    ("ERROR", CacheStatus::Error),
];

/// Where caches and operators say hit or miss.
const FIELDS: [&str; 6] =
    ["x-cache-status", "x-proxy-cache", "x-litespeed-cache", "x-cdn-cache-status", "cdn-cache-status", "cache-status"];

/// Adds a layer for an `X-Cache` that nobody owns, and, where nobody at all is known, for what else speaks.
pub(super) fn layers(evidence: &Evidence<'_>, is_alone: bool, found: &mut Found) {
    if !is_alone {
        if evidence.bare_x_cache.is_none() && !contains(evidence.last_x_cache, " from ") {
            let status = word(evidence.last_x_cache);
            if status != CacheStatus::Unknown {
                found.layers.push(layer("unknown", status));
            }
        }
        return;
    }
    if !evidence.cache_status.is_empty() {
        // The same cache says it in the common language.
        return;
    }
    let rest = evidence.last_x_cache;
    let (said, name) = rest.split_once(" from ").map_or((rest, None), |(said, name)| (said, Some(name)));
    let mut status = word(said);
    for field in FIELDS {
        if field == "cache-status" && evidence.cache_status_unparsable {
            continue;
        }
        if status == CacheStatus::Unknown
            && let Some(value) = evidence.value(field)
        {
            status = word(&value);
        }
    }
    let pop = highwinds_pop(evidence);
    if status != CacheStatus::Unknown || pop.is_some() {
        found.layers.push(Layer { name: name.map(|name| name.trim().to_owned()), pop, ..layer("unknown", status) });
    }
}

/// The status that the first word of a value says.
fn word(value: &str) -> CacheStatus {
    let first = value.split([' ', '\t', ',', ';', ':', '(', '/']).next().unwrap_or("");
    meaning_in(&[NGINX, SQUID_LOG, OTHERS], first)
}

/// `X-HW: <epoch>.<node>.<pop>.<letter>, …`, client side last; what the letters mean is not public.
fn highwinds_pop(evidence: &Evidence<'_>) -> Option<String> {
    let chain = evidence.value("x-hw")?;
    let last = chain.rsplit(',').next()?.trim();
    let mut parts = last.split('.');
    parts.next().filter(|epoch| epoch.len() >= 9 && epoch.bytes().all(|byte| byte.is_ascii_digit()))?;
    pop(parts.nth(1)?)
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    #[test]
    fn unknown_caches_that_speak_are_heard() {
        assert_reads(&[
            ("a MaxCDN edge, 2016", "server: NetDNA-cache/2.2\nx-cache: HIT\nage: 5", "unknown hit - 5"),
            ("a hosting platform", "x-cache: HIT: 5\nx-cacheable: SHORT", "unknown hit - -"),
            ("a LiteSpeed server", "server: LiteSpeed\nx-litespeed-cache: hit", "unknown hit - -"),
            ("an operator's own field", "cache-status: HIT", "unknown hit - -"),
            ("a Baishan edge", "x-cache: HIT from node-1(baishan)", "unknown hit - -"),
            ("an Apple edge", "x-cache: hit-fresh, hit-fresh\nage: 4", "unknown hit - 4"),
            ("an Apple edge", "x-cache: none", "unknown unknown - -"),
            (
                "a Highwinds edge, 2019",
                "x-hw: 1568465140.dop013.sk1.t,1568465140.cds017.sk1.c",
                "unknown unknown SK1 -",
            ),
            ("a Limelight edge, 2016", "x-cdn: LLNW\nage: 15390766", "unknown unknown - 15390766"),
            ("RFC 9111 section 5.1", "age: 9", "unknown unknown - 9"),
            ("RFC 9110", "server: nginx", "unknown unknown - -"),
        ]);
    }

    #[test]
    fn an_x_cache_that_the_front_cannot_have_written_is_a_layer_behind() {
        let text = "server: cloudflare\ncf-ray: 1-SYD\ncf-cache-status: HIT\nx-cache: MISS";
        assert_eq!(layers(text), ["unknown miss - - history", "cloudflare hit SYD -"]);
    }

    #[test]
    fn an_age_that_is_none_is_noted() {
        for value in ["-1", "1.5", "60, 60", "99999999999", "soon"] {
            let reading = reading(&format!("x-cache: HIT\nage: {value}"));
            assert_eq!(reading.age_seconds, None, "{value}");
            assert!(reading.notes[0].starts_with("Age is no age"), "{value}");
        }
    }
}
