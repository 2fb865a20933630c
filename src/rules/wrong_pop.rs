use super::{Rule, Severity};
use crate::model::Trouble;

/// Another POP answered.
pub(super) static RULE: Rule = Rule {
    id: "wrong-pop",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::WrongPop),
    summary: |facts| {
        format!(
            "{} answered instead of {}",
            facts.pop_seen.unwrap_or("another POP"),
            facts.pop_expected.unwrap_or("the expected one")
        )
    },
    why: "The answer names another POP than the one this edge stands for. However good it is, it is no proof about the POP that was meant.",
    fix: |facts| {
        let place = match facts.led {
            Some(led) => format!("Check the name that led there ({led})"),
            None => "Check the edge's address in the regions file".to_owned(),
        };
        format!("{place}; behind anycast, the place where the probe runs decides which POP answers.")
    },
};
