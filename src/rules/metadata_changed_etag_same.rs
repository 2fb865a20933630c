use super::{Rule, Severity};

/// The type changed under the same tag.
pub(super) static RULE: Rule = Rule {
    id: "metadata-changed-etag-same",
    severity: Severity::Failure,
    applies: |facts| facts.metadata_changed_etag_same && facts.is_other(),
    summary: |facts| {
        format!(
            "{} serves {} with another Content-Type than the origin, under the same entity tag",
            facts.edge(),
            facts.object()
        )
    },
    why: "Only the metadata changed, and the entity tag did not. A cache that revalidates is told that its copy is still good, and keeps the old headers for as long as that goes on.",
    fix: |facts| {
        format!(
            "Purge {} hard, so that it is fetched anew instead of revalidated, and let the tag change with the metadata.",
            facts.object()
        )
    },
};
