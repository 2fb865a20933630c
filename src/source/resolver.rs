//! One resolver: the system's, or one that was named, asked for one kind of record at a time. It keeps no answer.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle as _, FirstAnswer as _};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Message, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::{ClientSubnet, EdnsCode, EdnsOption};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig, system_conf};
use rustls::ClientConfig;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::patience::Patience;
use crate::clock::Clock;
use crate::model::{NameServer, Subnet, Transport, human};

/// Questions under way at once.
const UNDER_WAY: usize = 128;
/// Aliases followed for one name, whether they come in one answer or each in its own.
const ALIASES: usize = 12;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Records {
    /// Sorted, each once; never empty.
    pub(super) addresses: BTreeSet<IpAddr>,
    /// The aliases on the way, in order.
    pub(super) chain: Vec<String>,
    /// The shortest time to live.
    pub(super) ttl: Option<Duration>,
    /// The longest scope of the answers on the way (RFC 7871 section 7.2.1); absent where none had one.
    pub(super) scope: Option<u8>,
}

/// Why there are no records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// There is no such name.
    Missing,
    /// The name has no such records.
    Empty,
    /// No answer within this time.
    Late(Duration),
    /// In words.
    Told(String),
}

impl Failure {
    /// Whether the same question would get the same answer.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::Missing | Self::Empty)
    }
}

/// A resolver, asked within limits.
pub(super) struct Resolver {
    way: Way,
    turns: Semaphore,
    patience: Patience,
    limit: Duration,
}

enum Way {
    /// With its hosts file and its search list.
    System(Box<TokioResolver>),
    /// These servers, whatever this machine believes.
    Servers(NameServerPool<TokioRuntimeProvider>),
}

