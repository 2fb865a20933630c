//! Words that several caches share because one descends from another, and how a word is looked up.

use crate::model::CacheStatus::{
    self, Bypass, Error, Expired, Hit, Miss, Revalidated, Stale, Synthetic, Unknown, Updating,
};

/// A cache's words and what they mean.
pub(super) type Words = &'static [(&'static str, CacheStatus)];

/// `$upstream_cache_status` (<https://nginx.org/en/docs/http/ngx_http_upstream_module.html>), which CDNs built on nginx
/// show under names of their own.
pub(super) const NGINX: Words = &[
    ("HIT", Hit),
    ("MISS", Miss),
    ("EXPIRED", Expired),
    ("STALE", Stale),
    ("UPDATING", Updating),
    ("REVALIDATED", Revalidated),
    ("BYPASS", Bypass),
];

/// Squid's log words (<https://wiki.squid-cache.org/SquidFaq/SquidLogs>), which other caches took over.
pub(super) const SQUID_LOG: Words = &[
    ("TCP_HIT", Hit),
    ("TCP_MEM_HIT", Hit),
    ("TCP_IMS_HIT", Hit),
    ("TCP_INM_HIT", Hit),
    ("TCP_NEGATIVE_HIT", Hit),
    ("TCP_OFFLINE_HIT", Hit),
    ("TCP_MISS", Miss),
    ("TCP_CLIENT_REFRESH", Miss),
    ("TCP_CLIENT_REFRESH_MISS", Miss),
    ("TCP_SWAPFAIL_MISS", Miss),
    ("TCP_REFRESH_HIT", Revalidated),
    ("TCP_REFRESH_UNMODIFIED", Revalidated),
    ("TCP_EXPIRED_HIT", Revalidated),
    ("TCP_REFRESH_MISS", Expired),
    ("TCP_REFRESH_MODIFIED", Expired),
    ("TCP_EXPIRED_MISS", Expired),
    ("TCP_REFRESH_FAIL", Stale),
    ("TCP_REFRESH_FAIL_HIT", Stale),
    ("TCP_REFRESH_FAIL_OLD", Stale),
    ("TCP_STALE_HIT", Stale),
    ("TCP_DENIED", Error),
    ("TCP_COOKIE_DENY", Error),
    ("TCP_REFRESH_FAIL_ERR", Error),
    ("TCP_REDIRECT", Synthetic),
];

/// What a word means, in whatever case; a word that is not in the table says nothing.
pub(super) fn meaning(words: Words, word: &str) -> CacheStatus {
    let word = word.trim();
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map_or(Unknown, |(_, status)| *status)
}

/// As [`meaning`], looking through one table after the other.
pub(super) fn meaning_in(tables: &[Words], word: &str) -> CacheStatus {
    tables.iter().map(|words| meaning(words, word)).find(|status| *status != Unknown).unwrap_or(Unknown)
}
