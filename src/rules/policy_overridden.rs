use super::Note;

/// Another caching policy than the origin's.
pub(super) static NOTE: Note = Note {
    id: "policy-overridden",
    applies: |signs| signs.policy_differs,
    summary: "the edge's caching policy means something else than the origin's",
    why: "Something on the way rewrites how long answers may be kept, and by whom. Browsers then keep old content longer, or shorter, than the origin meant, and no purge reaches them.",
    fix: "Compare Cache-Control, CDN-Cache-Control, Surrogate-Control and Vary of both, and look for a caching rule at the CDN.",
};
