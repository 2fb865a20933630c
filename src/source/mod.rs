//! Where an edge's addresses come from: one file per source. It dials none of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use crate::model::{AddressFamily, Addresses, Lookup, Phase, Place, Silence, Timings, Tunnel};

mod address;
mod detour;
mod hostname;
mod patience;
mod proxy;
mod resolver;
mod tenant;

pub use detour::{ConnectTo, Detours, Resolve};

/// A way to find addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its key in a regions file; of the tenant's own name, which has none, the word for it.
    pub key: &'static str,
    /// What it does.
    pub title: &'static str,
}

/// Every source there is.
pub const ALL: [Source; 4] = [address::SOURCE, hostname::SOURCE, tenant::SOURCE, proxy::SOURCE];

/// The addresses of one edge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Sorted, each once; empty only where a vendor asks for us.
    pub addresses: Vec<SocketAddr>,
    /// How long resolving took; absent where nothing was resolved.
    pub took: Option<Duration>,
    /// The names that the name led through, in order.
    pub chain: Vec<String>,
    /// How long the answer may be kept, by its shortest record.
    pub ttl: Option<Duration>,
    /// For how many bits of the client subnet the answer was made (RFC 7871); absent where the answer does not say.
    pub scope: Option<u8>,
    /// The way on, where the addresses are a proxy's and a host was named.
    pub through: Option<Arc<Tunnel>>,
    /// The key of the source.
    pub source: &'static str,
}

/// Addresses of one edge or origin, at most: each is asked for every object.
const MOST_ADDRESSES: usize = 128;

impl Found {
    /// How that name led here: `www.example.com -> pop.cdn.example, TTL 60 s`.
    pub fn way(&self, name: &str) -> String {
        let ttl = self.ttl.map_or_else(String::new, |ttl| format!(", TTL {} s", ttl.as_secs()));
        let names = [name].into_iter().chain(self.chain.iter().map(String::as_str));
        format!("{}{ttl}", names.collect::<Vec<_>>().join(" -> "))
    }
}

/// What is to be found.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What stands for the addresses.
    pub place: &'a Place,
    /// Whose name stands for them, where it is the tenant's own.
    pub host: Option<&'a Arc<str>>,
    /// Dialled where the place names none.
    pub port: u16,
    /// Of which family.
    pub family: AddressFamily,
    /// How many of them.
    pub addresses: Addresses,
    /// For one question.
    pub timeout: Duration,
    /// Whom a resolver over TLS is verified by.
    pub tls: Option<&'a Arc<ClientConfig>>,
}

impl Wanted<'_> {
    /// What is looked up.
    fn name(&self) -> &str {
        match self.place {
            Place::Hostname { name, .. } => name,
            Place::Proxy(proxy) => &proxy.name,
            Place::Address(..) | Place::Tenant(_) | Place::Vantage(_) => self.host.map_or("", |host| host),
        }
    }
}

/// Finds addresses, and remembers what it found for the whole run.
#[derive(Default)]
pub struct Resolvers {
    detours: Detours,
    names: hostname::Names,
}

impl Resolvers {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names lead where was typed, before anyone is asked.
    pub fn with(detours: Detours) -> Self {
        Self { detours, ..Self::default() }
    }

    async fn named(&self, name: &Arc<str>, lookup: &Lookup, wanted: &Wanted<'_>) -> Result<Found, Silence> {
        let (name, port) = self.detours.destination(name, wanted.port);
        self.resolved(&name, port, lookup, wanted).await
    }

    async fn resolved(
        &self,
        name: &Arc<str>,
        port: u16,
        lookup: &Lookup,
        wanted: &Wanted<'_>,
    ) -> Result<Found, Silence> {
        match self.detours.addresses(name, port) {
            None => self.names.find(name, port, lookup, wanted).await,
            Some(addresses) => {
                let addresses: Vec<_> =
                    addresses.into_iter().filter(|address| fits(wanted.family, address.ip())).collect();
                if addresses.is_empty() {
                    return Err(silence(name, "no address of that family was typed for it".to_owned(), None));
                }
                Ok(Found { addresses, ..Found::default() })
            }
        }
    }

    /// The addresses of that place. Each name is looked up once, however many ask; a failure that another
    /// question might not meet is forgotten.
    pub async fn find(&self, wanted: &Wanted<'_>) -> Result<Found, Silence> {
        let mut found = match wanted.place {
            Place::Address(ip, own_port) => address::find(*ip, own_port.unwrap_or(wanted.port), wanted.family)
                .map_err(|words| silence(&ip.to_string(), words.to_owned(), None))?,
            Place::Hostname { name, lookup } => {
                let found = self.named(name, lookup, wanted).await?;
                Found { source: hostname::SOURCE.key, ..found }
            }
            Place::Tenant(lookup) => {
                let Some(host) = wanted.host else {
                    return Err(silence("the tenant's own name", "no tenant is named".to_owned(), None));
                };
                let found = self.named(&tenant::name(host), lookup, wanted).await?;
                Found { source: tenant::SOURCE.key, ..found }
            }
            // Only its vendor knows where that is.
            Place::Vantage(vantage) => return Ok(Found { source: vantage.key(), ..Found::default() }),
            Place::Proxy(proxy) => {
                let through = wanted.host.map(|host| proxy::tunnel(proxy, host, wanted.port, &self.detours));
                let own = Wanted { port: proxy.port, ..*wanted };
                let found = self.resolved(&proxy.name, proxy.port, &Lookup::default(), &own).await?;
                Found { source: proxy::SOURCE.key, through: through.map(Arc::new), ..found }
            }
        };
        leave_unroutable(&mut found.addresses);
        // A proxy is a way, not a goal: one of its addresses is enough.
        if wanted.addresses == Addresses::First || matches!(wanted.place, Place::Proxy(_)) {
            found.addresses.truncate(1);
        }
        let many = found.addresses.len();
        if many > MOST_ADDRESSES {
            let words = format!("{many} addresses, more than {MOST_ADDRESSES}; addresses = \"first\" asks one of them");
            return Err(silence(wanted.name(), words, found.took));
        }
        Ok(found)
    }
}

/// Where a name has addresses of both families, those of a family that this machine has no route for are ours to leave
/// out, not the edge's to answer for.
fn leave_unroutable(addresses: &mut Vec<SocketAddr>) {
    let both = addresses.iter().any(SocketAddr::is_ipv4) && addresses.iter().any(SocketAddr::is_ipv6);
    if both {
        let routable: Vec<SocketAddr> = addresses.iter().copied().filter(is_routable).collect();
        if !routable.is_empty() {
            *addresses = routable;
        }
    }
}

/// Connecting a UDP socket asks the routing table and sends nothing.
fn is_routable(address: &SocketAddr) -> bool {
    let any = if address.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(address)).is_ok()
}

fn fits(family: AddressFamily, ip: IpAddr) -> bool {
    match family {
        AddressFamily::Any => true,
        AddressFamily::V4 => ip.is_ipv4(),
        AddressFamily::V6 => ip.is_ipv6(),
    }
}

fn silence(name: &str, error: String, took: Option<Duration>) -> Silence {
    let timings = Timings { resolve: took, total: took.unwrap_or_default(), ..Timings::default() };
    Silence {
        phase: Phase::Dns,
        address: name.to_owned(),
        error,
        host_not_served: false,
        only_this_host: false,
        timings,
    }
}
