use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Digest, Head, Phase, Timestamp};

/// What came back for one request, undecided.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Status and header fields.
    pub head: Head,
    /// The body, as far as it was wanted.
    pub body: Body,
    /// Who answered, or through which proxy.
    pub address: SocketAddr,
    /// When the request left.
    pub sent: Timestamp,
    /// When the response head was there.
    pub received: Timestamp,
    /// How long each step took.
    pub timings: Timings,
    /// What was spoken.
    pub protocol: Protocol,
    /// TLS facts of the connection.
    pub tls: Option<Arc<TlsFacts>>,
    /// The connection was made for another host's sake (HTTP/2 coalescing).
    pub shared: bool,
}

/// A body, as far as it was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nobody asked.
    NotAsked,
    /// Read whole and decoded.
    Read(Digest),
    /// Could not be had, or not decoded; why.
    Unavailable(String),
}

/// The HTTP version spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// HTTP/1.0 or HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

impl Body {
    /// How the words begin where it was our own bound that kept a body from being read.
    pub const TOO_LARGE: &str = "larger than ";
}

impl Protocol {
    /// As reports name it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Http1 => "http/1.1",
            Self::Http2 => "h2",
        }
    }
}

/// How long each step of one request took; steps that a reused connection saved are absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Looking up the address.
    pub resolve: Option<Duration>,
    /// TCP, and the tunnel where there is a proxy.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From sending to the response head.
    pub first_byte: Option<Duration>,
    /// All of it.
    pub total: Duration,
}

/// What the TLS session said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLSv1.3`.
    pub version: String,
    /// What ALPN settled on.
    pub alpn: Option<String>,
    /// The leaf certificate, DER.
    pub certificate: Option<Arc<[u8]>>,
}

/// No answer: where on the way, from whom, and the error in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Where on the way.
    pub phase: Phase,
    /// `192.0.2.7:443`, or the name that did not resolve.
    pub address: String,
    /// `timed out after 5 s`.
    pub error: String,
    /// The certificate was for another name: the edge does not serve this host.
    pub host_not_served: bool,
    /// A proxy would not or could not lead to this host, or what it leads to is silent: others may fare better.
    pub only_this_host: bool,
    /// What was measured until then.
    pub timings: Timings,
}

impl Silence {
    /// Without timings.
    pub fn new(phase: Phase, address: &str, error: &str) -> Self {
        let (address, error) = (address.to_owned(), error.to_owned());
        Self { phase, address, error, host_not_served: false, only_this_host: false, timings: Timings::default() }
    }

    /// Nothing came, whatever was waited for: a connection, its TLS handshake, or an answer.
    pub fn is_timeout(&self) -> bool {
        self.phase == Phase::Timeout || self.error.starts_with("timed out")
    }
}

impl std::fmt::Display for Silence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.phase.id(), self.address, self.error)
    }
}
