//! The client of one address: finds a connection for a request, asks, and asks again where that is safe. It never judges.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use http::StatusCode;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::dial::{Dialer, Dialled, Offer, Stage};
use super::exchange::{Answer, Carrier, Retry};
use super::link::{Freed, Goal, Link, Task};
use super::pool::{Choice, Growth, Pool, Rules, Wait};
use super::words::Fault;
use super::{Fetch, Http, Settings, body};
use crate::clock::Clock;
use crate::model::{Ask, Body, Head, Observation, Phase, Scheme, Silence, Timings};

/// Requests that a server refuses unprocessed are sent again so often: one that refuses for ever is not asked for ever.
const RETRIES: u32 = 3;
/// Dials that one request waits for; a connection that is gone before it can be used is no connection.
const DIALS: u32 = 3;

/// Speaks to one address. What it opened is closed when it is dropped.
pub struct Client {
    dialer: Arc<Dialer>,
    pool: Arc<Mutex<Pool>>,
    freed: Arc<Freed>,
}

impl Client {
    /// A client for that address; opens nothing yet.
    pub fn new(address: SocketAddr, settings: Settings) -> Self {
        let pool = Arc::new(Mutex::new(Pool::new(Rules {
            scheme: settings.scheme,
            may_multiplex: settings.scheme == Scheme::Https && settings.http != Http::Http1,
            coalesce: settings.coalesce,
            connections: settings.connections,
            keep: settings.keep,
        })));
        let freed = Arc::new(Freed::default());
        let dialer = Arc::new(Dialer::new(address, settings, Arc::clone(&freed), Arc::downgrade(&pool)));
        Self { dialer, pool, freed }
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        locked(&self.pool)
    }

    /// A connection for this request: one of its own where it wants that, else the best of those open or to be opened.
    async fn carrier(&self, ask: &Ask, after: u64, call: &mut Call) -> Result<Carrier, Silence> {
        // Most requests find a connection open: only those that don't carry the dial's state around.
        if ask.alone {
            return Box::pin(self.alone(ask, call)).await;
        }
        let goal = Goal::of(ask);
        match self.step(&goal, after) {
            Step::Ready(carrier) => Ok(carrier),
            step => Box::pin(self.awaited(ask, &goal, step, after, call)).await,
        }
    }

    async fn alone(&self, ask: &Ask, call: &mut Call) -> Result<Carrier, Silence> {
        Ok(match self.dial_own(ask, call).await? {
            Link::Multiplexed(link) => Carrier::Multiplexed(Arc::new(link).lease()),
            Link::Exclusive(link) => Carrier::Exclusive(link),
        })
    }

    /// A connection that has to be waited for.
    async fn awaited(
        &self,
        ask: &Ask,
        goal: &Goal,
        first: Step,
        after: u64,
        call: &mut Call,
    ) -> Result<Carrier, Silence> {
        let (mut step, mut dials) = (first, 0);
        loop {
            dials += 1;
            match step {
                Step::Ready(carrier) => return Ok(carrier),
                Step::Full => {
                    // There is one that can be used, if not by all at once: how long that is waited for is the time's to say.
                    dials = 0;
                    call.crowded = true;
                    if let Some(carrier) = self.room(goal, after, call).await? {
                        return Ok(carrier);
                    }
                }
                _ if dials > DIALS => break,
                Step::Wait(wait) => self.wait(wait, call).await?,
                Step::DialOwn => match self.dial_own(ask, call).await? {
                    Link::Exclusive(link) => return Ok(Carrier::Exclusive(link)),
                    Link::Multiplexed(link) => self.pool().keep_multiplexed(link),
                },
            }
            step = self.step(goal, after);
        }
        let words = "connection closed before it could be used".to_owned();
        Err(self.dialer.silence(Phase::Protocol, words, call.timings()))
    }

    /// Chooses, and begins the dials that follow from it before anyone else can choose.
    fn step(&self, goal: &Goal, after: u64) -> Step {
        let mut pool = self.pool();
        let (step, growth) = match pool.choose(goal, after) {
            Choice::Multiplexed(lease, growth) => (Step::Ready(Carrier::Multiplexed(lease)), growth),
            Choice::Exclusive(link) => (Step::Ready(Carrier::Exclusive(link)), None),
            Choice::Full(growth) => (Step::Full, growth),
            Choice::Wait(wait) => (Step::Wait(wait), None),
            Choice::Dial => (Step::Wait(self.dial_for_all(&mut pool, goal, None)), None),
            Choice::DialOwn => (Step::DialOwn, None),
        };
        if growth.is_some() {
            self.dial_for_all(&mut pool, goal, growth);
        }
        step
    }

