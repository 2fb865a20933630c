//! What an object looks like on the wire, whatever version of it: status, policy, variants, content. It never looks at a request.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;

/// Who may store a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// Any cache.
    #[default]
    Public,
    /// The browser alone.
    Private,
    /// Nobody; every answer is made anew, and differs.
    NoStore,
}

/// A response's `Cache-Control`, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Who may store it.
    pub storage: Storage,
    /// For every cache.
    pub max_age: Option<u32>,
    /// For shared caches.
    pub s_maxage: Option<u32>,
    /// RFC 5861 section 3.
    pub stale_while_revalidate: u32,
    /// RFC 5861 section 4.
    pub stale_if_error: u32,
}

impl Policy {
    /// The field's value; none where there is nothing to say.
    pub(super) fn value(&self) -> Option<String> {
        let storage = match self.storage {
            Storage::Public if self.max_age.or(self.s_maxage).is_none() => return None,
            Storage::Public => "public",
            Storage::Private => "private",
            Storage::NoStore => "no-store",
        };
        let mut value = storage.to_owned();
        let stale = |seconds: u32| (seconds > 0).then_some(seconds);
        for (name, seconds) in [
            ("max-age", self.max_age),
            ("s-maxage", self.s_maxage),
            ("stale-while-revalidate", stale(self.stale_while_revalidate)),
            ("stale-if-error", stale(self.stale_if_error)),
        ] {
            if let Some(seconds) = seconds {
                let _ = write!(value, ", {name}={seconds}");
            }
        }
        Some(value)
    }

    /// How long a shared cache may count it fresh (RFC 9111 section 4.2.1); none where it does not say.
    pub(super) fn lifetime(&self) -> Option<u32> {
        self.s_maxage.or(self.max_age)
    }
}

/// What the origin does to the entity tag of what it compresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CodedTag {
    /// `W/` before it, as nginx does.
    #[default]
    Weak,
    /// `-gzip` inside its quotes, as Apache does.
    Suffix,
    /// Nothing.
    Same,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its `Cache-Control`.
    pub policy: Policy,
    /// Whether it comes compressed to those who accept gzip; says `Vary: Accept-Encoding` then.
    pub gzip: bool,
    /// What compressing does to its tag.
    pub coded_tag: CodedTag,
    /// Further header fields that select a representation, in lower case. A page keeps them through all its versions:
    /// caches find their copies by what the origin says today.
    pub vary: &'static [&'static str],
    /// Bytes before compression.
    pub size: u32,
    /// Where a redirect leads; `{version}` is filled.
    pub location: Option<&'static str>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            status: 200,
            content_type: "text/javascript; charset=utf-8",
            policy: Policy { max_age: Some(60), s_maxage: Some(86_400), ..Policy::default() },
            gzip: true,
            coded_tag: CodedTag::Weak,
            vary: &[],
            size: 2_048,
            location: None,
        }
    }
}

impl Page {
    /// 404, without a policy: caches keep it as long as they like.
    pub fn not_found() -> Self {
        Self::plain(404, Policy::default())
    }

    /// 503, as an origin in trouble answers.
    pub fn unavailable() -> Self {
        Self::plain(503, Policy { storage: Storage::NoStore, ..Policy::default() })
    }

    /// A redirect that caches keep.
    pub fn redirect(status: u16, location: &'static str) -> Self {
        Self { status, location: Some(location), gzip: false, size: 0, ..Self::default() }
    }

    /// A page made for each request anew, which no cache may store.
    pub fn dynamic() -> Self {
        Self { policy: Policy { storage: Storage::NoStore, ..Policy::default() }, gzip: false, ..Self::default() }
    }

    pub(super) fn plain(status: u16, policy: Policy) -> Self {
        Self { status, content_type: "text/plain", policy, gzip: false, size: 64, ..Self::default() }
    }

    /// Stored without being told to (RFC 9110 section 15.1).
    pub(super) const fn is_heuristically_cacheable(&self) -> bool {
        matches!(self.status, 200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
    }

    pub(super) const fn is_stored(&self) -> bool {
        matches!(self.policy.storage, Storage::Public)
    }
}

/// Fills a body of that size: a first line that names what it is, then a pattern.
pub(super) fn body(title: &str, size: u32) -> Bytes {
    let size = size as usize;
    let mut text = String::with_capacity(size + 64);
    let _ = writeln!(text, "// {title}");
    let mut line = 0;
    while text.len() < size {
        line += 1;
        let _ = writeln!(text, "export const line_{line} = \"the quick brown fox jumps over the lazy dog\";");
    }
    text.truncate(size);
    Bytes::from(text)
}

/// gzip of a body; the same bytes always give the same bytes.
pub(super) fn gzipped(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4 + 64), Compression::fast());
    let written = encoder.write_all(body);
    debug_assert!(written.is_ok(), "a vector takes every byte");
    Bytes::from(encoder.finish().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_as_cache_control() {
        let policy =
            Policy { max_age: Some(60), s_maxage: Some(3600), stale_while_revalidate: 30, ..Policy::default() };
        assert_eq!(policy.value().as_deref(), Some("public, max-age=60, s-maxage=3600, stale-while-revalidate=30"));
        assert_eq!(Page::dynamic().policy.value().as_deref(), Some("no-store"));
        assert_eq!(Policy::default().value(), None);
    }

    #[test]
    fn shared_caches_go_by_s_maxage() {
        let policy = Policy { max_age: Some(60), s_maxage: Some(3600), ..Policy::default() };
        assert_eq!(policy.lifetime(), Some(3600));
        assert_eq!(Policy { max_age: Some(60), ..Policy::default() }.lifetime(), Some(60));
    }

    #[test]
    fn a_body_has_the_size_asked_for() {
        for size in [0, 1, 64, 5_000] {
            assert_eq!(body("a", size).len(), size as usize);
        }
        assert_ne!(body("a version 1", 64), body("a version 2", 64));
    }
}
