//! One call to a vendor's API: sent, bounded, and read as JSON; what the vendor refuses it is not asked for again.

use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::words::USER_AGENT;
use crate::clock::Clock;
use crate::model::{Phase, Silence, Vantage, Vendor, human};

/// An answer on a hundred POPs has 150 kB.
const LARGEST: usize = 8 << 20;

/// Speaks to one vendor's API.
pub(super) struct Caller {
    vantage: Arc<Vantage>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    shut: Arc<Shut>,
}

/// A refusal that holds for every further call: a token that is none, or a budget that is spent.
#[derive(Debug, Default)]
pub(super) struct Shut(Mutex<Option<(Option<Instant>, Silence)>>);

/// What the API answered.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    pub(super) json: Value,
}

impl Caller {
    pub(super) fn new(vantage: Arc<Vantage>, tls: &ClientConfig, shut: Arc<Shut>) -> Self {
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http().enable_http1().build();
        Self { vantage, client: Client::builder(TokioExecutor::new()).build(connector), shut }
    }

    pub(super) fn vantage(&self) -> &Vantage {
        &self.vantage
    }

    /// Asks for a path of the API, with a body where there is one. Errors of the vendor's are silences here, and what it
    /// refuses is not asked for again.
    pub(super) async fn call(&self, path: &str, body: Option<&Value>, until: Instant) -> Result<Answered, Silence> {
        if let Some(silence) = self.shut.holds() {
            return Err(silence);
        }
        let answered = self.exchange(path, body, until).await?;
        match self.refusal(&answered) {
            None => Ok(answered),
            Some(silence) => Err(silence),
        }
    }

    /// Whatever the API answers.
    pub(super) async fn exchange(&self, path: &str, body: Option<&Value>, until: Instant) -> Result<Answered, Silence> {
        timeout_at(until, self.ask(path, body)).await.map_err(|_| self.late())?
    }

    /// What the vendor will not do, where it answers that.
    pub(super) fn refusal(&self, answered: &Answered) -> Option<Silence> {
        match answered.status.as_u16() {
            200..=299 => None,
            401 | 403 => Some(self.shut.until(None, self.unheard(&self.token_refused(answered.status)))),
            429 => {
                let pause = answered.pause();
                let silence = self.unheard(&self.spent(&answered.fields, pause));
                Some(self.shut.until(Some(Clock::now() + pause.unwrap_or(Duration::from_secs(1))), silence))
            }
            status => Some(self.unheard(&format!("it answers {status}{}", said(&answered.json)))),
        }
    }

    async fn ask(&self, path: &str, body: Option<&Value>) -> Result<Answered, Silence> {
        let request = self.request(path, body).map_err(|error| self.unheard(&error.to_string()))?;
        let response = self.client.request(request).await.map_err(|error| self.lost(&error))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|error| self.unheard(&format!("its answer broke off: {error}")))?.to_bytes();
        let json = match serde_json::from_slice(&body) {
            Ok(json) => json,
            // Of a refusal the status is enough.
            Err(_) if !parts.status.is_success() => Value::Null,
            Err(error) => return Err(self.unheard(&format!("its answer is not JSON: {error}"))),
        };
        Ok(Answered { status: parts.status, fields: parts.headers, json })
    }

    fn request(&self, path: &str, body: Option<&Value>) -> Result<Request<Full<Bytes>>, http::Error> {
        let url = format!("{}{path}", self.vantage.base_url);
        let mut request =
            Request::builder().uri(url).header(ACCEPT, "application/json").header("user-agent", USER_AGENT);
        if let Some(token) = &self.vantage.token {
            let (name, value) = match self.vantage.vendor {
                Vendor::FastlyEdgeCheck => ("fastly-key", token.0.to_string()),
                Vendor::Globalping { .. } => (AUTHORIZATION.as_str(), format!("Bearer {}", token.0)),
            };
            let mut value = HeaderValue::from_str(&value)?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        match body {
            None => request.body(Full::default()),
            Some(body) => {
                request.method(Method::POST).header(CONTENT_TYPE, "application/json").body(Full::from(body.to_string()))
            }
        }
    }

    /// The API gave no answer that is one.
    pub(super) fn unheard(&self, error: &str) -> Silence {
        Silence::new(Phase::Protocol, self.vantage.authority(), error)
    }

    /// The time is up.
    pub(super) fn late(&self) -> Silence {
        let error = format!("no result within {}", human(self.vantage.timeout));
        Silence::new(Phase::Timeout, self.vantage.authority(), &error)
    }

    fn lost(&self, error: &hyper_util::client::legacy::Error) -> Silence {
        let mut words = error.to_string();
        let mut phase = if error.is_connect() { Phase::Connect } else { Phase::Protocol };
        let mut cause = error.source();
        while let Some(deeper) = cause {
            words = deeper.to_string();
            if words.starts_with("dns error") {
                phase = Phase::Dns;
            }
            let within = deeper.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            let is_of_tls = within.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>);
            // What ends in the middle of a handshake is no error of rustls's own.
            if is_of_tls || deeper.is::<rustls::Error>() || words.starts_with("tls handshake") {
                phase = Phase::Tls;
            }
            cause = deeper.source();
        }
        Silence::new(phase, self.vantage.authority(), &words)
    }

    fn token_refused(&self, status: StatusCode) -> String {
        let (key, status) = (self.vantage.key(), status.as_u16());
        let mend = match (&self.vantage.vendor, &self.vantage.token) {
            (Vendor::FastlyEdgeCheck, _) => "give one that may use the service as an engineer at least",
            (Vendor::Globalping { .. }, Some(_)) => "give one that is valid, or none",
            (Vendor::Globalping { .. }, None) => "give one",
        };
        format!("it answers {status}: {key}.token is not accepted, {mend}")
    }

    fn spent(&self, fields: &HeaderMap, pause: Option<Duration>) -> String {
        let number = |name: &str| fields.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let limit = number("x-ratelimit-limit").or_else(|| number("fastly-ratelimit-limit"));
        let limit = limit.map_or_else(String::new, |limit| format!(" of {limit} {}s", self.vantage.unit()));
        let pause = pause.map_or_else(String::new, |pause| format!(", more in {}", human(pause)));
        format!("it answers 429: the rate limit{limit} is spent{pause}")
    }
}

impl Shut {
    fn holds(&self) -> Option<Silence> {
        let shut = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, silence) = shut.as_ref()?;
        until.is_none_or(|until| Clock::now() < until).then(|| silence.clone())
    }

    fn until(&self, until: Option<Instant>, silence: Silence) -> Silence {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((until, silence.clone()));
        silence
    }
}

impl Answered {
    /// How long a 429 asks to wait: `Retry-After` in seconds, or what Globalping has in its place.
    pub(super) fn pause(&self) -> Option<Duration> {
        let seconds = |name: &str| self.fields.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let pause = seconds(RETRY_AFTER.as_str()).or_else(|| seconds("x-ratelimit-reset"))?;
        Some(Duration::from_secs(pause.min(3_600)))
    }
}

/// What an API says of its own error.
fn said(json: &Value) -> String {
    let message = json.pointer("/error/message").or_else(|| json.get("msg")).and_then(Value::as_str);
    message.map_or_else(String::new, |message| format!(": {message}"))
}
