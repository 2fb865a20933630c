use super::{Rule, Severity};
use crate::model::Trouble;

/// 421, or a certificate for another name.
pub(super) static RULE: Rule = Rule {
    id: "host-not-served",
    severity: Severity::Failure,
    applies: |facts| facts.trouble == Some(Trouble::HostNotServed),
    summary: |facts| match (facts.observed_status, facts.error) {
        // What was not answered begins with its phase and address, as for every other silence.
        (None, Some(error)) => error.to_owned(),
        _ => format!("{} does not serve {}: it answered {}", facts.edge(), facts.host, facts.status()),
    },
    why: "The edge has no site of that name: it answered 421, or showed a certificate for other names. Visitors of this host who are sent to this edge see an error.",
    fix: |facts| {
        format!(
            "Add {} to the site's hostnames and certificate at the CDN, or leave the tenant out here with --skip.",
            facts.host
        )
    },
};
