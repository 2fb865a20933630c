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
    fix: |facts| match facts.led {
        Some(led) => {
            format!("Check the DNS records that led there ({led}); what was changed is seen when the TTL has passed.")
        }
        None => "Check the edge's address in the regions file.".to_owned(),
    },
};
