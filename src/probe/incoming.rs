//! A response body as it comes in, by whichever HTTP. It neither bounds nor decodes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use h2::RecvStream;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use hyper::body::{Body, Bytes, Frame, SizeHint};

use super::words::{self, HttpError};

/// What follows a response head.
pub(super) enum Incoming {
    /// By HTTP/1.1.
    Http1(hyper::body::Incoming),
    /// By HTTP/2, and the length announced for it.
    Http2(RecvStream, Option<u64>),
}

impl Incoming {
    pub(super) fn of_stream(stream: RecvStream, fields: &HeaderMap) -> Self {
        let announced = fields.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        Self::Http2(stream, announced)
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        match self.get_mut() {
            Self::Http1(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            Self::Http2(stream, _) => Poll::Ready(ready!(stream.poll_data(cx)).map(|data| {
                let data = data.map_err(words::of_h2)?;
                // What was read makes room for as much again.
                let _ = stream.flow_control().release_capacity(data.len());
                Ok(Frame::data(data))
            })),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(body) => body.is_end_stream(),
            Self::Http2(stream, _) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(body) => body.size_hint(),
            Self::Http2(_, announced) => announced.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}
