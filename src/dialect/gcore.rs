//! Gcore: nginx's words in a field named just `Cache`, the moment of storing instead of `Age`.

use jiff::Timestamp;

use super::evidence::{Evidence, Found, layer, pop};
use super::words::{NGINX, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::Unknown;
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect {
    cache_status_names: &["gcore"],
    writes_age: false,
    stale_is_failure: false,
    ..Dialect::new("gcore", claim, layers)
};

/// `<data centre>-…`, in the order of trust.
const NODES: [&str; 3] = ["x-id", "x-node", "x-id-fe"];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    let says =
        evidence.has("x-cached-since") || evidence.value("cache").is_some_and(|word| meaning(NGINX, &word) != Unknown);
    (says && (evidence.has("x-cached-since") || NODES.iter().any(|name| evidence.has(name))))
        .then_some(Claim::PerAnswer)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = evidence.value("cache").map_or(Unknown, |word| meaning(NGINX, &word));
    let node = NODES.iter().find_map(|name| evidence.value(name));
    let pop = node.and_then(|node| pop(node.split_once('-')?.0));
    let age_seconds = if status.is_stored() { age(evidence) } else { None };
    found.layers.push(Layer { pop, age_seconds, ..layer(DIALECT.id, status) });
}

/// Since `X-Cached-Since` (ISO 8601). A moment after the answer arrived is none.
fn age(evidence: &Evidence<'_>) -> Option<u64> {
    let at: Timestamp = evidence.value("x-cached-since")?.trim().parse().ok()?;
    u64::try_from(evidence.received.as_second().checked_sub(at.as_second())?).ok()
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;

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
                "captured",
                &format!("server: nginx\ncache: {word}\nx-id: m9-up-gc99"),
                &format!("gcore {expected} M9 -"),
            )]);
        }
    }

    #[test]
    fn the_age_of_a_copy_counts_from_its_storing() {
        // Received on 2024-06-12 at 08:00:00.
        assert_reads(&[
            (
                "captured",
                "cache: HIT\nx-node: m9-up-gc99\nx-cached-since: 2024-06-12T07:58:20+00:00",
                "gcore hit M9 100",
            ),
            ("captured", "cache: HIT\nx-cached-since: 2024-06-12T07:58:20Z", "gcore hit - 100"),
            ("no date", "cache: HIT\nx-cached-since: yesterday\nage: 5", "gcore hit - 5"),
        ]);
    }

    #[test]
    fn the_name_alone_is_not_enough() {
        assert_reads(&[("any server", "cache: HIT", "unknown unknown - -")]);
    }
}
