//! What answers say of how they are kept, object by object: for holding environments against each other, and for advice.
//! Where neither is wanted it takes no room, and nothing in it touches a verdict.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::Network;
use super::lane::{Lane, Spot};
use super::look::Look;
use crate::compare;
use crate::dialect::{self, Told};
use crate::fold::Tallies;
use crate::inventory::Plan;
use crate::model::{Advised, Body, Method, Policy, Reference, Tallied, Trouble, Validators, Verdict};
use crate::rules::advice::{self, Given};

/// Of all lanes.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Where there are several environments.
    policies: Option<Mutex<Tallies<Policy>>>,
    /// By environment and object: somebody has asked for it by GET, or does so.
    by_get: Vec<Box<[AtomicBool]>>,
    /// Where advice is wanted.
    advised: Option<Mutex<Tallies<Advised>>>,
}

impl Ledger {
    pub(super) fn new(plan: &Plan, advise: bool) -> Self {
        let environments = plan.inventory().environments.len();
        let sizes = || (0..environments).map(|nth| plan.objects(nth) as usize);
        let compares = environments > 1;
        let unasked = |many: usize| (0..many).map(|_| AtomicBool::new(false)).collect();
        Self {
            policies: compares.then(|| Mutex::new(Tallies::new(sizes()))),
            by_get: if compares { sizes().map(unasked).collect() } else { Vec::new() },
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

    /// Whether nobody else asks for it by GET: who is told so has to.
    pub(super) fn claim(&self, environment: usize, object: u32) -> bool {
        self.flag(environment, object).is_some_and(|asked| !asked.swap(true, Relaxed))
    }

    /// It came to nothing.
    pub(super) fn give_back(&self, environment: usize, object: u32) {
        if let Some(asked) = self.flag(environment, object) {
            asked.store(false, Relaxed);
        }
    }

    fn flag(&self, environment: usize, object: u32) -> Option<&AtomicBool> {
        self.by_get.get(environment)?.get(object as usize)
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
            let by_get = self.is_by_get(look);
            if by_get {
                ledger.claim(environment, object);
            }
            let told = Told { by_get, counted_down_from: look.counted_down_from() };
            let policy = dialect::policy(&look.seen.observation.head, &look.seen.reading, told);
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
