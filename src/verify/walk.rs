//! The walk of one lane over all objects, at its own pace: each is looked at until it is settled or its time is up.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use super::Network;
use super::accuse::{Settled, unless_misdirected};
use super::doors::Post;
use super::lane::{Company, Lane, Spot};
use super::look::{Before, Sight};
use super::reference::Known;
use super::signs::Remarks;
use super::waiting::{Alarm, Patience, Queue, Waiting, pause_after};
use crate::clock::Clock;
use crate::judge;
use crate::model::{Berth, Draft, Span, Verdict};

/// What a lane leaves behind.
#[derive(Debug)]
pub(super) struct Lap {
    pub(super) berth: Berth,
    /// By object; nothing where it was not asked.
    pub(super) verdicts: Box<[Option<Verdict>]>,
    /// By object, where convergence is waited for.
    pub(super) spans: Option<Box<[Span]>>,
    pub(super) addresses: Vec<String>,
    pub(super) connections: u64,
    /// For how many bits of the client subnet its addresses were found.
    pub(super) scopes: BTreeSet<Option<u8>>,
    pub(super) company: Company,
    /// What was worth a line beside the verdicts.
    pub(super) remarks: Remarks,
    /// Checks that got an answer.
    pub(super) answered: u64,
    /// Stands for all that were not asked, where there are any.
    pub(super) unreached: Option<Box<Draft>>,
}

/// What a lane leaves when the run ends before it is done.
#[derive(Default)]
struct Unsettled {
    /// Seen, and to be looked at again.
    left: HashMap<u32, Waiting>,
    not_begun: BTreeSet<u32>,
}

/// How far a check had come when the run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    NotAsked,
    /// A request was under way.
    Asked,
    /// Seen so often, and last as that.
    Seen(u32, Verdict),
}

impl Unsettled {
    fn standing(&self, object: u32) -> Standing {
        match self.left.get(&object).and_then(|waiting| Some((waiting.looks, waiting.last?))) {
            Some((looks, last)) => Standing::Seen(looks, last),
            None if self.not_begun.contains(&object) => Standing::NotAsked,
            None => Standing::Asked,
        }
    }
}

/// What is seen in passing.
pub(super) struct Glance {
    pub(super) verdict: Verdict,
    /// How long we were asked to wait.
    pub(super) asked_to_wait: Duration,
    pub(super) before: Option<Before>,
}

/// What one step with a check came to.
enum Step {
    Done { object: u32, was: Option<Verdict>, verdict: Verdict, span: Span },
    Again { waiting: Waiting, was: Option<Verdict>, asked_to_wait: Duration },
}

impl<N: Network> Lane<N> {
    /// Walks over all objects. Here, and nowhere else, an edge's requests run side by side.
    pub(super) async fn walk(self) -> (Self, Lap) {
        let objects = self.run.plan.objects(self.berth.environment);
        let mut verdicts = vec![None; objects as usize].into_boxed_slice();
        let mut spans = self.run.limit.map(|_| vec![Span::UNSEEN; objects as usize].into_boxed_slice());
        let stop = self.run.stop.clone();
        let mut stopped = std::pin::pin!(stop.wait());
        let mut ahead = self.order();
        let mut queue = Queue::new(Clock::now());
        let mut under_way = FuturesUnordered::new();
        let mut alarm = Alarm::new(Clock::now());
        let mut turn = false;
        let is_over = self.run.stop.why().is_some();
        loop {
            while !is_over && under_way.len() < self.room() {
                // New objects and those that wait take turns, so that neither keeps the other from being asked.
                turn = !turn;
                let now = Clock::now();
                let mut new = || ahead.next().map(Waiting::new);
                let next = if turn { new().or_else(|| queue.due(now)) } else { queue.due(now).or_else(new) };
                let Some(waiting) = next else { break };
                under_way.push(self.step(waiting));
            }
            let woken = queue.next_due().filter(|_| under_way.len() < self.room());
            if under_way.is_empty() && woken.is_none() {
                break;
            }
            tokio::select! {
                biased;
                _ = &mut stopped => break,
                Some(done) = under_way.next(), if !under_way.is_empty() => match done {
                    Step::Done { object, was, verdict, span } => {
                        queue.settled(object);
                        verdicts[object as usize] = Some(verdict);
                        if let Some(spans) = &mut spans {
                            spans[object as usize] = span;
                        }
                        self.run.settled(self.berth, verdict);
                        self.tell(object, was, verdict, true).await;
                    }
                    Step::Again { waiting, was, asked_to_wait } => {
                        if let Some(verdict) = waiting.last {
                            self.tell(waiting.object, was, verdict, false).await;
                        }
                        self.wait(&mut queue, waiting, asked_to_wait);
                    }
                },
                () = alarm.ring(woken), if woken.is_some() => {}
            }
        }
        drop(under_way);
        let not_begun: BTreeSet<u32> = ahead.collect();
        // Another look costs nothing but where a vendor counts them.
        if self.run.limit.is_some() && self.run.stop.why().is_none() && self.afar.is_none() {
            self.look_back(&mut verdicts, &mut spans).await;
        }
        self.ask_by_get(&verdicts).await;
        let left = queue.left();
        if let Some(spans) = &mut spans {
            for waiting in left.values() {
                spans[waiting.object as usize].not_fresh = waiting.not_fresh_at;
            }
        }
        let lap = self.lap(verdicts, spans, &Unsettled { left, not_begun });
        (self, lap)
    }

