//! `KeyCDN`: nginx's words in `X-Cache`, a place of country and city.

use super::evidence::{Evidence, Found, begins, layer, pop};
use super::words::{NGINX, meaning};
use super::{Claim, Dialect, Notation, places};
use crate::model::CacheStatus::Unknown;
use crate::model::{City, Layer};

pub(super) static DIALECT: Dialect = Dialect {
    bare_x_cache: true,
    writes_age: false,
    cache_status_names: &["keycdn"],
    // https://www.keycdn.com/support/frequently-asked-questions: also while a copy is updated in the background.
    stale_is_failure: false,
    pops: Notation::City(place),
    ..Dialect::new("keycdn", claim, layers)
};

/// Two letters of the country's top-level domain, two of the city
/// (<https://www.keycdn.com/support/cdn-server-locations>).
fn place(pop: &str) -> Option<City> {
    let (country, city) = pop.split_at_checked(2)?;
    if city.len() == 2 { places::by_abbreviation(country, city) } else { None }
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if begins(evidence.server, "keycdn") {
        return Some(Claim::Server);
    }
    (evidence.has("x-edge-location") && evidence.has("x-cache")).then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = evidence.bare_x_cache(DIALECT.id).last().map_or(Unknown, |word| meaning(NGINX, word));
    let pop = evidence.value("x-edge-location").and_then(|place| pop(&place));
    found.layers.push(Layer { pop, ..layer(DIALECT.id, status) });
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;

    #[test]
    fn each_word_is_read() {
        // HIT and REVALIDATED captured 2015; the rest are nginx's, documentation only.
        for (word, expected) in [
            ("HIT", "hit"),
            ("MISS", "miss"),
            ("EXPIRED", "expired"),
            ("STALE", "stale"),
            ("UPDATING", "updating"),
            ("REVALIDATED", "revalidated"),
            ("BYPASS", "bypass"),
        ] {
            let text = format!("server: keycdn-engine\nx-edge-location: uswd\nx-cache: {word}");
            assert_reads(&[(
                "https://nginx.org/en/docs/http/ngx_http_upstream_module.html",
                &text,
                &format!("keycdn {expected} USWD -"),
            )]);
        }
    }
}
