//! A modelled CDN as the network that `verify` runs on: no socket, and no waiting, for time is paused.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, Version};
use purgeproof::clock::Clock;
use purgeproof::inventory::{self, Files, Overrides, Plan};
use purgeproof::judge::Purge as PurgeTime;
use purgeproof::lab::{CacheId, Cdn, Keeping, Origin, Page, Purge, Request, Scope, Served, Station, Voice};
use purgeproof::model::{
    Ask, Body, Digest, Edge, GatePolicy, Late, Method, Observation, Phase, Place, Protocol, Report, Silence, Timestamp,
    Timings, Verdict,
};
use purgeproof::probe::Fetch;
use purgeproof::verify::{self, Bodies, Door, Job, Network, Options, Patience, Progress, Stop};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use tokio::time::Instant;

pub(super) const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// One edge of a world.
#[derive(Debug, Clone)]
pub(super) struct Pop {
    pub(super) region: &'static str,
    /// There and back.
    pub(super) round_trip: Duration,
    /// After the purge was accepted; never, where it gets lost.
    pub(super) purged_after: Option<Duration>,
    /// Of further servers behind the same address, which answer in turns.
    pub(super) others: Vec<Option<Duration>>,
    pub(super) mood: Mood,
    pub(super) voice: Voice,
    /// Round trips that a connection takes.
    pub(super) dial: u32,
}

/// How an edge takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Answers,
    /// Connections are not answered.
    Dark,
    /// Connections are taken, and requests not answered.
    Mute,
    /// 429, and asks to wait for half a minute.
    Throttled,
}

/// What is asked of a run.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) tenants: usize,
    pub(super) within: Duration,
    pub(super) interval: Duration,
    pub(super) seed: u64,
    /// Requests a second and under way at once, at one edge.
    pub(super) rate: Option<u32>,
    pub(super) concurrency: usize,
    /// Requests under way at once, over all edges.
    pub(super) max_concurrency: usize,
    /// Paths of the first tenant; all others have one.
    pub(super) paths_of_the_first: usize,
    pub(super) deadline: Option<Duration>,
    /// Of the origin, there and back; of its connections too.
    pub(super) origin: Duration,
    pub(super) origin_dial: u32,
    /// As `diagnose` asks, in three variants.
    pub(super) closely: bool,
}

impl Default for Asked {
    fn default() -> Self {
        let (within, interval) = (Duration::from_secs(30), Duration::from_millis(500));
        Self {
            tenants: 4,
            within,
            interval,
            seed: 1,
            rate: None,
            concurrency: 64,
            max_concurrency: 100_000,
            paths_of_the_first: 1,
            deadline: None,
            origin: Duration::from_millis(10),
            origin_dial: 0,
            closely: false,
        }
    }
}

/// What a run came to.
pub(super) struct Outcome {
    pub(super) report: Report,
    /// Of the whole run, on the paused clock.
    pub(super) took: Duration,
    /// The most requests that were under way at one edge at once.
    pub(super) most_under_way: u64,
    /// The most requests that were under way at all edges and the origin together.
    pub(super) most_at_once: u64,
    /// The most requests that one edge was sent in any second.
    pub(super) most_in_a_second: usize,
    /// GETs that edges were sent.
    pub(super) bodies_of_edges: u64,
}

struct World {
    cdn: Mutex<Cdn>,
    clock: Clock,
    pops: Vec<Site>,
    under_way: AtomicU64,
    most_under_way: AtomicU64,
    most_at_once: AtomicU64,
    most_in_a_second: AtomicUsize,
    /// GETs that edges were sent.
    bodies_of_edges: AtomicU64,
    origin: Duration,
    origin_dial: u32,
}

/// One edge, and what it saw.
struct Site {
    pop: Pop,
    servers: Vec<CacheId>,
    turn: AtomicUsize,
    under_way: AtomicU64,
    last_second: Mutex<VecDeque<Instant>>,
}

