use super::{Rule, Severity};
use crate::model::Verdict;

/// A parent of the edge still holds the old copy, and the edge refilled from it.
pub(super) static RULE: Rule = Rule {
    id: "shield-refilled-stale",
    severity: Severity::Failure,
    applies: |facts| {
        facts.verdict == Verdict::Stale && facts.purged && facts.parent.is_some() && facts.edge_asked_its_parent
    },
    summary: |facts| {
        let parent = facts.parent_in_words();
        if facts.nearby.region.is_all(2) && facts.nearby.region_edges > 1 {
            format!("region {} serves old copies that its edges took from {parent}", facts.region)
        } else {
            format!("{} serves an old copy that it took from {parent}", facts.edge())
        }
    },
    why: "The edge asked its parent after the purge, and the parent answered from its own store with the old copy. Purged before its parent, or alone, an edge refills with what it was meant to forget.",
    fix: |facts| {
        format!(
            "Purge {} first and the edges after it; many CDNs do so when the same purge is sent twice, some seconds apart.",
            facts.parent_in_words()
        )
    },
};
