use super::{Rule, Severity};
use crate::model::Neighbour;

/// Stale in one spelling, fresh in the other.
pub(super) static RULE: Rule = Rule {
    id: "path-encoding",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.found_fresh(Neighbour::OtherEncoding).is_some(),
    summary: |facts| {
        format!(
            "{} is stale at {}, and fresh as {}",
            facts.object(),
            facts.edge(),
            facts.found_fresh(Neighbour::OtherEncoding).unwrap_or_default()
        )
    },
    why: "The same path can be written in several ways (%7E and ~). The cache keeps a copy for each, and the purge named only one.",
    fix: |facts| {
        format!("Purge every spelling of {}, or normalise paths before the cache key is made.", facts.object())
    },
};
