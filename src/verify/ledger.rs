//! What answers say of how they are kept, object by object: for holding environments against each other, and for advice.
//! Where neither is wanted it takes no room, and nothing in it touches a verdict.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use http::header::ACCEPT_ENCODING;

use super::Network;
use super::lane::{Lane, Spot};
use super::look::Look;
use crate::compare;
use crate::dialect::{self, Told};
use crate::fold::Tallies;
use crate::inventory::Plan;
use crate::model::{Advised, Body, Method, Policy, Reference, Tallied, Trouble, Validators, Verdict};
use crate::rules::advice::{self, Given};

/// Of so many edges of an environment most say the same, whatever one of them says.
const ENOUGH: u8 = 3;

/// How many answers by GET holding environments against each other takes at most.
pub fn most_by_get(plan: &Plan) -> u64 {
    let environments = plan.inventory().environments.iter().enumerate();
    let each =
        environments.map(|(nth, known)| u64::from(plan.objects(nth)) * (known.edges.len() as u64).min(ENOUGH.into()));
    each.sum()
}

/// Of all lanes.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Where there are several environments.
    policies: Option<Mutex<Tallies<Policy>>>,
    /// By environment and object: how many edges have told all, or are asked to.
    told_all: Vec<Box<[AtomicU8]>>,
    /// Where advice is wanted.
    advised: Option<Mutex<Tallies<Advised>>>,
}

impl Ledger {
    pub(super) fn new(plan: &Plan, advise: bool) -> Self {
        let environments = plan.inventory().environments.len();
        let sizes = || (0..environments).map(|nth| plan.objects(nth) as usize);
        let compares = environments > 1;
        let untold = |many: usize| (0..many).map(|_| AtomicU8::new(0)).collect();
        Self {
            policies: compares.then(|| Mutex::new(Tallies::new(sizes()))),
            told_all: if compares { sizes().map(untold).collect() } else { Vec::new() },
            advised: advise.then(|| Mutex::new(Tallies::new(sizes()))),
        }
    }

    /// Environments are held against each other.
    pub(super) const fn compares(&self) -> bool {
        self.policies.is_some()
    }

    pub(super) const fn is_kept(&self) -> bool {
        self.policies.is_some() || self.advised.is_some()
    }

    pub(super) fn policies(&self) -> Option<Tallied<Policy>> {
        self.policies.as_ref().map(tallied)
    }

    pub(super) fn advised(&self) -> Option<Tallied<Advised>> {
        self.advised.as_ref().map(tallied)
    }

    pub(super) fn note(&self, environment: usize, object: u32, policy: Policy) {
        if let Some(policies) = &self.policies {
            policies.lock().unwrap_or_else(PoisonError::into_inner).add(environment, object, policy, 1);
        }
    }

    /// Whether one more edge should tell all: who is told so has to.
    pub(super) fn claim(&self, environment: usize, object: u32) -> bool {
        let more = |told: u8| (told < ENOUGH).then_some(told + 1);
        self.told_all(environment, object).is_some_and(|told| told.fetch_update(Relaxed, Relaxed, more).is_ok())
    }

    /// It came to nothing.
    pub(super) fn give_back(&self, environment: usize, object: u32) {
        if let Some(told) = self.told_all(environment, object) {
            told.fetch_sub(1, Relaxed);
        }
    }

    fn told_all(&self, environment: usize, object: u32) -> Option<&AtomicU8> {
        self.told_all.get(environment)?.get(object as usize)
    }
}

fn tallied<T: Ord + Clone>(tallies: &Mutex<Tallies<T>>) -> Tallied<T> {
    tallies.lock().unwrap_or_else(PoisonError::into_inner).tallied()
}

impl<N: Network> Lane<N> {
    /// Notes what an answer says of how it is kept.
    pub(super) fn take_down(&self, spot: &Spot<'_, N>, look: &Look) {
        let ledger = &self.run.ledger;
        if !ledger.is_kept() {
            return;
        }
        let (environment, object) = (self.berth.environment, spot.object);
        if ledger.compares() && look.is_what_is_served() {
            let told = Told {
                by_get: self.is_by_get(look),
                wants_no_coding: self.wants_no_coding(spot),
                counted_down_from: look.counted_down_from(),
            };
            let policy = dialect::policy(&look.seen.observation.head, &look.seen.reading, told);
            if dialect::is_all(&policy) {
                ledger.claim(environment, object);
            }
            ledger.note(environment, object, policy);
        }
        if let Some(advised) = &ledger.advised
            && (look.is_what_is_served() || look.ruling.verdict == Verdict::Stale)
        {
            let found = self.advice(spot, look);
            let mut advised = advised.lock().unwrap_or_else(PoisonError::into_inner);
            for piece in found {
                advised.add(environment, object, piece, 1);
            }
        }
    }

    /// Whether the answer that was judged came by GET.
    fn is_by_get(&self, look: &Look) -> bool {
        let options = &self.run.options;
        matches!(look.seen.observation.body, Body::Read(_))
            || look.known.only_get
            || options.method == Method::Get
            || options.always_bodies()
            || (self.afar.is_some() && options.bodies_allowed())
    }

    fn wants_no_coding(&self, spot: &Spot<'_, N>) -> bool {
        let variant = &self.run.inventory.variants[spot.thing.variant].headers;
        let wanted = spot.thing.headers.get(ACCEPT_ENCODING).or_else(|| variant.get(ACCEPT_ENCODING));
        wanted.is_none_or(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"))
    }

    fn advice(&self, spot: &Spot<'_, N>, look: &Look) -> Vec<Advised> {
        let head = &look.seen.observation.head;
        let policies = dialect::policies(head);
        let reading = &look.first_seen().reading;
        let given = Given {
            head,
            path: spot.thing.path,
            priority: self.run.inventory.tenants[spot.tenant].priority,
            policies: &policies,
            from_a_store: reading.is_from_a_store(),
            passed: reading.status.is_passed(),
            etags: look.known.etags.as_deref(),
        };
        let said = advice::ALL.iter().filter_map(|advice| Some((advice.id, (advice.speaks)(&given)?)));
        said.map(|(id, seen)| Advised { id: id.to_owned(), seen }).collect()
    }
}

impl Look {
    /// What users are served as it should be, or where nobody says how it should be: an old copy may come with an old
    /// policy, and who is not the one that was meant speaks for another environment.
    fn is_what_is_served(&self) -> bool {
        let Self { ruling, .. } = self;
        ruling.verdict.is_good()
            || ruling.verdict == Verdict::Unpurged
            || (ruling.verdict == Verdict::Unverifiable && ruling.trouble == Some(Trouble::NoOrigin))
    }

    /// The origin's `Cache-Control`, where the answer shows what is left of it.
    fn counted_down_from(&self) -> Option<&str> {
        let reading = &self.seen.reading;
        let Reference::Sound { validators, .. } = &self.known.reference else { return None };
        let edge = Validators::of(&self.seen.observation.head, &Body::NotAsked);
        let age = reading.counts_max_age_down.then(|| reading.age_seconds.unwrap_or(0))?;
        let said = validators.view();
        let Some(Cow::Borrowed(origins)) = said.cache_control else { return None };
        compare::same_policy(&said, &edge, Some(age)).then_some(origins)
    }
}
