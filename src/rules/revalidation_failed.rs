use super::{Rule, Severity};
use crate::model::Verdict;

/// The cache could not reach its origin and serves what it has.
pub(super) static RULE: Rule = Rule {
    id: "revalidation-failed",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Stale && facts.revalidation_failed,
    summary: |facts| format!("{} serves a stale copy because it could not revalidate it", facts.edge()),
    why: "The cache knows that its copy is out of date, asked for a new one and got none: its origin, or its way there, is down. It then serves the old copy (stale-if-error).",
    fix: |_| {
        "Look at the way from this edge to the origin: firewall, DNS, certificate, capacity. A purge would turn stale answers into errors.".to_owned()
    },
};
