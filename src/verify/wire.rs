//! The network as it is: names resolved, addresses dialled.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::Instant;

use super::{Door, Network};
use crate::clock::Clock;
use crate::model::{
    Addresses, Ask, Edge, EdgeId, Inventory, Lookup, Origin, Pace, Phase, Place, Scheme, Silence, Trust,
};
use crate::probe::{Client, Http, Settings, TlsError, tls};
use crate::source::{Detours, Found, Resolvers, Wanted};
use crate::vantage::{Account, Sighting, Station};

/// Clients for real addresses.
pub struct Wire {
    clock: Clock,
    http: Http,
    resolvers: Resolvers,
    edges: BTreeMap<EdgeId, Arc<rustls::ClientConfig>>,
    /// By environment.
    origins: BTreeMap<Arc<str>, Arc<rustls::ClientConfig>>,
    /// Of resolvers over TLS.
    resolver_tls: BTreeMap<EdgeId, Arc<rustls::ClientConfig>>,
    /// Where a vendor asks for us.
    stations: BTreeMap<EdgeId, Station>,
    /// Values that are no templates.
    pub(super) literal: Vec<String>,
}

/// A trust that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {source}")]
pub struct WireError {
    /// Which edge or origin.
    place: String,
    source: TlsError,
}

impl Wire {
    /// Sets up TLS for every edge and origin; sends nothing.
    pub fn prepare(inventory: &Inventory, http: Http, clock: Clock) -> Result<Self, WireError> {
        let mut made = Made { http, clock, configs: Vec::new(), of_resolvers: Vec::new() };
        let (mut edges, mut origins, mut resolver_tls) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (mut stations, mut accounts) = (BTreeMap::new(), BTreeMap::<_, Account>::new());
        for environment in &inventory.environments {
            for edge in &environment.edges {
                if let Place::Vantage(vantage) = &edge.place {
                    // Its API is verified as a resolver is: whatever is accepted of edges.
                    let tls = made.of_resolver(&edge.trust, || format!("edge \"{}\": its vendor", edge.id.edge))?;
                    let account = accounts.entry(vantage.account()).or_default();
                    let station = Station::new(vantage, &tls, account, clock, edge.trust.insecure);
                    stations.insert(edge.id.clone(), station);
                    continue;
                }
                let config = made.config(&edge.trust, edge.scheme, || format!("edge \"{}\"", edge.id.edge))?;
                edges.insert(edge.id.clone(), config);
                if edge
                    .place
                    .lookup()
                    .and_then(|lookup| lookup.resolver.as_ref())
                    .is_some_and(|named| named.is_secure())
                {
                    let config =
                        made.of_resolver(&edge.trust, || format!("edge \"{}\": its resolver", edge.id.edge))?;
                    resolver_tls.insert(edge.id.clone(), config);
                }
            }
            if let Some(origin) = &environment.origin {
                let config =
                    made.config(&origin.trust, origin.scheme, || format!("{}: [origin]", environment.source))?;
                origins.insert(Arc::clone(&environment.name), config);
            }
        }
        Ok(Self {
            clock,
            http,
            resolvers: Resolvers::new(),
            edges,
            origins,
            resolver_tls,
            stations,
            literal: inventory.secrets.literal(),
        })
    }

    /// Where an edge is, for that host where it is known by the tenant's own name.
    pub async fn found(&self, edge: &Edge, host: Option<&Arc<str>>) -> Result<Found, Silence> {
        let wanted = Wanted {
            place: &edge.place,
            host,
            port: edge.port,
            family: edge.family,
            addresses: edge.addresses,
            timeout: edge.pace.connect_timeout,
            tls: self.resolver_tls.get(&edge.id),
        };
        self.resolvers.find(&wanted).await
    }

    /// A client for one address of an edge that was set up.
    pub(super) fn client(&self, edge: &Edge, address: SocketAddr) -> Option<Client> {
        let tls = self.edges.get(&edge.id)?;
        Some(Client::new(address, self.settings(edge.scheme, &edge.pace, edge.coalesce, tls)))
    }

    /// Names lead where was typed, for edges known by name and for the origin.
    #[must_use]
    pub fn with(self, detours: Detours) -> Self {
        Self { resolvers: Resolvers::with(detours), ..self }
    }

    fn settings(&self, scheme: Scheme, pace: &Pace, coalesce: bool, tls: &Arc<rustls::ClientConfig>) -> Settings {
        Settings {
            connect_timeout: pace.connect_timeout,
            connections: pace.connections,
            coalesce,
            http: self.http,
            keep: pace.concurrency,
            ..Settings::new(scheme, Arc::clone(tls), self.clock)
        }
    }
}

/// Configurations made so far: parsing the system's roots for each of 300 edges would take seconds.
struct Made {
    http: Http,
    clock: Clock,
    configs: Vec<(Trust, Arc<rustls::ClientConfig>)>,
    of_resolvers: Vec<(Trust, Arc<rustls::ClientConfig>)>,
}