impl Resolver {
    /// Opens one. `tls` says whom a server over TLS or HTTPS is verified by.
    pub(super) async fn open(
        named: Option<&NameServer>,
        for_subnets: bool,
        limit: Duration,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, Failure> {
        let way = match named {
            None if for_subnets => {
                let (config, options) =
                    system_conf::read_system_conf().map_err(|error| told(format!("no system resolver: {error}")))?;
                Way::Servers(pool(config.name_servers().to_vec(), options, limit, tls)?)
            }
            None => Way::System(Box::new(system(limit)?)),
            Some(server) => {
                let at = match server.address {
                    Some(address) => vec![address],
                    None => located(server, limit).await?,
                };
                let servers = at.into_iter().map(|ip| NameServerConfig::new(ip, true, connections(server, ip)));
                Way::Servers(pool(servers.collect(), ResolverOpts::default(), limit, tls)?)
            }
        };
        Ok(Self { way, turns: Semaphore::new(UNDER_WAY), patience: Patience::default(), limit })
    }

    /// The records of one kind.
    pub(super) async fn ask(&self, name: &str, kind: RecordType, subnet: Option<Subnet>) -> Result<Records, Failure> {
        let _turn = self.turns.acquire().await;
        if self.patience.is_over() {
            return Err(Failure::Late(self.limit));
        }
        let began = Clock::now();
        let answer = timeout(self.limit, async {
            match &self.way {
                Way::System(resolver) => system_records(resolver, name, kind).await,
                Way::Servers(pool) => records(pool, name, kind, subnet).await,
            }
        });
        let answer = answer.await.unwrap_or(Err(Failure::Late(self.limit)));
        match &answer {
            Err(Failure::Late(_)) => self.patience.unanswered(began),
            _ => self.patience.answered(),
        }
        // Whichever timer ended it.
        answer.map_err(|failure| if matches!(failure, Failure::Late(_)) { Failure::Late(self.limit) } else { failure })
    }
}

/// The system's resolver. It tries twice within the time given.
fn system(limit: Duration) -> Result<TokioResolver, Failure> {
    let builder = TokioResolver::builder_tokio().map_err(|error| told(format!("no system resolver: {error}")));
    let mut builder = builder?;
    let options = builder.options_mut();
    options.timeout = limit / 2;
    options.attempts = 1;
    builder.build().map_err(|error| told(format!("no resolver: {error}")))
}

/// Where a server that is known by name alone is.
async fn located(server: &NameServer, limit: Duration) -> Result<Vec<IpAddr>, Failure> {
    let name = server.name.as_deref().unwrap_or_default();
    let found = timeout(limit, system(limit)?.lookup_ip(name)).await;
    match found {
        Ok(Ok(found)) => Ok(found.iter().collect()),
        Ok(Err(error)) => Err(told(format!("the resolver {name} is not found: {}", said(failure(&error))))),
        Err(_) => Err(told(format!("the resolver {name} is not found: {}", said(Failure::Late(limit))))),
    }
}

fn connections(server: &NameServer, ip: IpAddr) -> Vec<ConnectionConfig> {
    let name = || server.name.clone().unwrap_or_else(|| ip.to_string().into());
    let mut connections = match &server.transport {
        // A truncated answer is fetched again over TCP (RFC 7766 section 5).
        Transport::Udp => vec![ConnectionConfig::udp(), ConnectionConfig::tcp()],
        Transport::Tcp => vec![ConnectionConfig::tcp()],
        Transport::Tls => vec![ConnectionConfig::tls(name())],
        Transport::Https(path) => vec![ConnectionConfig::https(name(), Some(Arc::clone(path)))],
    };
    for connection in &mut connections {
        connection.port = server.port;
    }
    connections
}

fn pool(
    servers: Vec<NameServerConfig>,
    mut options: ResolverOpts,
    limit: Duration,
    tls: Option<&Arc<ClientConfig>>,
) -> Result<NameServerPool<TokioRuntimeProvider>, Failure> {
    options.timeout = limit;
    options.max_active_requests = UNDER_WAY * 2;
    let tls = match tls {
        Some(config) => TlsConfig { config: ClientConfig::clone(config) },
        None => TlsConfig::new().map_err(|error| told(format!("no resolver: {error}")))?,
    };
    let context = Arc::new(PoolContext::new(options, tls));
    Ok(NameServerPool::from_config(servers, context, TokioRuntimeProvider::default()))
}

async fn system_records(resolver: &TokioResolver, name: &str, kind: RecordType) -> Result<Records, Failure> {
    let lookup = resolver.lookup(name, kind).await.map_err(|error| failure(&error))?;
    let mut records = Records::default();
    for record in lookup.answers() {
        records.age(record);
        match &record.data {
            RData::CNAME(alias) => {
                records.alias(alias);
            }
            other => records.addresses.extend(other.ip_addr()),
        }
    }
    if records.addresses.is_empty() { Err(Failure::Empty) } else { Ok(records) }
}

/// Follows aliases into other zones, for a server that answers for its own alone.
async fn records(
    pool: &NameServerPool<TokioRuntimeProvider>,
    name: &str,
    kind: RecordType,
    subnet: Option<Subnet>,
) -> Result<Records, Failure> {
    let mut records = Records::default();
    let mut name = Name::from_ascii(name).map_err(|error| told(format!("no name that can be asked for: {error}")))?;
    name.set_fqdn(true);
    while records.chain.len() <= ALIASES {
        let answer = sent(pool, &question(&name, kind, subnet)).await.map_err(|error| failure(&error))?;
        records.scope = records.scope.max(scope(&answer));
        let known = records.chain.len();
        let end = records.take(&answer, &name);
        match answer.metadata.response_code {
            ResponseCode::NoError => {}
            ResponseCode::NXDomain => return Err(Failure::Missing),
            // Those that the library below has no name for are refusals all the same.
            code => return Err(answered(code)),
        }
        if !records.addresses.is_empty() {
            return Ok(records);
        }
        if end == name && alias_of(&answer, &name).is_none() {
            return Err(Failure::Empty);
        }
        if records.chain.len() == known {
            return Err(told("its aliases lead in a circle".to_owned()));
        }
        name = end;
    }
    Err(told(format!("more than {ALIASES} aliases")))
}

/// Questions share a connection: one that was lost, perhaps over another name, is no answer to this one.
async fn sent(
    pool: &NameServerPool<TokioRuntimeProvider>,
    question: &DnsRequest,
) -> Result<hickory_resolver::proto::op::DnsResponse, NetError> {
    match pool.send(question.clone()).first_answer().await {
        Err(error) if !matches!(error, NetError::Timeout | NetError::Dns(_)) => {
            pool.send(question.clone()).first_answer().await
        }
        answer => answer,
    }
}

fn question(name: &Name, kind: RecordType, subnet: Option<Subnet>) -> DnsRequest {
    let mut request = DnsRequest::from_query(Query::query(name.clone(), kind), DnsRequestOptions::default());
    if let (Some(subnet), Some(edns)) = (subnet, request.edns.as_mut()) {
        let option = ClientSubnet::new(subnet.address(), subnet.prefix(), 0);
        edns.options_mut().insert(EdnsOption::Subnet(option));
    }
    request
}

fn scope(answer: &Message) -> Option<u8> {
    match answer.edns.as_ref()?.option(EdnsCode::Subnet)? {
        EdnsOption::Subnet(subnet) => Some(subnet.scope_prefix()),
        _ => None,
    }
}

impl Records {
    /// Takes what an answer says of this name, and returns the name where its aliases end.
    fn take(&mut self, answer: &Message, name: &Name) -> Name {
        let mut end = name.clone();
        while self.chain.len() <= ALIASES {
            let Some((record, alias)) = alias_of(answer, &end) else { break };
            self.age(record);
            let is_new = self.alias(&alias);
            end = alias;
            if !is_new {
                break;
            }
        }
        for record in answer.answers.iter().filter(|record| record.name == end) {
            if let Some(ip) = record.data.ip_addr() {
                self.age(record);
                self.addresses.insert(ip);
            }
        }
        end
    }

