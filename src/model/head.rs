use std::borrow::Cow;

use http::Version;
use http::header::{AsHeaderName, HeaderMap, HeaderValue};

/// A response head: protocol version, status and header fields as they came.
#[derive(Debug, Clone)]
pub struct Head {
    /// As the answer said it.
    pub version: Version,
    /// The status code; any number that came.
    pub status: u16,
    /// Lines of one name keep their order.
    pub fields: HeaderMap,
}

impl Head {
    /// Each line of that name, in order; bytes that are no UTF-8 become U+FFFD.
    pub fn lines<K: AsHeaderName>(&self, name: K) -> impl Iterator<Item = Cow<'_, str>> + use<'_, K> {
        self.fields.get_all(name).into_iter().map(text)
    }

    /// The first line of that name.
    pub fn first(&self, name: impl AsHeaderName) -> Option<Cow<'_, str>> {
        self.fields.get(name).map(text)
    }

    /// All lines of that name as one comma-separated list (RFC 9110 section 5.3).
    pub fn joined(&self, name: impl AsHeaderName) -> Option<Cow<'_, str>> {
        let mut lines = self.lines(name);
        let first = lines.next()?;
        let Some(second) = lines.next() else { return Some(first) };
        let mut all = first.into_owned();
        for line in std::iter::once(second).chain(lines) {
            all.push_str(", ");
            all.push_str(&line);
        }
        Some(Cow::Owned(all))
    }

    /// Whether a field of that name came at all.
    pub fn has(&self, name: impl AsHeaderName) -> bool {
        self.fields.contains_key(name)
    }
}

/// Nearly every value is UTF-8, which is sooner seen of all of it than piece by piece.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    std::str::from_utf8(value.as_bytes()).map_or_else(|_| String::from_utf8_lossy(value.as_bytes()), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_lines_are_one_list_in_their_order() {
        let mut fields = HeaderMap::new();
        for value in ["MISS", "HIT"] {
            fields.append("x-cache", value.parse().unwrap());
        }
        let head = Head { version: Version::HTTP_2, status: 200, fields };
        assert_eq!(head.joined("X-Cache").as_deref(), Some("MISS, HIT"));
        assert_eq!(head.first("x-cache").as_deref(), Some("MISS"));
        assert_eq!(head.joined("age"), None);
    }
}