impl Site {
    fn server(&self) -> CacheId {
        self.servers[self.turn.fetch_add(1, Relaxed) % self.servers.len()]
    }

    /// Counts a request that begins now.
    fn counted<'w>(&'w self, world: &'w World) -> Counted<'w> {
        let (mut sent, now) = (self.last_second.lock().unwrap(), Clock::now());
        sent.push_back(now);
        while sent.front().is_some_and(|first| now - *first >= Duration::from_secs(1)) {
            sent.pop_front();
        }
        world.most_in_a_second.fetch_max(sent.len(), Relaxed);
        Counted::new(&self.under_way, &world.most_under_way)
    }
}

/// One request under way.
struct Counted<'w>(&'w AtomicU64);

impl<'w> Counted<'w> {
    fn new(under_way: &'w AtomicU64, most: &AtomicU64) -> Self {
        most.fetch_max(under_way.fetch_add(1, Relaxed) + 1, Relaxed);
        Self(under_way)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[derive(Clone)]
struct Model(Arc<World>);

struct Client {
    world: Arc<World>,
    /// None: the origin.
    pop: Option<usize>,
    connection: Arc<OnceCell<()>>,
}

impl Network for Model {
    type Client = Client;

    async fn edge(&self, edge: &Edge, _host: Option<&Arc<str>>) -> Result<Vec<Door<Client>>, Silence> {
        let Place::Address(IpAddr::V4(address), _) = edge.place else {
            return Err(Silence::new(Phase::Dns, &edge.id.edge, "no such place in this world"));
        };
        let pop = usize::from(u16::from_be_bytes([address.octets()[2], address.octets()[3]]));
        Ok(vec![Door {
            address: SocketAddr::new(address.into(), edge.port),
            through: None,
            client: Client { world: Arc::clone(&self.0), pop: Some(pop), connection: Arc::default() },
            resolve: None,
            scope: None,
            led: None,
        }])
    }

    async fn origin(
        &self,
        _environment: &str,
        _origin: &purgeproof::model::Origin,
        _authority: &str,
    ) -> Result<Vec<Client>, Silence> {
        Ok(vec![Client { world: Arc::clone(&self.0), pop: None, connection: Arc::default() }])
    }
}

impl Client {
    fn round_trip(&self) -> Duration {
        self.pop.map_or(self.world.origin, |pop| self.world.pops[pop].pop.round_trip)
    }

    fn dial(&self) -> tokio::time::Sleep {
        let dial = self.pop.map_or(self.world.origin_dial, |pop| self.world.pops[pop].pop.dial);
        tokio::time::sleep(self.round_trip() * dial)
    }

    fn served(&self, ask: &Ask) -> Served {
        let now = self.world.clock.wall();
        let mut cdn = self.world.cdn.lock().unwrap();
        match self.pop {
            Some(pop) => cdn.serve(self.world.pops[pop].server(), &Request::of(ask), now),
            None => cdn.serve_origin(&Request::of(ask), now),
        }
    }

    fn observation(&self, ask: &Ask, served: &Served, sent: Timestamp, address: SocketAddr) -> Observation {
        let response = served.response(&Request::of(ask));
        let body = match ask.method {
            Method::Head => Body::NotAsked,
            Method::Get => {
                self.world.bodies_of_edges.fetch_add(u64::from(self.pop.is_some()), Relaxed);
                Body::Read(Digest { sha256: Sha256::digest(&response.body).into(), length: response.body.len() as u64 })
            }
        };
        let mut head = response.into_head(Version::HTTP_2);
        if self.pop.is_some_and(|pop| self.world.pops[pop].pop.mood == Mood::Throttled) {
            (head.status, head.fields) = (429, HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("30"))]));
        }
        Observation {
            head,
            body,
            address,
            sent,
            received: self.world.clock.wall(),
            timings: Timings::default(),
            protocol: Protocol::Http2,
            tls: None,
            shared: false,
        }
    }
}

