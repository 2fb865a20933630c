//! A CDN of several layers before one origin: what each cache answers, stores and forgets. It never opens a socket,
//! and time is an argument.

use std::sync::Arc;

use super::cache::{Cache, CacheId, Delivery, Keeping, Layers, Outcome, Stored};
use super::key::{ByScope, Key, mixed};
use super::origin::{Methods, Origin, State, Version};
use super::page::{Page, Policy, Storage};
use super::purge::Purge;
use super::request::Request;
use super::response::{Response, Served};
use super::station::Station;
use super::time::Moment;
use crate::model::Timestamp;

/// Edges, shields and an origin, with what was deployed and purged. Moments may be asked in any order, but a store
/// keeps only the latest copy of each object.
#[derive(Debug, Clone, Default)]
pub struct Cdn {
    /// What is behind it all.
    pub origin: Origin,
    caches: Vec<Cache>,
    stations: Arc<Vec<Station>>,
    purges: ByScope<Arc<Purge>>,
}

/// What the model knows and a client can only infer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// The version of the copy in this cache's store, fresh or not.
    pub stored: Option<Version>,
    /// When that copy was stored.
    pub stored_at: Option<Timestamp>,
    /// The version that a request would be answered with.
    pub served: Version,
    /// When that answer left the origin.
    pub left_origin: Timestamp,
    /// The version that the origin has.
    pub at_origin: Version,
}

/// One request on its way to the origin side.
struct Asked<'a> {
    key: Key,
    path: &'a str,
    now: Moment,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asker {
    Client,
    Cache,
}

/// How a copy stands at a moment.
enum Standing {
    Fresh,
    /// Since when, and whether a purge made it so.
    Stale(Moment, bool),
    Gone,
}

type Fills = Vec<(CacheId, Stored)>;

impl Cdn {
    /// An origin with no cache before it yet.
    pub fn new(origin: Origin) -> Self {
        Self { origin, ..Self::default() }
    }

    /// One more cache, before a parent or, without one, right before the origin. At most 65,536.
    pub fn add(&mut self, station: Station, parent: Option<CacheId>, keeping: Keeping) -> CacheId {
        let id = CacheId(u16::try_from(self.caches.len()).unwrap_or(u16::MAX));
        self.caches.push(Cache::new(parent, keeping));
        Arc::make_mut(&mut self.stations).push(Station { parent, ..station });
        id
    }

    /// From that moment on, spread over the two minutes after it, the cache holds a copy of everything it may store.
    /// Costs nothing for each copy.
    pub fn warm(&mut self, cache: CacheId, at: Timestamp) {
        self.caches[cache.index()].warm = Some(Moment::of(at));
    }

    /// Sends a purge on its way.
    pub fn purge(&mut self, purge: Purge) {
        self.purges.push(&purge.scope.clone(), Arc::new(purge));
    }

    /// What a cache answers, as it stands on the wire, with what each layer did.
    pub fn answer(&mut self, cache: CacheId, request: &Request<'_>, now: Timestamp) -> Response {
        self.serve(cache, request, now).response(request)
    }

    /// What the origin answers.
    pub fn ask_origin(&self, request: &Request<'_>, now: Timestamp) -> Response {
        self.serve_origin(request, now).response(request)
    }

    /// What the model knows of an object at a cache; changes nothing.
    pub fn truth(&self, cache: CacheId, request: &Request<'_>, now: Timestamp) -> Truth {
        let asked = self.asked(request, Moment::of(now));
        let copy = self.copy(cache, &asked).filter(|copy| {
            let state = self.origin.state_of(asked.key, asked.path, copy.version);
            !matches!(self.standing(cache, copy, &state, &asked), Standing::Gone)
        });
        let delivery = self.plan(cache, &asked, Asker::Client, &mut Fills::new());
        Truth {
            stored: copy.map(|copy| copy.version),
            stored_at: copy.map(|copy| copy.at.timestamp()),
            served: delivery.state.version,
            left_origin: delivery.left.timestamp(),
            at_origin: self.origin.state_at(asked.key, asked.path, asked.now).version,
        }
    }

    /// How many copies are written down, over all caches.
    pub fn copies(&self) -> usize {
        self.caches.iter().map(|cache| cache.copies.len()).sum()
    }