    /// Requests that may be under way. Before anything came of the first few, no more: a dead edge must not hold what
    /// others may send in the whole run.
    fn room(&self) -> usize {
        const FIRST: usize = 8;
        let most = self.edge().pace.concurrency;
        let requests = if self.is_awake.load(Relaxed) { most } else { most.min(FIRST) };
        if self.run.options.keep_all { requests } else { (requests / self.abreast(self.doors.most())).max(1) }
    }

    /// How many of so many addresses are asked side by side: with one after the other, each dead one would cost its whole
    /// timeout.
    fn abreast(&self, addresses: usize) -> usize {
        const MOST: usize = 8;
        if self.run.options.keep_all {
            return addresses.max(1);
        }
        addresses.min(MOST).min(self.edge().pace.concurrency).max(1)
    }

    fn wait(&self, queue: &mut Queue, waiting: Waiting, asked_to_wait: Duration) {
        const LONGEST_HOLD: Duration = Duration::from_secs(5);
        let Some((limit, Patience { interval, .. })) = self.run.limit.zip(self.run.options.patience) else { return };
        let pause = pause_after(waiting.looks, interval, waiting.object, self.run.options.seed);
        let now = Clock::now();
        if !asked_to_wait.is_zero() {
            // Who says so about one object means all of them, though hardly for as long as some say.
            self.rate.hold((now + asked_to_wait.min(LONGEST_HOLD)).min(limit));
        }
        queue.again(waiting, pause.max(asked_to_wait), now, limit);
    }

    /// Looks at one check: in passing while there is time, and thoroughly when it is up.
    async fn step(&self, waiting: Waiting) -> Step {
        let Waiting { object, not_fresh_at, last: was, before, .. } = waiting;
        let time_is_up = self.run.limit.is_none_or(|limit| Clock::now() >= limit);
        if !time_is_up && self.afar.as_ref().is_some_and(|afar| afar.must_wait(object)) {
            let waiting = Waiting { looks: waiting.looks + 1, ..waiting };
            return Step::Again { waiting, was, asked_to_wait: Duration::ZERO };
        }
        if !time_is_up && let Some(Glance { verdict, asked_to_wait, before }) = self.glance(object, before).await {
            let now = self.run.since_purge_ms();
            if !self.run.is_settled(verdict) {
                let looks = waiting.looks + 1;
                let waiting = Waiting { looks, not_fresh_at: now, last: Some(verdict), before, ..waiting };
                return Step::Again { waiting, was, asked_to_wait };
            }
            if verdict.is_good() {
                self.answered.fetch_add(1, Relaxed);
                return Step::Done { object, was, verdict, span: Span { not_fresh: not_fresh_at, fresh: now } };
            }
        }
        let verdict = self.check(object).await;
        let now = self.run.since_purge_ms();
        let span = if self.run.is_settled(verdict) {
            Span { not_fresh: not_fresh_at, fresh: now }
        } else {
            Span { not_fresh: now, fresh: Span::NEVER }
        };
        Step::Done { object, was, verdict, span }
    }

    /// One look at each address, and the worst of them; nothing where only a thorough look will do.
    async fn glance(&self, object: u32, before: Option<Before>) -> Option<Glance> {
        let spot = self.run.spot(self.berth.environment, object);
        if let Some(afar) = &self.afar {
            return Box::pin(self.glance_from_afar(afar, &spot)).await;
        }
        let posts = self.posts(&spot.thing).await.ok()?;
        let known = spot.cell.first(&spot.at).await;
        if judge::without_asking(&known.reference, known.expect()).is_some() {
            return None;
        }
        let worst = match &*posts {
            [post] => self.glance_at(post, &spot, &known, before).await,
            posts => {
                let looks = posts.iter().map(|post| self.glance_at(post, &spot, &known, before));
                let looks = futures::stream::iter(looks).buffered(self.abreast(posts.len())).boxed();
                let sights: Vec<Sight> = looks.collect().await;
                sights.into_iter().min_by_key(|sight| sight.verdict().rank())?
            }
        };
        if worst.is_good_by_chance() {
            return None;
        }
        if worst.verdict().is_good() {
            self.remark(&spot, &worst);
        }
        let verdict = worst.verdict();
        let before = Before::of(&worst).or(before.filter(|_| !verdict.is_good()));
        let glance = Glance { verdict, asked_to_wait: worst.asked_to_wait(), before };
        self.witnesses.note(object, worst);
        Some(glance)
    }

