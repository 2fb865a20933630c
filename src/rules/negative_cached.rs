use super::{Rule, Severity};
use crate::model::Verdict;

/// A stored error where the origin has a page.
pub(super) static RULE: Rule = Rule {
    id: "negative-cached",
    severity: Severity::Failure,
    applies: |facts| {
        let stored = facts.verdict == Verdict::Stale || (facts.verdict == Verdict::Failing && facts.from_a_store);
        stored && facts.status() >= 400
    },
    summary: |facts| {
        format!(
            "{} serves a stored {} where the origin has {}",
            facts.edge(),
            facts.status(),
            facts.reference_status.unwrap_or_default()
        )
    },
    why: "The edge once got an error for this object and stored it. Errors are kept too, for a time of their own, and a purge of the page must reach them as well.",
    fix: |facts| format!("Purge {} on this edge, and shorten how long errors are kept.", facts.object()),
};
