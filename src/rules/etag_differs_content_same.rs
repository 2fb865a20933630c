use super::Note;

/// Other tags over the same bytes.
pub(super) static NOTE: Note = Note {
    id: "etag-differs-content-same",
    applies: |signs| signs.etag_differs && signs.content_same,
    summary: "the edge's entity tag differs from the origin's, and the content is the same",
    why: "Each origin server makes tags of its own, or something on the way rewrites them. Users see the right content, but tags cannot prove it, so bodies have to be compared, and browsers download again what they have.",
    fix: "Make tags from the content (nginx: the same mtimes on every server; Apache: FileETag MTime Size or Digest).",
};