    /// What a cache answers, not yet written down.
    pub fn serve(&mut self, cache: CacheId, request: &Request<'_>, now: Timestamp) -> Served {
        let now = Moment::of(now);
        let asked = self.asked(request, now);
        let mut fills = Fills::new();
        let delivery = match self.refusal(request, asked.key, 421) {
            Some(status) => made_here(status, now, Layers::default().then(Outcome::Synthetic)),
            None => self.plan(cache, &asked, Asker::Client, &mut fills),
        };
        for (cache, copy) in fills {
            self.caches[cache.index()].copies.insert(asked.key.slot, copy);
        }
        let lifetime = self.caches[cache.index()].keeping.lifetime(&delivery.state.page);
        self.served(Some(cache), asked.key, delivery, lifetime, now)
    }

    /// What a cache answers that is in trouble of its own.
    pub(super) fn serve_trouble(&self, cache: CacheId, request: &Request<'_>, status: u16, now: Timestamp) -> Served {
        let now = Moment::of(now);
        let key = Key::of(request.host, request.path, 0);
        self.served(Some(cache), key, made_here(status, now, Layers::default().then(Outcome::Synthetic)), None, now)
    }

    /// What the origin answers, not yet written down.
    pub fn serve_origin(&self, request: &Request<'_>, now: Timestamp) -> Served {
        let now = Moment::of(now);
        let asked = self.asked(request, now);
        let delivery = match self.refusal(request, asked.key, 404) {
            Some(status) => made_here(status, now, Layers::default()),
            None => self.ask_origin_for(&asked),
        };
        self.served(None, asked.key, delivery, None, now)
    }

    fn served(
        &self,
        cache: Option<CacheId>,
        key: Key,
        delivery: Delivery,
        lifetime: Option<u32>,
        now: Moment,
    ) -> Served {
        let (stations, origin) = (Arc::clone(&self.stations), &self.origin);
        let (validators, tags) = (origin.validators, origin.tags);
        Served { stations, cache, delivery, lifetime, now, key, validators, tags }
    }

