//! Globalping: probes in many networks ask for one URL, each by its own way to the CDN. It never judges.
//!
//! Shapes: <https://github.com/jsdelivr/globalping/blob/master/public/v1/spec.yaml>.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{StatusCode, Version};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, sleep, timeout_at};

use super::call::Caller;
use super::{Sighting, no_body, unheard, words};
use crate::clock::Clock;
use crate::model::{
    Ask, Body, Digest, Head, Method, Observation, Phase, Protocol, Scheme, Silence, Timestamp, Timings, TlsFacts,
    Vendor, Want,
};

/// Where measurements are made.
pub(super) const PATH: &str = "/v1/measurements";

/// Between two looks at a measurement; Globalping allows two in a second.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
pub(super) struct Measurement {
    status: String,
    results: Vec<Tested>,
}

#[derive(Deserialize)]
struct Tested {
    probe: Probe,
    result: Outcome,
}

#[derive(Deserialize)]
struct Probe {
    city: Option<String>,
    country: Option<String>,
    asn: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    status: String,
    raw_output: Option<String>,
    failure_source: Option<String>,
    status_code: Option<u16>,
    headers: Option<Map<String, Value>>,
    raw_body: Option<String>,
    truncated: Option<bool>,
    resolved_address: Option<String>,
    timings: Option<Times>,
    tls: Option<Tls>,
}

/// In milliseconds.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Times {
    total: Option<f64>,
    dns: Option<f64>,
    tcp: Option<f64>,
    tls: Option<f64>,
    first_byte: Option<f64>,
}

#[derive(Deserialize)]
struct Tls {
    authorized: Option<bool>,
    protocol: Option<String>,
    error: Option<String>,
}

/// What is the same for all results of one measurement.
pub(super) struct Asked<'a> {
    pub(super) ask: &'a Ask,
    pub(super) port: u16,
    pub(super) sent: Timestamp,
    pub(super) received: Timestamp,
    pub(super) insecure: bool,
}

impl Measurement {
    /// What an answer says of it.
    pub(super) fn of(json: Value) -> Result<Self, String> {
        serde_json::from_value(json).map_err(|error| format!("its answer is no measurement: {error}"))
    }

    /// What each probe saw.
    pub(super) fn sightings(self, asked: &Asked<'_>) -> Vec<Sighting> {
        self.results.into_iter().map(|tested| tested.sighting(asked)).collect()
    }
}

/// Has one measurement made, and waits for its end.
pub(super) async fn survey(
    caller: &Caller,
    ask: &Ask,
    port: u16,
    clock: Clock,
    until: Instant,
    insecure: bool,
) -> Result<Vec<Sighting>, Silence> {
    let Vendor::Globalping { from, limit, resolver } = &caller.vantage().vendor else {
        return Err(caller.unheard("it is no Globalping"));
    };
    let sent = clock.wall();
    let created = caller.call(PATH, Some(&measurement(from, *limit, *resolver, ask, port)), until).await?;
    let id = created.json.get("id").and_then(Value::as_str).filter(|id| is_id(id));
    let id = id.ok_or_else(|| caller.unheard("its answer names no measurement"))?;
    let finished = finished(caller, id, until).await?;
    let asked = Asked { ask, port: words::port(&ask.host).unwrap_or(port), sent, received: clock.wall(), insecure };
    Ok(finished.sightings(&asked))
}

/// It becomes part of a path.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

async fn finished(caller: &Caller, id: &str, until: Instant) -> Result<Measurement, Silence> {
    let mut pause = PAUSE;
    loop {
        timeout_at(until, sleep(pause)).await.map_err(|_| caller.late())?;
        let answered = caller.exchange(&format!("{PATH}/{id}"), None, until).await?;
        // Looking at one measurement has a limit of its own, which says nothing of the budget for others.
        if answered.status == StatusCode::TOO_MANY_REQUESTS {
            pause = answered.pause().unwrap_or(PAUSE).max(PAUSE);
            continue;
        }
        pause = PAUSE;
        if let Some(silence) = caller.refusal(&answered) {
            return Err(silence);
        }
        let measurement = Measurement::of(answered.json).map_err(|why| caller.unheard(&why))?;
        // Any other word is final.
        if measurement.status != "in-progress" {
            return Ok(measurement);
        }
    }
}

