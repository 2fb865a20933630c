use super::{Rule, Severity};

/// No edge let go of anything.
pub(super) static RULE: Rule = Rule {
    id: "purged-everywhere-but-nothing-moved",
    severity: Severity::Failure,
    applies: |facts| facts.is_untouched() && facts.nearby.nothing_moved(),
    summary: |facts| {
        format!("all {} checks that could be compared are answered with old copies", facts.nearby.everywhere.of)
    },
    why: "Not one edge has let go of an old copy. Then it is mostly not the edges: the purge went to another zone, service or account, or was refused.",
    fix: |_| {
        "Check which zone or service the purge was sent to, with which credentials, and what the provider answered."
            .to_owned()
    },
};
