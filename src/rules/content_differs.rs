use super::{Rule, Severity};
use crate::model::Verdict;

/// Another content than the origin's, and no sign which is older.
pub(super) static RULE: Rule = Rule {
    id: "content-differs",
    severity: Severity::Failure,
    applies: |facts| facts.verdict == Verdict::Divergent,
    summary: |facts| format!("{} serves other content of {} than the origin", facts.edge(), facts.object()),
    why: "What the edge serves is not what the origin serves, and nothing shows it to be an old copy. Another origin behind this edge, a transformation on the way, or a cache that mixes up keys look like this.",
    fix: |facts| {
        format!(
            "Compare both answers for {} by hand, with the curl line of the JSON report or of `diagnose`.",
            facts.object()
        )
    },
};
