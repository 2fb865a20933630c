//! The lab as it runs: the model, its listeners, and the story of a purge told on it. It never probes itself.

use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_rustls::TlsAcceptor;

use super::LabError;
use super::authority::{Authority, server};
use super::cache::{CacheId, Keeping};
use super::cdn::Cdn;
use super::key::Scope;
use super::listener::{Fault, Listener, Site};
use super::options::{Certificates, EdgePlan, Options, RegionPlan, Shields, host_of};
use super::origin::{Origin, Version};
use super::planted::Planted;
use super::purge::Purge;
use super::station::Station;
use super::voice::Voice;
use crate::clock::Clock;
use crate::model::Timestamp;

/// How long before the start the first version was deployed.
const DEPLOYED_AGO: Duration = Duration::from_secs(26 * 60 * 60);
/// By what the edges' delays are drawn.
const SPREAD_SEED: u64 = 1;
/// How much earlier than its edges a shield was filled, and a shield behind it than that one. More than the time over
/// which a warm cache's copies are spread, so that every copy came by way of the shield.
const SHIELD_LEAD: Duration = Duration::from_secs(5 * 60);

/// A CDN on loopback. Everything it started ends when it is dropped.
pub struct Lab {
    options: Options,
    clock: Clock,
    cdn: Arc<Mutex<Cdn>>,
    shields: Vec<(String, CacheId)>,
    edges: Vec<RunningEdge>,
    origin: Listener,
    listeners: Vec<Listener>,
    ca_pem: Option<String>,
}

/// One edge, and where it listens.
#[derive(Debug, Clone)]
pub struct RunningEdge {
    /// Its region's key.
    pub region: &'static str,
    /// Its name.
    pub name: String,
    /// Its POP's code.
    pub pop: &'static str,
    /// Whose words it uses.
    pub voice: Voice,
    /// Where it listens.
    pub address: SocketAddr,
    /// Its servers' caches in the model.
    pub caches: Vec<CacheId>,
}

impl Lab {
    /// Starts all of it: version 1 of everything was deployed a day ago, and lies in every cache unless they are to be
    /// empty. Returns when every address listens.
    pub async fn start(options: Options) -> Result<Self, LabError> {
        let clock = Clock::start();
        let now = clock.wall();
        let mut cdn = Cdn::new(origin(&options, now));
        let filled = |layer: u32| options.filled_ago.map(|ago| ago_from(now, ago + SHIELD_LEAD * layer));
        let shields = add_shields(&mut cdn, &options, filled);
        let caches: Vec<Vec<CacheId>> = options
            .edges()
            .map(|(region, plan)| add_edge(&mut cdn, &options, region, *plan, &shields, filled(0)))
            .collect();

        let cdn = Arc::new(Mutex::new(cdn));
        let authority = if options.tls { Some(Authority::new()?) } else { None };
        let names = certificate_names(&options);
        let certificates = authority.as_ref().map(|authority| authority.certificates(&names)).transpose()?;
        let listen = |caches| {
            let site = Site {
                cdn: Arc::clone(&cdn),
                clock,
                caches,
                turn: AtomicUsize::new(0),
                fault: Mutex::new(None),
                http1_only: options.http1_only,
            };
            let server = certificates.clone().map(|certificates| server(certificates, options.http1_only)).transpose();
            async move { Listener::start(site, server?.map(TlsAcceptor::from)).await }
        };
        let origin = listen(Vec::new()).await?;
        let mut listeners = Vec::with_capacity(caches.len());
        let mut edges = Vec::with_capacity(caches.len());
        for ((region, plan), caches) in options.edges().zip(caches) {
            let listener = listen(caches.clone()).await?;
            edges.push(RunningEdge {
                region: region.key,
                name: plan.name(),
                pop: plan.pop,
                voice: plan.voice,
                address: listener.address,
                caches,
            });
            listeners.push(listener);
        }
        let ca_pem = authority.map(|authority| authority.pem());
        Ok(Self { options, clock, cdn, shields, edges, origin, listeners, ca_pem })
    }

    /// What it was started with.
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Its edges, in the order of the regions.
    pub fn edges(&self) -> &[RunningEdge] {
        &self.edges
    }

    /// Where the origin listens.
    pub const fn origin(&self) -> SocketAddr {
        self.origin.address
    }

    /// The certificate of the authority that signed every listener's; none without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// The caches of an edge, or the one of a shield; none of an unknown name.
    pub fn caches(&self, name: &str) -> Vec<CacheId> {
        let edge = self.edges.iter().find(|edge| edge.name == name);
        edge.map_or_else(|| named(&self.shields, name).into_iter().collect(), |edge| edge.caches.clone())
    }

    /// Looks into the model, or changes it, at a moment that is now. Everybody waits meanwhile.
    pub fn with<T>(&self, act: impl FnOnce(&mut Cdn, Timestamp) -> T) -> T {
        let mut cdn = self.cdn.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.wall();
        act(&mut cdn, now)
    }

    /// The origin has a new version of everything.
    pub fn deploy(&self) -> Version {
        self.with(|cdn, now| cdn.origin.deploy(&Scope::Everything, None, now))
    }

