use super::{Rule, Severity};
use crate::model::Neighbour;

/// Stale as a directory, fresh as its index, or the other way round.
pub(super) static RULE: Rule = Rule {
    id: "directory-alias",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.found_fresh(Neighbour::DirectoryAlias).is_some(),
    summary: |facts| {
        format!(
            "{} is stale at {}, and fresh as {}",
            facts.object(),
            facts.edge(),
            facts.found_fresh(Neighbour::DirectoryAlias).unwrap_or_default()
        )
    },
    why: "A directory and its index file are one page to the origin and two to a cache; the purge named only one of them.",
    fix: |facts| format!("Purge both {} and its alias.", facts.object()),
};
