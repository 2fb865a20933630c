use super::{Rule, Severity};
use crate::model::Verdict;

/// An error that the origin does not have.
pub(super) static RULE: Rule = Rule {
    id: "edge-error",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Failing,
    summary: |facts| match facts.reference_status.unwrap_or_default() {
        same if same == facts.status() => {
            format!("{} answers with an error page of its own, as a {same}", facts.edge())
        }
        other => format!("{} answers {} where the origin has {other}", facts.edge(), facts.status()),
    },
    why: "The edge answered with an error and the origin does not.",
    fix: |_| "Look at the edge's own log or status page; a purge does not mend it.".to_owned(),
};
