use super::{Rule, Severity};
use crate::model::Verdict;

/// The nearest cache missed, one behind it served the old copy.
pub(super) static RULE: Rule = Rule {
    id: "lower-layer-stale",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Stale && facts.parent.is_some() && facts.edge_asked_its_parent,
    summary: |facts| {
        format!(
            "{} did not answer from its own store, and {} did, with an old copy",
            facts.edge(),
            facts.parent_in_words()
        )
    },
    why: "A miss at the edge is not a fresh answer: a cache further in may hold the old copy and hand it out again and again.",
    fix: |facts| format!("Purge {}, then the edge.", facts.parent_in_words()),
};
