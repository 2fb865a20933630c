//! One edge: everything that belongs to it alone, and the walk over all objects at its own pace.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use super::afar::Afar;
use super::asks::{Asks, Body as WantBody};
use super::doors::{Doors, Post};
use super::origin::At;
use super::pace::Rate;
use super::reference::Cell;
use super::run::Run;
use super::signs::Remarks;
use super::witnesses::Witnesses;
use super::{Network, Thing, breaker, pause_before};
use crate::clock::Clock;
use crate::dialect;
use crate::model::{Ask, Berth, Edge, Inventory, Observation, Reading, Silence, Vendor};
use crate::probe::{Fetch as _, is_ours};

/// An edge under way.
pub(super) struct Lane<N: Network> {
    pub(super) run: Arc<Run<N>>,
    pub(super) berth: Berth,
    pub(super) doors: Doors<N::Client>,
    /// Where a vendor asks for us.
    pub(super) afar: Option<Afar>,
    pub(super) rate: Rate,
    pub(super) asks: Asks,
    pub(super) answered: AtomicU64,
    /// Something came of a request, were it a refusal.
    pub(super) is_awake: AtomicBool,
    pub(super) remarks: Mutex<Remarks>,
    pub(super) witnesses: Witnesses,
    pub(super) company: Mutex<Company>,
}

/// One object at this edge, with what is known of its reference.
pub(super) struct Spot<'r, N: Network> {
    pub(super) object: u32,
    /// Index of the tenant.
    pub(super) tenant: usize,
    pub(super) thing: Thing<'r>,
    pub(super) cell: &'r Cell,
    pub(super) at: At<'r, N>,
}

/// Who answered here.
#[derive(Debug, Clone, Default)]
pub(super) struct Company {
    /// With the provider whose POP it is.
    pub(super) pops: BTreeSet<(&'static str, String)>,
    pub(super) providers: BTreeSet<&'static str>,
    pub(super) tls: BTreeSet<String>,
}

/// What is sent to that edge. A vendor that asks by itself sends what it likes.
pub(super) fn asks(inventory: &Inventory, edge: &Edge, max_body: u64) -> Asks {
    let fixed = edge.place.vantage().is_some_and(|vantage| vantage.vendor == Vendor::FastlyEdgeCheck);
    let debug = if edge.debug_headers && !fixed {
        dialect::debug_fields(edge.provider.as_deref())
    } else {
        http::HeaderMap::new()
    };
    Asks::new(&inventory.variants, &debug, &edge.headers, max_body).around(inventory.secrets.literal())
}

impl<N: Network> Lane<N> {
    /// Looks up where the edge is, and begins to dial it.
    pub(super) async fn open(run: Arc<Run<N>>, berth: Berth) -> Self {
        let described = run.edge(berth);
        let rate = Rate::new(described.pace.rate);
        let asks = asks(&run.inventory, described, run.options.max_body);
        let afar = described.place.vantage().map(|vantage| {
            Afar::new(Arc::clone(vantage), run.allotted.get(&described.id).cloned().unwrap_or_default())
        });
        let doors = tokio::select! {
            doors = Doors::open(&run.network, described) => doors,
            _ = run.stop.wait() => Doors::unopened(described),
        };
        let lane = Self {
            berth,
            doors,
            afar,
            rate,
            asks,
            answered: AtomicU64::new(0),
            is_awake: AtomicBool::new(false),
            remarks: Mutex::default(),
            witnesses: Witnesses::default(),
            company: Mutex::default(),
            run,
        };
        lane.warm_all();
        lane
    }

    /// Dials while the origin is asked: by the time its answer is there, only the requests are left to send.
    fn warm_all(&self) {
        if let Some(first) = self.run.order(self.berth.environment).first() {
            let first = self.run.spot(self.berth.environment, *first);
            self.doors.found().iter().for_each(|post| self.warm(post, &first.thing, self.at_once()));
        }
    }

