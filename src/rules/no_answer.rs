use super::{Rule, Severity};
use crate::model::{Phase, Verdict};

/// Unreachable, whatever the reason.
pub(super) static RULE: Rule = Rule {
    id: "no-answer",
    severity: Severity::Inconclusive,
    applies: |facts| facts.verdict == Verdict::Unreachable,
    summary: |facts| facts.said().to_owned(),
    why: "The edge gave no answer, so what it serves is not known.",
    fix: |facts| {
        match facts.phase {
            Some(Phase::Dns) => {
                "Check the name, and the resolver that was asked for it, which `purgeproof edges` shows; --resolve \
                 HOST:PORT:ADDR goes by without both."
            }
            Some(Phase::Proxy) => {
                "Check the proxy: that it runs where the regions file says, that the credentials there are right, and \
                 that it may connect to the tenant's host and port."
            }
            _ => "Check that the edge is up and that the probe may reach it: address, port, firewall, certificate.",
        }
        .to_owned()
    },
};
