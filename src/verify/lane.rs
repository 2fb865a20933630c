//! One edge: everything that belongs to it alone, and the walk over all objects at its own pace.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;
use futures::stream::{FuturesOrdered, FuturesUnordered};

use super::accuse::Settled;
use super::asks::{Asks, Body as WantBody};
use super::breaker::Breaker;
use super::draft::Draft;
use super::look::Sight;
use super::origin::At;
use super::pace::Rate;
use super::reference::Cell;
use super::run::Run;
use super::{Door, Network, Thing, pause_before};
use crate::clock::Clock;
use crate::model::{Edge, Observation, Phase, Reading, Silence, Verdict};
use crate::probe::{Fetch as _, is_ours};
use crate::{dialect, judge};

/// An edge under way.
pub(super) struct Lane<N: Network> {
    pub(super) run: Arc<Run<N>>,
    pub(super) berth: Berth,
    posts: Result<Vec<Post<N::Client>>, Silence>,
    rate: Rate,
    asks: Asks,
    answered: AtomicU64,
    company: Mutex<Company>,
}

/// Which edge a lane is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Berth {
    /// Index of the environment.
    pub(super) environment: usize,
    /// Index of the edge within it.
    pub(super) edge: usize,
    /// Place among all lanes, in the report's order.
    pub(super) number: u32,
}

/// One address of the edge.
pub(super) struct Post<C> {
    pub(super) door: Door<C>,
    breaker: Breaker,
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
    pub(super) pops: BTreeSet<String>,
    pub(super) providers: BTreeSet<&'static str>,
    pub(super) tls: BTreeSet<String>,
}

/// What a lane leaves behind.
#[derive(Debug)]
pub(super) struct Lap {
    pub(super) berth: Berth,
    /// By object; nothing where it was not asked.
    pub(super) verdicts: Box<[Option<Verdict>]>,
    pub(super) addresses: Vec<String>,
    pub(super) connections: u64,
    pub(super) company: Company,
    /// Checks that got an answer.
    pub(super) answered: u64,
    /// Stands for all that were not asked, where there are any.
    pub(super) unreached: Option<Box<Draft>>,
}

impl<N: Network> Lane<N> {
    /// Looks up where the edge is.
    pub(super) async fn open(run: Arc<Run<N>>, berth: Berth) -> Self {
        let described = run.edge(berth);
        let rate = Rate::new(described.pace.rate);
        let debug = if described.debug_headers {
            dialect::debug_fields(described.provider.as_deref())
        } else {
            http::HeaderMap::new()
        };
        let asks = Asks::new(&run.inventory.variants, &debug, &described.headers, run.options.max_body);
        let found = tokio::select! {
            found = run.network.edge(described) => found,
            _ = run.stop.wait() => Err(Silence::new(Phase::Deadline, &described.id.edge, "not asked: the run ended first")),
        };
        let posts =
            found.map(|doors| doors.into_iter().map(|door| Post { door, breaker: Breaker::default() }).collect());
        Self { berth, posts, rate, asks, answered: AtomicU64::new(0), company: Mutex::default(), run }
    }

    pub(super) fn edge(&self) -> &Edge {
        self.run.edge(self.berth)
    }

    /// Walks over all objects. Here, and nowhere else, an edge's requests run side by side.
    pub(super) async fn walk(self) -> Lap {
        let objects = self.run.plan.objects(self.berth.environment);
        let mut verdicts = vec![None; objects as usize].into_boxed_slice();
        let mut ahead = 0..objects;
        let mut under_way = FuturesUnordered::new();
        let mut stopped = std::pin::pin!(self.run.stop.wait());
        loop {
            while under_way.len() < self.edge().pace.concurrency
                && let Some(object) = ahead.next()
            {
                under_way.push(keyed(object, self.check(object)));
            }
            tokio::select! {
                biased;
                _ = &mut stopped => break,
                done = under_way.next() => match done {
                    Some((object, verdict)) => {
                        verdicts[object as usize] = Some(verdict);
                        self.run.settled(verdict);
                    }
                    None => break,
                },
            }
        }
        drop(under_way);
        self.lap(verdicts)
    }

    fn lap(&self, verdicts: Box<[Option<Verdict>]>) -> Lap {
        let posts = self.posts.as_deref().unwrap_or_default();
        Lap {
            berth: self.berth,
            unreached: self.report_unreached(&verdicts),
            verdicts,
            addresses: posts.iter().map(|post| post.door.address.to_string()).collect(),
            connections: posts.iter().map(|post| post.door.client.connections()).sum(),
            company: self.company.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            answered: self.answered.load(Relaxed),
        }
    }