impl Made {
    fn config(
        &mut self,
        trust: &Trust,
        scheme: Scheme,
        place: impl FnOnce() -> String,
    ) -> Result<Arc<rustls::ClientConfig>, WireError> {
        // Plain HTTP trusts nobody; what stands in for it is never used.
        let nobody = Trust { insecure: true, ..Trust::default() };
        let trust = if scheme == Scheme::Https { trust } else { &nobody };
        if let Some((_, config)) = self.configs.iter().find(|(known, _)| known == trust) {
            return Ok(Arc::clone(config));
        }
        let config =
            tls::config(trust, self.http, self.clock).map_err(|source| WireError { place: place(), source })?;
        let config = Arc::new(config);
        self.configs.push((trust.clone(), Arc::clone(&config)));
        Ok(config)
    }

    /// A resolver is verified by the edge's authorities, whatever is accepted of the edge, and is not shown who we are.
    fn of_resolver(
        &mut self,
        trust: &Trust,
        place: impl FnOnce() -> String,
    ) -> Result<Arc<rustls::ClientConfig>, WireError> {
        let trust = Trust { authorities: trust.authorities.clone(), ..Trust::default() };
        if let Some((_, config)) = self.of_resolvers.iter().find(|(known, _)| *known == trust) {
            return Ok(Arc::clone(config));
        }
        let mut config =
            tls::config(&trust, self.http, self.clock).map_err(|source| WireError { place: place(), source })?;
        // Each way to ask brings its own protocol.
        config.alpn_protocols.clear();
        let config = Arc::new(config);
        self.of_resolvers.push((trust, Arc::clone(&config)));
        Ok(config)
    }
}

impl Network for Wire {
    type Client = Client;

    async fn edge(&self, edge: &Edge, host: Option<&Arc<str>>) -> Result<Vec<Door<Client>>, Silence> {
        let found = self.found(edge, host).await?;
        let led = led(edge, host, &found);
        let door = |address| {
            let client = self.client(edge, address)?;
            let (through, led) = (found.through.clone(), led.clone());
            Some(Door { address, through, client, resolve: found.took, scope: found.scope, led })
        };
        let doors: Option<Vec<_>> = found.addresses.iter().copied().map(door).collect();
        doors.ok_or_else(|| not_set_up(&edge.id.edge))
    }

    async fn origin(&self, environment: &str, origin: &Origin, authority: &str) -> Result<Vec<Client>, Silence> {
        let Some(tls) = self.origins.get(environment) else {
            return Err(not_set_up(authority));
        };
        let (place, port) = placed(authority, origin.scheme);
        let timeout = origin.pace.connect_timeout;
        let (family, addresses) = (origin.family, Addresses::All);
        let wanted = Wanted { place: &place, host: None, port, family, addresses, timeout, tls: None };
        let found = self.resolvers.find(&wanted).await?;
        let client = |address| Client::new(address, self.settings(origin.scheme, &origin.pace, true, tls));
        Ok(found.addresses.iter().copied().map(client).collect())
    }

    async fn survey(&self, edge: &Edge, ask: &Ask, until: Instant) -> Result<Vec<Sighting>, Silence> {
        let Some(station) = self.stations.get(&edge.id) else { return Err(not_set_up(&edge.id.edge)) };
        station.survey(ask, edge.port, until).await
    }
}

/// The way that a name led, where somebody else might have been found there.
fn led(edge: &Edge, host: Option<&Arc<str>>, found: &Found) -> Option<Arc<str>> {
    let name = match &edge.place {
        Place::Address(..) | Place::Proxy(_) | Place::Vantage(_) => return None,
        Place::Hostname { name, .. } => name,
        Place::Tenant(_) => host?,
    };
    let is_expected = edge.pop.is_some() || edge.provider.is_some();
    is_expected.then(|| found.way(name).into())
}

pub(super) fn not_set_up(whose: &str) -> Silence {
    Silence::new(Phase::Tls, whose, "its TLS was not set up")
}

/// The authority of a URL as a place to look up; an address is one that leads to itself.
fn placed(authority: &str, scheme: Scheme) -> (Place, u16) {
    let after_brackets = authority.rfind(']').map_or(0, |end| end + 1);
    let (name, port) = match authority[after_brackets..].rsplit_once(':') {
        Some((_, port)) => (&authority[..authority.len() - port.len() - 1], port.parse().ok()),
        None => (authority, None),
    };
    let name = name.trim_matches(['[', ']']).into();
    let place = Place::Hostname { name, lookup: Lookup::default() };
    (place, port.unwrap_or(scheme.default_port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_a_name_or_an_address_and_a_port() {
        let name = |name: &str| Place::Hostname { name: name.into(), lookup: Lookup::default() };
        for (authority, place, port) in [
            ("o.example", name("o.example"), 443),
            ("o.example:8443", name("o.example"), 8443),
            ("127.0.0.1:8080", name("127.0.0.1"), 8080),
            ("[::1]:8080", name("::1"), 8080),
            ("[::1]", name("::1"), 443),
        ] {
            assert_eq!(placed(authority, Scheme::Https), (place, port), "{authority}");
        }
    }
}
