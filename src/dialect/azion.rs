//! Azion: silent unless asked with `Pragma` or told to speak; nginx's words.

use super::evidence::{Evidence, Found, contains, layer, pop};
use super::words::{NGINX, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::Unknown;
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Via, |evidence, at| contains(evidence.hops[at].by, "azion"))),
    cache_status_names: &["azion"],
    bare_x_cache: true,
    writes_age: false,
    debug_headers: &[("Pragma", "azion-debug-cache")],
    stale_is_failure: false,
    ..Dialect::new("azion", claim, layers)
};

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.server_begins("azion") {
        return Some(Claim::Server);
    }
    (evidence.has("x-azion-request-id") || evidence.has("x-azion-edge-location")).then_some(Claim::PerAnswer)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let mut status = evidence.bare_x_cache(DIALECT.id).last().map_or(Unknown, |word| meaning(NGINX, word));
    // Operators expose `$upstream_cache_status` under nginx's habitual names.
    for name in ["x-cache-status", "upstream-cache-status"] {
        if status == Unknown {
            status = evidence.value(name).map_or(Unknown, |word| meaning(NGINX, &word));
        }
    }
    let pop = evidence.value("x-azion-edge-location").and_then(|place| pop(&place));
    found.layers.push(Layer { pop, ..layer(DIALECT.id, status) });
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;
    use crate::dialect::{debug_headers, is_provider};

    const DEBUG: &str = "Pragma: azion-debug-cache, documentation only";

    #[test]
    fn each_word_is_read() {
        for (word, expected) in [
            ("HIT", "hit"),
            ("MISS", "miss"),
            ("EXPIRED", "expired"),
            ("UPDATING", "updating"),
            ("STALE", "stale"),
            ("BYPASS", "bypass"),
        ] {
            let text = format!("server: Azion webserver\nx-azion-edge-location: gru\nx-cache: {word}");
            assert_reads(&[(DEBUG, &text, &format!("azion {expected} GRU -"))]);
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            ("documentation only", "via: 1.1 aZion (Media Gateway)", "azion unknown - -"),
            ("documentation only", "server: azion-nginx", "azion unknown - -"),
            ("documentation only", "x-azion-request-id: 1\nserver: nginx\nx-cache: HIT", "azion hit - -"),
        ]);
    }

    #[test]
    fn it_speaks_when_asked() {
        assert!(is_provider("azion"));
        assert_eq!(debug_headers("azion"), [("Pragma", "azion-debug-cache")]);
    }
}
