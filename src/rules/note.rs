//! What is worth a line though nothing is wrong with the verdict.

/// One such remark.
#[derive(Debug)]
pub struct Note {
    /// Kebab-case; says the condition.
    pub id: &'static str,
    /// Whether it speaks.
    pub applies: fn(Signs) -> bool,
    /// One line.
    pub summary: &'static str,
    /// A paragraph.
    pub why: &'static str,
    /// What mends it.
    pub fix: &'static str,
}

/// What a single answer showed beside its verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own")]
pub struct Signs {
    /// The entity tags differ.
    pub etag_differs: bool,
    /// The bodies were compared and are the same.
    pub content_same: bool,
    /// The entity tags agree but for a mark added on the way.
    pub etag_weakened: bool,
    /// HEAD and GET gave different validators.
    pub head_get_differ: bool,
    /// `Cache-Control` means something else than the origin's.
    pub policy_differs: bool,
    /// The origin answers with a status from 400 on, and nobody pinned it.
    pub reference_is_error: bool,
    /// The origin's `Vary` names a request header that no variant sets.
    pub vary_unasked: bool,
}
