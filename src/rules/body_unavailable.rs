use super::{Rule, Severity};
use crate::model::{Body, Trouble};

/// Bodies were needed and could not be had.
pub(super) static RULE: Rule = Rule {
    id: "body-unavailable",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::BodyUnavailable),
    summary: |facts| {
        format!("headers do not settle {}, and the body could not be compared: {}", facts.object(), facts.said())
    },
    why: "Neither tags nor dates settled whether the copies are the same, so the bodies had to be compared; one of them was missing, cut short, larger than allowed, or in a coding that could not be decoded.",
    fix: |facts| {
        let by_hand = "ask for it by hand, with the curl line of the JSON report or of `diagnose`";
        if facts.said().contains(Body::TOO_LARGE) {
            format!("Raise --max-body above the object's size, or {by_hand}.")
        } else {
            format!("No flag mends this; {by_hand}, and see why the body does not arrive whole.")
        }
    },
};