    fn asked<'a>(&self, request: &Request<'a>, now: Moment) -> Asked<'a> {
        let key = Key::of(request.host, request.path, 0);
        let page = self.origin.state_at(key, request.path, now).page;
        let variant = request.variant(&page);
        Asked { key: key.of_variant(variant), path: request.path, now }
    }

    /// The status of a request that is not even looked up.
    fn refusal(&self, request: &Request<'_>, key: Key, unknown_host: u16) -> Option<u16> {
        let allowed = match self.origin.methods {
            Methods::GetAndHead => request.method == http::Method::GET || request.method == http::Method::HEAD,
            Methods::GetOnly => request.method == http::Method::GET,
        };
        match allowed {
            false => Some(405),
            true if !self.origin.serves(key) => Some(unknown_host),
            true => None,
        }
    }

    /// What a cache answers, and what it and those behind it store because of it.
    fn plan(&self, id: CacheId, asked: &Asked<'_>, from: Asker, fills: &mut Fills) -> Delivery {
        let keeping = self.caches[id.index()].keeping;
        let Some(copy) = self.copy(id, asked) else { return self.fetch(id, asked, None, fills) };
        let state = self.origin.state_of(asked.key, asked.path, copy.version);
        match self.standing(id, &copy, &state, asked) {
            Standing::Gone => self.fetch(id, asked, None, fills),
            Standing::Fresh => stored(&copy, state, Outcome::Hit, asked.now),
            Standing::Stale(since, softly) => {
                let stale_for = asked.now.seconds_since(since);
                let fetched = self.fetch(id, asked, Some(copy.version), fills);
                if stale_for < keeping.stale_while_revalidate(&state.page) {
                    let answer = stored(&copy, state, Outcome::Updating, asked.now);
                    // What a shield hands on after a soft purge starts a new life at the edge: the age it is sent
                    // with is counted from the purge.
                    let age = if softly && from == Asker::Cache { stale_for } else { answer.age };
                    Delivery { age, ..answer }
                } else if fetched.state.page.status >= 500 && stale_for < state.page.policy.stale_if_error {
                    stored(&copy, state, Outcome::Stale, asked.now)
                } else {
                    fetched
                }
            }
        }
    }

    /// Asks whoever is behind, and stores the answer where that is allowed.
    fn fetch(&self, id: CacheId, asked: &Asked<'_>, had: Option<Version>, fills: &mut Fills) -> Delivery {
        let cache = &self.caches[id.index()];
        let answer = match cache.parent {
            Some(parent) => self.plan(parent, asked, Asker::Cache, fills),
            None => self.ask_origin_for(asked),
        };
        let storable = cache.keeping.lifetime(&answer.state.page).is_some();
        if storable {
            fills.push((id, cache.keeping.copy_of(&answer, asked.now)));
        }
        let outcome = match had {
            _ if answer.state.page.status >= 500 => Outcome::Error,
            _ if !storable => Outcome::Pass,
            Some(version) if version == answer.state.version => Outcome::Revalidated,
            Some(_) => Outcome::Expired,
            None => Outcome::Miss,
        };
        Delivery { layers: answer.layers.then(outcome), inner_age: answer.age, ..answer }
    }

    fn ask_origin_for(&self, asked: &Asked<'_>) -> Delivery {
        let state = self.origin.state_at(asked.key, asked.path, asked.now);
        Delivery { state, left: asked.now, age: 0, inner_age: 0, layers: Layers::default() }
    }

    fn standing(&self, id: CacheId, copy: &Stored, state: &State, asked: &Asked<'_>) -> Standing {
        let mut softly = Moment::NEVER;
        for purge in self.purges.concerning(asked.key).into_iter().flatten() {
            let arrival = purge.arrival(id);
            if copy.at < arrival && arrival <= asked.now && purge.concerns(asked.key) {
                if !purge.soft {
                    return Standing::Gone;
                }
                softly = softly.min(arrival);
            }
        }
        let Some(lifetime) = self.caches[id.index()].keeping.lifetime(&state.page) else { return Standing::Gone };
        // Fresh means that the lifetime is greater than the age (RFC 9111 section 4.2), and an age is whole seconds.
        let expires = if copy.age_at(asked.now) < lifetime { Moment::NEVER } else { copy.expires(lifetime) };
        match expires.min(softly) {
            Moment::NEVER => Standing::Fresh,
            since => Standing::Stale(since, softly <= expires),
        }
    }

    fn copy(&self, id: CacheId, asked: &Asked<'_>) -> Option<Stored> {
        self.caches[id.index()].written(asked.key).or_else(|| self.warm_copy(id, asked)).filter(|copy| {
            // A copy of the future is none: the caller went back in time.
            copy.at <= asked.now
        })
    }

    /// The copy that a warm cache has had since it was filled: by way of its parent, where that was filled before.
    fn warm_copy(&self, id: CacheId, asked: &Asked<'_>) -> Option<Stored> {
        const SPREAD_MICROS: u64 = 120_000_000;
        let cache = &self.caches[id.index()];
        let chance = mixed(asked.key.slot ^ mixed(u64::from(id.0))) % SPREAD_MICROS;
        let stored = cache.warm?.plus_micros(i64::try_from(chance).unwrap_or(0));
        let behind = cache.parent.and_then(|parent| {
            let copy = self.warm_copy(parent, asked).filter(|copy| copy.at <= stored)?;
            Some((copy.age_at(stored), copy.left, copy.version, copy.layers.then(Outcome::Hit)))
        });
        let (age, left, version, layers) = behind.unwrap_or_else(|| {
            let version = self.origin.state_at(asked.key, asked.path, stored).version;
            let parents = std::iter::successors(cache.parent, |id| self.caches[id.index()].parent);
            let layers = parents.fold(Layers::default(), |layers, _| layers.then(Outcome::Miss));
            (0, stored, version, layers)
        });
        let state = self.origin.state_of(asked.key, asked.path, version);
        (version > 0 && cache.keeping.lifetime(&state.page).is_some()).then_some(Stored {
            at: stored,
            left,
            version,
            age,
            layers,
        })
    }
}

/// From the store, with the layers behind it as they were when the copy came.
fn stored(copy: &Stored, state: State, outcome: Outcome, now: Moment) -> Delivery {
    let layers = copy.layers.then(outcome);
    Delivery { state, left: copy.left, age: copy.age_at(now), inner_age: copy.age, layers }
}

fn made_here(status: u16, now: Moment, layers: Layers) -> Delivery {
    let page = Page::plain(status, Policy { storage: Storage::NoStore, ..Policy::default() });
    let state = State { version: 0, content: 0, deployed: now, page: Arc::new(page) };
    Delivery { state, left: now, age: 0, inner_age: 0, layers }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