/// The measurement to be made.
pub(super) fn measurement(from: &str, limit: u32, resolver: Option<IpAddr>, ask: &Ask, port: u16) -> Value {
    let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    // Its own name for itself goes with every request of Globalping's.
    let sent = ask.headers.iter().filter(|(name, _)| *name != "user-agent");
    let headers: Map<String, Value> =
        sent.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().into())).collect();
    let mut options = json!({
        "protocol": match ask.scheme { Scheme::Http => "HTTP", Scheme::Https => "HTTPS" },
        "port": words::port(&ask.host).unwrap_or(port),
        "request": {
            "host": &*ask.host,
            "path": path,
            "query": query,
            "method": match ask.method { Method::Head => "HEAD", Method::Get => "GET" },
            "headers": headers,
        },
    });
    if let Some(resolver) = resolver {
        options["resolver"] = json!(resolver.to_string());
    }
    json!({
        "type": "http",
        "target": words::name(&ask.host),
        "locations": [{ "magic": from, "limit": limit }],
        "measurementOptions": options,
    })
}

impl Tested {
    /// `Tokyo, JP (AS2516)`
    fn place(&self) -> String {
        let Probe { city, country, asn } = &self.probe;
        let place = [city.as_deref(), country.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        asn.map_or_else(|| place.clone(), |asn| format!("{place} (AS{asn})"))
    }

    fn sighting(self, asked: &Asked<'_>) -> Sighting {
        let place = self.place();
        let result = self.result;
        let (Some(status), "finished") =
            (result.status_code.filter(|code| (100..=999).contains(code)), &*result.status)
        else {
            let phase = if result.failure_source.as_deref() == Some("resolver") { Phase::Dns } else { Phase::Protocol };
            return unheard(phase, &place, &result.failure());
        };
        if let Some(Tls { authorized: Some(false), error, .. }) = &result.tls
            && !asked.insecure
        {
            let error = error.as_deref().unwrap_or("the probe does not trust the certificate");
            return unheard(Phase::Tls, &place, error);
        }
        let address = result.resolved_address.as_deref().and_then(|text| text.parse::<IpAddr>().ok());
        let observation = Observation {
            body: result.body(asked.ask),
            timings: result.timings(),
            head: Head {
                version: Version::HTTP_11,
                status,
                fields: words::fields(&result.headers.unwrap_or_default()),
            },
            address: SocketAddr::new(address.unwrap_or(Ipv4Addr::UNSPECIFIED.into()), asked.port),
            sent: asked.sent,
            received: asked.received,
            protocol: Protocol::Http1,
            tls: result
                .tls
                .and_then(|tls| tls.protocol)
                .map(|version| Arc::new(TlsFacts { version, alpn: None, certificate: None })),
            shared: false,
        };
        Sighting { answer: Ok(observation), hash: None }
    }
}

impl Outcome {
    /// The probe's own words, one line of them.
    fn failure(&self) -> String {
        let said = self.raw_output.as_deref().unwrap_or_default().trim();
        let said: String = said.lines().next().unwrap_or_default().chars().take(200).collect();
        let source = self.failure_source.as_ref().map_or_else(String::new, |source| format!(" ({source})"));
        format!("the probe's test is {}{source}{}{said}", self.status, if said.is_empty() { "" } else { ": " })
    }

    /// Text that came whole is the body. Bytes that are no text are lost on the way.
    fn body(&self, ask: &Ask) -> Body {
        if ask.method == Method::Head || ask.want == Want::Head {
            return Body::NotAsked;
        }
        let text = self.raw_body.as_deref().unwrap_or_default();
        if self.truncated != Some(false) {
            return no_body("Globalping gives no more than 10 kB of a body");
        }
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return no_body("Globalping gives bodies as text, and this one is none");
        }
        Body::Read(Digest { sha256: Sha256::digest(text).into(), length: text.len() as u64 })
    }

    fn timings(&self) -> Timings {
        let ms = |ms: Option<f64>| Duration::try_from_secs_f64(ms? / 1_000.0).ok();
        self.timings.as_ref().map_or_else(Timings::default, |times| Timings {
            resolve: ms(times.dns),
            connect: ms(times.tcp),
            tls: ms(times.tls),
            first_byte: ms(times.first_byte),
            total: ms(times.total).unwrap_or_default(),
        })
    }
}
