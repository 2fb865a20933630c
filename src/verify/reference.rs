//! What each object should be: the origin is asked once for all edges, just before the first of them needs it.

use std::sync::{Arc, OnceLock};

use http::header::CACHE_CONTROL;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::origin::Asker;
use crate::clock::Clock;
use crate::compare::{self, Base, Says};
use crate::model::{Body, Digest, Expect, Observation, Reference, Silence, Timestamp, Validators};
use crate::syntax::{age, cache_control};

/// What is known of an object without asking anyone.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// What a deploy pinned.
    pub(super) expect: Option<Arc<Expect>>,
    /// What it was before the deploy.
    pub(super) baseline: Option<Arc<Validators<'static>>>,
    /// As users ask for it.
    pub(super) host: Arc<str>,
    pub(super) path: Arc<str>,
}

impl Told {
    /// What was asked for.
    pub(super) fn url<'a>(&'a self, scheme: &'a str) -> Base<'a> {
        Base { scheme, host: &self.host, path: &self.path }
    }
}

/// A reference, and how it was come by.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) reference: Reference,
    pub(super) told: Told,
    /// HEAD is not allowed there, so edges are asked with GET as well.
    pub(super) only_get: bool,
    /// Two entity tags that it gave in turns.
    pub(super) etags: Option<Arc<[String; 2]>>,
}

impl Known {
    /// What a deploy pinned.
    pub(super) fn expect(&self) -> Option<&Expect> {
        self.told.expect.as_deref()
    }

    /// What is pinned stands in for an origin that is no reference.
    pub(super) fn is_pinned(&self) -> bool {
        self.expect().is_some_and(Expect::settles_content)
    }

    /// Whether the edge's body can be judged without the origin's.
    pub(super) fn needs_no_other_body(&self) -> bool {
        let is_sound = matches!(self.reference, Reference::Sound { .. });
        self.expect().is_some_and(|expect| expect.sha256.is_some() || !is_sound)
    }

    /// Whether both are the same sound reference.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        match (&self.reference, &other.reference) {
            (Reference::Sound { validators: one, .. }, Reference::Sound { validators: other, .. }) => one == other,
            _ => false,
        }
    }

    fn with(&self, reference: Reference) -> Self {
        Self { reference, told: self.told.clone(), only_get: self.only_get, etags: self.etags.clone() }
    }
}

/// One object's reference; whoever needs it first causes the asking, everyone shares the answer.
#[derive(Debug, Default)]
pub(super) struct Cell {
    first: OnceCell<Arc<Known>>,
    /// Most objects need no more than the first looks, and there may be millions of them.
    closer: OnceLock<Box<Closer>>,
}

/// Further looks at one object's reference.
#[derive(Debug, Default)]
struct Closer {
    bodies: OnceCell<Arc<Known>>,
    /// And when.
    again: OnceCell<(Instant, Arc<Known>)>,
}

impl Cell {
    /// What the origin says, asked more than once.
    pub(super) async fn first(&self, asker: &impl Asker) -> Arc<Known> {
        match self.first.get() {
            Some(known) => Arc::clone(known),
            None => Box::pin(self.made_first(asker)).await,
        }
    }

    async fn made_first(&self, asker: &impl Asker) -> Arc<Known> {
        Arc::clone(self.first.get_or_init(async || Arc::new(first(asker).await)).await)
    }

    fn closer(&self) -> &Closer {
        self.closer.get_or_init(Box::default)
    }

    fn known_bodies(&self) -> Option<&Arc<Known>> {
        self.closer.get()?.bodies.get()
    }

    /// The same with the digest of the body.
    pub(super) async fn bodies(&self, asker: &impl Asker) -> Arc<Known> {
        Arc::clone(self.closer().bodies.get_or_init(async || Arc::new(bodies(asker).await)).await)
    }

    /// What the origin says when asked once more, before anyone is accused.
    pub(super) async fn again(&self, asker: &impl Asker) -> Arc<Known> {
        let confirmed = async || {
            let known = Arc::new(self.confirmed(asker).await);
            (Clock::now(), known)
        };
        let again = &self.closer().again.get_or_init(confirmed).await.1;
        Arc::clone(self.with_digest(again))
    }