impl Fetch for Client {
    fn warm(&self, _ask: &Ask, _requests: usize) {
        let (connection, dial) = (Arc::clone(&self.connection), self.dial());
        tokio::spawn(async move { connection.get_or_init(|| dial).await.to_owned() });
    }

    async fn fetch(&self, ask: &Ask, until: Instant) -> Result<Observation, Silence> {
        let address = SocketAddr::from(([192, 0, 2, 1], 443));
        let world = &self.world;
        let site = self.pop.map(|pop| &world.pops[pop]);
        let _counted = (Counted::new(&world.under_way, &world.most_at_once), site.map(|site| site.counted(world)));
        match site.map_or(Mood::Answers, |site| site.pop.mood) {
            Mood::Answers | Mood::Throttled => {}
            Mood::Dark => {
                tokio::time::sleep_until(until).await;
                return Err(Silence::new(Phase::Connect, &address.to_string(), "timed out after 3 s"));
            }
            Mood::Mute => {
                tokio::time::sleep_until(until).await;
                return Err(Silence::new(Phase::Timeout, &address.to_string(), "no answer within 5 s"));
            }
        }
        if ask.alone {
            self.dial().await;
        } else {
            self.connection.get_or_init(|| self.dial()).await;
        }
        let sent = world.clock.wall();
        let half = self.round_trip() / 2;
        tokio::time::sleep(half).await;
        // Written down when it is there: what is under way is many, and a head is large.
        let served = self.served(ask);
        tokio::time::sleep(half).await;
        Ok(self.observation(ask, &served, sent, address))
    }

    fn connections(&self) -> u64 {
        1
    }
}

/// Purges a fleet at `START` and verifies it from that moment on.
pub(super) fn run(pops: Vec<Pop>, asked: &Asked) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let clock = Clock::at(START);
        let plan = plan(&pops, asked);
        let world = Arc::new(world(pops, asked, clock));
        let stop = Stop::default();
        let began = Clock::now();
        let job =
            Job { plan, options: options(asked), clock, progress: Arc::new(Progress::default()), stop, events: None };
        let report = verify::verify(job, Model(Arc::clone(&world))).await;
        Outcome {
            report,
            took: Clock::now() - began,
            most_under_way: world.most_under_way.load(Relaxed),
            most_at_once: world.most_at_once.load(Relaxed),
            most_in_a_second: world.most_in_a_second.load(Relaxed),
            bodies_of_edges: world.bodies_of_edges.load(Relaxed),
        }
    })
}

fn world(pops: Vec<Pop>, asked: &Asked, clock: Clock) -> World {
    let ago = |seconds: u64| START.checked_sub(Duration::from_secs(seconds)).unwrap();
    let mut origin = Origin::default();
    (0..asked.tenants).for_each(|tenant| origin.add_host(&host(tenant)));
    // Bodies are compared by their digest: a short one says as much as a long one.
    let page = || Page { size: 64, gzip: asked.closely, ..Page::default() };
    (0..asked.paths_of_the_first.max(1)).for_each(|nth| origin.add_page(&path(nth), page()));
    origin.deploy(&Scope::Everything, None, ago(86_400));
    let mut cdn = Cdn::new(origin);
    let mut purge = Purge::new(Scope::Everything, START);
    let mut placed = Vec::new();
    for (nth, pop) in pops.into_iter().enumerate() {
        let mut servers = Vec::new();
        for after in std::iter::once(&pop.purged_after).chain(&pop.others) {
            let cache = cdn.add(Station::new(&format!("e{nth}"), "FRA", pop.voice), None, Keeping::default());
            cdn.warm(cache, ago(1_200));
            purge = match after {
                Some(after) => purge.arriving(cache, START.checked_add(*after).unwrap()),
                None => purge.lost_for(cache),
            };
            servers.push(cache);
        }
        let (turn, last_second) = (AtomicUsize::new(0), Mutex::default());
        placed.push(Site { pop, servers, turn, under_way: AtomicU64::new(0), last_second });
    }
    cdn.origin.deploy(&Scope::Everything, None, ago(10));
    cdn.purge(purge);
    World {
        cdn: Mutex::new(cdn),
        clock,
        pops: placed,
        under_way: AtomicU64::new(0),
        most_under_way: AtomicU64::new(0),
        most_at_once: AtomicU64::new(0),
        most_in_a_second: AtomicUsize::new(0),
        bodies_of_edges: AtomicU64::new(0),
        origin: asked.origin,
        origin_dial: asked.origin_dial,
    }
}

