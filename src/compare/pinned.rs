//! An answer held against what a deploy pinned.

use std::borrow::Cow;

use super::{Ladder, Metadata, Says, rungs};
use crate::model::{Expect, Head, Timestamp, Validators, hex};
use crate::syntax::http_date;

/// One pinned value, and what the answer says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin<'a> {
    /// `status`, `etag`, `last-modified`, `sha256`, or a header in lower case.
    pub name: &'a str,
    /// How they compare; silent where the answer has no such validator, or its body was not read.
    pub says: Says,
    /// What was pinned.
    pub expected: Cow<'a, str>,
    /// What came.
    pub found: Option<Cow<'a, str>>,
}

/// Each pinned value, held against an answer.
pub fn pins<'a>(expect: &'a Expect, head: &'a Head, edge: &'a Validators<'_>) -> Vec<Pin<'a>> {
    let mut pins = Vec::with_capacity(4 + expect.headers.len());
    if let Some(status) = expect.status {
        pins.push(Pin {
            name: "status",
            says: same_if(status == edge.status),
            expected: status.to_string().into(),
            found: Some(edge.status.to_string().into()),
        });
    }
    // A header that was pinned and did not come is not the one that was pinned.
    pins.extend(expect.headers.iter().map(|(name, value)| {
        let found = head.joined(&**name);
        let says = same_if(found.as_deref().map(str::trim) == Some(&**value));
        Pin { name, says, expected: Cow::Borrowed(&**value), found }
    }));
    if let Some(tag) = expect.etag.as_deref() {
        let found = edge.etag.as_deref();
        pins.push(Pin {
            name: "etag",
            says: rungs::etag(Some(tag), found).0,
            expected: tag.into(),
            found: found.map(Cow::Borrowed),
        });
    }
    if let Some(date) = expect.last_modified.as_deref() {
        let found = edge.last_modified.as_deref();
        let says = match found.and_then(http_date::parse) {
            Some(at) => same_if(Some(at) == http_date::parse(date)),
            None => Says::Silent,
        };
        pins.push(Pin { name: "last-modified", says, expected: date.into(), found: found.map(Cow::Borrowed) });
    }
    if let Some(hash) = &expect.sha256 {
        let found = edge.digest.map(|digest| digest.sha256);
        pins.push(Pin {
            name: "sha256",
            says: found.map_or(Says::Silent, |found| same_if(found == *hash)),
            expected: hex(hash).into(),
            found: found.map(|found| hex(&found).into()),
        });
    }
    pins
}

impl Ladder {
    /// With the strongest rung: what a deploy pinned. A status is no content; see [`Metadata::pinned_to`].
    #[must_use]
    pub fn pinned_to(mut self, expect: &Expect, head: &Head, edge: &Validators<'_>, latest: Timestamp) -> Self {
        let pins = pins(expect, head, edge);
        let content = || pins.iter().filter(|pin| pin.name != "status");
        if content().any(|pin| pin.says == Says::Different) {
            self.pinned = Says::Different;
        } else if content().next().is_some() && content().all(|pin| pin.says == Says::Same) {
            self.pinned = Says::Same;
        }
        self.pinned_body_unread = self.pinned == Says::Silent && expect.sha256.is_some() && edge.digest.is_none();
        if let Some(date) = &expect.last_modified {
            self.last_modified = rungs::last_modified(Some(date), edge.last_modified.as_deref(), latest);
        }
        self
    }
}

impl Metadata {
    /// With what a deploy pinned of it in place of what the origin says.
    #[must_use]
    pub fn pinned_to(mut self, expect: &Expect, edge: &Validators<'_>) -> Self {
        if let Some(status) = expect.status {
            self.status = same_if(status == edge.status);
        }
        if expect.headers.contains_key("location") {
            self.location = Says::Silent;
        }
        if expect.headers.contains_key("content-type") {
            self.content_type = Says::Silent;
        }
        self
    }
}