    /// What was said again, by headers alone, takes nothing from what is known of the body if it is no other.
    fn with_digest<'c>(&'c self, again: &'c Arc<Known>) -> &'c Arc<Known> {
        let said = |known: &'c Arc<Known>| match &known.reference {
            Reference::Sound { validators, .. } => Some(validators),
            _ => None,
        };
        let Some(bodies) = self.known_bodies() else { return again };
        match (said(again), said(bodies)) {
            (Some(headers), Some(whole))
                if headers.digest().is_none() && whole.view().has_the_headers_of(&headers.view()) =>
            {
                bodies
            }
            _ => again,
        }
    }

    /// What it said when it was asked again, and when that was.
    pub(super) fn asked_again(&self) -> Option<&(Instant, Arc<Known>)> {
        self.closer.get()?.again.get()
    }

    /// What it said when it was asked again, where that contradicts what everyone was held against.
    pub(super) fn contradicted(&self) -> Option<&Known> {
        let before = self.known_bodies().or_else(|| self.first.get())?;
        let (_, again) = self.asked_again()?;
        let turned =
            matches!(before.reference, Reference::Sound { .. }) && matches!(again.reference, Reference::Varying { .. });
        turned.then_some(again)
    }

    /// What was said last, where anything was.
    pub(super) fn latest(&self) -> Option<&Arc<Known>> {
        self.asked_again()
            .map(|(_, known)| self.with_digest(known))
            .or_else(|| self.known_bodies())
            .or_else(|| self.first.get())
    }

    /// Asks once more and holds the answer against what was known.
    pub(super) async fn confirmed(&self, asker: &impl Asker) -> Known {
        let known = match self.known_bodies() {
            Some(known) => Arc::clone(known),
            None => self.first(asker).await,
        };
        let Reference::Sound { validators, no_store, stored_by, samples, body_trouble } = &known.reference else {
            return Known::clone(&known);
        };
        let with_body = known.only_get || validators.digest().is_some();
        let answer = match asker.ask(with_body).await {
            Ok(answer) => answer,
            Err(silence) => return known.with(Reference::Unreachable(silence)),
        };
        if !is_reference(answer.head.status) {
            let reference = Reference::Failing { status: answer.head.status, samples: samples + 1 };
            return known.with(reference);
        }
        let said = Validators::of(&answer.head, &answer.body);
        match contradiction(&validators.view(), &said, known.told.url("https")) {
            Contradiction::None => known.with(Reference::Sound {
                validators: validators.clone(),
                no_store: *no_store,
                stored_by: *stored_by,
                samples: samples + 1,
                body_trouble: body_trouble.clone(),
            }),
            // Another tag is no other content yet: two looks at the bodies settle it.
            Contradiction::InTags if asker.bodies_allowed() => {
                let etags = known.etags.clone().or_else(|| two_etags([&validators.view(), &said]));
                let bodies = Known::clone(&*self.bodies(asker).await);
                Known { only_get: known.only_get, etags: etags.or(bodies.etags), ..bodies }
            }
            Contradiction::InTags | Contradiction::InContent => known.with(Reference::Varying {
                seen: Box::new([validators.view().into_owned(), said.into_owned()]),
                no_store: *no_store,
                samples: samples + 1,
            }),
        }
    }
}

/// Any final answer below 500 is a reference, except 429.
const fn is_reference(status: u16) -> bool {
    status < 500 && status != 429
}

async fn first(asker: &impl Asker) -> Known {
    let mut answers = Vec::new();
    let mut silence = None;
    let mut only_get = false;
    let mut ahead = ahead(asker, asker.samples(), asker.always_bodies()).await;
    for _ in 0..asker.samples() {
        let mut answer = match ahead.next().filter(|_| !only_get) {
            Some(answer) => answer,
            None => asker.ask(only_get || asker.always_bodies()).await,
        };
        if let Ok(refused) = &answer
            && !only_get
            && matches!(refused.head.status, 405 | 501)
        {
            only_get = true;
            answer = asker.ask(true).await;
        }
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => silence = Some(error),
        }
    }
    let told = asker.told();
    let said = Said::of(&answers, silence, told.url("https"));
    let tags_contradict = matches!(&said.contradiction, Contradiction::InTags);
    if tags_contradict && asker.bodies_allowed() && !only_get {
        let bodies = bodies(asker).await;
        return Known { etags: etags_of(&answers).or(bodies.etags), ..bodies };
    }
    Known { reference: said.reference, told, only_get, etags: etags_of(&answers) }
}

async fn bodies(asker: &impl Asker) -> Known {
    let mut answers = Vec::new();
    let mut silence = None;
    let samples = asker.samples().max(2);
    let mut ahead = ahead(asker, samples, true).await;
    for _ in 0..samples {
        let answer = match ahead.next() {
            Some(answer) => answer,
            None => asker.ask(true).await,
        };
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => silence = Some(error),
        }
    }
    let told = asker.told();
    let etags = etags_of(&answers);
    Known { reference: Said::of(&answers, silence, told.url("https")).reference, told, only_get: false, etags }
}

