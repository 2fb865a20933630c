use super::{Rule, Severity};
use crate::model::Verdict;

/// The cache says that it serves a stale copy on purpose.
pub(super) static RULE: Rule = Rule {
    id: "stale-while-revalidate",
    severity: Severity::Failure,
    // Beyond a lifetime that the CDN does not go by, and from before the purge, a copy was simply not purged.
    applies: |facts| facts.verdict == Verdict::Stale && (facts.says_stale || (facts.outlived && !facts.predates_purge)),
    summary: |facts| {
        let how = if facts.says_stale { "a copy that it says is out of date" } else { "a copy beyond its lifetime" };
        format!("{} serves {how} of {}", facts.edge(), facts.object())
    },
    why: "A soft purge, or a lifetime that ended, leaves the old copy in place to be served while a new one is fetched. The next answers may be new; this one was not.",
    fix: |_| "Wait and look again, purge hard instead of softly, or shorten stale-while-revalidate.".to_owned(),
};
