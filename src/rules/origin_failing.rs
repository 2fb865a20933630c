use super::{Rule, Severity};
use crate::model::Trouble;

/// The origin answers with an error that is no reference.
pub(super) static RULE: Rule = Rule {
    id: "origin-failing",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::OriginFailing),
    summary: |facts| {
        format!("the origin answers {} for {}", facts.reference_status.unwrap_or_default(), facts.object())
    },
    why: "A server error or a rate limit at the origin says nothing about what the object should be, so no edge can be held against it.",
    fix: |_| {
        "Mend the origin, or let the probe past its rate limit ([origin] rate in the regions file), and run again."
            .to_owned()
    },
};
