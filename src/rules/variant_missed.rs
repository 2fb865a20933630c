use super::{Rule, Severity};

/// One variant is stale, another is fresh.
pub(super) static RULE: Rule = Rule {
    id: "variant-missed",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.a_variant_is_fresh && !facts.nearby.object.is_few(),
    summary: |facts| {
        format!(
            "variant {} of {} is stale at {}, another variant is fresh",
            facts.variant,
            facts.object(),
            facts.edge()
        )
    },
    why: "The edge keeps a copy for each variant (mostly for each encoding), and the purge removed only some of them.",
    fix: |facts| {
        format!("Purge {} with all its variants; where the purge is for one key, purge each encoding.", facts.object())
    },
};
