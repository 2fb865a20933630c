//! Tencent Cloud CDN and `EdgeOne`: lines for each tier that can contradict each other, and no `Age`.

use super::evidence::{Evidence, Found, begins, contains, layer};
use super::words::{Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Hit, Miss, Revalidated, Unknown};
use crate::syntax::list;

pub(super) static DIALECT: Dialect = Dialect { writes_age: false, ..Dialect::new("tencent", claim, layers) };

/// `EdgeOne`: <https://www.tencentcloud.com/document/product/1145/54212>
const EDGE_ONE: Words = &[("HIT", Hit), ("MISS", Miss), ("RefreshHit", Revalidated)];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.server_begins("NWS") || evidence.server_begins("TencentEdgeOne") {
        return Some(Claim::Server);
    }
    let shows = ["x-nws-log-uuid", "x-daa-tunnel", "eo-log-uuid", "eo-cache-status"];
    (shows.iter().any(|name| evidence.has(name)) || looked_up(evidence) != Unknown).then_some(Claim::PerAnswer)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = match evidence.value("eo-cache-status") {
        Some(word) => meaning(EDGE_ONE, &word),
        None => looked_up(evidence),
    };
    found.layers.push(layer(DIALECT.id, status));
}

/// `Hit From Upstream` means that the origin answered, whatever the lines beside it say.
fn looked_up(evidence: &Evidence<'_>) -> CacheStatus {
    let Some(lines) = evidence.value("x-cache-lookup") else { return Unknown };
    let (mut hit, mut miss) = (false, false);
    for member in list::members(&lines) {
        if begins(member, "Hit From Upstream") {
            return Miss;
        }
        // Squid's field of the same name reads `HIT from host:port`.
        hit |= begins(member, "Cache Hit") || (begins(member, "Hit From ") && !contains(member, ":"));
        miss |= begins(member, "Cache Miss");
    }
    match (hit, miss) {
        (true, _) => Hit,
        (false, true) => Miss,
        (false, false) => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;

    #[test]
    fn each_lookup_is_read() {
        for (lookup, expected) in [
            ("Hit From MemCache", "hit"),
            ("Hit From Disktank3", "hit"),
            ("Hit From Inner Cluster", "hit"),
            ("Cache Hit", "hit"),
            ("Cache Miss", "miss"),
            ("Hit From Upstream", "miss"),
            ("Cache Miss\nx-cache-lookup: Hit From Inner Cluster", "hit"),
            ("Hit From Upstream\nx-cache-lookup: Hit From MemCache", "miss"),
            ("Else", "unknown"),
        ] {
            let text = format!("server: NWSs\nx-nws-log-uuid: 1\nx-cache-lookup: {lookup}");
            assert_reads(&[("captured", &text, &format!("tencent {expected} - -"))]);
        }
    }

    #[test]
    fn each_status_of_edge_one_is_read() {
        const DOCS: &str = "https://www.tencentcloud.com/document/product/1145/54212 (documentation only)";
        for (word, expected) in [("HIT", "hit"), ("MISS", "miss"), ("RefreshHit", "revalidated"), ("Else", "unknown")] {
            let text = format!("eo-log-uuid: 4105283880544427145\neo-cache-status: {word}");
            assert_reads(&[(DOCS, &text, &format!("tencent {expected} - -"))]);
        }
    }

    #[test]
    fn squids_field_of_the_same_name_is_not_taken_for_its_own() {
        assert_reads(&[(
            "squid",
            "x-cache: HIT from a.example\nx-cache-lookup: HIT from a.example:3128",
            "squid hit - -",
        )]);
    }
}