fn path(nth: usize) -> String {
    if nth == 0 { "/app.js".to_owned() } else { format!("/{nth}.js") }
}

fn host(tenant: usize) -> String {
    format!("t{tenant:05}.example.com")
}

/// Through the files, as a user would.
fn plan(pops: &[Pop], asked: &Asked) -> Arc<Plan> {
    let rate = asked.rate.map_or("\"none\"".to_owned(), |rate| rate.to_string());
    let mut regions = format!(
        "schema = 1\n[origin]\nurl = \"https://origin.example.com\"\nrate = \"none\"\nconcurrency = 1000\n\
         [defaults]\nedge_rate = {rate}\nedge_concurrency = {}\n",
        asked.concurrency
    );
    let mut names: Vec<&str> = pops.iter().map(|pop| pop.region).collect();
    names.sort_unstable();
    names.dedup();
    for region in names {
        let _ = writeln!(regions, "[regions.{region}]\nedges = [");
        for (nth, _) in pops.iter().enumerate().filter(|(_, pop)| pop.region == region) {
            let [high, low] = u16::try_from(nth).unwrap().to_be_bytes();
            let _ = writeln!(regions, "  {{ name = \"e{nth:03}\", address = \"10.0.{high}.{low}\" }},");
        }
        regions.push_str("]\n");
    }
    let variants = if asked.closely { "[identity, gzip, br]" } else { "[identity]" };
    let mut tenants = format!("schema: 1\ndefaults: {{ variants: {variants} }}\ntenants:\n");
    for tenant in 0..asked.tenants {
        let priority = ["critical", "high", "normal", "low"][tenant % 4];
        let count = if tenant == 0 { asked.paths_of_the_first } else { 1 };
        let paths: Vec<String> = (0..count).map(path).collect();
        let paths = paths.join(", ");
        let host = host(tenant);
        let _ = writeln!(tenants, "- {{ id: t{tenant:05}, host: {host}, priority: {priority}, paths: [{paths}] }}");
    }
    let folder = tempfile::tempdir().unwrap();
    let files = Files {
        regions: vec![folder.path().join("regions.toml")],
        tenants: vec![folder.path().join("tenants.yaml")],
        ..Files::default()
    };
    std::fs::write(&files.regions[0], regions).unwrap();
    std::fs::write(&files.tenants[0], tenants).unwrap();
    let providers: Vec<&str> = purgeproof::dialect::ids().collect();
    let inventory = inventory::load(&files, &Overrides::default(), &|_| None, &providers).unwrap();
    Arc::new(Plan::new(Arc::new(inventory)).unwrap())
}

fn options(asked: &Asked) -> Options {
    Options {
        purge: PurgeTime { at: Some(START), skew: Duration::from_secs(2) },
        method: Method::Head,
        bodies: Bodies::Auto,
        max_body: 1 << 20,
        max_concurrency: asked.max_concurrency,
        retry: 1,
        max_findings: 1_000,
        sweep: true,
        patience: (!asked.closely).then_some(Patience { within: asked.within, interval: asked.interval }),
        baseline: None,
        advise: false,
        keep_all: asked.closely,
        deadline: asked.deadline,
        fail_fast: false,
        gate: GatePolicy {
            fail_on: vec![Verdict::Stale, Verdict::Divergent, Verdict::Failing],
            max_fail: None,
            min_coverage: 100.0,
            min_parity: None,
            late: Late::Warn,
            service_levels_ms: BTreeMap::new(),
            fail_on_advice: false,
            allow_empty: false,
        },
        seed: asked.seed,
    }
}
