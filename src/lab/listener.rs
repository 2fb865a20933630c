//! One listener on loopback, and the connections it took. It answers from the model and keeps nothing of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
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
use super::request::{Request, without_port};
use crate::clock::Clock;

/// What is wrong with an address, whatever the model says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Connections are taken, and no request is ever answered.
    Stalled,
    /// Connections break when a request comes.
    Broken,
    /// Every request is answered with this status, made by the edge itself.
    Status(u16),
}

/// The caches, or the origin, that answer at one address.
pub(super) struct Site {
    pub(super) cdn: Arc<Mutex<Cdn>>,
    pub(super) clock: Clock,
    /// Each in its turn; none: the origin.
    pub(super) caches: Vec<CacheId>,
    pub(super) turn: AtomicUsize,
    pub(super) fault: Mutex<Option<Fault>>,
    pub(super) http1_only: bool,
}

/// Why a connection broke.
#[derive(Debug, thiserror::Error)]
#[error("the lab was told to break this connection")]
struct Broken;

/// A listening task; it and all its connections end when this is dropped.
pub(super) struct Listener {
    pub(super) address: SocketAddr,
    pub(super) site: Arc<Site>,
    task: JoinHandle<()>,
}

impl Listener {
    pub(super) async fn start(site: Site, tls: Option<TlsAcceptor>) -> Result<Self, LabError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(LabError::Listen)?;
        let address = listener.local_addr().map_err(LabError::Listen)?;
        let site = Arc::new(site);
        let task = tokio::spawn(listen(listener, tls, Arc::clone(&site)));
        Ok(Self { address, site, task })
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

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, site: Arc<Site>) {
    // Dropping the set with this task aborts what is in it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), Arc::clone(&site)));
                }
                // Out of descriptors: other connections must end first.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, site: Arc<Site>) {
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

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, site: Arc<Site>) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().title_case_headers(true);
    builder.http2().max_concurrent_streams(1_000);
    if site.http1_only {
        builder = builder.http1_only();
    }
    let answer = |request| {
        let site = Arc::clone(&site);
        async move {
            let fault = *site.fault.lock().unwrap_or_else(PoisonError::into_inner);
            match fault {
                Some(Fault::Stalled) => std::future::pending().await,
                Some(Fault::Broken) => Err(Broken),
                Some(Fault::Status(status)) => Ok(site.answer(&request, Some(status))),
                None => Ok(site.answer(&request, None)),
            }
        }
    };
    // How a client ends its connection is its own affair.
    let _ = builder.serve_connection(TokioIo::new(stream), service_fn(answer)).await;
}

impl Site {
    fn cache(&self) -> Option<CacheId> {
        match self.caches.len() {
            0 => None,
            servers => self.caches.get(self.turn.fetch_add(1, Ordering::Relaxed) % servers).copied(),
        }
    }

    fn answer(&self, incoming: &http::Request<Incoming>, trouble: Option<u16>) -> http::Response<Full<Bytes>> {
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
            match (self.cache(), trouble) {
                (Some(cache), Some(status)) => cdn.serve_trouble(cache, &request, status, now),
                (Some(cache), None) => cdn.serve(cache, &request, now),
                (None, _) => cdn.serve_origin(&request, now),
            }
        };
        let answer = served.response(&request);
        let mut response = http::Response::new(Full::new(answer.body));
        *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
        *response.headers_mut() = answer.headers;
        response
    }
}
