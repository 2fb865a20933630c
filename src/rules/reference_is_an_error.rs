use super::Note;

/// What everyone is held against is an error.
pub(super) static NOTE: Note = Note {
    id: "reference-is-an-error",
    applies: |signs| signs.reference_is_error,
    summary: "the origin itself answers with an error (4xx), and edges that answer the same count as fresh",
    why: "An error below 500 is what the object is, as far as the origin says: a page that was taken down should be gone everywhere. A wrong path, host or credential gives the same answers, and then nothing was verified.",
    fix: "If the object should exist, correct the path, the Host or the origin's headers; else pin the status with --expect, so that it is meant.",
};
