//! A run from start to end: lanes side by side, one more look at the origin, the fold.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use http::HeaderMap;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::asks::Asks;
use super::closing::{self, Overturned};
use super::findings::Findings;
use super::gather;
use super::lane::{Lane, Spot};
use super::ledger::Ledger;
use super::origin::{At, Source};
use super::purse::{self, Allotted};
use super::reference::{Cell, Told};
use super::sweep::{self, Neighbours};
use super::walk::Lap;
use super::{Events, Network, Options, Progress, Stop, Thing, Why};
use crate::clock::Clock;
use crate::gate;
use crate::inventory::Plan;
use crate::model::{Berth, Draft, Edge, EdgeId, Expect, Inventory, Report, Span, Timestamp, Verdict};

/// What is to be verified, how, and who may watch and end it.
#[derive(Debug, Clone)]
pub struct Job {
    /// What to check.
    pub plan: Arc<Plan>,
    /// How.
    pub options: Options,
    /// Whose time it is.
    pub clock: Clock,
    /// Where it stands.
    pub progress: Arc<Progress>,
    /// Ends it.
    pub stop: Stop,
    /// Hears of each change.
    pub events: Option<Events>,
}

/// A job under way; shared by all its lanes.
pub(super) struct Run<N: Network> {
    pub(super) inventory: Arc<Inventory>,
    pub(super) plan: Arc<Plan>,
    pub(super) options: Options,
    pub(super) clock: Clock,
    pub(super) started: Timestamp,
    /// Until when convergence is waited for.
    pub(super) limit: Option<Instant>,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: Stop,
    pub(super) events: Option<Events>,
    pub(super) network: N,
    /// None where all edges and origins together never have so many requests under way.
    pub(super) permits: Option<Semaphore>,
    pub(super) findings: Findings,
    /// What answers say of how they are kept.
    pub(super) ledger: Ledger,
    /// What may be asked of vendors, by edge.
    pub(super) allotted: BTreeMap<EdgeId, Allotted>,
    /// By environment.
    pub(super) sources: Vec<Option<Source<N>>>,
    /// By environment and object.
    cells: Vec<Box<[Cell]>>,
    /// By environment: its objects in the order in which they are asked for.
    orders: Vec<Box<[u32]>>,
    /// References of neighbours of what is stale.
    pub(super) neighbours: Neighbours,
    /// Checks that count against the gate.
    failing: AtomicU64,
}

/// What all lanes found, before it is folded.
pub(super) struct Harvest {
    pub(super) laps: Vec<Lap>,
    pub(super) drafts: Vec<Draft>,
    /// Objects whose reference was another one at the end.
    pub(super) overturned: Vec<Overturned>,
}

/// Carries a job through. A panic in a lane is a panic here.
pub async fn verify<N: Network>(job: Job, network: N) -> Report {
    let run = Arc::new(Run::new(job, network));
    let edges = run.inventory.environments.iter().enumerate();
    run.progress.planned(edges.flat_map(|(nth, known)| {
        let objects = run.plan.objects(nth).into();
        known.edges.iter().map(move |edge| (edge.id.clone(), objects))
    }));
    let timer = run.options.deadline.map(|deadline| {
        let stop = run.stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(deadline).await;
            stop.now(Why::Deadline);
        })
    });
    let ((lanes, laps), meanwhile) = futures::join!(walk_all(&run), closing::meanwhile(&run));
    let mut drafts = run.findings.take();
    let ((), overturned) =
        futures::join!(run.sweep(&lanes, &mut drafts), closing::confirm(&run, &meanwhile, Clock::now()));
    if let Some(timer) = timer {
        timer.abort();
    }
    gather::report(&run, Harvest { laps, drafts, overturned })
}

/// The tenant's index, and what of its is asked for.
pub(super) fn thing(plan: &Plan, environment: usize, object: u32) -> (usize, Thing<'_>) {
    let planned = plan.object(environment, object);
    let tenant = &plan.inventory().tenants[planned.tenant];
    let thing = Thing {
        tenant: &tenant.id,
        host: planned.host,
        hostname: None,
        path: planned.path,
        variant: planned.variant,
        headers: &tenant.headers,
    };
    (planned.tenant, thing)
}

/// The purge's time and the patience after it, on our clock; now, where that is over. A deadline that comes sooner leaves a
/// fifth of its time to the last look: what is still old is then told as what it is, not as cut short.
fn limit(options: &Options, clock: Clock) -> Option<Instant> {
    let within = options.patience?.within;
    let (now, since) = (clock.wall(), options.purge.at.unwrap_or(clock.wall()));
    let until = since.checked_add(within).unwrap_or(Timestamp::MAX);
    let patience = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    let sooner = options.deadline.filter(|deadline| *deadline < patience);
    Some(Clock::now() + sooner.map_or(patience, |deadline| deadline / 5 * 4))
}

