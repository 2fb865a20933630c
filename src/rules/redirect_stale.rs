use super::{Rule, Severity};
use crate::model::Verdict;

/// An old redirect.
pub(super) static RULE: Rule = Rule {
    id: "redirect-stale",
    severity: Severity::Failure,
    applies: |facts| {
        facts.verdict == Verdict::Stale && facts.observed_status.is_some_and(|status| (300..400).contains(&status))
    },
    summary: |facts| format!("{} still redirects {} elsewhere than the origin", facts.edge(), facts.object()),
    why: "The redirect that the edge serves is not the origin's. Redirects are stored like pages, and a purge of the target does not touch them.",
    fix: |facts| format!("Purge the redirect itself: {}.", facts.object()),
};
