//! Where an edge's addresses come from: one file per source. It dials none of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use crate::model::{AddressFamily, Addresses, Phase, Place, Silence, Timings};

mod address;
mod hostname;
mod resolver;

/// A way to find addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its key in a regions file.
    pub key: &'static str,
    /// What it does.
    pub title: &'static str,
}

/// Every source there is.
pub const ALL: [Source; 2] = [address::SOURCE, hostname::SOURCE];

/// The addresses of one edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Sorted, each once; never empty.
    pub addresses: Vec<SocketAddr>,
    /// How long resolving took; absent where nothing was resolved.
    pub took: Option<Duration>,
    /// The names that the name led through, in order.
    pub chain: Vec<String>,
    /// How long the answer may be kept, by its shortest record.
    pub ttl: Option<Duration>,
    /// The key of the source.
    pub source: &'static str,
}

/// Finds addresses, and remembers what it found for the whole run.
#[derive(Default)]
pub struct Resolvers {
    names: hostname::Names,
}

impl Resolvers {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The addresses of that place. Each name is looked up once, however many ask; a failure is forgotten, so that a
    /// later question may have a better answer.
    pub async fn find(
        &self,
        place: &Place,
        port: u16,
        family: AddressFamily,
        addresses: Addresses,
        timeout: Duration,
    ) -> Result<Found, Silence> {
        let mut found = match place {
            Place::Address(ip, own_port) => address::find(*ip, own_port.unwrap_or(port), family)
                .map_err(|words| silence(&ip.to_string(), words.to_owned(), None))?,
            Place::Hostname { name, resolver } => {
                self.names.find(name, resolver.as_ref(), port, family, timeout).await?
            }
        };
        leave_unroutable(&mut found.addresses);
        if addresses == Addresses::First {
            found.addresses.truncate(1);
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
    Silence { phase: Phase::Dns, address: name.to_owned(), error, host_not_served: false, timings }
}
