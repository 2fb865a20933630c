//! Fastly's edge check: one call, and every POP says what it has of one URL. It never judges.
//!
//! Each POP is asked by GET, without `Accept-Encoding` and with `Fastly-Debug: 1`; of a body Fastly gives the MD5 alone.
//! Shapes: <https://www.fastly.com/documentation/reference/api/utils/content/>.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http::Version;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::call::Caller;
use super::{Sighting, no_body, unheard, words};
use crate::clock::Clock;
use crate::model::{Ask, Head, Observation, Phase, Protocol, Silence, Timestamp, Timings};

/// All but what RFC 3986 section 2.3 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[derive(Deserialize)]
struct Pop {
    hash: Option<String>,
    #[serde(rename = "pop")]
    name: Option<String>,
    server: Option<String>,
    response_time: Option<f64>,
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Response {
    headers: Option<Map<String, Value>>,
    status: Option<u16>,
}

/// When we asked, and when the answer was there.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) sent: Timestamp,
    pub(super) received: Timestamp,
}

/// Asks every POP.
pub(super) async fn survey(caller: &Caller, ask: &Ask, clock: Clock, until: Instant) -> Result<Vec<Sighting>, Silence> {
    let sent = clock.wall();
    let answered = caller.call(&path(ask), None, until).await?;
    sightings(answered.json, When { sent, received: clock.wall() }).map_err(|why| caller.unheard(&why))
}

/// What each POP of an answer saw.
pub(super) fn sightings(json: Value, when: When) -> Result<Vec<Sighting>, String> {
    let pops: Vec<Pop> =
        serde_json::from_value(json).map_err(|error| format!("its answer is no list of POPs: {error}"))?;
    Ok(pops.into_iter().map(|pop| pop.sighting(when)).collect())
}

/// Path and query of the call.
pub(super) fn path(ask: &Ask) -> String {
    let url = format!("{}://{}{}", ask.scheme.id(), ask.host, ask.path);
    format!("/content/edge_check?url={}", utf8_percent_encode(&url, RESERVED))
}

impl Pop {
    /// `frankfurt-de (cache-fra-etou8220055)`
    fn place(&self) -> String {
        match (&self.name, &self.server) {
            (Some(name), Some(server)) => format!("{name} ({server})"),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (None, None) => "a POP without a name".to_owned(),
        }
    }

    fn sighting(self, When { sent, received }: When) -> Sighting {
        let place = self.place();
        let hash = self.hash.unwrap_or_default();
        if hash.starts_with("error-timeout") {
            return unheard(Phase::Timeout, &place, "the POP did not give the object to Fastly's check in time");
        }
        if hash.starts_with("error") {
            return unheard(Phase::Protocol, &place, &format!("Fastly's check says {hash}"));
        }
        let response =
            self.response.and_then(|response| Some((response.status?, response.headers.unwrap_or_default())));
        let Some((status, headers)) = response.filter(|(status, _)| (100..=999).contains(status)) else {
            return unheard(Phase::Protocol, &place, "Fastly's check tells no status of it");
        };
        let took = Duration::try_from_secs_f64(self.response_time.unwrap_or_default()).unwrap_or_default();
        let observation = Observation {
            head: Head { version: Version::HTTP_11, status, fields: words::fields(&headers) },
            body: no_body("Fastly's edge check gives a body's MD5, not the body"),
            // Which machine of the POP it was is told by name alone.
            address: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
            sent,
            received,
            timings: Timings { total: took, ..Timings::default() },
            protocol: Protocol::Http1,
            tls: None,
            shared: false,
        };
        let is_md5 = hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        Sighting { answer: Ok(observation), hash: is_md5.then_some(hash) }
    }
}
