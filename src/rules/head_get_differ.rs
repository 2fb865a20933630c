use super::Note;

/// HEAD and GET are told different things.
pub(super) static NOTE: Note = Note {
    id: "head-get-differ",
    applies: |signs| signs.head_get_differ,
    summary: "the edge answers HEAD with other validators than GET",
    why: "The cache keeps answers to HEAD and GET apart, or makes the one up. The verdict rests on GET, which is what users send.",
    fix: "Verify with --method get here, and purge both if the cache keeps both.",
};
