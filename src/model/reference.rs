use super::{Silence, Timestamp};

/// SHA-256 and length of a decoded representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    /// SHA-256.
    pub sha256: [u8; 32],
    /// Bytes, decoded.
    pub length: u64,
}

impl Digest {
    /// The hash in hexadecimal.
    pub fn hex(&self) -> String {
        use std::fmt::Write as _;
        self.sha256.iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// What one response says about which representation it is: just what is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The status code.
    pub status: u16,
    /// `ETag`, as it came; all lines joined.
    pub etag: Option<Box<str>>,
    /// `Last-Modified`, as it came.
    pub last_modified: Option<Box<str>>,
    /// `Content-Length`, where it was a number.
    pub content_length: Option<u64>,
    /// `Content-Encoding`, unless identity.
    pub content_encoding: Option<Box<str>>,
    /// `Content-Type`.
    pub content_type: Option<Box<str>>,
    /// `Location`.
    pub location: Option<Box<str>>,
    /// `Repr-Digest`, or the `Content-Digest` of an uncoded whole.
    pub repr_digest: Option<Box<str>>,
    /// `Cache-Control`.
    pub cache_control: Option<Box<str>>,
    /// `Vary`.
    pub vary: Option<Box<str>>,
    /// The decoded body, where it was read.
    pub digest: Option<Digest>,
}

/// What an object should be.
#[derive(Debug, Clone)]
pub enum Reference {
    /// The origin said it, the same each time.
    Sound {
        /// What it said.
        validators: Validators,
        /// `no-store` or `private`.
        no_store: bool,
        /// When the copy it gave can have been made at the latest, where it came with an age.
        stored_by: Option<Timestamp>,
        /// How many times it was asked.
        samples: u32,
    },
    /// Every answer of the origin was another one.
    Varying {
        /// Two of the answers.
        seen: Box<[Validators; 2]>,
        /// `no-store` or `private`: it is meant to.
        no_store: bool,
        /// How many times it was asked.
        samples: u32,
    },
    /// The origin did not answer.
    Unreachable(Silence),
    /// The origin answered with an error that is no reference: 5xx or 429.
    Failing {
        /// The status.
        status: u16,
        /// How many times it was asked.
        samples: u32,
    },
}