const fn same_if(same: bool) -> Says {
    if same { Says::Same } else { Says::Different }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Version};

    use super::*;
    use crate::compare::{Base, ladder, metadata};
    use crate::model::{Body, Digest};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn answer(fields: &[(&'static str, &'static str)]) -> Head {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        Head { version: Version::HTTP_2, status: 200, fields: fields.iter().map(line).collect::<HeaderMap>() }
    }

    fn climbed(expect: &Expect, head: &Head, body: &Body) -> Ladder {
        let edge = Validators::of(head, body);
        ladder(&Validators::default(), &edge, NOW).pinned_to(expect, head, &edge, NOW)
    }

    fn says(expect: &Expect, fields: &[(&'static str, &'static str)]) -> Says {
        climbed(expect, &answer(fields), &Body::NotAsked).pinned
    }

    fn header(name: &str, value: &str) -> Expect {
        Expect { headers: [(name.into(), value.into())].into(), ..Expect::default() }
    }

    #[test]
    fn a_header_is_the_one_that_was_pinned_or_it_differs() {
        let build = header("x-build", "1.2.3");
        assert_eq!(says(&build, &[("x-build", "1.2.3 ")]), Says::Same);
        assert_eq!(says(&build, &[("x-build", "1.2.2")]), Says::Different);
        assert_eq!(says(&build, &[]), Says::Different);
        assert_eq!(says(&header("x-a", "b, c"), &[("x-a", "b, c")]), Says::Same);
    }

    #[test]
    fn a_pinned_tag_agrees_as_entity_tags_do() {
        let tag = Expect { etag: Some("\"a\"".into()), ..Expect::default() };
        assert_eq!(says(&tag, &[("etag", "W/\"a\"")]), Says::Same);
        assert_eq!(says(&tag, &[("etag", "\"a-gzip\"")]), Says::Same);
        assert_eq!(says(&tag, &[("etag", "\"b\"")]), Says::Different);
        assert_eq!(says(&tag, &[]), Says::Silent);
    }

    #[test]
    fn one_that_differs_outweighs_all_that_agree_and_one_unseen_proves_nothing() {
        let both = Expect { etag: Some("\"a\"".into()), ..header("x-build", "1") };
        assert_eq!(says(&both, &[("etag", "\"a\""), ("x-build", "1")]), Says::Same);
        assert_eq!(says(&both, &[("etag", "\"a\""), ("x-build", "2")]), Says::Different);
        assert_eq!(says(&both, &[("x-build", "1")]), Says::Silent);
    }

    #[test]
    fn a_pinned_hash_wants_the_body_until_it_was_read() {
        let pinned = Expect { sha256: Some([1; 32]), ..header("x-build", "1") };
        let head = answer(&[("x-build", "1")]);
        let unread = climbed(&pinned, &head, &Body::NotAsked);
        assert_eq!((unread.wants_bodies(), unread.pinned, unread.strongest()), (true, Says::Silent, Says::Silent));
        for (byte, says) in [(1, Says::Same), (2, Says::Different)] {
            let read = climbed(&pinned, &head, &Body::Read(Digest { sha256: [byte; 32], length: 9 }));
            assert_eq!((read.wants_bodies(), read.pinned), (false, says));
        }
        let other = climbed(&pinned, &answer(&[("x-build", "2")]), &Body::NotAsked);
        assert_eq!((other.wants_bodies(), other.strongest()), (false, Says::Different));
    }

    #[test]
    fn a_date_before_the_pinned_one_is_an_older_one() {
        let pinned = Expect { last_modified: Some(DATE.into()), ..Expect::default() };
        let at = |date| climbed(&pinned, &answer(&[("last-modified", date)]), &Body::NotAsked);
        assert_eq!((at(DATE).pinned, at(DATE).last_modified), (Says::Same, Says::Same));
        let older = at("Sun, 06 Nov 1994 08:49:36 GMT");
        assert_eq!((older.pinned, older.last_modified), (Says::Different, Says::Older));
    }

    #[test]
    fn a_pinned_header_that_agrees_outweighs_a_tag_that_differs() {
        let origin = Validators { etag: Some("\"a\"".into()), ..Validators::default() };
        let head = answer(&[("etag", "\"b\""), ("x-build", "1")]);
        let edge = Validators::of(&head, &Body::NotAsked);
        let climbed = ladder(&origin, &edge, NOW).pinned_to(&header("x-build", "1"), &head, &edge, NOW);
        assert_eq!((climbed.strongest(), climbed.etag, climbed.wants_bodies()), (Says::Same, Says::Different, false));
    }

    #[test]
    fn a_pinned_status_stands_in_for_the_origins() {
        let origin = Validators { status: 200, ..Validators::default() };
        let edge = Validators { status: 404, ..Validators::default() };
        let gone = Expect { status: Some(404), ..Expect::default() };
        assert_eq!(metadata(&origin, &edge, Base::default()).pinned_to(&gone, &edge).status, Says::Same);
        assert_eq!(metadata(&edge, &origin, Base::default()).pinned_to(&gone, &origin).status, Says::Different);
        assert_eq!(says(&gone, &[]), Says::Silent);
    }
}
