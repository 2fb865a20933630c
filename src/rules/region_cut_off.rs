use super::{Rule, Severity};

/// One edge or region is old for all it was asked for, the rest is not.
pub(super) static RULE: Rule = Rule {
    id: "region-cut-off",
    severity: Severity::Failure,
    applies: |facts| facts.is_untouched() && facts.nearby.place_alone(),
    summary: |facts| {
        let nearby = &facts.nearby;
        let (place, share) = if nearby.region_is_old() {
            (format!("region {}", facts.region), nearby.region)
        } else {
            (facts.edge(), nearby.edge)
        };
        format!("{place} is old for all {} checks, the rest of the fleet is not: the purge did not reach it", share.of)
    },
    why: "Everything here is old and the rest of the fleet is not: this part of the network did not get the purge, or did not carry it out.",
    fix: |facts| {
        let place = if facts.nearby.region_is_old() { format!("region {}", facts.region) } else { facts.edge() };
        match facts.parent {
            Some(_) => format!(
                "Purge {} first and the edges after it: what is old here was filled from there. If {place} stays old, report it to the provider.",
                facts.parent_in_words()
            ),
            None => format!(
                "Send the purge again. If {place} stays old, take it out of rotation and report it to the provider."
            ),
        }
    },
};
