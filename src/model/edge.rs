use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use super::{NameServer, Proxy, Scheme, Subnet, Vantage};

/// One regions file: edges and the origin they are held against.
#[derive(Debug, Clone)]
pub struct Environment {
    /// `production` unless the file says otherwise.
    pub name: Arc<str>,
    /// The reference; absent where neither file nor flag names one.
    pub origin: Option<Origin>,
    /// By region and name.
    pub edges: Vec<Edge>,
    /// The file it came from.
    pub source: Arc<str>,
}

/// Names an edge within a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId {
    /// The environment's name.
    pub environment: Arc<str>,
    /// The region's key.
    pub region: Arc<str>,
    /// The edge's name.
    pub edge: Arc<str>,
}

/// One edge POP.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Environment, region and name.
    pub id: EdgeId,
    /// The region's name in words.
    pub region_title: Option<Arc<str>>,
    /// The POP that should answer.
    pub pop: Option<String>,
    /// The provider that should answer.
    pub provider: Option<String>,
    /// How its address is found.
    pub place: Place,
    /// Plain or TLS.
    pub scheme: Scheme,
    /// Dialled where the address names none.
    pub port: u16,
    /// What it is asked for.
    pub identity: Identity,
    /// Sent to this edge alone.
    pub headers: HeaderMap,
    /// How hard it may be asked.
    pub pace: Pace,
    /// Whom TLS trusts.
    pub trust: Trust,
    /// Which of its addresses are asked.
    pub addresses: Addresses,
    /// Which family of addresses is asked.
    pub family: AddressFamily,
    /// Share an HTTP/2 connection where the certificate covers the tenant.
    pub coalesce: bool,
    /// Send the headers that make its caches say more.
    pub debug_headers: bool,
}

/// How an edge's address is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An IP address, with a port where one was written.
    Address(std::net::IpAddr, Option<u16>),
    /// A name to resolve.
    Hostname {
        /// The name.
        name: Arc<str>,
        /// Whom to ask for it.
        lookup: Lookup,
    },
    /// The tenant's own name, resolved for each host.
    Tenant(Lookup),
    /// Wherever a vendor's machines find it.
    Vantage(Arc<Vantage>),
    /// Where the tenant's own name leads a proxy, which alone is dialled.
    Proxy(Arc<Proxy>),
}

/// Whom to ask for a name, and on whose behalf.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lookup {
    /// Absent: the system's.
    pub resolver: Option<Arc<NameServer>>,
    /// Whose clients' addresses are wanted (RFC 7871).
    pub subnet: Option<Subnet>,
}

impl Place {
    /// Whom to ask, where a name stands for the place.
    pub const fn lookup(&self) -> Option<&Lookup> {
        match self {
            Self::Address(..) | Self::Proxy(_) | Self::Vantage(_) => None,
            Self::Hostname { lookup, .. } | Self::Tenant(lookup) => Some(lookup),
        }
    }

    /// Who asks there for us, where we do not ask ourselves.
    pub const fn vantage(&self) -> Option<&Arc<Vantage>> {
        match self {
            Self::Vantage(vantage) => Some(vantage),
            Self::Address(..) | Self::Hostname { .. } | Self::Tenant(_) | Self::Proxy(_) => None,
        }
    }

    /// Whether each host has a place of its own.
    pub const fn is_by_host(&self) -> bool {
        matches!(self, Self::Tenant(_) | Self::Proxy(_))
    }
}

/// Host and SNI as templates of `{host}`, `{id}` and `{hostname}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Default `{host}`.
    pub host: Arc<str>,
    /// Default: as `host`.
    pub sni: Arc<str>,
}

/// How hard an edge or an origin may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// For a whole request.
    pub timeout: Duration,
    /// For DNS, proxy and connection, each.
    pub connect_timeout: Duration,
    /// Requests under way at once.
    pub concurrency: usize,
    /// Requests a second; none for no limit.
    pub rate: Option<NonZeroU32>,
    /// HTTP/2 connections for one certificate, at most.
    pub connections: usize,
}

/// Whom TLS trusts, and as whom we present ourselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Authorities beside the system's.
    pub authorities: Vec<Authorities>,
    /// As whom we present ourselves.
    pub client: Option<ClientPem>,
    /// Accept any certificate.
    pub insecure: bool,
}

/// A file of certificates of authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities {
    /// Where it is.
    pub file: Arc<str>,
    /// PEM.
    pub pem: Arc<[u8]>,
}

/// A certificate chain and its key, both PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientPem {
    /// The chain, leaf first.
    pub chain: Arc<[u8]>,
    /// The key.
    pub key: Arc<[u8]>,
}

impl std::fmt::Debug for ClientPem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientPem(…)")
    }
}

/// Which of the addresses found are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Each of them.
    #[default]
    All,
    /// The first in order.
    First,
}

/// Which addresses are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressFamily {
    /// Both.
    #[default]
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Where the reference comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Plain or TLS.
    pub scheme: Scheme,
    /// Name or address to dial; a template of `{host}` and `{id}`.
    pub authority: Arc<str>,
    /// Prefix of the path, without a trailing slash; mostly empty.
    pub base_path: Arc<str>,
    /// Host and SNI.
    pub identity: Identity,
    /// Sent to the origin alone.
    pub headers: HeaderMap,
    /// How hard it may be asked.
    pub pace: Pace,
    /// Whom TLS trusts.
    pub trust: Trust,
    /// Looks at the start, for each object.
    pub samples: u32,
    /// Which family of addresses is asked.
    pub family: AddressFamily,
}
