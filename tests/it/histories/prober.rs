//! Probes the model as `verify` probes a CDN: the origin first, then the edge; bodies where headers do not settle it;
//! and the origin and the edge once more before anyone is accused.

use std::fmt;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use http::{Method, Version as Http};
use purgeproof::compare::{self, Base, Says};
use purgeproof::dialect;
use purgeproof::judge::{self, Expected, Judgement, Purge, Question, Ruling};
use purgeproof::lab::{Response, Truth, Version};
use purgeproof::model::{
    Body, Digest, Observation, Protocol, Reading, Reference, Timestamp, Timings, Validators, Verdict,
};
use purgeproof::syntax::{age, cache_control};
use sha2::{Digest as _, Sha256};

use super::history::{Bodies, Probe};
use super::world::{Content, Stage, at};

/// A reference, and what the origin had at each look that it rests on.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) reference: Reference,
    pub(super) looks: Vec<Look>,
    only_get: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) observation: Observation,
    pub(super) content: Content,
    pub(super) version: Version,
}

/// One judgement, and the truth about what was judged.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) known: Rc<Known>,
    pub(super) observation: Observation,
    pub(super) reading: Reading,
    pub(super) purge: Purge,
    pub(super) expected: Expected<'static>,
    pub(super) ruling: Ruling,
    pub(super) truth: Truth,
    pub(super) served: Content,
}

impl Sighting {
    pub(super) fn question(&self) -> Question<'_> {
        let Self { observation, reading, purge, expected, .. } = self;
        Question {
            reference: &self.known.reference,
            expect: None,
            baseline: None,
            observation,
            reading,
            purge: *purge,
            expected: *expected,
            url: Base::default(),
        }
    }

    fn is_accusation(&self) -> bool {
        matches!(self.ruling.verdict, Verdict::Stale | Verdict::Divergent | Verdict::Failing | Verdict::Unpurged)
    }
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for look in &self.known.looks {
            writeln!(f, "look: version {} {:?}\n{}", look.version, look.content, Answer(&look.observation))?;
        }
        writeln!(f, "reference: {:?}\n", self.known.reference)?;
        writeln!(f, "served: {:?}\n{}", self.served, Answer(&self.observation))?;
        writeln!(f, "{:?}\n\n{:?}\n\n{:?}\n\n{:?}", self.reading, self.purge, self.truth, self.ruling)
    }
}

struct Answer<'o>(&'o Observation);

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Observation { head, body, received, .. } = self.0;
        writeln!(f, "  {} received {received} {body:?}", head.status)?;
        head.fields.iter().try_for_each(|(name, value)| writeln!(f, "  {name}: {value:?}"))
    }
}

/// One probe on its way.
pub(super) struct Prober<'p, 'w> {
    stage: &'p mut Stage<'w>,
    probe: &'p Probe,
    sent: u32,
    with_bodies: Option<Rc<Known>>,
}

impl<'p, 'w> Prober<'p, 'w> {
    pub(super) fn new(stage: &'p mut Stage<'w>, probe: &'p Probe) -> Self {
        Self { stage, probe, sent: 0, with_bodies: None }
    }

    /// Everything that was judged, in order.
    pub(super) fn sightings(mut self) -> Vec<Sighting> {
        let mut sightings = Vec::with_capacity(2);
        let known = self.first();
        if judge::without_asking(&known.reference, None).is_none() {
            let sighting = self.look(Rc::clone(&known));
            let is_accusation = sighting.is_accusation();
            sightings.push(sighting);
            if is_accusation {
                let again = self.again(known);
                if judge::without_asking(&again.reference, None).is_none() {
                    sightings.push(self.look(again));
                }
            }
        }
        sightings
    }

    fn look(&mut self, known: Rc<Known>) -> Sighting {
        let bodies = self.stage.world.bodies;
        let by_get = known.only_get || bodies == Bodies::Always;
        let sighting = self.sighting(known, by_get, by_get && bodies != Bodies::Never);
        if bodies == Bodies::Never || judge::judge(&sighting.question()) != Judgement::WantsBodies {
            return sighting;
        }
        let known = self.bodies_once(sighting.known.only_get);
        self.sighting(known, true, true)
    }

