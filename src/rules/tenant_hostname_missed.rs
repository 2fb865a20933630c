use super::{Rule, Severity};

/// One host is stale everywhere, its neighbours are not.
pub(super) static RULE: Rule = Rule {
    id: "tenant-hostname-missed",
    severity: Severity::Failure,
    applies: |facts| facts.is_untouched() && facts.nearby.host_alone(),
    summary: |facts| {
        format!(
            "{} is old in all {} checks, other hosts are not: its hostname was not purged",
            facts.host, facts.nearby.host.of
        )
    },
    why: "The purge reached the edges, but not under this hostname. A tenant added since, an alias, or a purge that goes by one canonical name looks like this.",
    fix: |facts| format!("Purge {} by its own hostname, and add it to the list that the purge works from.", facts.host),
};
