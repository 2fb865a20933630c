//! Caches that no dialect knows, as far as they speak the common fields. It never guesses who they are.

use super::evidence::{Evidence, Found, contains, layer, pop, word_and_host};
use super::words::{NGINX, SQUID_LOG, Words, meaning, meaning_in};
use crate::model::{CacheStatus, Layer};
use crate::syntax::list;

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

/// Caches within an application, which speak for themselves where no cache in front does:
/// <https://www.drupal.org/docs/8/api/responses/cacheableresponseinterface>,
/// <https://nextjs.org/docs/app/guides/incremental-static-regeneration>, <https://github.com/rtomayko/rack-cache>,
/// <https://experienceleague.adobe.com/en/docs/commerce-operations/configuration-guide/cache/config-varnish-magento>.
const APPLICATIONS: [&str; 6] = [
    "x-nextjs-cache",
    "x-drupal-cache",
    "x-drupal-dynamic-cache",
    "x-magento-cache-debug",
    "x-rack-cache",
    "x-varnish-cache",
];

/// Words of theirs alone.
const OF_APPLICATIONS: Words =
    &[("UNCACHEABLE", CacheStatus::Dynamic), ("fresh", CacheStatus::Hit), ("invalidate", CacheStatus::Bypass)];

/// `HIT`, or as `Rack::Cache` traces its steps: `stale, valid, store`.
fn by_application(value: &str) -> CacheStatus {
    let mut steps = list::members(value);
    match (steps.next().unwrap_or(""), steps.next()) {
        (first, Some("valid")) if first.eq_ignore_ascii_case("stale") => CacheStatus::Revalidated,
        (first, Some("invalid")) if first.eq_ignore_ascii_case("stale") => CacheStatus::Expired,
        (first, _) => match meaning(OF_APPLICATIONS, first.split(' ').next().unwrap_or("")) {
            CacheStatus::Unknown => word(first),
            status => status,
        },
    }
}

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
    let (said, name) = word_and_host(rest).map_or((rest, None), |(said, name)| (said, Some(name)));
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
    let mut name = name.map(|name| name.trim().to_owned());
    if status == CacheStatus::Unknown
        && let Some((field, said)) = APPLICATIONS.iter().find_map(|field| {
            let said = by_application(&evidence.value(field)?);
            (said != CacheStatus::Unknown).then_some((*field, said))
        })
    {
        (status, name) = (said, Some(field.to_owned()));
    }
    let pop = highwinds_pop(evidence);
    if status != CacheStatus::Unknown || pop.is_some() {
        found.layers.push(Layer { name, pop, ..layer("unknown", status) });
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
            ("an operator's own field", "x-cache: PASS", "unknown bypass - -"),
            ("an operator's own field", "x-cache: ERROR", "unknown error - -"),
            ("an operator's own field", "x-cache: REVALIDATE", "unknown revalidated - -"),
            ("an operator's own field", "x-cdn-cache-status: MISS", "unknown miss - -"),
            ("an operator's own field", "cdn-cache-status: hit", "unknown hit - -"),
            ("RFC 9111 section 5.1", "age: 9", "unknown unknown - 9"),
            ("RFC 9110", "server: nginx", "unknown unknown - -"),
        ]);
    }

    #[test]
    fn an_applications_cache_speaks_where_no_other_does() {
        const RACK: &str = "https://github.com/rtomayko/rack-cache";
        assert_reads(&[
            ("https://www.drupal.org", "server: Apache\nx-drupal-cache: HIT", "unknown hit - -"),
            ("https://www.drupal.org", "x-drupal-cache: UNCACHEABLE (request policy)", "unknown dynamic - -"),
            ("https://www.drupal.org", "x-drupal-cache: MISS", "unknown miss - -"),
            ("https://www.drupal.org", "x-drupal-dynamic-cache: HIT", "unknown hit - -"),
            ("https://nextjs.org/docs", "x-nextjs-cache: STALE", "unknown stale - -"),
            ("https://experienceleague.adobe.com", "x-magento-cache-debug: MISS", "unknown miss - -"),
            ("operators' VCL", "x-varnish-cache: HIT\nage: 8", "unknown hit - 8"),
            (RACK, "x-rack-cache: fresh", "unknown hit - -"),
            (RACK, "x-rack-cache: miss, store", "unknown miss - -"),
            (RACK, "x-rack-cache: stale, valid, store", "unknown revalidated - -"),
            (RACK, "x-rack-cache: stale, invalid, store", "unknown expired - -"),
            (RACK, "x-rack-cache: invalidate, pass", "unknown bypass - -"),
            (RACK, "x-rack-cache: pass", "unknown bypass - -"),
            ("a cache in front", "via: 1.1 varnish\nx-varnish: 5\nx-drupal-cache: HIT", "varnish miss - -"),
        ]);
        assert_eq!(reading("x-drupal-cache: HIT").layers[0].name.as_deref(), Some("x-drupal-cache"));
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