    fn sighting(&mut self, known: Rc<Known>, by_get: bool, with_body: bool) -> Sighting {
        self.step();
        let method = if by_get { Method::GET } else { Method::HEAD };
        let request = self.stage.request(method, self.probe.asks);
        let (response, truth) = self.stage.ask_edge(self.probe.edge, &request);
        let observation = self.observation(&response, with_body.then_some(self.probe.edge_bodies_lost));
        let reading = dialect::read(&observation.head, observation.received);
        let world = self.stage.world;
        let purged_at_ms = self.stage.purged_at_ms.filter(|_| self.probe.knows_purge);
        let purge = Purge { at: purged_at_ms.map(at), skew: Duration::from_secs(world.skew_s.unsigned_abs()) };
        let expected = Expected { pop: None, provider: world.voice.provider() };
        let ruling = judge::rule(&Question {
            expect: None,
            baseline: None,
            reference: &known.reference,
            observation: &observation,
            reading: &reading,
            purge,
            expected,
            url: Base::default(),
        });
        let served = self.stage.content(truth.served).clone();
        Sighting { known, observation, reading, purge, expected, ruling, truth, served }
    }

    /// The next request is on its way: time passes, and perhaps more.
    fn step(&mut self) {
        self.stage.now_ms += self.probe.latency_ms;
        if let Some((sent, deploy)) = self.probe.interrupted
            && sent == self.sent
        {
            self.stage.deploy(deploy);
        }
        self.sent += 1;
    }

    fn observation(&mut self, response: &Response, body_lost: Option<bool>) -> Observation {
        let sent = at(self.stage.now_ms + self.stage.world.clock_ahead_ms);
        self.stage.now_ms += self.probe.latency_ms;
        Observation {
            head: response.clone().into_head(Http::HTTP_2),
            body: match body_lost {
                None => Body::NotAsked,
                Some(true) => Body::Unavailable("lost".to_owned()),
                Some(false) => Body::Read(digest(response)),
            },
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 443),
            sent,
            received: at(self.stage.now_ms + self.stage.world.clock_ahead_ms),
            timings: Timings::default(),
            protocol: Protocol::Http2,
            tls: None,
            shared: false,
        }
    }
}

/// References, made as `verify` makes them.
impl Prober<'_, '_> {
    fn ask_origin(&mut self, with_body: bool) -> Look {
        self.step();
        let method = if with_body { Method::GET } else { Method::HEAD };
        let request = self.stage.request(method, self.probe.asks);
        let response = self.stage.ask_origin(&request);
        let observation = self.observation(&response, with_body.then_some(self.probe.origin_bodies_lost));
        Look { observation, content: self.stage.content(response.version).clone(), version: response.version }
    }

    fn first(&mut self) -> Rc<Known> {
        let bodies = self.stage.world.bodies;
        let mut only_get = false;
        let mut looks = Vec::new();
        for _ in 0..self.stage.world.samples {
            let mut look = self.ask_origin(only_get || bodies == Bodies::Always);
            if !only_get && look.observation.head.status == 405 {
                only_get = true;
                look = self.ask_origin(true);
            }
            looks.push(look);
        }
        match Known::of(looks, only_get) {
            (_, Contradiction::InTags) if bodies != Bodies::Never && !only_get => self.bodies(only_get),
            (known, _) => Rc::new(known),
        }
    }

    fn bodies(&mut self, only_get: bool) -> Rc<Known> {
        let looks = (0..self.stage.world.samples.max(2)).map(|_| self.ask_origin(true)).collect();
        Rc::new(Known::of(looks, only_get).0)
    }

    fn bodies_once(&mut self, only_get: bool) -> Rc<Known> {
        if self.with_bodies.is_none() {
            self.with_bodies = Some(self.bodies(only_get));
        }
        Rc::clone(self.with_bodies.as_ref().unwrap())
    }

