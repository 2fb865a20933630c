//! Where an edge is dialled: at addresses found once, or for each tenant where its own name leads, through a proxy too.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::breaker::Breaker;
use super::lane::Lane;
use super::{Door, Network, Thing};
use crate::model::{Edge, Phase, Scheme, Silence};
use crate::probe::Fetch;

/// One address of the edge.
pub(super) struct Post<C> {
    pub(super) door: Door<Arc<C>>,
    pub(super) scheme: Scheme,
    pub(super) breaker: Arc<Breaker>,
}

impl<C> Post<C> {
    pub(super) fn new(Door { address, through, client, resolve, scope, led }: Door<C>, scheme: Scheme) -> Self {
        let door = Door { address, through, client: Arc::new(client), resolve, scope, led };
        Self { door, scheme, breaker: Arc::default() }
    }
}

impl<C> Clone for Post<C> {
    fn clone(&self) -> Self {
        Self { door: self.door.clone(), scheme: self.scheme, breaker: Arc::clone(&self.breaker) }
    }
}

/// The addresses of one host.
pub(super) type Posts<C> = Arc<[Post<C>]>;

/// The addresses of an edge.
pub(super) enum Doors<C> {
    /// The same for every tenant.
    Fixed(Result<Posts<C>, Silence>),
    /// Where each tenant's own name leads, us or a proxy.
    ByHost(Mutex<Known<C>>),
}

/// What was found so far.
pub(super) struct Known<C> {
    hosts: BTreeMap<Arc<str>, Posts<C>>,
    /// Hosts that lead to the same address share its client.
    open: BTreeMap<SocketAddr, Post<C>>,
    scheme: Scheme,
    /// Addresses of the host that has most of them.
    most: usize,
}

impl<C: Fetch> Doors<C> {
    /// Looks up what is the same for every tenant.
    pub(super) async fn open<N: Network<Client = C>>(network: &N, edge: &Edge) -> Self {
        if edge.place.is_by_host() {
            return Self::ByHost(Mutex::new(Known {
                hosts: BTreeMap::new(),
                open: BTreeMap::new(),
                scheme: edge.scheme,
                most: 0,
            }));
        }
        if edge.place.vantage().is_some() {
            return Self::Fixed(Ok(Arc::new([])));
        }
        Self::Fixed(
            network
                .edge(edge, None)
                .await
                .map(|doors| doors.into_iter().map(|door| Post::new(door, edge.scheme)).collect()),
        )
    }

    /// Nobody had the time to look.
    pub(super) fn unopened(edge: &Edge) -> Self {
        Self::Fixed(Err(Silence::new(Phase::Deadline, &edge.id.edge, "not asked: the run ended first")))
    }

    /// The most addresses that one host has, as far as they are known.
    pub(super) fn most(&self) -> usize {
        match self {
            Self::Fixed(posts) => posts.as_ref().map_or(0, |posts| posts.len()),
            Self::ByHost(known) => locked(known).most,
        }
    }

    /// Every address found so far.
    pub(super) fn found(&self) -> Vec<Post<C>> {
        match self {
            Self::Fixed(posts) => posts.iter().flat_map(|posts| posts.iter().cloned()).collect(),
            Self::ByHost(known) => locked(known).open.values().cloned().collect(),
        }
    }

    /// For how many bits of the client subnet answers were made.
    pub(super) fn scopes(&self) -> BTreeSet<Option<u8>> {
        match self {
            Self::Fixed(posts) => posts.iter().flat_map(|posts| posts.iter()).map(|post| post.door.scope).collect(),
            Self::ByHost(known) => {
                locked(known).hosts.values().flat_map(|posts| posts.iter()).map(|post| post.door.scope).collect()
            }
        }
    }
}

impl<N: Network> Lane<N> {
    /// The addresses to ask for that host.
    pub(super) async fn posts(&self, thing: &Thing<'_>) -> Result<Posts<N::Client>, Silence> {
        let host = thing.host;
        let known = match &self.doors {
            Doors::Fixed(posts) => return posts.clone(),
            Doors::ByHost(known) => known,
        };
        if let Some(posts) = locked(known).hosts.get(host) {
            return Ok(Arc::clone(posts));
        }
        let doors = self.run.network.edge(self.edge(), Some(host)).await?;
        let mut known = locked(known);
        let mut post = |door: Door<_>| {
            let is_new = !known.open.contains_key(&door.address);
            let post = known.post(door);
            if is_new {
                self.warm(&post, thing, self.at_once());
            }
            post
        };
        let posts: Posts<_> = doors.into_iter().map(&mut post).collect();
        known.most = known.most.max(posts.len());
        known.hosts.insert(Arc::clone(host), Arc::clone(&posts));
        Ok(posts)
    }
}

impl<C> Known<C> {
    fn post(&mut self, door: Door<C>) -> Post<C> {
        let (address, resolve, scope) = (door.address, door.resolve, door.scope);
        let (through, led) = (door.through.clone(), door.led.clone());
        let mut post = self.open.entry(address).or_insert_with(|| Post::new(door, self.scheme)).clone();
        post.door = Door { through, resolve, scope, led, ..post.door };
        post
    }
}

fn locked<C>(known: &Mutex<Known<C>>) -> MutexGuard<'_, Known<C>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
