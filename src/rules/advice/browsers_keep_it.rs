use super::Advice;
use super::versioned::is_versioned;

/// From so many seconds on a browser's copy outlives what users put up with.
const LONG: u64 = 3_600;

/// A long lifetime in browsers under a name that stays when the content changes.
pub(super) static ADVICE: Advice = Advice {
    id: "browsers-keep-it",
    speaks: |given| {
        let said = given.told_browsers();
        let is_long = said.max_age.is_some_and(|seconds| seconds >= LONG) && !said.no_store && !said.no_cache;
        (is_long && !is_versioned(given.path)).then(|| given.shown("Cache-Control"))
    },
    summary: "browsers keep it for an hour or more under a name that stays the same",
    why: "A purge empties the CDN's caches, not those of browsers: within max-age they do not even ask. Who fetched the old version before the purge sees it until then, however fresh every edge is.",
    fix: "Put a hash of the content into the name; or give browsers a short max-age, or no-cache, and the CDN its own lifetime by s-maxage or its own field.",
    source: "RFC 9111 section 4.2; https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/Caching",
};