    fn again(&mut self, first: Rc<Known>) -> Rc<Known> {
        let known = self.with_bodies.clone().unwrap_or(first);
        let mut known = Known::clone(&known);
        let Reference::Sound { validators, no_store, samples, .. } = &mut known.reference else {
            return Rc::new(known);
        };
        let look = self.ask_origin(known.only_get || validators.digest().is_some());
        *samples += 1;
        if is_usable(&look) {
            match contradiction(&validators.view(), &look.observation) {
                Contradiction::None => {}
                Contradiction::InTags if self.stage.world.bodies != Bodies::Never => {
                    return self.bodies_once(known.only_get);
                }
                Contradiction::InTags | Contradiction::InContent => {
                    let seen = Box::new([validators.view().into_owned(), read(&look.observation)]);
                    known.reference = Reference::Varying { seen, no_store: *no_store, samples: *samples };
                }
            }
        } else {
            known.reference = Reference::Failing { status: look.observation.head.status, samples: *samples };
        }
        known.looks.push(look);
        Rc::new(known)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contradiction {
    None,
    InTags,
    InContent,
}

impl Known {
    fn of(looks: Vec<Look>, only_get: bool) -> (Self, Contradiction) {
        let samples = u32::try_from(looks.len()).unwrap();
        let looks: Vec<Look> = looks.into_iter().filter(is_usable).collect();
        let Some(first) = looks.first() else {
            let reference = Reference::Failing { status: 503, samples };
            return (Self { reference, looks, only_get }, Contradiction::None);
        };
        let validators = read(&first.observation);
        let no_store = looks.iter().any(|look| {
            let policy = look.observation.head.joined("cache-control");
            policy.is_some_and(|value| cache_control::parse(&value).is_unstorable())
        });
        let others = looks[1..].iter().map(|look| (look, contradiction(&validators, &look.observation)));
        let contradicting = others
            .filter(|(_, how)| *how != Contradiction::None)
            .max_by_key(|(look, _)| look.observation.head.status != validators.status);
        if let Some((other, how)) = contradicting {
            let seen = Box::new([validators, read(&other.observation)]);
            return (Self { reference: Reference::Varying { seen, no_store, samples }, looks, only_get }, how);
        }
        let lost = looks.iter().any(|look| matches!(look.observation.body, Body::Unavailable(_)));
        let stored_by = looks.iter().filter_map(|look| stored_by(&look.observation)).min();
        let body_trouble = lost.then(|| "lost".into());
        let validators = (&validators).into();
        let reference = Reference::Sound { validators, no_store, stored_by, samples, body_trouble };
        (Self { reference, looks, only_get }, Contradiction::None)
    }
}

const fn is_usable(look: &Look) -> bool {
    look.observation.head.status < 500
}

fn read(observation: &Observation) -> Validators<'static> {
    Validators::of(&observation.head, &observation.body).into_owned()
}

fn contradiction(one: &Validators<'_>, other: &Observation) -> Contradiction {
    let said = Validators::of(&other.head, &other.body);
    if compare::metadata(one, &said, Base::default()).differs() {
        return Contradiction::InContent;
    }
    let ladder = compare::ladder(one, &said, Timestamp::MAX);
    match (ladder.digest, ladder.strongest()) {
        (Says::Same, _) | (Says::Silent, Says::Same | Says::Silent) => Contradiction::None,
        (Says::Silent, _) => Contradiction::InTags,
        _ => Contradiction::InContent,
    }
}

fn stored_by(look: &Observation) -> Option<Timestamp> {
    let age = age::of(&look.head).ok()??;
    look.received.checked_sub(jiff::SignedDuration::from_secs(i64::try_from(age).unwrap())).ok()
}

fn digest(response: &Response) -> Digest {
    let mut decoded = Vec::new();
    if response.headers.contains_key("content-encoding") {
        flate2::read::GzDecoder::new(&*response.body).read_to_end(&mut decoded).unwrap();
    } else {
        decoded.extend_from_slice(&response.body);
    }
    Digest { sha256: Sha256::digest(&decoded).into(), length: decoded.len() as u64 }
}
