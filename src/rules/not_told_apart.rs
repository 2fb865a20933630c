use super::{Rule, Severity};
use crate::model::Trouble;

/// Two edges stand for different POPs and are one address.
pub(super) static RULE: Rule = Rule {
    id: "not-told-apart",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::NotToldApart),
    summary: |facts| {
        format!(
            "{} is at the same address as {}",
            facts.pop_expected.unwrap_or("this POP"),
            facts.error.unwrap_or("an edge of another POP")
        )
    },
    why: "Edges that stand for different POPs were asked the same at the same address, and the answers name no POP. At most one of them is where the regions file says, so the same answers prove nothing about the others.",
    fix: |_| {
        "Give each POP its own address in the regions file, or one `pop` to edges that are one place. A name that leads to another POP, as when its own is drained, looks like this too.".to_owned()
    },
};
