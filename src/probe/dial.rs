//! Opens connections: TCP, a tunnel where there is a proxy, TLS with the name asked for, then HTTP/2 or HTTP/1.1 by what ALPN settled on. It sends no request.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ProtocolVersion;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::link::{Exclusive, Facts, Freed, Goal, Link, Multiplexed, server_name};
use super::pool::Pool;
use super::words::Fault;
use super::{Http, Settings, tls, tunnel, words};
use crate::clock::Clock;
use crate::model::{Phase, Scheme, Silence, Timings, TlsFacts};

/// What a server may send unasked on one stream, and on a connection: enough for long distances, bounded in memory.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
/// Requests at once until the server has said how many it takes (RFC 9113 section 6.5.2 recommends no less).
const STREAMS: usize = 100;
/// Between two tries to open a socket while this machine has none left.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(50);

/// Opens connections to one address.
pub(super) struct Dialer {
    pub(super) address: SocketAddr,
    pub(super) settings: Settings,
    connector: TlsConnector,
    freed: Arc<Freed>,
    opened: AtomicU64,
    pool: Weak<Mutex<Pool>>,
}

/// What ALPN offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// What the settings say.
    AsSet,
    /// HTTP/1.1 alone.
    Http1,
}

/// A new connection, and what it took.
pub(super) struct Dialled {
    pub(super) link: Link,
    pub(super) timings: Timings,
}

/// How far a dial has come, for whoever loses patience with it.
#[derive(Debug, Default)]
pub(super) struct Stage(AtomicU8);

impl Stage {
    const PHASES: [Phase; 3] = [Phase::Connect, Phase::Proxy, Phase::Tls];

    fn reach(&self, phase: Phase) {
        let stage = Self::PHASES.iter().position(|known| *known == phase);
        self.0.store(stage.and_then(|stage| u8::try_from(stage).ok()).unwrap_or_default(), Ordering::Relaxed);
    }

    pub(super) fn phase(&self) -> Phase {
        Self::PHASES.get(usize::from(self.0.load(Ordering::Relaxed))).copied().unwrap_or(Phase::Connect)
    }
}

impl Dialer {
    pub(super) fn new(address: SocketAddr, settings: Settings, freed: Arc<Freed>, pool: Weak<Mutex<Pool>>) -> Self {
        let connector = TlsConnector::from(tls::own(&settings.tls));
        Self { address, settings, connector, freed, opened: AtomicU64::new(0), pool }
    }

    /// Connections opened so far.
    pub(super) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// No answer from this address.
    pub(super) fn silence(&self, phase: Phase, error: String, timings: Timings) -> Silence {
        Silence { error, timings, ..Silence::new(phase, &self.address.to_string(), "") }
    }

    pub(super) fn told(&self, fault: Fault, timings: Timings) -> Silence {
        let Fault { phase, words, host_not_served, only_this_host } = fault;
        Silence { host_not_served, only_this_host, ..self.silence(phase, words, timings) }
    }

    /// Opens one connection. TCP, tunnel and TLS each end within the connect timeout.
    pub(super) async fn dial(&self, goal: &Goal, offer: Offer, stage: &Stage) -> Result<Dialled, Silence> {
        let started = Clock::now();
        let mut timings = Timings::default();
        let tcp = self.reach(goal, stage).await.map_err(|fault| {
            let since = Clock::now().saturating_duration_since(started);
            self.told(fault, Timings { connect: Some(since), total: since, ..timings })
        })?;
        let connected = Clock::now();
        timings.connect = Some(connected.saturating_duration_since(started));
        let serial = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
        let link = match self.settings.scheme {
            Scheme::Http => {
                let facts = Facts { serial, goal: goal.clone(), tls: None, certificate: None, names: Box::default() };
                self.http1(TokioIo::new(tcp), facts).await
            }
            Scheme::Https => {
                stage.reach(Phase::Tls);
                let secured = self.secure(tcp, &goal.sni, offer).await;
                timings.tls = Some(Clock::now().saturating_duration_since(connected));
                match secured {
                    Ok(stream) => self.agreed(stream, serial, goal).await,
                    Err(fault) => Err(fault),
                }
            }
        };
        timings.total = Clock::now().saturating_duration_since(started);
        match link {
            Ok(link) => Ok(Dialled { link, timings }),
            Err(fault) => Err(self.told(fault, timings)),
        }
    }

    /// As far as TLS may begin; through a proxy whatever goes wrong is between it and us.
    async fn reach(&self, goal: &Goal, stage: &Stage) -> Result<TcpStream, Fault> {
        let Some(through) = &goal.through else {
            return self.connect().await.map_err(|words| Fault::new(Phase::Connect, words));
        };
        stage.reach(Phase::Proxy);
        let tcp = self.connect().await.map_err(|words| Fault::new(Phase::Proxy, words))?;
        let limit = self.settings.connect_timeout;
        let late = |_| Fault::new(Phase::Proxy, format!("no answer within {}", words::within(limit)));
        timeout(limit, tunnel::open(tcp, through)).await.map_err(late)?
    }

