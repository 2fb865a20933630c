use super::{Rule, Severity};
use crate::model::Neighbour;

/// Stale with its query, fresh without.
pub(super) static RULE: Rule = Rule {
    id: "query-key",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.found_fresh(Neighbour::WithoutQuery).is_some(),
    summary: |facts| format!("{} is stale at {}, and fresh without its query string", facts.object(), facts.edge()),
    why: "The query string is part of the cache key, so every query is a copy of its own, and the purge named the bare path.",
    fix: |facts| {
        format!(
            "Purge {} with its query, by a prefix or by a tag; or take queries that change nothing out of the cache key.",
            facts.object()
        )
    },
};
