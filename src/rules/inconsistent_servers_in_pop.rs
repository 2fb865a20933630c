use super::{Rule, Severity};
use crate::model::Verdict;

/// Servers of one POP give different answers.
pub(super) static RULE: Rule = Rule {
    id: "inconsistent-servers-in-pop",
    severity: Severity::Failure,
    applies: |facts| {
        facts.took_turns && matches!(facts.verdict, Verdict::Stale | Verdict::Divergent | Verdict::Unpurged)
    },
    summary: |facts| {
        format!("servers behind {} disagree about {}: some are fresh, some are not", facts.edge(), facts.object())
    },
    why: "Asked again, the same edge gave another answer. Several servers, or several addresses, stand behind it, and the purge reached only some of them: users get old content by chance.",
    fix: |facts| {
        format!(
            "Purge {} again; if it comes back, have the provider look for servers at this POP that miss purges.",
            facts.object()
        )
    },
};