    /// Opens a connection that everyone may use. It goes on even if those who wait for it give up.
    fn dial_for_all(&self, pool: &mut Pool, goal: &Goal, growth: Option<Growth>) -> Wait {
        let (tell, outcome) = watch::channel(None);
        let wait = Wait { outcome, stage: Arc::default(), is_own: true };
        let stage = Arc::clone(&wait.stage);
        let (dialer, freed) = (Arc::clone(&self.dialer), Arc::clone(&self.freed));
        let home = Arc::downgrade(&self.pool);
        let own = goal.clone();
        pool.note_dial(goal, growth, wait.clone(), |id| {
            Task::spawn(async move {
                let result = dialer.dial(&own, Offer::AsSet, &stage).await;
                let (link, told) = match result {
                    Ok(Dialled { link, timings }) => (Ok(link), Ok(timings)),
                    Err(silence) => (Err(silence.phase), Err(silence)),
                };
                if let Some(pool) = Weak::upgrade(&home) {
                    locked(&pool).end_dial(id, link);
                }
                tell.send_replace(Some(told));
                freed.tell();
            })
        });
        wait
    }

    /// Opens a connection for this request alone.
    async fn dial_own(&self, ask: &Ask, call: &mut Call) -> Result<Link, Silence> {
        let (goal, stage) = (Goal::of(ask), Stage::default());
        let offer = if self.pool().is_by_http1(&goal) { Offer::Http1 } else { Offer::AsSet };
        match timeout_at(call.until, self.dialer.dial(&goal, offer, &stage)).await {
            Ok(Ok(dialled)) => {
                call.dialled(dialled.timings);
                Ok(dialled.link)
            }
            Ok(Err(silence)) => Err(call.charged(silence)),
            Err(_) => Err(self.late(stage.phase(), call)),
        }
    }

    /// Waits for a dial that others wait for too.
    async fn wait(&self, mut wait: Wait, call: &mut Call) -> Result<(), Silence> {
        let Ok(ended) = timeout_at(call.until, wait.outcome.wait_for(Option::is_some)).await else {
            // Who has long waited for room was connected all the while.
            let phase = if call.crowded { Phase::Timeout } else { wait.stage.phase() };
            return Err(self.late(phase, call));
        };
        let ended = ended.ok().and_then(|ended| ended.clone());
        match ended {
            Some(Ok(timings)) => {
                call.dialled(timings);
                Ok(())
            }
            // The connection was meant for another name, and failed for that name's sake.
            Some(Err(silence)) if !wait.is_own && silence.phase != Phase::Connect => Ok(()),
            Some(Err(silence)) => Err(call.charged(silence)),
            None => Err(self.dialer.silence(Phase::Connect, "abandoned".to_owned(), call.timings())),
        }
    }

    /// Waits until a request on a full connection ends, or a new connection is there.
    async fn room(&self, goal: &Goal, after: u64, call: &mut Call) -> Result<Option<Carrier>, Silence> {
        let room = self.freed.wait(|| match self.step(goal, after) {
            Step::Ready(carrier) => Some(Some(carrier)),
            Step::Wait(_) | Step::DialOwn => Some(None),
            Step::Full => None,
        });
        timeout_at(call.until, room).await.map_err(|_| self.late(Phase::Timeout, call))
    }

    /// The time is up.
    fn late(&self, phase: Phase, call: &Call) -> Silence {
        let limit = Dialer::allowance(call.started, call.until);
        let words = match phase {
            Phase::Timeout => format!("no answer within {limit}"),
            _ => format!("timed out after {limit}"),
        };
        self.dialer.silence(phase, words, call.timings())
    }

    /// Asks until there is a response head, or no hope of one.
    async fn answer(&self, ask: &Ask, call: &mut Call) -> Result<(Carrier, Answer), Silence> {
        let mut after = 0;
        // What was said of HTTP/2, where HTTP/1.1 is tried for that.
        let mut unwelcome = None;
        for attempt in 0.. {
            let mut carrier = match self.carrier(ask, after, call).await {
                Ok(carrier) => carrier,
                Err(silence) => return Err(self.neither(ask, unwelcome, silence)),
            };
            let opened = self.dialer.opened();
            let failure = match carrier.ask(ask, self.dialer.settings.scheme, call.until).await {
                Some(Ok(answer)) => return Ok((carrier, answer)),
                Some(Err(failure)) => failure,
                None => return Err(self.neither(ask, unwelcome, self.late(Phase::Timeout, call))),
            };
            match failure.retry {
                Retry::Anywhere if attempt < RETRIES => {}
                Retry::OnNewer if after == 0 => after = opened,
                Retry::OverHttp1 if unwelcome.is_none() && self.dialer.settings.http == Http::Auto => {
                    self.pool().keep_to_http1(&Goal::of(ask));
                    unwelcome = Some(failure.fault);
                }
                _ => return Err(self.neither(ask, unwelcome, self.dialer.told(failure.fault, call.timings()))),
            }
        }
        Err(self.late(Phase::Timeout, call))
    }

