use super::{Rule, Severity};
use crate::model::Neighbour;

/// Stale over one scheme, fresh over the other.
pub(super) static RULE: Rule = Rule {
    id: "scheme-keyed",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.found_fresh(Neighbour::OtherScheme).is_some(),
    summary: |facts| {
        format!(
            "{} is stale at {}, and fresh as {}",
            facts.object(),
            facts.edge(),
            facts.found_fresh(Neighbour::OtherScheme).unwrap_or_default()
        )
    },
    why: "The scheme is part of the cache key: http and https are two copies, and the purge named only one of them.",
    fix: |facts| format!("Purge {} under both schemes, or redirect http before the cache.", facts.object()),
};