/// Threads that share a counter wait for each other, so it is only there where it may be needed.
fn permits(inventory: &Inventory, keep_all: bool, max_concurrency: usize) -> Option<Semaphore> {
    let environments = inventory.environments.iter();
    let paces = environments
        .flat_map(|one| one.edges.iter().map(|edge| &edge.pace).chain(one.origin.iter().map(|origin| &origin.pace)));
    let most = paces.map(|pace| pace.concurrency).fold(0, usize::saturating_add);
    // Where each tenant's name leads to addresses of its own, an edge may have more under way for a while.
    let by_host = inventory.environments.iter().flat_map(|one| &one.edges).any(|edge| edge.place.is_by_host());
    (keep_all || by_host || most > max_concurrency).then(|| Semaphore::new(max_concurrency))
}

/// Of each tenant one object, the urgent first, then of each the next: none waits for all of another's.
fn order(plan: &Plan, environment: usize) -> Box<[u32]> {
    let tenants = &plan.inventory().tenants;
    let mut asked = vec![0_u32; tenants.len()];
    let turn = |object| {
        let tenant = plan.object(environment, object).tenant;
        asked[tenant] += 1;
        (asked[tenant], tenants[tenant].priority, object)
    };
    let mut turns: Vec<_> = (0..plan.objects(environment)).map(turn).collect();
    turns.sort_unstable();
    turns.into_iter().map(|(_, _, object)| object).collect()
}

async fn walk_all<N: Network>(run: &Arc<Run<N>>) -> (Vec<Lane<N>>, Vec<Lap>) {
    let edges = run.inventory.environments.iter().enumerate();
    let edges = edges.flat_map(|(environment, known)| (0..known.edges.len()).map(move |edge| (environment, edge)));
    let lanes: Vec<_> = (0..)
        .zip(edges)
        .map(|(number, (environment, edge))| {
            let run = Arc::clone(run);
            tokio::spawn(async move { Lane::open(run, Berth { environment, edge, number }).await.walk().await })
        })
        .collect();
    let (mut walked, mut laps) = (Vec::with_capacity(lanes.len()), Vec::with_capacity(lanes.len()));
    for lane in lanes {
        match lane.await {
            Ok((lane, lap)) => {
                walked.push(lane);
                laps.push(lap);
            }
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // Nobody cancels a lane.
            Err(_) => {}
        }
    }
    (walked, laps)
}

impl<N: Network> Run<N> {
    fn new(job: Job, network: N) -> Self {
        let Job { plan, options, clock, progress, stop, events } = job;
        let limit = limit(&options, clock);
        let inventory = Arc::clone(plan.inventory());
        let sources = inventory.environments.iter().map(|environment| {
            let origin = environment.origin.clone()?;
            let asks = Asks::new(&inventory.variants, &HeaderMap::new(), &origin.headers, options.max_body);
            let asks = asks.around(inventory.secrets.literal());
            Some(Source::new(Arc::clone(&environment.name), origin, asks))
        });
        let cells = (0..inventory.environments.len())
            .map(|environment| (0..plan.objects(environment)).map(|_| Cell::default()).collect());
        let orders = (0..inventory.environments.len()).map(|environment| order(&plan, environment)).collect();
        Self {
            orders,
            ledger: Ledger::new(&plan, options.advise),
            allotted: purse::allotted(&plan, &options),
            sources: sources.collect(),
            cells: cells.collect(),
            permits: permits(&inventory, options.keep_all, options.max_concurrency),
            findings: Findings::new(options.drafts()),
            neighbours: Neighbours::default(),
            failing: AtomicU64::new(0),
            inventory,
            plan,
            options,
            started: clock.wall(),
            limit,
            clock,
            progress,
            stop,
            events,
            network,
        }
    }

    pub(super) fn edge(&self, berth: Berth) -> &Edge {
        &self.inventory.environments[berth.environment].edges[berth.edge]
    }

