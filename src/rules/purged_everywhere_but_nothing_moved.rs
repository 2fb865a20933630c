use super::{Rule, Severity};

/// No edge and no tenant changed.
pub(super) static RULE: Rule = Rule {
    id: "purged-everywhere-but-nothing-moved",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.nearby.everywhere.is_all(4) && facts.nearby.spans_edges_and_tenants,
    summary: |facts| {
        format!("all {} checks that could be compared still show the old content", facts.nearby.everywhere.of)
    },
    why: "Not one edge lets go of its old copy, for any tenant. Then it is mostly not the edges: the purge went to another zone, service or account, or was refused.",
    fix: |_| {
        "Check which zone or service the purge was sent to, with which credentials, and what the provider answered."
            .to_owned()
    },
};
