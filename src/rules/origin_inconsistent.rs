use super::{Rule, Severity};
use crate::model::Trouble;

/// The origin contradicts itself.
pub(super) static RULE: Rule = Rule {
    id: "origin-inconsistent",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::OriginInconsistent),
    summary: |facts| format!("the origin contradicts itself about {}", facts.object()),
    why: "Asked several times, the origin gave different content. A rolling deploy or several servers that are not in step look like this, and any edge could then be right.",
    fix: |_| "Wait until the deploy has reached every origin server, then run again.".to_owned(),
};
