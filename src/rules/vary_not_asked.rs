use super::Note;

/// `Vary` names what no variant asks for.
pub(super) static NOTE: Note = Note {
    id: "vary-not-asked",
    applies: |signs| signs.vary_unasked,
    summary: "the origin's answer varies by request headers that the variants do not cover",
    why: "Vary says that the content depends on these headers, so caches keep several copies, and only those were looked at that the variants of the tenants file ask for. Others may be stale unseen.",
    fix: "Add variants that set these headers to the tenants file, or take them out of Vary.",
};