    pub(super) fn warm(&self, post: &Post<N::Client>, thing: &Thing<'_>, requests: usize) {
        let ask = self.asks.edge(self.edge(), thing, WantBody::Leave, false);
        post.door.client.warm(&Ask { through: post.door.through.clone(), ..ask }, requests);
    }

    /// Requests that are sure to come together.
    pub(super) fn at_once(&self) -> usize {
        if self.run.options.keep_all { self.run.plan.objects(self.berth.environment) as usize } else { 1 }
    }

    pub(super) fn edge(&self) -> &Edge {
        self.run.edge(self.berth)
    }

    /// Sends one request to the edge within its limits; again, where that may help.
    pub(super) async fn ask(
        &self,
        post: &Post<N::Client>,
        spot: &Spot<'_, N>,
        body: WantBody,
        alone: bool,
    ) -> Result<Observation, Silence> {
        let edge = self.edge();
        let ask = Ask {
            scheme: post.scheme,
            through: post.door.through.clone(),
            ..self.asks.edge(edge, &spot.thing, body, alone)
        };
        let mut patience = None;
        let mut attempt = 0;
        loop {
            if let Some(silence) = post.breaker.refuses() {
                return Err(silence);
            }
            let silence = match self.ask_once(post, &ask).await {
                Ok(observation) => return Ok(observation),
                Err(silence) => silence,
            };
            // Too few descriptors or ports are ours to wait for, not the edge's to answer for.
            let now = Clock::now();
            // The first try has had its timeout.
            let ours = is_ours(&silence) && now < *patience.get_or_insert(now + edge.pace.timeout * 3);
            if !ours && (attempt == self.run.options.retry || silence.host_not_served) {
                return Err(silence);
            }
            attempt += u32::from(!ours);
            tokio::time::sleep(pause_before(attempt.max(1))).await;
        }
    }

    async fn ask_once(&self, post: &Post<N::Client>, ask: &Ask) -> Result<Observation, Silence> {
        let _permit = self.rate.turn(self.run.permits.as_ref()).await;
        let began = Clock::now();
        self.run.progress.requested();
        let fetched = post.door.client.fetch(ask, began + self.edge().pace.timeout).await;
        if !fetched.as_ref().is_err_and(Silence::is_timeout) {
            self.is_awake.store(true, Relaxed);
        }
        match fetched {
            Ok(mut observation) => {
                post.breaker.answered();
                observation.timings.resolve = post.door.resolve;
                Ok(observation)
            }
            Err(silence) => {
                let silence = if ask.through.is_some() { breaker::past_a_proxy(silence) } else { silence };
                if !is_ours(&silence) {
                    post.breaker.failed(&silence, began);
                }
                Err(silence)
            }
        }
    }

    /// The command that asks the same again.
    pub(super) fn reproduce(&self, spot: &Spot<'_, N>, post: Option<&Post<N::Client>>) -> String {
        if let Some(afar) = &self.afar {
            return super::reproduce::from_afar(&afar.vantage, &self.afar_ask(spot), self.edge().port);
        }
        let body = if self.run.options.always_bodies() { WantBody::Digest } else { WantBody::Leave };
        let ask = self.asks.edge(self.edge(), &spot.thing, body, false);
        let ask = Ask { through: post.and_then(|post| post.door.through.clone()), ..ask };
        super::reproduce::reproduce(&ask, post.map(|post| post.door.address), &self.edge().trust)
    }

    /// Notes who answered.
    pub(super) fn met(&self, observation: &Observation, reading: &Reading) {
        let mut company = self.company.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pop) = &reading.pop
            && !company.pops.iter().any(|(provider, known)| (*provider, known) == (reading.provider, pop))
        {
            company.pops.insert((reading.provider, pop.clone()));
        }
        if reading.provider != "unknown" {
            company.providers.insert(reading.provider);
        }
        if let Some(tls) = &observation.tls
            && !company.tls.contains(&tls.version)
        {
            company.tls.insert(tls.version.clone());
        }
    }
}
