//! Each verdict, and each rule that is easy to get wrong. Expected values follow from RFC 9110 and RFC 9111 and from
//! what each verdict is said to mean.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Version};

use super::*;
use crate::model::{CacheStatus, Digest, Expect, Head, Layer, Phase, Protocol, Timings};

mod age;
mod content;
mod origin;
mod others;
mod pinned;

/// Everything is received at this moment: Sun, 01 Mar 2026 12:00:00 GMT.
const RECEIVED: Timestamp = Timestamp::constant(1_772_366_400, 0);
const SKEW: Duration = Duration::from_secs(2);

const LAST_MODIFIED: &str = "Sat, 28 Feb 2026 12:00:00 GMT";
const EARLIER: &str = "Fri, 27 Feb 2026 12:00:00 GMT";
const LATER: &str = "Sun, 01 Mar 2026 11:00:00 GMT";

/// Before everything was received.
fn ago(seconds: i64) -> Timestamp {
    RECEIVED - jiff::SignedDuration::from_secs(seconds)
}

fn head(status: u16, fields: &[(&str, &str)]) -> Head {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Head { version: Version::HTTP_11, status, fields: map }
}

fn body(byte: u8) -> Body {
    Body::Read(Digest { sha256: [byte; 32], length: 10 })
}

/// One question, all of it at hand to be changed.
struct Case {
    reference: Reference,
    observation: Observation,
    reading: Reading,
    purge: Purge,
    pop: Option<&'static str>,
    provider: Option<&'static str>,
    expect: Option<Expect>,
    baseline: Option<Validators<'static>>,
}

impl Case {
    /// The origin says this, the edge that, out of its store; the purge time is not known.
    fn new(origin: &[(&str, &str)], edge: &[(&str, &str)]) -> Self {
        Self::with_status(200, origin, 200, edge)
    }

    fn with_status(origin: u16, says: &[(&str, &str)], edge: u16, shows: &[(&str, &str)]) -> Self {
        let observation = Observation {
            head: head(edge, shows),
            body: Body::NotAsked,
            address: ([192, 0, 2, 7], 443).into(),
            sent: RECEIVED,
            received: RECEIVED,
            timings: Timings::default(),
            protocol: Protocol::Http2,
            tls: None,
            shared: false,
        };
        let reading = Reading { status: CacheStatus::Hit, ..Reading::default() };
        let purge = Purge { at: None, skew: SKEW };
        Self {
            reference: sound(head(origin, says), Body::NotAsked),
            observation,
            reading,
            purge,
            pop: None,
            provider: None,
            expect: None,
            baseline: None,
        }
    }

    fn purged(mut self, at: Timestamp) -> Self {
        self.purge.at = Some(at);
        self
    }

    fn aged(mut self, seconds: u64) -> Self {
        self.reading.age_seconds = Some(seconds);
        self
    }

    fn status(mut self, status: CacheStatus) -> Self {
        self.reading.status = status;
        self
    }

    /// Both bodies were read.
    fn bodies(mut self, origin: u8, edge: u8) -> Self {
        if let Reference::Sound { validators, .. } = &mut self.reference {
            let digest = Some(Digest { sha256: [origin; 32], length: 10 });
            *validators = (&Validators { digest, ..validators.view() }).into();
        }
        self.observation.body = body(edge);
        self
    }

    fn no_body(mut self) -> Self {
        self.observation.body = Body::Unavailable("larger than 10 bytes".to_owned());
        self
    }

    fn no_store(mut self) -> Self {
        match &mut self.reference {
            Reference::Sound { no_store, .. } | Reference::Varying { no_store, .. } => *no_store = true,
            Reference::Unreachable(_) | Reference::Failing { .. } | Reference::Unnamed => {}
        }
        self
    }

    fn varying(mut self) -> Self {
        let one = Validators { status: 200, etag: Some("\"1\"".into()), ..Validators::default() };
        let other = Validators { etag: Some("\"2\"".into()), ..one.clone() };
        self.reference = Reference::Varying { seen: Box::new([one, other]), no_store: false, samples: 2 };
        self
    }

    fn blocked(mut self) -> Self {
        self.reading.blocked = true;
        self
    }

    fn question(&self) -> Question<'_> {
        Question {
            reference: &self.reference,
            expect: self.expect.as_ref(),
            baseline: self.baseline.as_ref(),
            observation: &self.observation,
            reading: &self.reading,
            purge: self.purge,
            expected: Expected { pop: self.pop, provider: self.provider },
            url: Base { scheme: "https", host: "a.example", path: "/x" },
        }
    }

    /// As it is, whether or not bodies could still be asked for.
    #[track_caller]
    fn is(&self, verdict: Verdict) {
        self.comes_to(verdict, None);
    }

    #[track_caller]
    fn comes_to(&self, verdict: Verdict, trouble: Option<Trouble>) {
        let ruling = rule(&self.question());
        assert_eq!((ruling.verdict, ruling.trouble), (verdict, trouble));
    }

    #[track_caller]
    fn wants_bodies(&self, wanted: bool) {
        assert_eq!(judge(&self.question()) == Judgement::WantsBodies, wanted);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "cases read better so")]
fn sound(head: Head, body: Body) -> Reference {
    Reference::Sound {
        validators: (&Validators::of(&head, &body)).into(),
        no_store: false,
        stored_by: None,
        samples: 2,
        body_trouble: None,
    }
}

fn layer(status: CacheStatus, history: bool) -> Layer {
    Layer { provider: "fastly", name: None, status, pop: None, age_seconds: None, history }
}

/// Strong tags that differ, and bodies that differ.
fn other_content() -> Case {
    Case::new(&[("etag", "\"new\"")], &[("etag", "\"old\"")]).bodies(1, 2)
}

fn same_content() -> Case {
    Case::new(&[("etag", "\"new\"")], &[("etag", "\"new\"")])
}
