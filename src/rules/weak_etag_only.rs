use super::Note;

/// The tags agree, but for a mark that the edge added.
pub(super) static NOTE: Note = Note {
    id: "weak-etag-only",
    applies: |signs| signs.etag_weakened,
    summary: "the entity tags agree only once a mark of the edge's is left aside",
    why: "The edge compresses or transforms what it serves, and marks the tag for it (W/, -gzip, ;br). Equal weak tags say that the content means the same, not that its bytes are the same.",
    fix: "Nothing is wrong. Where bytes matter, let the origin compress, or compare bodies with --body always.",
};
