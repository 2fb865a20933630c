use super::{Rule, Severity};
use crate::model::Verdict;

/// An error that the origin does not have.
pub(super) static RULE: Rule = Rule {
    id: "edge-error",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Failing,
    summary: |facts| {
        format!(
            "{} answers {} where the origin has {}",
            facts.edge(),
            facts.status(),
            facts.reference_status.unwrap_or_default()
        )
    },
    why: "The edge answered with an error and the origin does not.",
    fix: |_| "Look at the edge's own log or status page; a purge does not mend it.".to_owned(),
};
