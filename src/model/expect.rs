use std::collections::BTreeMap;
use std::sync::Arc;

/// What a deploy pinned for an object. Values may hold `{id}` and `{host}` until they are [`filled`](Self::filled).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expect {
    /// Status code.
    pub status: Option<u16>,
    /// `ETag`.
    pub etag: Option<Arc<str>>,
    /// `Last-Modified`.
    pub last_modified: Option<Arc<str>>,
    /// SHA-256 of the decoded body.
    pub sha256: Option<[u8; 32]>,
    /// Exact values, by name in lower case.
    pub headers: BTreeMap<Arc<str>, Arc<str>>,
}

impl Expect {
    /// Whether nothing is pinned.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it can stand in for an origin: a status tells content apart only where there is none.
    pub fn settles_content(&self) -> bool {
        self.etag.is_some()
            || self.last_modified.is_some()
            || self.sha256.is_some()
            || !self.headers.is_empty()
            || self.status.is_some_and(|status| matches!(status, 204 | 400..))
    }

    /// These pins on top of others: what both pin is taken from these.
    #[must_use]
    pub fn over(&self, below: &Self) -> Self {
        let mut headers = below.headers.clone();
        headers.extend(self.headers.iter().map(|(name, value)| (Arc::clone(name), Arc::clone(value))));
        Self {
            status: self.status.or(below.status),
            etag: self.etag.clone().or_else(|| below.etag.clone()),
            last_modified: self.last_modified.clone().or_else(|| below.last_modified.clone()),
            sha256: self.sha256.or(below.sha256),
            headers,
        }
    }

    /// Whether a value waits to be filled.
    pub fn is_template(&self) -> bool {
        self.etag.iter().chain(self.headers.values()).any(|value| value.contains('{'))
    }

    /// With every value filled.
    #[must_use]
    pub fn filled(&self, fill: impl Fn(&str) -> Arc<str>) -> Self {
        Self {
            etag: self.etag.as_deref().map(&fill),
            headers: self.headers.iter().map(|(name, value)| (Arc::clone(name), fill(value))).collect(),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> Expect {
        Expect { headers: BTreeMap::from([(name.into(), value.into())]), ..Expect::default() }
    }

    #[test]
    fn pins_are_laid_over_each_other_key_by_key() {
        let below = Expect { etag: Some("\"b\"".into()), status: Some(200), ..header("x-a", "below") };
        let over = Expect { status: Some(404), ..header("x-b", "over") }.over(&below);
        assert_eq!((over.status, over.etag.as_deref()), (Some(404), Some("\"b\"")));
        assert_eq!((&*over.headers["x-a"], &*over.headers["x-b"]), ("below", "over"));
        assert_eq!(&*header("x-a", "over").over(&below).headers["x-a"], "over");
    }

    #[test]
    fn a_status_settles_only_where_there_is_no_content() {
        let status = |status| Expect { status: Some(status), ..Expect::default() }.settles_content();
        assert_eq!([200, 204, 301, 404, 410].map(status), [false, true, false, true, true]);
        assert!(header("x-a", "1").settles_content());
    }
}
