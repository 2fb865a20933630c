//! Puts an answer into header fields and a body, in the words of the cache that gives it. It decides nothing.

use std::fmt::Display;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, LAST_MODIFIED, LOCATION, SERVER,
    VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use httpdate::HttpDate;
use hyper::body::Bytes;
use smallvec::SmallVec;

use super::cache::{CacheId, Delivery, Outcome};
use super::key::{Key, mixed};
use super::origin::{Tags, Validators, Version};
use super::page::{CodedTag, Storage, body, gzipped};
use super::request::Request;
use super::station::Station;
use super::time::Moment;
use super::voice::Told;
use crate::model::Head;

/// What one layer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Which cache.
    pub cache: CacheId,
    /// What it did.
    pub outcome: Outcome,
    /// The `Age` it sent, in seconds, where that is known.
    pub age: Option<u32>,
    /// It speaks of the request that once filled a cache nearer to the client.
    pub history: bool,
}

/// An answer as it stands on the wire, and the truth about it.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// Empty for HEAD.
    pub body: Bytes,
    /// Origin side first.
    pub trail: Vec<Step>,
    /// Which version it is.
    pub version: Version,
}

impl Response {
    /// As it would be read off a connection of that version.
    pub fn into_head(self, version: http::Version) -> Head {
        Head { version, status: self.status, fields: self.headers }
    }
}

/// All that a response is made of, detached from the model, so that nobody waits while one is written.
#[derive(Debug, Clone)]
pub struct Served {
    pub(super) stations: Arc<Vec<Station>>,
    /// None: the origin itself.
    pub(super) cache: Option<CacheId>,
    pub(super) delivery: Delivery,
    pub(super) lifetime: Option<u32>,
    pub(super) now: Moment,
    pub(super) key: Key,
    pub(super) validators: Validators,
    pub(super) tags: Tags,
}

impl Served {
    /// As it stands on the wire.
    pub fn response(&self, request: &Request<'_>) -> Response {
        let (mut headers, body) = self.content(request);
        let trail = self.trail();
        let dates_anew = match self.cache {
            None => {
                headers.insert(SERVER, HeaderValue::from_static("lab-origin"));
                true
            }
            Some(cache) => {
                let voice = self.stations[cache.index()].voice;
                voice.speak(&self.told(request, &trail), &mut headers);
                voice.dates_anew()
            }
        };
        let date = if dates_anew { self.now } else { self.delivery.left };
        insert(&mut headers, DATE, http_date(date));
        let body = if request.method == Method::HEAD { Bytes::new() } else { body };
        Response { status: self.delivery.state.page.status, headers, body, trail, version: self.delivery.state.version }
    }

    fn told<'a>(&'a self, request: &'a Request<'_>, trail: &'a [Step]) -> Told<'a> {
        Told {
            stations: &self.stations,
            trail,
            headers: request.headers,
            age: self.delivery.age,
            lifetime: self.lifetime,
            now: self.now,
            resident: self.delivery.age.saturating_sub(self.delivery.inner_age),
            salt: mixed(self.key.of_variant(self.delivery.age.into()).slot),
        }
    }

    fn trail(&self) -> Vec<Step> {
        let chain = std::iter::successors(self.cache, |id| self.stations[id.index()].parent);
        let ages = [Some(self.delivery.age), Some(self.delivery.inner_age)].into_iter().chain(std::iter::repeat(None));
        let mut history = false;
        let mut trail: Vec<Step> = chain
            .zip(self.delivery.layers.nearest_first())
            .zip(ages)
            .map(|((cache, outcome), age)| {
                let step = Step { cache, outcome, age, history };
                history |= outcome.is_stored();
                step
            })
            .collect();
        trail.reverse();
        trail
    }

    /// What the origin made of it, whoever stored it since.
    fn content(&self, request: &Request<'_>) -> (HeaderMap, Bytes) {
        let state = &self.delivery.state;
        let page = &*state.page;
        let dynamic = page.policy.storage == Storage::NoStore;
        let coded = request.is_coded(page);
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(page.content_type));
        if let Some(policy) = page.policy.value() {
            insert(&mut headers, CACHE_CONTROL, policy);
        }
        for name in page.gzip.then_some("Accept-Encoding").iter().chain(page.vary) {
            headers.append(VARY, HeaderValue::from_static(name));
        }
        if let Some(location) = page.location {
            insert(&mut headers, LOCATION, location.replace("{version}", &state.version.to_string()));
        }
        if state.version > 0 && !dynamic && page.status < 400 {
            self.validators(request, coded, &mut headers);
        }
        if coded {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        } else {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(page.size));
        }
        if request.method == Method::HEAD {
            return (headers, Bytes::new());
        }
        let title = match page.status {
            200 if dynamic => {
                format!(
                    "{} {} version {} made at {}",
                    request.host,
                    request.path,
                    state.content,
                    self.delivery.left.timestamp()
                )
            }
            200 => format!("{} {} version {}", request.host, request.path, state.content),
            status => format!("{} {} status {status}", request.host, request.path),
        };
        let selected = page.vary.iter().filter_map(|name| request.headers.get(*name)?.to_str().ok());
        let plain = body(&selected.fold(title, |title, value| title + " for " + value), page.size);
        (headers, if coded { gzipped(&plain) } else { plain })
    }

    fn validators(&self, request: &Request<'_>, coded: bool, headers: &mut HeaderMap) {
        let state = &self.delivery.state;
        if matches!(self.validators, Validators::Both | Validators::EtagOnly) {
            let varied = request.variant(&state.page) & !1;
            let made_of = match self.tags {
                Tags::ByDeploy => u64::from(state.version),
                Tags::ByContent => u64::from(state.content),
                // One of three servers, by the moment at which it answered.
                Tags::ByServer => {
                    let server = mixed(self.delivery.left.timestamp().as_microsecond().unsigned_abs()) % 3;
                    u64::from(state.content) << 2 | server
                }
            };
            let tag = mixed(self.key.of_variant(varied).slot ^ mixed(made_of));
            match state.page.coded_tag {
                CodedTag::Weak if coded => insert(headers, ETAG, format_args!("W/\"{tag:016x}\"")),
                CodedTag::Suffix if coded => insert(headers, ETAG, format_args!("\"{tag:016x}-gzip\"")),
                _ => insert(headers, ETAG, format_args!("\"{tag:016x}\"")),
            }
        }
        if matches!(self.validators, Validators::Both | Validators::LastModifiedOnly) {
            insert(headers, LAST_MODIFIED, http_date(state.deployed));
        }
    }
}

/// The value, unless it holds what no field may.
pub(super) fn insert(headers: &mut HeaderMap, name: HeaderName, value: impl Display) {
    let mut line: SmallVec<[u8; 128]> = SmallVec::new();
    if write!(line, "{value}").is_ok()
        && let Ok(value) = HeaderValue::from_bytes(&line)
    {
        headers.insert(name, value);
    }
}

pub(super) fn insert_age(headers: &mut HeaderMap, age: u32) {
    headers.insert(AGE, HeaderValue::from(age));
}

fn http_date(moment: Moment) -> HttpDate {
    let seconds = u64::try_from(moment.timestamp().as_second()).unwrap_or(0);
    (UNIX_EPOCH + Duration::from_secs(seconds)).into()
}
