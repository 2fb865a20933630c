//! Holds one response against another: header by header, how they compare. It never makes a verdict of it.

mod baseline;
mod location;
mod metadata;
mod pinned;
mod policy;
mod rungs;

pub use baseline::baseline;
pub use location::Base;
pub use metadata::{Metadata, metadata};
pub use pinned::{Pin, pins};
pub use policy::same_policy;
use serde::{Deserialize, Serialize};

use crate::model::{Timestamp, Validators};

/// What a comparison says of the edge's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// The same.
    Same,
    /// An earlier one.
    Older,
    /// A later one.
    Newer,
    /// Another one; which is older it cannot say.
    Different,
    /// Nothing to compare by.
    Silent,
}

impl Says {
    /// The word used in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Older => "older",
            Self::Newer => "newer",
            Self::Different => "different",
            Self::Silent => "silent",
        }
    }

    /// Whether it has anything to say.
    pub const fn speaks(self) -> bool {
        !matches!(self, Self::Silent)
    }
}

/// How the content of two responses compares, strongest rung first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    /// Values that a deploy pinned.
    pub pinned: Says,
    /// What is pinned agrees as far as it was seen, and the body that is pinned too was not read.
    pub pinned_body_unread: bool,
    /// SHA-256 of the decoded bodies, or equal `Repr-Digest`.
    pub digest: Says,
    /// Entity tags.
    pub etag: Says,
    /// They agree, but one is weak or bears a transformation's mark.
    pub etag_weakened: bool,
    /// Dates of last modification.
    pub last_modified: Says,
    /// Lengths of uncoded bodies: a hint.
    pub content_length: Says,
}

impl Ladder {
    /// All rungs, strongest first, by the names that reports use.
    pub const fn rungs(&self) -> [(&'static str, Says); 5] {
        [
            ("pinned", self.pinned),
            ("digest", self.digest),
            ("etag", self.etag),
            ("last-modified", self.last_modified),
            ("content-length", self.content_length),
        ]
    }

    /// What the strongest rung that speaks says.
    pub fn strongest(&self) -> Says {
        if self.pinned_body_unread {
            return Says::Silent;
        }
        self.rungs().into_iter().map(|(_, says)| says).find(|says| says.speaks()).unwrap_or(Says::Silent)
    }

    /// Whether only the bodies can settle it: a digest ends the argument, a tag or date that says *same* is believed.
    pub const fn wants_bodies(&self) -> bool {
        if self.pinned.speaks() || self.pinned_body_unread {
            return self.pinned_body_unread;
        }
        // Bodies of another length are other bodies, whatever a tag or a date says of them.
        let lengths_contradict = matches!(self.content_length, Says::Different);
        match (self.digest, self.etag, self.last_modified) {
            (Says::Silent, Says::Silent, modified) => !matches!(modified, Says::Same) || lengths_contradict,
            (Says::Silent, tag, _) => !matches!(tag, Says::Same) || lengths_contradict,
            _ => false,
        }
    }
}

/// Compares the content of an edge's response with the reference. Dates later than `latest` are no dates.
pub fn ladder(reference: &Validators<'_>, edge: &Validators<'_>, latest: Timestamp) -> Ladder {
    let (etag, etag_weakened) = rungs::etag(reference.etag.as_deref(), edge.etag.as_deref());
    Ladder {
        pinned: Says::Silent,
        pinned_body_unread: false,
        digest: rungs::digest(reference, edge),
        etag,
        etag_weakened,
        last_modified: rungs::last_modified(reference.last_modified.as_deref(), edge.last_modified.as_deref(), latest),
        content_length: rungs::content_length(reference, edge),
    }
}