    /// Keeps findings for what the run ended before; no more than can be kept at all.
    fn report_unreached(&self, verdicts: &[Option<Verdict>]) -> Option<Box<Draft>> {
        let unreached = (0..).zip(verdicts).filter(|(_, verdict)| verdict.is_none()).map(|(object, _)| object);
        let mut first = None;
        for object in unreached.take(self.run.options.drafts().max(1)) {
            let draft = self.unreached(&self.run.spot(self.berth.environment, object));
            match first {
                None => first = Some(Box::new(draft)),
                Some(_) => self.run.findings.keep(draft),
            }
        }
        first
    }

    /// One object, at each address of the edge: the worst counts.
    async fn check(&self, object: u32) -> Verdict {
        let spot = self.run.spot(self.berth.environment, object);
        let posts = match &self.posts {
            Ok(posts) => posts,
            Err(silence) => {
                self.report(&spot, None, &Settled::silent(silence.clone()));
                return Verdict::Unreachable;
            }
        };
        let known = spot.cell.first(&spot.at).await;
        let keep_all = self.run.options.keep_all;
        if let Some(ruling) = judge::without_asking(&known.reference).filter(|_| !keep_all) {
            self.report_unasked(&spot, &known, ruling);
            return ruling.verdict;
        }
        let mut worst: Option<(&Post<N::Client>, Settled)> = None;
        let at_once = if keep_all { posts.len() } else { 1 };
        let (mut ahead, mut under_way) = (posts.iter(), FuturesOrdered::new());
        loop {
            while under_way.len() < at_once
                && let Some(post) = ahead.next()
            {
                let known = Arc::clone(&known);
                under_way.push_back(keyed(post, self.settle(post, &spot, known)));
            }
            let Some((post, settled)) = under_way.next().await else { break };
            let rank = settled.sight.verdict().rank();
            if worst.as_ref().is_none_or(|(_, worst)| rank < worst.sight.verdict().rank()) {
                worst = Some((post, settled));
            }
        }
        let Some((post, settled)) = worst else { return Verdict::Unreachable };
        let verdict = settled.sight.verdict();
        if matches!(settled.sight, Sight::Answer(_)) {
            self.answered.fetch_add(1, Relaxed);
        }
        if keep_all || !verdict.is_good() {
            self.report(&spot, Some(post), &settled);
        }
        verdict
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
        let ask = self.asks.edge(edge, &spot.thing, body, alone);
        let mut attempt = 0;
        let patience = Clock::now() + edge.pace.timeout * 4;
        loop {
            if let Some(silence) = post.breaker.refuses() {
                return Err(silence);
            }
            self.rate.slot().await;
            let _permit = self.run.permits.acquire().await;
            let began = Clock::now();
            self.run.progress.requested();
            match post.door.client.fetch(&ask, began + edge.pace.timeout).await {
                Ok(mut observation) => {
                    post.breaker.answered();
                    observation.timings.resolve = post.door.resolve;
                    return Ok(observation);
                }
                // Too few descriptors or ports are ours to wait for, not the edge's to answer for.
                Err(silence) if is_ours(&silence) && Clock::now() < patience => {
                    tokio::time::sleep(pause_before(3)).await;
                    continue;
                }
                Err(silence) => {
                    post.breaker.failed(&silence, began);
                    if attempt == self.run.options.retry || silence.host_not_served {
                        return Err(silence);
                    }
                }
            }
            attempt += 1;
            tokio::time::sleep(pause_before(attempt)).await;
        }
    }

    /// The command that asks the same again.
    pub(super) fn reproduce(&self, spot: &Spot<'_, N>, post: Option<&Post<N::Client>>) -> String {
        let body = if self.run.options.always_bodies() { WantBody::Digest } else { WantBody::Leave };
        let ask = self.asks.edge(self.edge(), &spot.thing, body, false);
        super::reproduce::reproduce(&ask, post.map(|post| post.door.address), &self.edge().trust)
    }

    /// Notes who answered.
    pub(super) fn met(&self, observation: &Observation, reading: &Reading) {
        let mut company = self.company.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pop) = &reading.pop
            && !company.pops.contains(pop)
        {
            company.pops.insert(pop.clone());
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

async fn keyed<K, T>(key: K, value: impl Future<Output = T>) -> (K, T) {
    (key, value.await)
}
