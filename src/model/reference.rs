use std::borrow::Cow;

use http::header::{self, HeaderName};

use super::{Body, Head, Packed, Silence, Timestamp};

static REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
static CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
static SURROGATE_CONTROL: HeaderName = HeaderName::from_static("surrogate-control");

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
            etag: head.joined(header::ETAG),
            last_modified: head.first(header::LAST_MODIFIED),
            content_length: head.first(header::CONTENT_LENGTH),
            content_encoding: head.joined(header::CONTENT_ENCODING),
            content_type: head.first(header::CONTENT_TYPE),
            location: head.first(header::LOCATION),
            repr_digest: head.joined(&REPR_DIGEST),
            cache_control: head.joined(header::CACHE_CONTROL),
            cdn_cache_control: head.joined(&CDN_CACHE_CONTROL),
            surrogate_control: head.joined(&SURROGATE_CONTROL),
            vary: head.joined(header::VARY),
            digest: match body {
                Body::Read(digest) => Some(*digest),
                Body::NotAsked | Body::Unavailable(_) => None,
            },
        }
    }

    /// Whether all but the body is the same as far as it tells one representation from another.
    pub fn has_the_headers_of(&self, other: &Validators<'_>) -> bool {
        self.status == other.status
            && self.etag == other.etag
            && self.last_modified == other.last_modified
            && self.content_type == other.content_type
            && self.location == other.location
    }

    /// Whether a response says of its caching what this one says, word for word.
    pub fn has_the_policy_of(&self, head: &Head) -> bool {
        let same = |ours: &Option<Cow<'_, str>>, name: &HeaderName| {
            ours.is_none() || ours.as_deref() == head.joined(name).as_deref()
        };
        same(&self.cache_control, &header::CACHE_CONTROL)
            && same(&self.vary, &header::VARY)
            && same(&self.cdn_cache_control, &CDN_CACHE_CONTROL)
            && same(&self.surrogate_control, &SURROGATE_CONTROL)
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
pub enum Reference {
    /// The origin said it, the same each time.
    Sound {
        /// What it said.
        validators: Packed,
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