    /// No answer, nor one by HTTP/1.1 where that was asked for.
    fn neither(&self, ask: &Ask, unwelcome: Option<Fault>, silence: Silence) -> Silence {
        self.pool().forget_http1(&Goal::of(ask));
        match unwelcome {
            None => silence,
            Some(fault) => {
                let words = format!("{}; by HTTP/1.1: {}", fault.words, silence.error);
                self.dialer.told(Fault { words, ..fault }, silence.timings)
            }
        }
    }
}

impl Fetch for Client {
    fn warm(&self, ask: &Ask, requests: usize) {
        let goal = Goal::of(ask);
        let mut pool = self.pool();
        for _ in 0..pool.wants_ahead(requests) {
            let wait = self.dial_for_all(&mut pool, &goal, None);
            pool.note_ahead(&goal, wait);
        }
    }

    async fn fetch(&self, ask: &Ask, until: Instant) -> Result<Observation, Silence> {
        let mut call = Call { started: Clock::now(), until, dial: Timings::default(), crowded: false };
        let (carrier, Answer { response, sent, received }) = self.answer(ask, &mut call).await?;
        let settings = &self.dialer.settings;
        let (parts, incoming) = response.into_parts();
        if parts.headers.len() > settings.max_fields {
            // HTTP/2 bounds the bytes alone.
            let words = format!("more than {} header fields", settings.max_fields);
            return Err(self.dialer.silence(Phase::Protocol, words, call.timings()));
        }
        let (facts, protocol) = (carrier.facts(), carrier.protocol());
        let shared = settings.scheme == Scheme::Https && facts.goal.sni != ask.sni;
        let tls = facts.tls.clone();
        if shared && parts.status == StatusCode::MISDIRECTED_REQUEST {
            self.pool().misdirect(&Goal::of(ask));
        }
        let limit = || Dialer::allowance(call.started, until);
        let (body, is_whole, ended) = if body::is_none(ask, &incoming) {
            (Body::NotAsked, true, received)
        } else {
            // Boxed: most answers have none.
            let (body, is_whole) = Box::pin(body::take(ask, &parts.headers, incoming, until, limit)).await;
            (body, is_whole, Clock::now())
        };
        if let Carrier::Exclusive(link) = carrier
            && is_whole
            && !ask.alone
            && parts.status != StatusCode::SWITCHING_PROTOCOLS
        {
            self.pool().keep_idle(link);
        }
        let first_byte = Some(received.saturating_duration_since(sent));
        Ok(Observation {
            head: Head { version: parts.version, status: parts.status.as_u16(), fields: parts.headers },
            body,
            address: self.dialer.address,
            sent: settings.clock.stamp(sent),
            received: settings.clock.stamp(received),
            timings: Timings { first_byte, ..call.timings_at(ended) },
            protocol,
            tls,
            shared,
        })
    }

    fn connections(&self) -> u64 {
        self.dialer.opened()
    }
}

/// What to do to get a connection.
enum Step {
    /// Nothing: here it is.
    Ready(Carrier),
    /// Wait until a request on a full connection ends.
    Full,
    /// Wait for a dial.
    Wait(Wait),
    /// Dial for oneself.
    DialOwn,
}

/// One fetch: when it began, when it must end, and what dialling took.
struct Call {
    started: Instant,
    until: Instant,
    dial: Timings,
    /// Every connection there was, was full.
    crowded: bool,
}

impl Call {
    fn dialled(&mut self, timings: Timings) {
        self.dial = timings;
    }

    /// What was measured so far.
    fn timings(&self) -> Timings {
        self.timings_at(Clock::now())
    }

    fn timings_at(&self, now: Instant) -> Timings {
        Timings { total: now.saturating_duration_since(self.started), ..self.dial }
    }

    /// A dial's failure, as this fetch met it.
    fn charged(&mut self, silence: Silence) -> Silence {
        self.dialled(silence.timings);
        Silence { timings: self.timings(), ..silence }
    }
}

fn locked(pool: &Mutex<Pool>) -> MutexGuard<'_, Pool> {
    // Each change of the pool is whole before anything can panic.
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}
