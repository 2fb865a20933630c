//! Origin and edges that say what a case has them say.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::inventory::Plan;
use purgeproof::model::{
    Ask, Body, Digest, Edge, Head, Inventory, Method, Observation, Origin, Phase, Place, Protocol, Silence, Timings,
    Want,
};
use purgeproof::probe::Fetch;
use purgeproof::syntax::heads;
use purgeproof::verify::{Door, Network};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::told::{Answer, Case};
use super::world::duration;

/// There and back.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    Origin,
    Edge(IpAddr),
}

/// One answer of a case, and how often it was asked for.
#[derive(Debug)]
pub(super) struct Scripted {
    speakers: Vec<Speaker>,
    answer: Answer,
    head: Option<Head>,
    takes: Duration,
    asked: AtomicU32,
    given: AtomicU32,
}

impl Scripted {
    pub(super) fn all(case: &Case, inventory: &Inventory) -> Result<Vec<Self>, String> {
        let answers = case.answers.iter().enumerate();
        answers
            .map(|(nth, answer)| Self::of(answer, inventory).map_err(|why| format!("answers[{nth}]: {why}")))
            .collect()
    }

    fn of(answer: &Answer, inventory: &Inventory) -> Result<Self, String> {
        let head = match (&answer.head, &answer.silence) {
            (Some(text), None) => Some(single(text)?),
            (None, Some(_)) => None,
            _ => return Err("needs either a head or a silence".to_owned()),
        };
        Ok(Self {
            speakers: answer.from.list().iter().map(|name| speaker(name, inventory)).collect::<Result<_, _>>()?,
            takes: answer.takes.as_deref().map_or(Ok(ROUND_TRIP), duration)?,
            answer: answer.clone(),
            head,
            asked: AtomicU32::new(0),
            given: AtomicU32::new(0),
        })
    }

    fn is_for(&self, speaker: Speaker, ask: &Ask, planned: bool) -> bool {
        let Answer { scheme, host, path, method, sends, shared, .. } = &self.answer;
        let sent = |(name, value): (&String, &String)| {
            ask.headers.get(name).is_some_and(|sent| sent.as_bytes() == value.as_bytes())
        };
        self.speakers.contains(&speaker)
            && scheme.as_deref().unwrap_or("https") == ask.scheme.id()
            && host.as_deref().is_none_or(|host| host == &*ask.host)
            && path.as_deref().map_or(planned, |path| path == &*ask.path)
            && method.as_deref().is_none_or(|method| method == verb(ask.method))
            && !(*shared && ask.alone)
            && sends.iter().all(sent)
    }
}

fn single(text: &str) -> Result<Head, String> {
    let mut heads = heads::parse(text.as_bytes());
    match (heads.pop(), heads.is_empty()) {
        (Some(head), true) => Ok(head),
        _ => Err(format!("not one head: {text:?}")),
    }
}

fn speaker(name: &str, inventory: &Inventory) -> Result<Speaker, String> {
    if name == "origin" {
        return Ok(Speaker::Origin);
    }
    if let Ok(address) = name.parse() {
        return Ok(Speaker::Edge(address));
    }
    let mut edges = inventory.environments.iter().flat_map(|environment| &environment.edges);
    match edges.find(|edge| &*edge.id.edge == name).map(|edge| &edge.place) {
        Some(Place::Address(address, _)) => Ok(Speaker::Edge(*address)),
        _ => Err(format!("nobody has the name or address {name:?}")),
    }
}

const fn verb(method: Method) -> &'static str {
    match method {
        Method::Head => "HEAD",
        Method::Get => "GET",
    }
}

/// All answers of a case, and what was asked for beyond them.
pub(super) struct Script {
    answers: Vec<Scripted>,
    names: BTreeMap<String, Vec<IpAddr>>,
    planned: BTreeSet<(String, String)>,
    clock: Clock,
    problems: Mutex<BTreeSet<String>>,
}

impl Script {
    pub(super) fn new(answers: Vec<Scripted>, names: BTreeMap<String, Vec<IpAddr>>, plan: &Plan, clock: Clock) -> Self {
        let object = |number| plan.object(0, number);
        let planned = (0..plan.objects(0)).map(object).map(|object| (object.host.to_string(), object.path.to_string()));
        Self { answers, names, planned: planned.collect(), clock, problems: Mutex::default() }
    }

    /// What nobody could answer, and answers that nobody asked for.
    pub(super) fn problems(&self) -> Vec<String> {
        let unasked = self.answers.iter().enumerate().filter(|(_, answer)| answer.given.load(Relaxed) == 0);
        let unasked = unasked.map(|(nth, _)| format!("answers[{nth}] was never asked for"));
        self.problems.lock().unwrap().iter().cloned().chain(unasked).collect()
    }

