use super::{Rule, Severity};
use crate::model::Verdict;

/// Stored after the purge, and old all the same.
pub(super) static RULE: Rule = Rule {
    id: "purge-raced-deploy",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Stale && facts.stored_after_purge,
    summary: |facts| format!("{} stored the old content of {} after the purge", facts.edge(), facts.object()),
    why: "The copy was made after the purge, yet it is the old content, and no older cache shows behind it. Whoever filled the edge asked before the deploy had reached the origin server that answered.",
    fix: |_| {
        "Purge once more, now that the origin serves the new content; in the pipeline, purge only after the rollout is complete.".to_owned()
    },
};
