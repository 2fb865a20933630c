use super::{Rule, Severity};
use crate::model::Verdict;

/// The cache says that it serves a stale copy on purpose.
pub(super) static RULE: Rule = Rule {
    id: "stale-while-revalidate",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Stale && facts.says_stale,
    summary: |facts| format!("{} serves a stale copy while it fetches a new one", facts.edge()),
    why: "A soft purge, or a lifetime that ended, leaves the old copy in place to be served until a new one has been fetched. The next answers may be new; this one was not.",
    fix: |_| "Wait and look again, purge hard instead of softly, or shorten stale-while-revalidate.".to_owned(),
};
