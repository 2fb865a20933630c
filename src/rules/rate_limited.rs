use super::{Rule, Severity};
use crate::model::Trouble;

/// 429.
pub(super) static RULE: Rule = Rule {
    id: "rate-limited",
    severity: Severity::Failure,
    applies: |facts| facts.trouble == Some(Trouble::RateLimited),
    summary: |facts| format!("{} answers 429: too many requests", facts.edge()),
    why: "The edge, or a firewall in front of it, limits how often it may be asked. What it serves to others is not known.",
    fix: |_| {
        "Ask more slowly: --edge-rate and --edge-concurrency, or edge_rate and edge_concurrency for this edge in the regions file. With --within, a Retry-After is waited for. Or let the probe's User-Agent past the limit.".to_owned()
    },
};
