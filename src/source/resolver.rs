//! One resolver: the system's, or one that was named. It keeps nothing.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;
use tokio::time::timeout;

use crate::model::{AddressFamily, human};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Records {
    /// Sorted, each once.
    pub(super) addresses: BTreeSet<IpAddr>,
    /// The aliases on the way, in order.
    pub(super) chain: Vec<String>,
    /// The shortest time to live.
    pub(super) ttl: Option<Duration>,
}

/// The resolver so named; the system's where none is. It tries twice within the time given.
pub(super) fn open(named: Option<&str>, timeout: Duration) -> Result<TokioResolver, String> {
    let mut builder = match named {
        None => TokioResolver::builder_tokio().map_err(|error| format!("no system resolver: {error}"))?,
        Some(named) => {
            let server = parse(named).ok_or_else(|| format!("not a resolver that can be asked: {named}"))?;
            let config = ResolverConfig::from_name_servers(vec![server]);
            let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
            // What this machine believes is not what that resolver says.
            builder.options_mut().use_hosts_file = ResolveHosts::Never;
            builder
        }
    };
    let options = builder.options_mut();
    options.timeout = timeout / 2;
    options.attempts = 1;
    builder.build().map_err(|error| format!("no resolver: {error}"))
}

/// `udp://192.0.2.53`, `udp://[2001:db8::53]:5353`, `tcp://…`.
fn parse(named: &str) -> Option<NameServerConfig> {
    let (scheme, at) = named.split_once("://")?;
    let at = at.trim_end_matches('/');
    let (ip, port) = match at.parse::<SocketAddr>() {
        Ok(address) => (address.ip(), address.port()),
        Err(_) => (at.trim_start_matches('[').trim_end_matches(']').parse().ok()?, 53),
    };
    let mut connections = match scheme {
        // A truncated answer is fetched again over TCP (RFC 7766 section 5).
        "udp" => vec![ConnectionConfig::udp(), ConnectionConfig::tcp()],
        "tcp" => vec![ConnectionConfig::tcp()],
        _ => return None,
    };
    for connection in &mut connections {
        connection.port = port;
    }
    Some(NameServerConfig::new(ip, true, connections))
}

/// Asks for A, AAAA or both; the error is in words.
pub(super) async fn ask(
    resolver: &TokioResolver,
    name: &str,
    family: AddressFamily,
    limit: Duration,
) -> Result<Records, String> {
    let late = |_| Err(NetError::Timeout);
    let v4 = async { timeout(limit, resolver.ipv4_lookup(name)).await.unwrap_or_else(late) };
    let v6 = async { timeout(limit, resolver.ipv6_lookup(name)).await.unwrap_or_else(late) };
    let answers = match family {
        AddressFamily::V4 => vec![v4.await],
        AddressFamily::V6 => vec![v6.await],
        AddressFamily::Any => <[_; 2]>::from(tokio::join!(v4, v6)).into(),
    };
    let mut records = Records { addresses: BTreeSet::new(), chain: Vec::new(), ttl: None };
    let mut failures = Vec::new();
    for answer in answers {
        match answer {
            Ok(lookup) => take(&mut records, &lookup),
            Err(error) => failures.push(error),
        }
    }
    if !records.addresses.is_empty() {
        return Ok(records);
    }
    // A family without records is no failure beside one that failed.
    Err(match (failures.iter().find(|error| !is_empty(error)), family) {
        (Some(NetError::Timeout), _) => format!("timed out after {}", human(limit)),
        (Some(error), _) => words(error),
        (None, AddressFamily::V4) => "no A records".to_owned(),
        (None, AddressFamily::V6) => "no AAAA records".to_owned(),
        (None, AddressFamily::Any) => "no A or AAAA records".to_owned(),
    })
}

fn take(records: &mut Records, lookup: &Lookup) {
    for record in lookup.answers() {
        let ttl = Duration::from_secs(record.ttl.into());
        records.ttl = Some(records.ttl.map_or(ttl, |shortest| shortest.min(ttl)));
        match &record.data {
            RData::CNAME(alias) => {
                let alias = alias.to_string().trim_end_matches('.').to_owned();
                if !records.chain.contains(&alias) {
                    records.chain.push(alias);
                }
            }
            other => records.addresses.extend(other.ip_addr()),
        }
    }
}

/// The name exists, and has no such records.
fn is_empty(error: &NetError) -> bool {
    error.is_no_records_found() && !error.is_nx_domain()
}

fn words(error: &NetError) -> String {
    match error {
        _ if error.is_nx_domain() => "NXDOMAIN: there is no such name".to_owned(),
        NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail)) => "SERVFAIL: the resolver failed".to_owned(),
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => "REFUSED: the resolver refused".to_owned(),
        NetError::Dns(DnsError::ResponseCode(code)) => format!("the resolver answered: {code}"),
        NetError::NoConnections => "the resolver cannot be reached".to_owned(),
        NetError::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "the resolver cannot be reached: connection refused".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolver_is_an_address_with_a_port_or_without() {
        for (named, ip, port, ways) in [
            ("udp://192.0.2.53", "192.0.2.53", 53, 2),
            ("tcp://192.0.2.53:5353", "192.0.2.53", 5353, 1),
            ("udp://[2001:db8::53]:5353", "2001:db8::53", 5353, 2),
            ("udp://2001:db8::53", "2001:db8::53", 53, 2),
        ] {
            let server = parse(named).unwrap();
            assert_eq!(server.ip, ip.parse::<IpAddr>().unwrap(), "{named}");
            assert_eq!((server.connections[0].port, server.connections.len()), (port, ways), "{named}");
        }
        for named in ["192.0.2.53", "tls://192.0.2.53", "udp://dns.example", ""] {
            assert!(parse(named).is_none(), "{named}");
        }
    }
}
