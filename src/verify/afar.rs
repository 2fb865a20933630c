//! Checks that a vendor's machines make for us. One call shows an object at many places, so it is one check as at an
//! edge with several addresses: the worst of them counts, and the finding shows that one. A call is not repeated before
//! an accusation: the origin is asked again, and all that the places saw is judged anew.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use super::Network;
use super::accuse::Settled;
use super::asks::Body as WantBody;
use super::lane::{Lane, Spot};
use super::look::{Look, Seen, Sight};
use super::purse::Allotted;
use super::reference::Known;
use super::walk::Glance;
use crate::clock::Clock;
use crate::compare::Says;
use crate::dialect;
use crate::judge::{self, Judgement};
use crate::model::{Ask, Body, Observation, Phase, Silence, Vantage, Verdict, counted};
use crate::vantage::{self, Sighting};

/// A lane whose edge stands for a vendor's machines.
#[derive(Debug)]
pub(super) struct Afar {
    pub(super) vantage: Arc<Vantage>,
    allotted: Allotted,
    may_ask: BTreeSet<u32>,
    /// Objects that were looked at.
    seen: Mutex<BTreeSet<u32>>,
}

impl Afar {
    pub(super) fn new(vantage: Arc<Vantage>, allotted: Allotted) -> Self {
        let may_ask = allotted.objects.iter().copied().collect();
        Self { vantage, allotted, may_ask, seen: Mutex::default() }
    }

    /// What is left of the budget is kept for others: this object is looked at again at the end. Else it is paid for.
    pub(super) fn must_wait(&self, object: u32) -> bool {
        if !self.may_ask.contains(&object) {
            return false;
        }
        let is_first = self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(object);
        if is_first {
            self.allotted.purse.keep_promise(self.vantage.cost());
            return false;
        }
        !self.allotted.purse.spare(self.vantage.cost())
    }

    fn unasked(&self, error: &str) -> Silence {
        Silence::new(Phase::Unasked, self.vantage.authority(), error)
    }

    fn over_budget(&self) -> Silence {
        let budget = counted(self.vantage.budget.into(), self.vantage.unit());
        self.unasked(&format!("not asked: its budget of {budget} an hour goes to what is more urgent"))
    }
}