    /// Whether it had not been met before.
    fn alias(&mut self, alias: &Name) -> bool {
        let alias = alias.to_string().trim_end_matches('.').to_owned();
        let is_new = !self.chain.contains(&alias);
        if is_new {
            self.chain.push(alias);
        }
        is_new
    }

    fn age(&mut self, record: &Record) {
        let ttl = Duration::from_secs(record.ttl.into());
        self.ttl = Some(self.ttl.map_or(ttl, |shortest| shortest.min(ttl)));
    }
}

fn alias_of<'a>(answer: &'a Message, name: &Name) -> Option<(&'a Record, Name)> {
    answer.answers.iter().filter(|record| record.name == *name).find_map(|record| match &record.data {
        RData::CNAME(alias) => Some((record, alias.0.clone())),
        _ => None,
    })
}

fn told(words: String) -> Failure {
    Failure::Told(words)
}

fn answered(code: ResponseCode) -> Failure {
    told(match code {
        ResponseCode::Unknown(number) => format!("the resolver answered with the unknown code {number}"),
        code => format!("the resolver answered: {code}"),
    })
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Timeout => Failure::Late(Duration::ZERO),
        _ if error.is_nx_domain() => Failure::Missing,
        _ if error.is_no_records_found() => Failure::Empty,
        NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail)) => told("SERVFAIL: the resolver failed".into()),
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => told("REFUSED: the resolver refused".into()),
        NetError::Dns(DnsError::ResponseCode(code)) => answered(*code),
        NetError::NoConnections => told("the resolver cannot be reached".into()),
        NetError::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            told("the resolver cannot be reached: connection refused".into())
        }
        NetError::Io(error) => told(format!("the resolver cannot be reached: {error}")),
        other => told(other.to_string()),
    }
}

/// In words, of a name with no records of this kind.
pub(super) fn said(failure: Failure) -> String {
    match failure {
        Failure::Missing => "NXDOMAIN: there is no such name".to_owned(),
        Failure::Empty => "no A or AAAA records".to_owned(),
        Failure::Late(limit) => format!("timed out after {}", human(limit)),
        Failure::Told(words) => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_spoken_to_at_its_port_and_over_tcp_where_an_answer_does_not_fit() {
        for (named, port, ways) in [
            ("udp://192.0.2.53", 53, 2),
            ("tcp://192.0.2.53:5353", 5353, 1),
            ("tls://192.0.2.53", 853, 1),
            ("https://dns.example:8443", 8443, 1),
        ] {
            let ways_in = connections(&named.parse().unwrap(), [192, 0, 2, 53].into());
            assert!(ways_in.iter().all(|way| way.port == port), "{named}");
            assert_eq!(ways_in.len(), ways, "{named}");
        }
    }
}
