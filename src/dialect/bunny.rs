//! Bunny: nginx's words, a POP in `Server`, and the moment of storing instead of `Age`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::evidence::{Evidence, Found, layer, pop};
use super::words::{NGINX, meaning};
use super::{Claim, Dialect, Notation, places};
use crate::model::CacheStatus::Unknown;
use crate::model::{City, Layer};

pub(super) static DIALECT: Dialect = Dialect {
    cache_status_names: &["bunny"],
    writes_age: false,
    purge: Some("POST https://api.bunny.net/purge?url={url}"),
    pops: Notation::City(place),
    stale_is_failure: false,
    ..Dialect::new("bunny", claim, layers)
};

const SERVER: &str = "BunnyCDN-";

/// Codes of countries and cities, with a number in older ones (<https://bunny.net/docs/scripting/regions>).
const CITIES: &[(&str, &str)] = &[
    ("AMS", "Amsterdam"),
    ("ASB", "Ashburn"),
    ("AUC", "Auckland"),
    ("DE", "Frankfurt"),
    ("GR", "Athens"),
    ("LA", "Los Angeles"),
    ("NY", "New York"),
    ("RS", "Belgrade"),
    ("SG", "Singapore"),
    ("SYD", "Sydney"),
    ("TH", "Bangkok"),
    ("UK", "London"),
];

fn place(pop: &str) -> Option<City> {
    let code = pop.trim_end_matches(|char: char| char.is_ascii_digit());
    let (_, city) = CITIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code))?;
    places::by_name(city, None)
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.server_begins("BunnyCDN") {
        return Some(Claim::Server);
    }
    (evidence.has("cdn-pullzone") || evidence.has("cdn-requestid")).then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = evidence.value("cdn-cache").map_or(Unknown, |word| meaning(NGINX, &word));
    // https://docs.bunny.net/cdn/troubleshooting/run-traceroute: BunnyCDN-{POP}-{server}.
    let node = if evidence.server_begins(SERVER) { evidence.server.get(SERVER.len()..) } else { None };
    let pop = node.and_then(|node| pop(node.split('-').next()?));
    let age_seconds = if status.is_stored() { age(evidence) } else { None };
    found.layers.push(Layer { pop, age_seconds, ..layer(DIALECT.id, status) });
}

/// Since `CDN-CachedAt`, in UTC and American order, in older answers year first. A moment after the answer arrived is
/// none.
fn age(evidence: &Evidence<'_>) -> Option<u64> {
    let value = evidence.value("cdn-cachedat")?;
    let read = |form| DateTime::strptime(form, value.trim()).ok();
    let at = read("%m/%d/%Y %H:%M:%S").or_else(|| read("%Y-%m-%d %H:%M:%S"))?.to_zoned(TimeZone::UTC).ok()?;
    u64::try_from(evidence.received.as_second().checked_sub(at.timestamp().as_second())?).ok()
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, reading};

    const NGINX: &str = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html (documentation only)";

    #[test]
    fn each_word_is_read() {
        for (word, expected) in [
            ("HIT", "hit"),
            ("MISS", "miss"),
            ("EXPIRED", "expired"),
            ("STALE", "stale"),
            ("UPDATING", "updating"),
            ("REVALIDATED", "revalidated"),
            ("BYPASS", "bypass"),
        ] {
            assert_reads(&[(
                NGINX,
                &format!("server: BunnyCDN-DE1-755\ncdn-cache: {word}"),
                &format!("bunny {expected} DE1 -"),
            )]);
        }
    }

    #[test]
    fn the_age_of_a_copy_counts_from_its_storing() {
        // Received on 2024-06-12 at 08:00:00.
        assert_reads(&[
            (
                "https://docs.bunny.net",
                "server: BunnyCDN-LA1-1\ncdn-cache: HIT\ncdn-cachedat: 06/12/2024 07:58:20",
                "bunny hit LA1 100",
            ),
            (
                "older answers",
                "server: BunnyCDN-LA1-1\ncdn-cache: HIT\ncdn-cachedat: 2024-06-12 07:58:20",
                "bunny hit LA1 100",
            ),
            (
                "a clock ahead",
                "server: BunnyCDN-LA1-1\ncdn-cache: HIT\ncdn-cachedat: 06/12/2024 08:00:20",
                "bunny hit LA1 -",
            ),
            ("no date", "server: BunnyCDN-LA1-1\ncdn-cache: HIT\ncdn-cachedat: 2024", "bunny hit LA1 -"),
            (
                "not from a store",
                "server: BunnyCDN-LA1-1\ncdn-cache: MISS\ncdn-cachedat: 06/12/2024 07:58:20",
                "bunny miss LA1 -",
            ),
        ]);
    }

    #[test]
    fn an_age_beside_it_is_of_a_cache_behind() {
        let reading = reading("server: BunnyCDN-DE1-755\ncdn-cache: HIT\nage: 0\nvia: 1.1 varnish\nx-varnish: 5");
        assert_eq!((reading.provider, reading.layers.len()), ("bunny", 2));
        assert!(reading.layers[0].history);
        assert_eq!(reading.notes.len(), 1);
    }
}
