use super::{Rule, Severity};
use crate::model::Phase;

/// The run ended before it could be asked.
pub(super) static RULE: Rule = Rule {
    id: "not-asked",
    severity: Severity::Inconclusive,
    applies: |facts| facts.phase == Some(Phase::Deadline),
    summary: |facts| facts.said().to_owned(),
    why: "The run was over before this check was made, or before what was seen could be looked at a last time: its deadline passed, it was interrupted, or it ended at the first failure as it was told to.",
    fix: |_| "Give the run more time (--deadline), or less to do (--only, --sample).".to_owned(),
};
