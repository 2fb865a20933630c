use super::{Rule, Severity};
use crate::model::Verdict;

/// An old redirect.
pub(super) static RULE: Rule = Rule {
    id: "redirect-stale",
    severity: Severity::Failure,
    applies: |facts| {
        // Not each 3xx redirects: 304 is an answer to a question that was not asked.
        facts.verdict == Verdict::Stale && matches!(facts.status(), 301 | 302 | 303 | 307 | 308)
    },
    summary: |facts| match facts.reference_status {
        Some(300..400) => format!("{} still redirects {} elsewhere than the origin", facts.edge(), facts.object()),
        _ => format!("{} still redirects {}, and the origin no longer does", facts.edge(), facts.object()),
    },
    why: "The redirect that the edge serves is not the origin's. Redirects are stored like pages, and a purge of the target does not touch them.",
    fix: |facts| format!("Purge the redirect itself: {}.", facts.object()),
};
