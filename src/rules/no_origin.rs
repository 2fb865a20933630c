use super::{Rule, Severity};
use crate::model::Trouble;

/// Nobody named an origin.
pub(super) static RULE: Rule = Rule {
    id: "no-origin",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::NoOrigin),
    summary: |facts| format!("no origin named; give --origin: nothing else says what {} should be", facts.object()),
    why: "What the object should be is what the origin serves. Without an origin the caches' answers can be shown, and held against the purge's time, but not against the truth: what most edges agree on is no reference.",
    fix: |_| "Name the origin with --origin URL, or with [origin] in a regions file.".to_owned(),
};
