use super::{Rule, Severity};
use crate::model::Trouble;

/// The reference could not be had.
pub(super) static RULE: Rule = Rule {
    id: "origin-unreachable",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::OriginUnreachable),
    summary: |facts| format!("the origin gave no answer for {}: {}", facts.object(), facts.said()),
    why: "What the object should be is what the origin serves. Without the origin nothing can be compared, and what most edges agree on is no reference.",
    fix: |_| "Make the origin reachable from here, or name one that is with --origin.".to_owned(),
};
