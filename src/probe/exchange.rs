//! One request on one connection, and the response head. It neither chooses the connection nor reads the body.

use std::error::Error;

use h2::RecvStream;
use http::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use http::uri::{PathAndQuery, Uri};
use http::{Request, Response};
use tokio::time::{Instant, timeout_at};

use super::incoming::Incoming;
use super::link::{Exclusive, Facts, Lease, NoBody};
use super::words::{self, Fault, HttpError};
use crate::clock::Clock;
use crate::model::{Ask, Method, Phase, Protocol, Scheme};

const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// The connection that a request goes on.
pub(super) enum Carrier {
    /// Room on an HTTP/2 connection.
    Multiplexed(Lease),
    /// An HTTP/1.1 connection.
    Exclusive(Box<Exclusive>),
}

/// A response head, and the moments around it.
pub(super) struct Answer {
    pub(super) response: Response<Incoming>,
    pub(super) sent: Instant,
    pub(super) received: Instant,
}

/// Why no response head came.
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) retry: Retry,
}

/// Whether asking again may help, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// It failed for good.
    No,
    /// The server did not process it (RFC 9113 section 8.7): anywhere.
    Anywhere,
    /// The server wants it by HTTP/1.1.
    OverHttp1,
    /// A connection used before was closed in the meantime (RFC 9112 section 9.3.1): on one opened since.
    OnNewer,
}

impl Carrier {
    pub(super) fn facts(&self) -> &Facts {
        match self {
            Self::Multiplexed(lease) => lease.facts(),
            Self::Exclusive(link) => &link.facts,
        }
    }

    pub(super) fn protocol(&self) -> Protocol {
        match self {
            Self::Multiplexed(_) => Protocol::Http2,
            Self::Exclusive(_) => Protocol::Http1,
        }
    }

    /// Sends, and waits for the response head until that moment; `None` where it has passed.
    pub(super) async fn ask(&mut self, ask: &Ask, scheme: Scheme, until: Instant) -> Option<Result<Answer, Failure>> {
        let request = match self.request(ask, scheme) {
            Ok(request) => request,
            Err(words) => {
                let fault = Fault::new(Phase::Protocol, words);
                return Some(Err(Failure { fault, retry: Retry::No }));
            }
        };
        match self {
            Self::Multiplexed(lease) => {
                let answered = lease.answered();
                let sent = Clock::now();
                let answer = match lease.sender().send_request(request, true) {
                    Ok((response, _)) => {
                        let Ok(answer) = timeout_at(until, response).await else {
                            if lease.answered() == answered {
                                // Not a word to anyone since: it may be dead. Those that wait may go on, new ones go elsewhere.
                                lease.retire();
                            }
                            return None;
                        };
                        answer
                    }
                    Err(error) => Err(error),
                };
                let answer = answer.map(|response| Answer::on_stream(response, sent)).map_err(words::of_h2);
                match &answer {
                    Err(error) if words::is_connection_lost(&**error) => lease.retire(),
                    _ => lease.note_answer(),
                }
                Some(answer.map_err(|error| failure(&*error, answered > 0)))
            }
            // Boxed: many more requests go over HTTP/2.
            Self::Exclusive(link) => Box::pin(on_connection(link, request, until)).await,
        }
    }

    fn request(&self, ask: &Ask, scheme: Scheme) -> Result<Request<()>, String> {
        let unfit = |what: &str, text: &str| format!("not a {what} that can be asked for: {text}");
        let path = PathAndQuery::try_from(&*ask.path).map_err(|_| unfit("path", &ask.path))?;
        let mut request = Request::new(());
        *request.method_mut() = match ask.method {
            Method::Head => http::Method::HEAD,
            Method::Get => http::Method::GET,
        };
        request.headers_mut().clone_from(&*ask.headers);
        match self {
            // RFC 9113 section 8.3.1: the authority travels as a pseudo-header, and Host not at all.
            Self::Multiplexed(_) => {
                let uri = Uri::builder().scheme(scheme.id()).authority(&*ask.host).path_and_query(path);
                *request.uri_mut() = uri.build().map_err(|_| unfit("host", &ask.host))?;
                *request.version_mut() = http::Version::HTTP_2;
                without_connection_fields(request.headers_mut());
            }
            Self::Exclusive(_) => {
                *request.uri_mut() = Uri::from(path);
                let host = HeaderValue::from_str(&ask.host).map_err(|_| unfit("host", &ask.host))?;
                request.headers_mut().insert(HOST, host);
            }
        }
        Ok(request)
    }
}

async fn on_connection(link: &mut Exclusive, request: Request<()>, until: Instant) -> Option<Result<Answer, Failure>> {
    let used = std::mem::replace(&mut link.used, true);
    let exchange = async {
        link.sender.ready().await?;
        let sent = Clock::now();
        let response = link.sender.send_request(request.map(|()| NoBody::new())).await?;
        Ok(Answer { response: response.map(Incoming::Http1), sent, received: Clock::now() })
    };
    let answer: Result<Answer, HttpError> = timeout_at(until, exchange).await.ok()?;
    Some(answer.map_err(|error| failure(&*error, used)))
}

impl Answer {
    fn on_stream(response: Response<RecvStream>, sent: Instant) -> Self {
        let received = Clock::now();
        let (head, body) = response.into_parts();
        let body = Incoming::of_stream(body, &head.headers);
        Self { response: Response::from_parts(head, body), sent, received }
    }
}

/// What is about a connection has no place on a stream (RFC 9113 section 8.2.2).
fn without_connection_fields(fields: &mut HeaderMap) {
    const FIELDS: [HeaderName; 5] =
        [CONNECTION, HeaderName::from_static("keep-alive"), TRANSFER_ENCODING, UPGRADE, PROXY_CONNECTION];
    if fields.keys().any(|name| FIELDS.contains(name)) {
        for name in FIELDS {
            fields.remove(name);
        }
    }
}

fn failure(error: &(dyn Error + 'static), used_before: bool) -> Failure {
    let fault = words::fault(error, Phase::Protocol);
    let retry = if words::wants_http1(error) {
        Retry::OverHttp1
    } else if words::is_refused(error) {
        Retry::Anywhere
    } else if used_before && words::is_closed(error) {
        Retry::OnNewer
    } else {
        Retry::No
    };
    Failure { fault, retry }
}
