use super::{Rule, Severity};
use crate::model::Phase;

/// A vendor was to ask, and was not told to.
pub(super) static RULE: Rule = Rule {
    id: "vendor-not-asked",
    severity: Severity::Inconclusive,
    applies: |facts| facts.phase == Some(Phase::Unasked),
    summary: |facts| facts.said().to_owned(),
    why: "This check was to be made by a vendor's machines, through an API with an hourly budget. The budget goes to the most urgent tenants first. What the API cannot send is not asked at all, and neither is what would tell the vendor a secret.",
    fix: |_| {
        "Have it check less (--only, --sample) or raise calls or tests where the vendor gives more; ask for what it cannot ask at edges with an address or a hostname.".to_owned()
    },
};
