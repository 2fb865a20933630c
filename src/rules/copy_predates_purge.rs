use super::{Rule, Severity};
use crate::model::Verdict;

/// Same content, stored before the purge.
pub(super) static RULE: Rule = Rule {
    id: "copy-predates-purge",
    severity: Severity::Notice,
    applies: |facts| facts.verdict == Verdict::Unpurged,
    summary: |facts| format!("{} holds the right content of {}, stored before the purge", facts.edge(), facts.object()),
    why: "The content is the origin's, so nobody is harmed today. But the copy is older than the purge, so the purge did not reach this edge, and the next one may not either.",
    fix: |_| "Find out why this edge was missed before content changes.".to_owned(),
};
