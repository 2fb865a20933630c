//! Asks vendors that have machines where we have none, and brings back what those saw: one call for one object gives an
//! observation from each place. It never judges, never tells a vendor what was told in confidence, and keeps no budget.

mod call;
mod fastly;
mod globalping;
mod words;

use std::sync::Arc;

use rustls::ClientConfig;
use tokio::time::Instant;

use call::{Caller, Shut};

use crate::clock::Clock;
use crate::model::{Ask, Body, Observation, Phase, Secrets, Silence, Timestamp, Vantage, Vendor, is_credential};

/// What one place saw.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// The answer there, or why there is none.
    pub answer: Result<Observation, Silence>,
    /// The vendor's own digest of the body: good to be held against that of another place, and nothing else.
    pub hash: Option<String>,
}

/// One vendor, as one edge of a regions file names it.
pub struct Station {
    vantage: Arc<Vantage>,
    caller: Caller,
    clock: Clock,
    /// Takes any certificate at the edges, as everywhere.
    insecure: bool,
}

/// One account with a vendor: what it refused to one station it refuses to all.
#[derive(Debug, Clone, Default)]
pub struct Account(Arc<Shut>);

impl Station {
    /// Sends nothing yet. `tls` is for the vendor's API; `insecure`, whether edges may show any certificate.
    pub fn new(
        vantage: &Arc<Vantage>,
        tls: &Arc<ClientConfig>,
        account: &Account,
        clock: Clock,
        insecure: bool,
    ) -> Self {
        let caller = Caller::new(Arc::clone(vantage), tls, Arc::clone(&account.0));
        Self { vantage: Arc::clone(vantage), caller, clock, insecure }
    }

    /// One call, and what came of it at each place; never nothing.
    pub async fn survey(&self, ask: &Ask, port: u16, until: Instant) -> Result<Vec<Sighting>, Silence> {
        let sightings = match &self.vantage.vendor {
            Vendor::FastlyEdgeCheck => fastly::survey(&self.caller, ask, self.clock, until).await?,
            Vendor::Globalping { .. } => {
                globalping::survey(&self.caller, ask, port, self.clock, until, self.insecure).await?
            }
        };
        if sightings.is_empty() { Err(self.caller.unheard("it names no place that was asked")) } else { Ok(sightings) }
    }
}

/// What each place saw by a vendor's answer that is at hand, or why it is none; it came at `received`.
pub fn sightings(vendor: &Vendor, json: &[u8], ask: &Ask, received: Timestamp) -> Result<Vec<Sighting>, String> {
    let json = serde_json::from_slice(json).map_err(|error| format!("its answer is not JSON: {error}"))?;
    match vendor {
        Vendor::FastlyEdgeCheck => fastly::sightings(json, fastly::When { sent: received, received }),
        Vendor::Globalping { .. } => {
            let port = words::port(&ask.host).unwrap_or(ask.scheme.default_port());
            let asked = globalping::Asked { ask, port, sent: received, received, insecure: false };
            Ok(globalping::Measurement::of(json)?.sightings(&asked))
        }
    }
}

/// Why a vendor cannot be asked for this, or must not be.
pub fn cannot_ask(vantage: &Vantage, ask: &Ask, secrets: &Secrets) -> Option<String> {
    let title = vantage.title();
    let is_secret = |text: &str| secrets.mask(text) != text;
    if is_secret(&ask.host) || is_secret(&ask.path) {
        return Some(format!("the URL holds a secret, which is not told to {title}"));
    }
    if *ask.sni != *words::name(&ask.host) {
        return Some(format!("{title} cannot ask with another name for TLS (sni)"));
    }
    for (name, value) in ask.headers.iter() {
        let Ok(value) = value.to_str() else {
            return Some(format!("{title} cannot send bytes beyond ASCII in the header {name}"));
        };
        if is_credential(name.as_str()) || is_secret(value) {
            return Some(format!("the header {name} holds a secret, which is not told to {title}"));
        }
        let is_usual = match name.as_str() {
            "user-agent" => value == words::USER_AGENT,
            // Without one, a server sends what it has uncoded.
            "accept-encoding" => value == "identity" || matches!(vantage.vendor, Vendor::Globalping { .. }),
            _ => matches!(vantage.vendor, Vendor::Globalping { .. }),
        };
        if !is_usual {
            return Some(format!("{title} cannot send the header {name}: {value}"));
        }
    }
    None
}

/// The request that asks the same again: a URL, header lines where a token stands as a shell variable, and a body.
pub fn request(vantage: &Vantage, ask: &Ask, port: u16) -> (String, Vec<&'static str>, Option<String>) {
    match &vantage.vendor {
        Vendor::FastlyEdgeCheck => {
            let path = fastly::path(ask);
            (format!("{}{path}", vantage.base_url), vec!["Fastly-Key: $FASTLY_API_TOKEN"], None)
        }
        Vendor::Globalping { from, limit, resolver } => {
            let mut headers = vec!["Content-Type: application/json"];
            headers.extend(vantage.token.is_some().then_some("Authorization: Bearer $GLOBALPING_TOKEN"));
            let body = globalping::measurement(from, *limit, *resolver, ask, port).to_string();
            (format!("{}{}", vantage.base_url, globalping::PATH), headers, Some(body))
        }
    }
}

/// A body that is not to be had, and why.
fn no_body(why: &str) -> Body {
    Body::Unavailable(why.to_owned())
}

/// A place that gave no answer.
fn unheard(phase: Phase, place: &str, error: &str) -> Sighting {
    Sighting { answer: Err(Silence::new(phase, place, error)), hash: None }
}