/// Two entity tags that are not one, where any two answers have such.
fn etags_of(answers: &[Observation]) -> Option<Arc<[String; 2]>> {
    let usable = answers.iter().filter(|answer| is_reference(answer.head.status));
    let said: Vec<Validators<'_>> = usable.map(|answer| Validators::of(&answer.head, &answer.body)).collect();
    said.iter().skip(1).find_map(|other| two_etags([&said[0], other]))
}

fn two_etags([one, other]: [&Validators<'_>; 2]) -> Option<Arc<[String; 2]>> {
    let differs = one.etag != other.etag && compare::ladder(one, other, Timestamp::MAX).etag == Says::Different;
    let tags = one.etag.as_deref().zip(other.etag.as_deref()).filter(|_| differs)?;
    Some(Arc::new([tags.0.to_owned(), tags.1.to_owned()]))
}

type Answer = Result<Observation, Silence>;

/// All answers, where looks need not wait for each other; else none yet.
async fn ahead(asker: &impl Asker, samples: u32, with_body: bool) -> std::vec::IntoIter<Answer> {
    let samples = if asker.at_once() { samples } else { 0 };
    futures::future::join_all((0..samples).map(|_| asker.ask(with_body))).await.into_iter()
}

/// What several answers say together.
struct Said {
    reference: Reference,
    contradiction: Contradiction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contradiction {
    None,
    /// Tags or dates differ: the content may be the same all the same.
    InTags,
    /// Bodies, status or type differ.
    InContent,
}

impl Said {
    fn of(answers: &[Observation], silence: Option<Silence>, url: Base<'_>) -> Self {
        let plain = |reference| Self { reference, contradiction: Contradiction::None };
        let samples = u32::try_from(answers.len()).unwrap_or(u32::MAX);
        let usable: Vec<&Observation> = answers.iter().filter(|answer| is_reference(answer.head.status)).collect();
        let Some(first) = usable.first() else {
            return plain(match (answers.last(), silence) {
                (Some(answer), _) => Reference::Failing { status: answer.head.status, samples },
                (None, Some(silence)) => Reference::Unreachable(silence),
                (None, None) => Reference::Unnamed,
            });
        };
        let validators = Validators::of(&first.head, &first.body);
        let no_store = usable.iter().any(|answer| forbids_storing(answer));
        let contradicting = usable.iter().skip(1).filter_map(|other| {
            let said = Validators::of(&other.head, &other.body);
            match contradiction(&validators, &said, url) {
                Contradiction::None => None,
                how => Some((said, how)),
            }
        });
        // Another status says the most: an edge that has it is in good company.
        let contradicting = contradicting
            .max_by_key(|(said, _)| said.status != validators.status)
            .map(|(said, how)| (said.into_owned(), how));
        match contradicting {
            Some((other, how)) => Self {
                reference: Reference::Varying { seen: Box::new([validators.into_owned(), other]), no_store, samples },
                contradiction: how,
            },
            None => plain(Reference::Sound {
                validators: (&validators).into(),
                no_store,
                stored_by: usable.iter().filter_map(|answer| stored_by(answer)).min(),
                samples,
                body_trouble: usable.iter().find_map(|answer| match &answer.body {
                    Body::Unavailable(why) => Some(why.as_str().into()),
                    Body::Read(Digest { .. }) | Body::NotAsked => None,
                }),
            }),
        }
    }
}

/// Of the origin with itself, only that dates differ matters, not whether they can be: whose clock is wrong is beside
/// the point.
fn contradiction(one: &Validators<'_>, other: &Validators<'_>, url: Base<'_>) -> Contradiction {
    if compare::metadata(one, other, url).differs() {
        return Contradiction::InContent;
    }
    let ladder = compare::ladder(one, other, Timestamp::MAX);
    match (ladder.digest, ladder.strongest()) {
        (Says::Same, _) | (Says::Silent, Says::Same | Says::Silent) => Contradiction::None,
        (Says::Silent, _) => Contradiction::InTags,
        _ => Contradiction::InContent,
    }
}

fn forbids_storing(answer: &Observation) -> bool {
    answer.head.joined(CACHE_CONTROL).is_some_and(|value| cache_control::parse(&value).is_unstorable())
}

/// A cache in front of the origin: how old is what it gave?
fn stored_by(answer: &Observation) -> Option<Timestamp> {
    let age = age::of(&answer.head).ok()??;
    answer.received.checked_sub(jiff::SignedDuration::from_secs(i64::try_from(age).ok()?)).ok()
}

#[cfg(test)]
mod tests;
