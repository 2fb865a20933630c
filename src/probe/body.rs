//! Reads a response body within bounds and digests what it stands for. It never keeps a body.

use http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::time::{Instant, timeout_at};

use super::decode::{Decoder, Spoilt};
use super::incoming::Incoming;
use super::words::{self, HttpError};
use crate::model::{Ask, Body, Method, Phase, Want};

/// An unwanted body up to this size is read to its end: cheaper than another connection.
const WORTH_DRAINING: u64 = 32 << 10;

/// Whether nothing follows the head, nor was it to.
pub(super) fn is_none(ask: &Ask, body: &Incoming) -> bool {
    body.is_end_stream() && ask.method == Method::Head
}

/// The body as far as it was wanted, and whether the response was read to its end, so that another may follow it.
pub(super) async fn take(
    ask: &Ask,
    fields: &HeaderMap,
    body: Incoming,
    until: Instant,
    limit: impl Fn() -> String + Send,
) -> (Body, bool) {
    match ask.want {
        Want::Head => (Body::NotAsked, drained(body, until).await),
        Want::Digest { max } => read(fields, body, max, until, limit).await,
    }
}

async fn drained(mut body: Incoming, until: Instant) -> bool {
    if body.size_hint().upper().is_none_or(|size| size > WORTH_DRAINING) {
        return body.is_end_stream();
    }
    loop {
        match timeout_at(until, body.frame()).await {
            Ok(None) => return true,
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(_))) | Err(_) => return false,
        }
    }
}

async fn read(
    fields: &HeaderMap,
    mut body: Incoming,
    max: u64,
    until: Instant,
    limit: impl Fn() -> String + Send,
) -> (Body, bool) {
    let unavailable = |why: String| (Body::Unavailable(why), false);
    let mut decoder = match Decoder::new(fields, max) {
        Ok(decoder) => decoder,
        Err(spoilt) => return unavailable(spoilt.words(max)),
    };
    if body.size_hint().lower() > max {
        return unavailable(Spoilt::TooLarge.words(max));
    }
    let mut wire = 0_u64;
    loop {
        let frame = match timeout_at(until, body.frame()).await {
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => return unavailable(truncated(&error, wire)),
            Err(_) => return unavailable(format!("not complete within {}, {} read", limit(), words::size(wire))),
        };
        let Ok(data) = frame.into_data() else { continue };
        wire += data.len() as u64;
        if wire > max {
            return unavailable(Spoilt::TooLarge.words(max));
        }
        if let Err(spoilt) = decoder.push(&data) {
            return unavailable(spoilt.words(max));
        }
    }
    match decoder.finish() {
        Ok(digest) => (Body::Read(digest), true),
        Err(spoilt) => (Body::Unavailable(spoilt.words(max)), true),
    }
}

fn truncated(error: &HttpError, wire: u64) -> String {
    let why = words::fault(&**error, Phase::Protocol).words;
    let why = why.strip_suffix(" before an answer").unwrap_or(&why);
    format!("truncated after {}: {why}", words::size(wire))
}
