use super::{Rule, Severity};
use crate::model::Trouble;

/// Another provider answered.
pub(super) static RULE: Rule = Rule {
    id: "wrong-provider",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::WrongProvider),
    summary: |facts| {
        format!(
            "{} answered instead of {}",
            facts.provider_seen.unwrap_or("another provider"),
            facts.provider_expected.unwrap_or("the expected one")
        )
    },
    why: "The answer bears the marks of another CDN than the one this edge belongs to. A name that still points at the old network after a move looks like this.",
    fix: |_| "Check the address, or the DNS record behind it, and its TTL.".to_owned(),
};