    /// One object, with its reference.
    pub(super) fn spot(&self, environment: usize, object: u32) -> Spot<'_, N> {
        let (tenant, thing) = thing(&self.plan, environment, object);
        let planned = Some((environment, tenant));
        let at = At { run: self, source: self.sources[environment].as_ref(), thing, planned };
        Spot { object, tenant, thing, cell: self.cell(environment, object), at }
    }

    /// What is known of an object without asking: what is pinned, and what it was.
    pub(super) fn told(&self, environment: usize, tenant: usize, thing: &Thing<'_>) -> Told {
        let literal = self.inventory.secrets.literal();
        let fill =
            |value: &str| crate::inventory::fill_around(value, &literal, |part| super::asks::fill(part, thing)).into();
        let expect = self.inventory.tenants[tenant].expect.get(thing.path);
        let filled = |expect: &Arc<Expect>| {
            if expect.is_template() { Arc::new(expect.filled(fill)) } else { Arc::clone(expect) }
        };
        let variant = &*self.inventory.variants[thing.variant].name;
        let environment = &*self.inventory.environments[environment].name;
        let path = super::asks::fill(thing.path, thing);
        let object = [environment, thing.tenant, thing.host, &path, variant];
        let baseline = self.options.baseline.as_ref().and_then(|baseline| baseline.get(object));
        Told { expect: expect.map(filled), baseline: baseline.map(Arc::clone), ..Told::default() }
    }

    /// A tenant's path at one of its hosts, filled.
    pub(super) fn path(&self, tenant: usize, host: &Arc<str>, path: &Arc<str>) -> String {
        let tenant = &self.inventory.tenants[tenant];
        crate::inventory::fill(path, &tenant.id, host, None).into_owned()
    }

    /// The objects of an environment in the order in which they are asked for.
    pub(super) fn order(&self, environment: usize) -> &[u32] {
        &self.orders[environment]
    }

    pub(super) fn cell(&self, environment: usize, object: u32) -> &Cell {
        &self.cells[environment][object as usize]
    }

    /// Every object, by environment and number.
    pub(super) fn objects(&self) -> impl Iterator<Item = (usize, u32)> {
        let environments = 0..self.inventory.environments.len();
        environments.flat_map(|nth| (0..self.plan.objects(nth)).map(move |object| (nth, object)))
    }

    /// Whether nothing better need be waited for.
    pub(super) fn is_settled(&self, verdict: Verdict) -> bool {
        verdict.is_good() || (verdict == Verdict::Unpurged && !self.options.gate.fail_on.contains(&verdict))
    }

    /// Since the purge, or where its time is not known, since the start.
    pub(super) fn since_purge_ms(&self) -> u32 {
        let since = self.clock.wall().duration_since(self.options.purge.at.unwrap_or(self.started));
        u32::try_from(since.as_millis().max(0)).unwrap_or(Span::NEVER - 1)
    }

    /// Counts a settled check.
    pub(super) fn settled(&self, lane: Berth, verdict: Verdict) {
        self.progress.settled(lane.number, verdict);
        let policy = &self.options.gate;
        if self.options.fail_fast && policy.fail_on.contains(&verdict) {
            let failing = self.failing.fetch_add(1, Relaxed) + 1;
            if gate::is_too_many(failing, self.plan.total_checks(), policy) {
                self.stop.now(Why::FailedFast);
            }
        }
    }

    async fn sweep(&self, lanes: &[Lane<N>], drafts: &mut [Draft]) {
        if self.options.sweep {
            tokio::select! {
                biased;
                _ = self.stop.wait() => {}
                () = sweep::sweep(lanes, drafts) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::inventory::{Overrides, Text, Texts, load_texts};

    #[test]
    fn a_counter_is_left_out_only_where_its_limit_cannot_be_reached() {
        let shared = |edges: &str, keep_all, most| {
            let regions = format!(
                "schema = 1\n[origin]\nurl = 'https://origin.example'\nconcurrency = 4\n[defaults]\nedge_concurrency = 8\n\
                 [regions.a]\nresolver = 'udp://192.0.2.53'\nedges = [{edges}]\n"
            );
            let tenants =
                "{\"schema\": 1, \"tenants\": [{\"id\": \"a\", \"host\": \"a.example\", \"paths\": [\"/\"]}]}";
            let text = |file, text| vec![Text { file: Path::new(file), text }];
            let texts = Texts {
                regions: text("regions.toml", &regions),
                tenants: text("tenants.json", tenants),
                ..Texts::default()
            };
            let inventory = load_texts(&texts, &Overrides::default(), &|_| None, &[]).unwrap();
            permits(&inventory, keep_all, most).is_some()
        };
        let two = "{ name = 'm', address = '192.0.2.1' }, { name = 'n', hostname = 'n.example' }";
        assert!(!shared(two, false, 20));
        assert!(shared(two, false, 19));
        assert!(shared(two, true, 20));
        // Where the tenant's own name leads.
        assert!(shared("{ name = 'm' }", false, 1_000));
    }
}
