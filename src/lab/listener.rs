//! One listener on loopback, and the connections it took. It answers from the model and keeps nothing of its own.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::HOST;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::LabError;
use super::cache::CacheId;
use super::cdn::Cdn;
use super::request::Request;
use crate::clock::Clock;

/// The cache, or the origin, that answers at one address.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) cdn: Arc<Mutex<Cdn>>,
    pub(super) clock: Clock,
    /// None: the origin.
    pub(super) cache: Option<CacheId>,
    pub(super) http1_only: bool,
}

/// A listening task; it and all its connections end when this is dropped.
pub(super) struct Listener {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Listener {
    pub(super) async fn start(site: Site, tls: Option<TlsAcceptor>) -> Result<Self, LabError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(LabError::Listen)?;
        let address = listener.local_addr().map_err(LabError::Listen)?;
        Ok(Self { address, task: tokio::spawn(listen(listener, tls, site)) })
    }

    /// Ends it; once this returns, its address refuses connections.
    pub(super) async fn close(&mut self) {
        self.task.abort();
        // An aborted task is what was wanted, not an error.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, site: Site) {
    // Dropping the set with this task aborts what is in it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), site.clone()));
                }
                // Out of descriptors: other connections must end first.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, site: Site) {
    // Without it, small answers wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve(stream, site).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                serve(stream, site).await;
            }
        }
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, site: Site) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().title_case_headers(true);
    builder.http2().max_concurrent_streams(1_000);
    if site.http1_only {
        builder = builder.http1_only();
    }
    let answer = |request| {
        let response = site.answer(&request);
        async move { Ok::<_, Infallible>(response) }
    };
    // How a client ends its connection is its own affair.
    let _ = builder.serve_connection(TokioIo::new(stream), service_fn(answer)).await;
}

impl Site {
    fn answer(&self, incoming: &http::Request<Incoming>) -> http::Response<Full<Bytes>> {
        let authority = incoming.uri().authority().map(http::uri::Authority::as_str);
        let field = incoming.headers().get(HOST).and_then(|host| host.to_str().ok());
        let host = authority.or(field).unwrap_or_default();
        let request = Request {
            method: incoming.method().clone(),
            host: without_port(host),
            path: incoming.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str),
            headers: incoming.headers(),
        };
        let served = {
            let mut cdn = self.cdn.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.clock.wall();
            match self.cache {
                Some(cache) => cdn.serve(cache, &request, now),
                None => cdn.serve_origin(&request, now),
            }
        };
        let answer = served.response(&request);
        let mut response = http::Response::new(Full::new(answer.body));
        *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
        *response.headers_mut() = answer.headers;
        response
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_part_of_the_host() {
        assert_eq!(without_port("a.example:8443"), "a.example");
        assert_eq!(without_port("a.example"), "a.example");
        assert_eq!(without_port("[::1]:443"), "[::1]");
    }
}