    /// Purges everything, everywhere and at once, except for what is planted; says when it began.
    pub fn purge(&self, planted: &Planted) -> Timestamp {
        let caches = [&planted.missed_edge, &planted.missed_shield].into_iter().flatten();
        let caches: Vec<CacheId> = caches.flat_map(|name| self.caches(name)).collect();
        self.with(|cdn, now| {
            let purge = Purge::new(Scope::Everything, now);
            let purge = match planted.arrives_within {
                Some(longest) => {
                    let shields = self.shields.iter().map(|(_, cache)| *cache);
                    shields.fold(purge.spreading(SPREAD_SEED, longest), |purge, shield| purge.arriving(shield, now))
                }
                None => purge,
            };
            let purge = caches.into_iter().fold(purge, Purge::lost_for);
            cdn.purge(match &planted.missed_tenant {
                Some(tenant) => purge.missing_host(&host_of(tenant)),
                None => purge,
            });
            now
        })
    }

    /// From now on nobody listens at that edge's address. False where there is no such edge.
    pub async fn close(&mut self, edge: &str) -> bool {
        let Some(index) = self.edges.iter().position(|running| running.name == edge) else { return false };
        self.listeners[index].close().await;
        true
    }

    /// From now on that edge fails in this way, or no longer. False where there is no such edge.
    pub fn fault(&self, edge: &str, fault: Option<Fault>) -> bool {
        let listener = self.edges.iter().zip(&self.listeners).find(|(running, _)| running.name == edge);
        if let Some((_, listener)) = listener {
            *listener.site.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        }
        listener.is_some()
    }

    /// From now on nobody listens at the origin's address.
    pub async fn close_origin(&mut self) {
        self.origin.close().await;
    }

    /// Ends everything, and returns when it has ended.
    pub async fn shutdown(mut self) {
        self.close_origin().await;
        for listener in &mut self.listeners {
            listener.close().await;
        }
    }
}

/// An edge's servers, behind its region's shield: `fra`, `fra-2` and so on.
fn add_edge(
    cdn: &mut Cdn,
    options: &Options,
    region: &RegionPlan,
    plan: EdgePlan,
    shields: &[(String, CacheId)],
    filled: Option<Timestamp>,
) -> Vec<CacheId> {
    let parent = options.shield_of(region.key).and_then(|name| named(shields, &name));
    let name = |server| if server == 1 { plan.name() } else { format!("{}-{server}", plan.name()) };
    (1..=plan.servers.max(1))
        .map(|server| {
            let id = cdn.add(Station::new(&name(server), plan.pop, plan.voice), parent, Keeping::default());
            if let Some(at) = filled {
                cdn.warm(id, at);
            }
            id
        })
        .collect()
}

/// The names of each certificate.
fn certificate_names(options: &Options) -> Vec<Vec<String>> {
    match options.certificates {
        Certificates::Wildcard => vec![vec!["*.lab.example".to_owned(), "localhost".to_owned()]],
        Certificates::PerTenant => options.tenant_ids().map(|tenant| vec![host_of(&tenant)]).collect(),
    }
}

fn origin(options: &Options, now: Timestamp) -> Origin {
    let mut origin = Origin::default();
    origin.validators = options.validators;
    origin.tags = options.tags;
    origin.methods = options.methods;
    for tenant in options.tenant_ids() {
        origin.add_host(&host_of(&tenant));
    }
    for path in &options.paths {
        origin.add_page(path.split('?').next().unwrap_or(path), options.page.clone());
    }
    origin.deploy(&Scope::Everything, None, ago_from(now, DEPLOYED_AGO));
    origin
}

/// Shields by name. A regional shield speaks as its region's first edge does, and stands at that edge's POP.
fn add_shields(cdn: &mut Cdn, options: &Options, filled: impl Fn(u32) -> Option<Timestamp>) -> Vec<(String, CacheId)> {
    let mut shields = Vec::new();
    let mut add = |cdn: &mut Cdn, name: String, at: EdgePlan, parent, layer| {
        let id = cdn.add(Station::new(&name, at.pop, at.voice), parent, Keeping::default());
        if let Some(at) = filled(layer) {
            cdn.warm(id, at);
        }
        shields.push((name, id));
        id
    };
    let first = options.edges().next().map(|(_, edge)| *edge);
    let root = match (options.shields, first) {
        (Shields::One, Some(edge)) => Some(add(cdn, "shield".to_owned(), edge, None, 1)),
        (Shields::Tiered, Some(edge)) => Some(add(cdn, "shield".to_owned(), edge, None, 2)),
        _ => None,
    };
    if matches!(options.shields, Shields::PerRegion | Shields::Tiered) {
        for region in &options.regions {
            if let (Some(name), Some(edge)) = (options.shield_of(region.key), region.edges.first()) {
                add(cdn, name, *edge, root, 1);
            }
        }
    }
    shields
}

fn named(shields: &[(String, CacheId)], name: &str) -> Option<CacheId> {
    shields.iter().find(|(shield, _)| shield == name).map(|(_, id)| *id)
}

fn ago_from(now: Timestamp, ago: Duration) -> Timestamp {
    now.checked_sub(ago).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
