use super::{Rule, Severity};

/// One edge or region is stale for every tenant, the rest is not.
pub(super) static RULE: Rule = Rule {
    id: "region-cut-off",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.nearby.edge.is_all(2) && facts.nearby.elsewhere.is_few(),
    summary: |facts| {
        let nearby = &facts.nearby;
        let (place, share) = if nearby.region.is_all(2) && nearby.region_edges > 1 {
            (format!("region {}", facts.region), nearby.region)
        } else {
            (facts.edge(), nearby.edge)
        };
        format!("{place} is old for all {} checks, the rest of the fleet is not: the purge did not reach it", share.of)
    },
    why: "Everything here is old and the rest of the fleet is not: this part of the network did not get the purge, or did not carry it out.",
    fix: |facts| {
        format!(
            "Send the purge again. If {} stays old, take it out of rotation and report it to the provider.",
            facts.edge()
        )
    },
};
