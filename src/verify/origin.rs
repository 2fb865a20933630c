//! Asks the origin, at its own pace.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, Semaphore};

use super::asks::{Asks, Body as WantBody};
use super::pace::Rate;
use super::reference::Told;
use super::run::Run;
use super::{Network, Thing};
use crate::clock::Clock;
use crate::model::{Observation, Origin, Phase, Silence};
use crate::probe::Fetch as _;

/// Asks for one object's reference.
pub(super) trait Asker: Sync {
    /// Once, with or without the body.
    fn ask(&self, with_body: bool) -> impl Future<Output = Result<Observation, Silence>> + Send;
    /// How many looks a reference takes.
    fn samples(&self) -> u32;
    /// Looks need not wait for each other.
    fn at_once(&self) -> bool;
    /// Bodies are part of every look.
    fn always_bodies(&self) -> bool;
    /// Bodies may be asked for.
    fn bodies_allowed(&self) -> bool;
    /// What is known without asking.
    fn told(&self) -> Told;
}

/// The origin of one environment.
pub(super) struct Source<N: Network> {
    environment: Arc<str>,
    origin: Origin,
    rate: Rate,
    permits: Semaphore,
    doors: Mutex<BTreeMap<String, Arc<Doors<N>>>>,
    asks: Asks,
}

type Doors<N> = OnceCell<Result<Vec<<N as Network>::Client>, Silence>>;

impl<N: Network> Source<N> {
    pub(super) fn new(environment: Arc<str>, origin: Origin, asks: Asks) -> Self {
        Self {
            environment,
            rate: Rate::new(origin.pace.rate),
            permits: Semaphore::new(origin.pace.concurrency),
            doors: Mutex::default(),
            origin,
            asks,
        }
    }

    /// Where an object is asked for.
    pub(super) fn url(&self, thing: &Thing<'_>) -> String {
        let authority = super::asks::fill(&self.origin.authority, thing);
        let ask = self.asks.origin(&self.origin, thing, WantBody::Leave);
        format!("{}://{authority}{}", ask.scheme.id(), ask.path)
    }

    pub(super) const fn samples(&self) -> u32 {
        self.origin.samples
    }

    pub(super) const fn concurrency(&self) -> usize {
        self.origin.pace.concurrency
    }

    /// Connections opened so far.
    pub(super) fn connections(&self) -> u64 {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        let open = doors.values().filter_map(|doors| doors.get()?.as_ref().ok());
        open.flatten().map(crate::probe::Fetch::connections).sum()
    }

    fn doors(&self, authority: &str) -> Arc<Doors<N>> {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        match doors.get(authority) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(doors.entry(authority.to_owned()).or_default()),
        }
    }

    /// Asks the first of its addresses that can be connected to; again, where that may help.
    async fn ask(&self, run: &Run<N>, thing: &Thing<'_>, with_body: bool) -> Result<Observation, Silence> {
        let authority = super::asks::fill(&self.origin.authority, thing);
        let doors = self.doors(&authority);
        let clients = match doors.get_or_init(|| run.network.origin(&self.environment, &self.origin, &authority)).await
        {
            Ok(clients) => clients,
            Err(silence) => return Err(silence.clone()),
        };
        let body = match (with_body, run.options.bodies_allowed()) {
            (true, true) => WantBody::Digest,
            (true, false) => WantBody::LeaveByGet,
            (false, _) => WantBody::Leave,
        };
        let ask = self.asks.origin(&self.origin, thing, body);
        let mut last = None;
        for attempt in 0..=run.options.retry {
            if attempt > 0 {
                tokio::time::sleep(super::pause_before(attempt)).await;
            }
            for client in clients {
                let _turn = self.permits.acquire().await;
                let _permit = self.rate.turn(run.permits.as_ref()).await;
                run.progress.requested();
                match client.fetch(&ask, Clock::now() + self.origin.pace.timeout).await {
                    Ok(observation) => return Ok(observation),
                    Err(silence) => {
                        let next_address_may_do = silence.phase == Phase::Connect;
                        last = Some(silence);
                        if !next_address_may_do {
                            break;
                        }
                    }
                }
            }
        }
        Err(last.unwrap_or_else(|| Silence::new(Phase::Dns, &authority, "no address")))
    }
}

/// One object at its origin.
pub(super) struct At<'r, N: Network> {
    pub(super) run: &'r Run<N>,
    pub(super) source: Option<&'r Source<N>>,
    pub(super) thing: Thing<'r>,
    /// Environment and tenant, where the object is one of the plan.
    pub(super) planned: Option<(usize, usize)>,
}

impl<N: Network> Asker for At<'_, N> {
    async fn ask(&self, with_body: bool) -> Result<Observation, Silence> {
        match self.source {
            Some(source) => source.ask(self.run, &self.thing, with_body).await,
            None => Err(Silence::new(Phase::Dns, "origin", "none is named")),
        }
    }

    fn samples(&self) -> u32 {
        self.source.map_or(0, Source::samples)
    }

    fn at_once(&self) -> bool {
        self.run.options.keep_all
    }

    fn always_bodies(&self) -> bool {
        self.run.options.always_bodies()
    }

    fn bodies_allowed(&self) -> bool {
        self.run.options.bodies_allowed()
    }

    fn told(&self) -> Told {
        let told = self.planned.map(|(environment, tenant)| self.run.told(environment, tenant, &self.thing));
        let (host, path) = (Arc::clone(self.thing.host), super::asks::filled(self.thing.path, &self.thing));
        Told { host, path, ..told.unwrap_or_default() }
    }
}