    async fn glance_at(
        &self,
        post: &Post<N::Client>,
        spot: &Spot<'_, N>,
        known: &Arc<Known>,
        before: Option<Before>,
    ) -> Sight {
        match unless_misdirected(self.look_past(post, spot, Arc::clone(known), false, before).await) {
            Some(sight) => sight,
            None => Box::pin(self.look_past(post, spot, Arc::clone(known), true, before)).await,
        }
    }

    /// One object, at each address of the edge: the worst counts.
    async fn check(&self, object: u32) -> Verdict {
        let spot = self.run.spot(self.berth.environment, object);
        if let Some(afar) = &self.afar {
            return Box::pin(self.check_from_afar(afar, &spot)).await;
        }
        let posts = match self.posts(&spot.thing).await {
            Ok(posts) => posts,
            Err(silence) => {
                self.report(&spot, None, &Settled::silent(silence));
                return Verdict::Unreachable;
            }
        };
        let known = spot.cell.first(&spot.at).await;
        let keep_all = self.run.options.keep_all;
        if let Some(ruling) = judge::without_asking(&known.reference, known.expect()).filter(|_| !keep_all) {
            self.report_unasked(&spot, &known, ruling);
            return ruling.verdict;
        }
        let settled = match &*posts {
            [post] => vec![(post, self.settle(post, &spot, Arc::clone(&known)).await)],
            posts => {
                let looks = posts.iter().map(|post| keyed(post, self.settle(post, &spot, Arc::clone(&known))));
                futures::stream::iter(looks).buffered(self.abreast(posts.len())).boxed().collect().await
            }
        };
        let mut worst: Option<(&Post<N::Client>, Settled)> = None;
        let mut some_good = false;
        for (post, settled) in settled {
            let rank = settled.sight.verdict().rank();
            some_good |= settled.sight.verdict().is_good();
            if worst.as_ref().is_none_or(|(_, worst)| rank < worst.sight.verdict().rank()) {
                worst = Some((post, settled));
            }
        }
        let Some((post, mut settled)) = worst else { return Verdict::Unreachable };
        settled.took_turns |= some_good;
        let verdict = settled.sight.verdict();
        settled.witness = self.witnesses.take(object, verdict).or(settled.witness);
        if matches!(settled.sight, Sight::Answer(_)) {
            self.answered.fetch_add(1, Relaxed);
        }
        self.remark(&spot, &settled.sight);
        if keep_all || !verdict.is_good() {
            self.report(&spot, Some(post), &settled);
        }
        verdict
    }

    fn lap(&self, verdicts: Box<[Option<Verdict>]>, spans: Option<Box<[Span]>>, unsettled: &Unsettled) -> Lap {
        let posts = self.doors.found();
        Lap {
            berth: self.berth,
            unreached: self.report_unreached(&verdicts, unsettled),
            verdicts,
            spans,
            addresses: posts.iter().map(|post| post.door.address.to_string()).collect(),
            connections: posts.iter().map(|post| crate::probe::Fetch::connections(&*post.door.client)).sum(),
            scopes: self.doors.scopes(),
            company: self.company.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            remarks: std::mem::take(&mut *self.remarks.lock().unwrap_or_else(PoisonError::into_inner)),
            answered: self.answered.load(Relaxed),
        }
    }

    /// Keeps findings for what the run ended before; no more than can be kept at all.
    fn report_unreached(&self, verdicts: &[Option<Verdict>], unsettled: &Unsettled) -> Option<Box<Draft>> {
        let unreached = (0..).zip(verdicts).filter(|(_, verdict)| verdict.is_none()).map(|(object, _)| object);
        let mut first = None;
        for object in unreached.take(self.run.options.drafts().max(1)) {
            let draft = self.unreached(&self.run.spot(self.berth.environment, object), unsettled.standing(object));
            match first {
                None => first = Some(Box::new(draft)),
                Some(_) => self.run.findings.keep(draft),
            }
        }
        first
    }
}

async fn keyed<K, T>(key: K, value: impl Future<Output = T>) -> (K, T) {
    (key, value.await)
}
