//! How long the cache nearest the client may call its copy fresh, by the fields that it follows. What an operator set
//! at the provider instead does not show in a head.

use schemars::JsonSchema;
use serde::Serialize;

use super::ALL;
use crate::model::Head;
use crate::syntax::cache_control::{self, CacheControl};
use crate::syntax::targeted as by_kind;

/// Fields that go before `Cache-Control` at those caches that follow them. The last is no structured field.
pub(super) const TARGETED: [&str; 5] = [
    "CDN-Cache-Control",
    "Cloudflare-CDN-Cache-Control",
    "Vercel-CDN-Cache-Control",
    "Netlify-CDN-Cache-Control",
    SURROGATE,
];
const SURROGATE: &str = "Surrogate-Control";
pub(super) const GENERAL: &str = "Cache-Control";

/// A policy for the nearest cache, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Lifetime {
    /// Freshness in seconds; none where it must not be stored or is confirmed each time.
    pub seconds: Option<u64>,
    /// The field that says so.
    pub by: &'static str,
    /// It must not be stored.
    pub no_store: bool,
}

/// What the fields allow this provider's cache, with notes on those that do not count for it. None where nothing is
/// said, or where the provider keeps what counts to itself.
pub fn lifetime(provider: &str, head: &Head) -> (Option<Lifetime>, Vec<String>) {
    let dialect = ALL.iter().find(|dialect| dialect.id == provider);
    let follows = dialect.map_or(&[][..], |dialect| dialect.follows);
    let mut notes = Vec::new();
    let mut found = None;
    for name in follows {
        let Some(value) = head.joined(*name) else { continue };
        match targeted(name, &value) {
            Some(policy) if found.is_none() => found = Some((*name, policy)),
            Some(_) => {}
            None => notes.push(format!("{name} is no structured field: caches ignore it (RFC 9213)")),
        }
    }
    for name in TARGETED.iter().filter(|name| head.has(**name) && !follows.contains(name)) {
        notes.push(format!("{name} is for other caches: {provider} is not known to follow it"));
    }
    if let Some((name, _)) = found
        && head.has(GENERAL)
    {
        notes.push(format!("{name} goes before Cache-Control at {provider}"));
    }
    let is_hidden = dialect.is_some_and(|dialect| dialect.hides_policy);
    let general = || Some((GENERAL, cache_control::parse(&head.joined(GENERAL)?)));
    let found = found.or_else(|| if is_hidden { None } else { general() });
    (found.and_then(|(by, policy)| of(by, &policy)), notes)
}

/// What such a field says; none where caches ignore it.
pub(super) fn targeted(name: &str, value: &str) -> Option<CacheControl> {
    if name == SURROGATE { Some(cache_control::parse(value)) } else { by_kind::parse(value.as_bytes()) }
}

fn of(by: &'static str, policy: &CacheControl) -> Option<Lifetime> {
    let no_store = policy.is_unstorable();
    let seconds = policy.shared_lifetime().filter(|_| !no_store && !policy.no_cache);
    (no_store || policy.no_cache || seconds.is_some()).then_some(Lifetime { seconds, by, no_store })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::heads;

    type Said = (&'static str, Option<u64>, bool);

    fn read(provider: &str, fields: &str) -> (Option<Said>, usize) {
        let heads = heads::parse(format!("HTTP/2 200\n{fields}\n").as_bytes());
        let (lifetime, notes) = lifetime(provider, &heads[0]);
        (lifetime.map(|lifetime| (lifetime.by, lifetime.seconds, lifetime.no_store)), notes.len())
    }

    #[test]
    fn the_field_meant_for_the_provider_decides() {
        const CDN: &str = "CDN-Cache-Control";
        for (source, provider, fields, expected) in [
            (
                "RFC 9111 section 4.2.1",
                "cloudfront",
                "cache-control: max-age=60, s-maxage=600",
                (GENERAL, Some(600), false),
            ),
            ("RFC 9111 section 5.2.2.5", "cloudfront", "cache-control: no-store, max-age=60", (GENERAL, None, true)),
            ("RFC 9111 section 5.2.2.4", "cloudfront", "cache-control: no-cache, max-age=60", (GENERAL, None, false)),
            (
                "https://developers.cloudflare.com/cache/concepts/cdn-cache-control",
                "cloudflare",
                "cdn-cache-control: max-age=600",
                (CDN, Some(600), false),
            ),
            (
                "https://developers.cloudflare.com/cache/concepts/cdn-cache-control",
                "cloudflare",
                "cdn-cache-control: max-age=600\ncloudflare-cdn-cache-control: no-store",
                ("Cloudflare-CDN-Cache-Control", None, true),
            ),
            (
                "https://vercel.com/docs/headers/cache-control-headers",
                "vercel",
                "vercel-cdn-cache-control: max-age=5\ncdn-cache-control: max-age=6",
                ("Vercel-CDN-Cache-Control", Some(5), false),
            ),
            (
                "https://docs.netlify.com/platform/caching",
                "netlify",
                "netlify-cdn-cache-control: s-maxage=5, durable",
                ("Netlify-CDN-Cache-Control", Some(5), false),
            ),
            (
                "https://www.fastly.com/documentation/reference/http/http-headers/Surrogate-Control",
                "fastly",
                "surrogate-control: max-age=5, stale-while-revalidate=9",
                (SURROGATE, Some(5), false),
            ),
        ] {
            assert_eq!(read(provider, fields), (Some(expected), 0), "{source}: {fields}");
        }
    }

    #[test]
    fn what_does_not_count_is_noted() {
        let general = (GENERAL, Some(60), false);
        assert_eq!(read("cloudflare", "cache-control: max-age=60\ncdn-cache-control: Max-Age=6"), (Some(general), 1));
        assert_eq!(read("cloudfront", "cache-control: max-age=60\ncdn-cache-control: max-age=6"), (Some(general), 1));
        let own = ("CDN-Cache-Control", Some(6), false);
        assert_eq!(read("cloudflare", "cache-control: max-age=60\ncdn-cache-control: max-age=6"), (Some(own), 1));
    }

    #[test]
    fn where_the_policy_is_kept_back_nothing_is_said() {
        // https://vercel.com/docs/headers/cache-control-headers: s-maxage is taken out of what clients see.
        assert_eq!(read("vercel", "cache-control: public, max-age=0, must-revalidate"), (None, 0));
        assert_eq!(read("fastly", "server: x"), (None, 0));
    }
}
