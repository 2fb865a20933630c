use std::sync::Arc;

use http::HeaderMap;

use super::Tunnel;

/// The safe methods that a probe sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Headers only.
    #[default]
    Head,
    /// Headers and body.
    Get,
}

impl Method {
    /// As reports name it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Get => "get",
        }
    }
}

/// How an address is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Scheme {
    /// Plain HTTP/1.1.
    Http,
    /// TLS; HTTP/2 or HTTP/1.1 by ALPN.
    #[default]
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URL need not name.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// What to do with the body of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Want {
    /// Nothing: leave it.
    #[default]
    Head,
    /// Read, decode and hash it, up to so many bytes on the wire and as many decoded.
    Digest {
        /// The bound, in bytes.
        max: u64,
    },
}

/// One request, whoever it is sent to.
#[derive(Debug, Clone)]
pub struct Ask {
    /// HEAD or GET.
    pub method: Method,
    /// Plain or TLS.
    pub scheme: Scheme,
    /// Host as written: `:authority` or `Host`.
    pub host: Arc<str>,
    /// The name for SNI and for the certificate; without a port.
    pub sni: Arc<str>,
    /// Path and query, beginning with a slash.
    pub path: Arc<str>,
    /// Everything but Host.
    pub headers: Arc<HeaderMap>,
    /// What to do with the body.
    pub want: Want,
    /// On a connection made for this host alone, never a shared one.
    pub alone: bool,
    /// Through a proxy; absent where the address itself is asked.
    pub through: Option<Arc<Tunnel>>,
}
