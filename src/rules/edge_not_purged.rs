use super::{Rule, Severity};
use crate::model::Verdict;

/// The copy predates the purge.
pub(super) static RULE: Rule = Rule {
    id: "edge-not-purged",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Stale && facts.predates_purge,
    summary: |facts| format!("{} still serves a copy of {} from before the purge", facts.edge(), facts.object()),
    why: "The copy is older than the purge, and other content than the origin's. The purge did not reach this edge, or not under this key.",
    fix: |facts| match facts.parent {
        // It may have been filled again since, for the age counts from the origin.
        Some(_) => format!(
            "Purge {} at {} first, which this copy came from, and then at this edge.",
            facts.object(),
            facts.parent_in_words()
        ),
        None => format!("Purge {} again and look at this edge.", facts.object()),
    },
};
