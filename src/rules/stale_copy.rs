use super::{Rule, Severity};
use crate::model::Verdict;

/// Shown to be old by its date of modification, or by what was there before.
pub(super) static RULE: Rule = Rule {
    id: "stale-copy",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Stale,
    summary: |facts| format!("{} serves older content of {} than the origin", facts.edge(), facts.object()),
    why: "The edge's content is older than the origin's: it was last modified before, or it is what was seen before the deploy, or another edge showed the same copy to be old. Whether the copy was stored before the purge is not known: the time of the purge was not given, or the answer tells no age, or the two are too close.",
    fix: |facts| {
        if facts.purged {
            format!("Purge {} once more.", facts.object())
        } else {
            format!("Purge {}, and give --purged-at to learn whether the purge reached this edge.", facts.object())
        }
    },
};
