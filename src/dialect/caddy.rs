//! Caddy with Souin (cache-handler): speaks `Cache-Status`, at times with keys that are no structured field.

use super::evidence::{Evidence, Found, begins, layer};
use super::{Claim, Dialect};
use crate::model::CacheStatus;

const NAMES: &[&str] = &["Souin", "Caddy"];

pub(super) static DIALECT: Dialect = Dialect { cache_status_names: NAMES, ..Dialect::new("caddy", claim, layers) };

/// A web server without a cache names itself in the same way; only with a Cache-Status is there a cache.
fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    let names_it = |value: &str| NAMES.iter().any(|name| begins(value, name));
    let is_its_own =
        evidence.cache_status_unparsable && evidence.value("cache-status").is_some_and(|value| names_it(&value));
    is_its_own.then_some(Claim::Software)
}

fn layers(_: &Evidence<'_>, found: &mut Found) {
    found.layers.push(layer(DIALECT.id, CacheStatus::Unknown));
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, reading};

    const SOUIN: &str = "https://docs.souin.io/ (documentation only)";

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (
                SOUIN,
                "server: Caddy\ncache-status: Souin; hit; ttl=59; key=GET-https-a.example-/path; detail=NUTS\nage: 1",
                "caddy hit - 1",
            ),
            (SOUIN, "server: Caddy\ncache-status: Souin; fwd=uri-miss; stored; detail=DEFAULT", "caddy miss - -"),
            (SOUIN, "cache-status: Souin; hit; ttl=-225; fwd=stale", "caddy stale - -"),
            (SOUIN, "cache-status: Souin; hit; ttl=-225", "caddy stale - -"),
            (SOUIN, "cache-status: Souin; fwd=bypass; detail=CACHE-CONTROL-EXTRACTION-ERROR", "caddy bypass - -"),
            ("a web server, no cache", "server: Caddy\nvia: 1.1 Caddy", "unknown unknown - -"),
        ]);
    }

    #[test]
    fn a_key_that_is_no_structured_field_leaves_the_status_unknown() {
        let reading = reading("cache-status: Souin; hit; ttl=59; key=GET-https-a.example-/path?q=1; detail=NUTS");
        assert_eq!((reading.provider, reading.status.id()), ("caddy", "unknown"));
        assert_eq!(reading.notes.len(), 1);
    }
}
