use super::{Facts, Rule, Severity};
use crate::model::Verdict;

/// A parent of the edge held the old copy over the purge, and the edge refilled from it.
pub(super) static RULE: Rule = Rule {
    id: "shield-refilled-stale",
    severity: Severity::Failure,
    applies: |facts| {
        let taken = asked_after_the_purge(facts) || facts.edge_refilled_after_purge || is_still_handed_out(facts);
        facts.verdict == Verdict::Stale && facts.purged && facts.parent.is_some() && taken
    },
    summary: |facts| {
        let parent = facts.parent_in_words();
        let (edge, took_it) = (facts.edge(), asked_after_the_purge(facts) || facts.edge_refilled_after_purge);
        if took_it && facts.nearby.region_is_old() {
            format!("region {} serves old copies, taken from {parent}", facts.region)
        } else if took_it {
            format!("{edge} serves an old copy that it took from {parent}")
        } else {
            format!("{edge} serves an old copy from {parent}, which still hands out the same")
        }
    },
    why: "A cache behind the edge answered from its own store with the old copy, though the purge was over. Purged before its parent, or alone, an edge refills with what it was meant to forget, as often as it is purged.",
    fix: |facts| {
        format!(
            "Purge {} first and the edges after it; many CDNs do so when the same purge is sent twice, some seconds apart.",
            facts.parent_in_words()
        )
    },
};

/// What the parent gave just now is from before the purge, or tells no age.
const fn asked_after_the_purge(facts: &Facts<'_>) -> bool {
    facts.edge_asked_its_parent && !facts.stored_after_purge
}

/// When this edge took its copy does not show. That its parent has let go of nothing does.
const fn is_still_handed_out(facts: &Facts<'_>) -> bool {
    facts.predates_purge && facts.parent_still_serves
}
