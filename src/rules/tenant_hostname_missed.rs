use super::{Rule, Severity};

/// One tenant is stale everywhere, its neighbours are not.
pub(super) static RULE: Rule = Rule {
    id: "tenant-hostname-missed",
    severity: Severity::Failure,
    applies: |facts| facts.is_old() && facts.nearby.tenant.is_all(2) && facts.nearby.other_tenants.is_few(),
    summary: |facts| {
        format!(
            "{} is old at {} of {} edges, other tenants are not: its hostname was not purged",
            facts.host, facts.nearby.tenant.bad, facts.nearby.tenant.of
        )
    },
    why: "The purge reached the edges, but not under this hostname. A tenant added since, an alias, or a purge that goes by one canonical name looks like this.",
    fix: |facts| format!("Purge {} by its own hostname, and add it to the list that the purge works from.", facts.host),
};
