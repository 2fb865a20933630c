use super::{Rule, Severity};
use crate::model::Trouble;

/// The CDN's own challenge or block page.
pub(super) static RULE: Rule = Rule {
    id: "blocked-by-waf",
    severity: Severity::Failure,
    applies: |facts| facts.trouble == Some(Trouble::Blocked),
    summary: |facts| format!("{} blocks the probe with a page of its own ({})", facts.edge(), facts.status()),
    why: "The answer is the challenge or block page of the CDN's protection, not the tenant's content. Nothing about the cache follows from it.",
    fix: |_| {
        "Let the probe through: allow its User-Agent, or send a secret header that the firewall knows (headers in the regions file). A purge does not help.".to_owned()
    },
};