    async fn connect(&self) -> Result<TcpStream, String> {
        let limit = self.settings.connect_timeout;
        let mut shortage = None;
        match timeout(limit, self.socket(&mut shortage)).await {
            Ok(Ok(tcp)) => {
                // A probe waits for every answer: without this the kernel may hold a request back for company.
                let _ = tcp.set_nodelay(true);
                Ok(tcp)
            }
            Ok(Err(error)) => Err(words::fault(&error, Phase::Connect).words),
            Err(_) => {
                let late = || format!("timed out after {}", words::within(limit));
                Err(shortage.map_or_else(late, str::to_owned))
            }
        }
    }

    /// Tries again while it is this machine that has no socket to give.
    async fn socket(&self, shortage: &mut Option<&'static str>) -> io::Result<TcpStream> {
        loop {
            let error = match TcpStream::connect(self.address).await {
                Ok(tcp) => return Ok(tcp),
                Err(error) => error,
            };
            let Some(ours) = words::shortage(&error) else { return Err(error) };
            *shortage = Some(ours);
            if let Some(pool) = self.pool.upgrade() {
                pool.lock().unwrap_or_else(PoisonError::into_inner).shed();
            }
            sleep(SHORTAGE_PAUSE).await;
        }
    }

    async fn secure(&self, tcp: TcpStream, sni: &str, offer: Offer) -> Result<TlsStream<TcpStream>, Fault> {
        let fault = |words| Fault::new(Phase::Tls, words);
        let name = server_name(sni).map_err(|_| fault(format!("not a server name: {sni}")))?.to_owned();
        let limit = self.settings.connect_timeout;
        let secured = match offer {
            Offer::AsSet => self.connector.connect(name, tcp),
            Offer::Http1 => self.connector.with_alpn(vec![b"http/1.1".to_vec()]).connect(name, tcp),
        };
        match timeout(limit, secured).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(words::fault(&error, Phase::Tls)),
            Err(_) => Err(fault(format!("timed out after {}", words::within(limit)))),
        }
    }

    /// Speaks what ALPN settled on; HTTP/1.1 where it settled on nothing.
    async fn agreed(&self, stream: TlsStream<TcpStream>, serial: u64, goal: &Goal) -> Result<Link, Fault> {
        let session = stream.get_ref().1;
        let alpn = session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        let is_h2 = alpn.as_deref() == Some("h2");
        let leaf = session.peer_certificates().and_then(|chain| chain.first());
        let certificate = leaf.map(|leaf| Arc::from(leaf.as_ref()));
        let facts = Facts {
            serial,
            goal: goal.clone(),
            certificate: leaf.map(|leaf| leaf.clone().into_owned()),
            names: Facts::names_of(leaf),
            tls: Some(Arc::new(TlsFacts { version: version(session.protocol_version()), alpn, certificate })),
        };
        match (is_h2, self.settings.http) {
            (true, _) => self.http2(stream, facts).await,
            (false, Http::Auto | Http::Http1) => self.http1(TokioIo::new(stream), facts).await,
            (false, Http::Http2) => {
                let words = "the server did not agree to HTTP/2".to_owned();
                Err(Fault::new(Phase::Protocol, words))
            }
        }
    }

    async fn http1<T>(&self, io: T, facts: Facts) -> Result<Link, Fault>
    where
        T: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    {
        let halves = http1::Builder::new()
            .max_buf_size(self.settings.max_head.max(8 << 10))
            .max_header_size(self.settings.max_head)
            .max_headers(self.settings.max_fields)
            // RFC 9112 section 5.2: a user agent takes a folded line for one.
            .allow_obsolete_multiline_headers_in_responses(true)
            .handshake(io)
            .await
            .map_err(|error| words::fault(&error, Phase::Protocol))?;
        Ok(Link::Exclusive(Box::new(Exclusive::new(facts, halves))))
    }

    /// Without the layer that hyper has on top of h2: a task and two channels for every request are half of what one costs.
    async fn http2<T>(&self, io: T, facts: Facts) -> Result<Link, Fault>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let opening = h2::client::Builder::new()
            .enable_push(false)
            .initial_max_send_streams(STREAMS)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(u32::try_from(self.settings.max_head).unwrap_or(u32::MAX))
            .handshake(io);
        let limit = self.settings.connect_timeout;
        let Ok(halves) = timeout(limit, opening).await else {
            let words = format!("timed out after {}", words::within(limit));
            return Err(Fault::new(Phase::Protocol, words));
        };
        let halves = halves.map_err(|error| words::fault(&*words::of_h2(error), Phase::Protocol))?;
        Ok(Link::Multiplexed(Multiplexed::new(facts, halves, Arc::clone(&self.freed))))
    }

    /// What is left until that moment, as a limit to tell.
    pub(super) fn allowance(started: Instant, until: Instant) -> String {
        words::within(until.saturating_duration_since(started))
    }
}

fn version(version: Option<ProtocolVersion>) -> String {
    match version {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
        other => other.and_then(|other| other.as_str()).unwrap_or("unknown").to_owned(),
    }
}