impl<N: Network> Lane<N> {
    /// All objects: what a vendor may be asked for first, the most urgent of it before the rest.
    pub(super) fn order(&self) -> Box<dyn Iterator<Item = u32> + Send + '_> {
        let fair = self.run.order(self.berth.environment).iter().copied();
        match &self.afar {
            None => Box::new(fair),
            Some(afar) => {
                let rest = fair.filter(|object| !afar.may_ask.contains(object));
                Box::new(afar.allotted.objects.iter().copied().chain(rest))
            }
        }
    }

    /// What the vendor is to ask for. It counts calls, so the body is asked for at once.
    pub(super) fn afar_ask(&self, spot: &Spot<'_, N>) -> Ask {
        let options = &self.run.options;
        let body = match (options.bodies_allowed(), options.method) {
            (true, _) => WantBody::Digest,
            (false, crate::model::Method::Get) => WantBody::LeaveByGet,
            (false, crate::model::Method::Head) => WantBody::Leave,
        };
        self.asks.edge(self.edge(), &spot.thing, body, false)
    }

    /// One call that was paid for, the worst it showed, and how long we were asked to wait; nothing where only a
    /// thorough look will do.
    pub(super) async fn glance_from_afar(&self, afar: &Afar, spot: &Spot<'_, N>) -> Option<Glance> {
        if !afar.may_ask.contains(&spot.object) {
            return None;
        }
        let known = spot.cell.first(&spot.at).await;
        if judge::without_asking(&known.reference, known.expect()).is_some() {
            return None;
        }
        let sight = match self.survey(afar, spot).await {
            Ok(sightings) => self.worst(spot, &known, &sightings).await,
            Err(silence) => Sight::silent(silence),
        };
        if sight.verdict().is_good() {
            afar.allotted.purse.release(afar.vantage.cost());
            self.remark(spot, &sight);
        }
        Some(Glance { verdict: sight.verdict(), asked_to_wait: sight.asked_to_wait(), before: None })
    }

    /// One object, at all places of the vendor's.
    pub(super) async fn check_from_afar(&self, afar: &Afar, spot: &Spot<'_, N>) -> Verdict {
        if !afar.may_ask.contains(&spot.object) {
            let why = vantage::cannot_ask(&afar.vantage, &self.afar_ask(spot), &self.run.inventory.secrets);
            let silence = why.map_or_else(|| afar.over_budget(), |why| afar.unasked(&format!("not asked: {why}")));
            self.report(spot, None, &Settled::silent(silence));
            return Verdict::Unreachable;
        }
        let known = spot.cell.first(&spot.at).await;
        let keep_all = self.run.options.keep_all;
        if let Some(ruling) = judge::without_asking(&known.reference, known.expect()).filter(|_| !keep_all) {
            self.report_unasked(spot, &known, ruling);
            return ruling.verdict;
        }
        afar.allotted.purse.keep_promise(afar.vantage.cost());
        let settled = self.settle_from_afar(afar, spot, known).await;
        let verdict = settled.sight.verdict();
        if matches!(settled.sight, Sight::Answer(_)) {
            self.answered.fetch_add(1, Relaxed);
        }
        self.remark(spot, &settled.sight);
        if keep_all || !verdict.is_good() {
            self.report(spot, None, &settled);
        }
        verdict
    }

    async fn settle_from_afar(&self, afar: &Afar, spot: &Spot<'_, N>, known: Arc<Known>) -> Settled {
        let settled = |sight| Settled { sight, witness: None, attempts: 1, took_turns: false };
        let sightings = match self.survey(afar, spot).await {
            Ok(sightings) => sightings,
            Err(silence) => return settled(Sight::silent(silence)),
        };
        let worst = self.worst(spot, &known, &sightings).await;
        if !worst.is_accusation() {
            return settled(worst);
        }
        let known = spot.cell.again(&spot.at).await;
        match judge::without_asking(&known.reference, known.expect()) {
            Some(ruling) => settled(worst.overruled(known, ruling)),
            None => settled(self.worst(spot, &known, &sightings).await),
        }
    }

    async fn survey(&self, afar: &Afar, spot: &Spot<'_, N>) -> Result<Vec<Sighting>, Silence> {
        let _permit = self.rate.turn(self.run.permits.as_ref()).await;
        self.run.progress.requested();
        let until = Clock::now() + afar.vantage.timeout;
        self.run.network.survey(self.edge(), &self.afar_ask(spot), until).await
    }

    /// What the worst of all places saw.
    async fn worst(&self, spot: &Spot<'_, N>, known: &Arc<Known>, sightings: &[Sighting]) -> Sight {
        let right = sightings.iter().find_map(|sighting| self.hash_of_the_right_one(known, sighting));
        let mut worst: Option<Sight> = None;
        for sighting in sightings {
            let sight = match &sighting.answer {
                Err(silence) => Sight::silent(silence.clone()),
                Ok(observation) => {
                    let is_another = right.is_some() && sighting.hash.is_some() && right != sighting.hash.as_deref();
                    self.judged_from_afar(spot, Arc::clone(known), observation, is_another).await
                }
            };
            if worst.as_ref().is_none_or(|worst| sight.verdict().rank() < worst.verdict().rank()) {
                worst = Some(sight);
            }
        }
        worst.unwrap_or_else(|| Sight::silent(Silence::new(Phase::Protocol, &self.edge().id.edge, "nobody was asked")))
    }

    /// The vendor's digest of a body whose tag says that it is the origin's.
    fn hash_of_the_right_one<'s>(&self, known: &Known, sighting: &'s Sighting) -> Option<&'s str> {
        let hash = sighting.hash.as_deref()?;
        let observation = without_body(sighting.answer.as_ref().ok()?);
        let reading = dialect::read(&observation.head, observation.received);
        let ruling = judge::rule(&self.question(known, &Seen { observation, reading }));
        let ladder = ruling.ladder?;
        (ladder.etag == Says::Same && !ladder.etag_weakened && ladder.content_length != Says::Different).then_some(hash)
    }

    /// One answer: by its headers if they settle it, else by its body; or without that, where it is known to be another
    /// body than the right one.
    async fn judged_from_afar(
        &self,
        spot: &Spot<'_, N>,
        known: Arc<Known>,
        observation: &Observation,
        is_another: bool,
    ) -> Sight {
        let options = &self.run.options;
        let mut seen = self.read(without_body(observation));
        let question = self.question(&known, &seen);
        let wants_body = matches!(judge::judge(&question), Judgement::WantsBodies) || options.always_bodies();
        if !wants_body || !options.bodies_allowed() || is_another {
            let ruling = judge::rule(&question);
            return Sight::Answer(Box::new(Look { known, seen, opening: None, ruling }));
        }
        let is_read = matches!(observation.body, Body::Read(_));
        let known = if !is_read || known.needs_no_other_body() { known } else { spot.cell.bodies(&spot.at).await };
        seen.observation.body = match &observation.body {
            Body::NotAsked => Body::Unavailable("it was not asked for".to_owned()),
            body => body.clone(),
        };
        let ruling = judge::rule(&self.question(&known, &seen));
        Sight::Answer(Box::new(Look { known, seen, opening: None, ruling }))
    }
}

fn without_body(observation: &Observation) -> Observation {
    Observation { body: Body::NotAsked, ..observation.clone() }
}