    fn find(&self, speaker: Speaker, ask: &Ask) -> Option<&Scripted> {
        let planned = self.planned.contains(&(ask.host.to_string(), ask.path.to_string()));
        let mut found = None;
        for answer in self.answers.iter().filter(|answer| answer.is_for(speaker, ask, planned)) {
            let nth = answer.asked.fetch_add(1, Relaxed) + 1;
            if found.is_none() && (answer.answer.since..=answer.answer.until).contains(&nth) {
                found = Some(answer);
            }
        }
        if found.is_none() && planned && ask.scheme.id() == "https" {
            self.problem(format!("{speaker:?} has no answer to {}", words(ask)));
        }
        found
    }

    fn problem(&self, what: String) {
        self.problems.lock().unwrap().insert(what);
    }

    fn body(&self, answer: &Answer, ask: &Ask) -> Body {
        let Want::Digest { max } = ask.want else { return Body::NotAsked };
        match (&answer.body, &answer.body_error) {
            (_, Some(why)) => Body::Unavailable(why.clone()),
            (Some(text), _) if text.len() as u64 > max => Body::Unavailable(format!("larger than {max} B")),
            (Some(text), _) => {
                Body::Read(Digest { sha256: Sha256::digest(text.as_bytes()).into(), length: text.len() as u64 })
            }
            (None, None) => {
                self.problem(format!("no body is told for {}", words(ask)));
                Body::Unavailable("not told".to_owned())
            }
        }
    }
}

fn words(ask: &Ask) -> String {
    format!("{} {}://{}{} {:?}", verb(ask.method), ask.scheme.id(), ask.host, ask.path, ask.headers)
}

/// Speaks to one of them.
pub(super) struct Client {
    script: Arc<Script>,
    speaker: Speaker,
    address: SocketAddr,
}

/// The script as the network that `verify` runs on.
#[derive(Clone)]
pub(super) struct Stage(pub(super) Arc<Script>);

impl Network for Stage {
    type Client = Client;

    async fn edge(&self, edge: &Edge, _host: Option<&Arc<str>>) -> Result<Vec<Door<Client>>, Silence> {
        let (addresses, port) = match &edge.place {
            Place::Address(address, port) => (vec![*address], port.unwrap_or(edge.port)),
            Place::Hostname { name, .. } => (self.0.names.get(&**name).cloned().unwrap_or_default(), edge.port),
            Place::Tenant(_) | Place::Proxy(_) | Place::Vantage(_) => {
                return Err(Silence::new(Phase::Dns, &edge.id.edge, "no case asks by tenants' names or afar"));
            }
        };
        if let (Place::Hostname { name, .. }, []) = (&edge.place, &addresses[..]) {
            return Err(Silence::new(Phase::Dns, name, "no such name (NXDOMAIN)"));
        }
        let door = |ip| {
            let address = SocketAddr::new(ip, port);
            let client = Client { script: Arc::clone(&self.0), speaker: Speaker::Edge(ip), address };
            Door { address, through: None, client, resolve: None, scope: None, led: None }
        };
        Ok(addresses.into_iter().map(door).collect())
    }

    async fn origin(&self, _environment: &str, _origin: &Origin, _authority: &str) -> Result<Vec<Client>, Silence> {
        let address = SocketAddr::from(([198, 51, 100, 1], 443));
        Ok(vec![Client { script: Arc::clone(&self.0), speaker: Speaker::Origin, address }])
    }
}

impl Fetch for Client {
    /// Connections cost nothing here.
    fn warm(&self, _ask: &Ask, _requests: usize) {}

    async fn fetch(&self, ask: &Ask, until: Instant) -> Result<Observation, Silence> {
        let silence = |phase, error: &str| Silence::new(phase, &self.address.to_string(), error);
        let sent = self.script.clock.wall();
        let Some(found) = self.script.find(self.speaker, ask) else {
            return match self.speaker {
                // The origin has nothing but what is told of it.
                Speaker::Origin => {
                    Ok(self.observation(single("HTTP/1.1 404 Not Found").unwrap(), Body::NotAsked, sent))
                }
                Speaker::Edge(_) => Err(silence(Phase::Connect, "connection refused")),
            };
        };
        found.given.fetch_add(1, Relaxed);
        if Clock::now() + found.takes > until {
            tokio::time::sleep_until(until).await;
            return Err(silence(Phase::Timeout, "no answer in time"));
        }
        tokio::time::sleep(found.takes).await;
        match (&found.answer.silence, &found.head) {
            (Some(silent), _) => {
                Err(Silence { host_not_served: silent.host_not_served, ..silence(silent.phase, &silent.error) })
            }
            (None, head) => {
                let body = self.script.body(&found.answer, ask);
                Ok(Observation { shared: found.answer.shared, ..self.observation(head.clone().unwrap(), body, sent) })
            }
        }
    }

    fn connections(&self) -> u64 {
        1
    }
}

impl Client {
    fn observation(&self, head: Head, body: Body, sent: purgeproof::model::Timestamp) -> Observation {
        Observation {
            head,
            body,
            address: self.address,
            sent,
            received: self.script.clock.wall(),
            timings: Timings::default(),
            protocol: Protocol::Http2,
            tls: None,
            shared: false,
        }
    }
}
