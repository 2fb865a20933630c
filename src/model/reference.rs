use std::borrow::Cow;

use super::{Body, Head, Silence, Timestamp};

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
        super::hex(&self.sha256)
    }
}

/// What one response says about which representation it is: just what is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators<'h> {
    /// The status code.
    pub status: u16,
    /// `ETag`, as it came; all lines joined.
    pub etag: Option<Cow<'h, str>>,
    /// `Last-Modified`, as it came.
    pub last_modified: Option<Cow<'h, str>>,
    /// `Content-Length`, as it came.
    pub content_length: Option<Cow<'h, str>>,
    /// `Content-Encoding`, as it came.
    pub content_encoding: Option<Cow<'h, str>>,
    /// `Content-Type`.
    pub content_type: Option<Cow<'h, str>>,
    /// `Location`.
    pub location: Option<Cow<'h, str>>,
    /// `Repr-Digest` (RFC 9530).
    pub repr_digest: Option<Cow<'h, str>>,
    /// `Cache-Control`.
    pub cache_control: Option<Cow<'h, str>>,
    /// `CDN-Cache-Control` (RFC 9213).
    pub cdn_cache_control: Option<Cow<'h, str>>,
    /// `Surrogate-Control`, its forerunner.
    pub surrogate_control: Option<Cow<'h, str>>,
    /// `Vary`.
    pub vary: Option<Cow<'h, str>>,
    /// The decoded body, where it was read.
    pub digest: Option<Digest>,
}

impl<'h> Validators<'h> {
    /// Read off a response, without copying.
    pub fn of(head: &'h Head, body: &Body) -> Self {
        Self {
            status: head.status,
            etag: head.joined("etag"),
            last_modified: head.first("last-modified"),
            content_length: head.first("content-length"),
            content_encoding: head.joined("content-encoding"),
            content_type: head.first("content-type"),
            location: head.first("location"),
            repr_digest: head.joined("repr-digest"),
            cache_control: head.joined("cache-control"),
            cdn_cache_control: head.joined("cdn-cache-control"),
            surrogate_control: head.joined("surrogate-control"),
            vary: head.joined("vary"),
            digest: match body {
                Body::Read(digest) => Some(*digest),
                Body::NotAsked | Body::Unavailable(_) => None,
            },
        }
    }

    /// The same, to be kept when the response is gone.
    pub fn into_owned(self) -> Validators<'static> {
        let own = |value: Option<Cow<'h, str>>| value.map(|value| Cow::Owned(value.into_owned()));
        Validators {
            status: self.status,
            etag: own(self.etag),
            last_modified: own(self.last_modified),
            content_length: own(self.content_length),
            content_encoding: own(self.content_encoding),
            content_type: own(self.content_type),
            location: own(self.location),
            repr_digest: own(self.repr_digest),
            cache_control: own(self.cache_control),
            cdn_cache_control: own(self.cdn_cache_control),
            surrogate_control: own(self.surrogate_control),
            vary: own(self.vary),
            digest: self.digest,
        }
    }
}

/// What an object should be.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly every one is the large one")]
pub enum Reference {
    /// The origin said it, the same each time.
    Sound {
        /// What it said.
        validators: Validators<'static>,
        /// `no-store` or `private`.
        no_store: bool,
        /// When the copy it gave can have been made at the latest, where it came with an age.
        stored_by: Option<Timestamp>,
        /// How many times it answered.
        samples: u32,
        /// Why its body, when wanted, could not be had.
        body_trouble: Option<Box<str>>,
    },
    /// Its answers contradict each other.
    Varying {
        /// Two of the answers.
        seen: Box<[Validators<'static>; 2]>,
        /// `no-store` or `private`: it is meant to.
        no_store: bool,
        /// How many times it answered.
        samples: u32,
    },
    /// It did not answer.
    Unreachable(Silence),
    /// It answered with an error that is no reference: 5xx or 429.
    Failing {
        /// The status.
        status: u16,
        /// How many times it answered.
        samples: u32,
    },
    /// There is none: nobody named an origin.
    Unnamed,
}
