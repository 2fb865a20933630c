//! Carries a plan through: asks origin and edges within their limits, has every answer judged, and folds it into one
//! report. The only room that knows both probing and judging.

mod accuse;
mod afar;
mod asks;
mod breaker;
mod closing;
mod doors;
mod draft;
mod events;
mod findings;
mod gather;
mod known_by_get;
mod lane;
mod ledger;
mod look;
mod look_back;
mod origin;
mod pace;
mod progress;
mod purse;
mod reference;
mod reproduce;
mod rows;
mod run;
mod signs;
mod stop;
mod sweep;
mod visit;
mod waiting;
mod walk;
mod wire;
mod witnesses;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use events::{EVENTS_SCHEMA, Event, Events};
use http::HeaderMap;
pub use ledger::most_by_get;
pub use progress::{Progress, RegionStanding, Standing};
pub use purse::budgets;
pub use run::{Job, verify};
pub use stop::{Stop, Why};
use tokio::time::Instant;
pub use waiting::Patience;
pub use wire::{Wire, WireError};

use crate::judge::Purge;
use crate::model::{Ask, Baseline, Edge, GatePolicy, Method, Origin, Phase, Silence, Tunnel};
use crate::probe::Fetch;
use crate::vantage::Sighting;

/// What a run reaches edges and origins through: the wire, or a model of it.
pub trait Network: Send + Sync + 'static {
    /// Speaks to one address.
    type Client: Fetch;

    /// The addresses of an edge, each with a client of its own; where it is known by the tenant's own name, for that host.
    fn edge(
        &self,
        edge: &Edge,
        host: Option<&Arc<str>>,
    ) -> impl Future<Output = Result<Vec<Door<Self::Client>>, Silence>> + Send;

    /// The addresses of an origin, by the authority of its URL, in the order to try them.
    fn origin(
        &self,
        environment: &str,
        origin: &Origin,
        authority: &str,
    ) -> impl Future<Output = Result<Vec<Self::Client>, Silence>> + Send;

    /// What a vendor's machines see of one object, where an edge stands for those.
    fn survey(
        &self,
        edge: &Edge,
        ask: &Ask,
        until: Instant,
    ) -> impl Future<Output = Result<Vec<Sighting>, Silence>> + Send {
        let _ = (ask, until);
        let silence = Silence::new(Phase::Unasked, &edge.id.edge, "no vendor is known here");
        async { Err(silence) }
    }
}

/// One address of an edge.
#[derive(Debug, Clone)]
pub struct Door<C> {
    /// Where it is; where there is a proxy, the proxy's.
    pub address: SocketAddr,
    /// The way on from there.
    pub through: Option<Arc<Tunnel>>,
    /// Speaks to it.
    pub client: C,
    /// How long looking it up took.
    pub resolve: Option<Duration>,
    /// For how many bits of the client subnet it was found; absent where the answer did not say.
    pub scope: Option<u8>,
    /// The names that led to it, in words, where a POP or a provider is expected there.
    pub led: Option<Arc<str>>,
}

/// How far bodies are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bodies {
    /// Where headers do not settle it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Bodies {
    /// As reports name it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// How a run is carried out.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Options {
    /// When the purge was.
    pub purge: Purge,
    /// HEAD or GET.
    pub method: Method,
    /// How far bodies are compared.
    pub bodies: Bodies,
    /// Largest body read, in bytes.
    pub max_body: u64,
    /// Requests under way at once, over all edges.
    pub max_concurrency: usize,
    /// How often a request without an answer is sent again.
    pub retry: u32,
    /// Findings kept.
    pub max_findings: usize,
    /// Wait for convergence.
    pub patience: Option<Patience>,
    /// For the whole run.
    pub deadline: Option<Duration>,
    /// Ask near neighbours of what is stale.
    pub sweep: bool,
    /// End as soon as the gate must fail.
    pub fail_fast: bool,
    /// What is asked of the run.
    pub gate: GatePolicy,
    /// What objects were before the deploy.
    pub baseline: Option<Arc<Baseline>>,
    /// What samples were drawn by.
    pub seed: u64,
    /// Note what there is to advise.
    pub advise: bool,
    /// One object is looked at closely: edges are asked though there is nothing to compare with, a row is kept for
    /// every check, the good ones too, and what need not wait for each other is asked at once.
    pub keep_all: bool,
}

impl Options {
    /// Findings kept while it runs.
    const fn drafts(&self) -> usize {
        if self.keep_all { usize::MAX } else { self.max_findings }
    }

    const fn always_bodies(&self) -> bool {
        matches!(self.bodies, Bodies::Always) || (matches!(self.method, Method::Get) && self.bodies_allowed())
    }

    const fn bodies_allowed(&self) -> bool {
        !matches!(self.bodies, Bodies::Never)
    }
}

/// One object, as requests need it.
#[derive(Debug, Clone, Copy)]
struct Thing<'a> {
    tenant: &'a str,
    host: &'a Arc<str>,
    hostname: Option<&'a str>,
    path: &'a Arc<str>,
    variant: usize,
    headers: &'a HeaderMap,
}

/// Before the first repetition of a request, and twice as long before each further one.
fn pause_before(attempt: u32) -> Duration {
    Duration::from_millis(50) * 2_u32.saturating_pow(attempt.saturating_sub(1)).min(64)
}
