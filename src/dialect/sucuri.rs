//! Sucuri: nginx's words; it writes its own `Server`.

use super::evidence::{Evidence, Found, layer};
use super::words::{NGINX, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::Unknown;
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect {
    blocked: |evidence| evidence.has("x-sucuri-block"),
    writes_age: false,
    stale_is_failure: false,
    ..Dialect::new("sucuri", claim, layers)
};

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.server_begins("Sucuri") {
        return Some(Claim::Server);
    }
    (evidence.has("x-sucuri-id") || evidence.has("x-sucuri-cache")).then_some(Claim::PerAnswer)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = evidence.value("x-sucuri-cache").map_or(Unknown, |word| meaning(NGINX, &word));
    let name = evidence.value("x-sucuri-id").map(std::borrow::Cow::into_owned);
    found.layers.push(Layer { name, ..layer(DIALECT.id, status) });
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, reading};

    #[test]
    fn each_word_is_read() {
        for (word, expected) in [("HIT", "hit"), ("MISS", "miss"), ("EXPIRED", "expired"), ("BYPASS", "bypass")] {
            let text = format!("server: Sucuri/Cloudproxy\nx-sucuri-id: 14005\nx-sucuri-cache: {word}");
            assert_reads(&[("captured", &text, &format!("sucuri {expected} - -"))]);
        }
    }

    #[test]
    fn its_block_page_says_so() {
        // Documentation only: https://docs.sucuri.net/website-firewall/
        assert!(reading("HTTP/1.1 403 Forbidden\nserver: Sucuri/Cloudproxy\nx-sucuri-block: 1").blocked);
        assert!(!reading("HTTP/1.1 403 Forbidden\nserver: Sucuri/Cloudproxy\nx-sucuri-cache: BYPASS").blocked);
    }
}
