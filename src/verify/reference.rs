//! What each object should be: the origin is asked once for all edges, just before the first of them needs it.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::origin::Asker;
use crate::compare::{self, Says};
use crate::model::{Body, Digest, Expect, Observation, Reference, Silence, Timestamp, Validators};
use crate::syntax::{age, cache_control};

/// What is known of an object without asking anyone.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// What a deploy pinned.
    pub(super) expect: Option<Arc<Expect>>,
    /// What it was before the deploy.
    pub(super) baseline: Option<Arc<Validators<'static>>>,
}

/// A reference, and how it was come by.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) reference: Reference,
    pub(super) told: Told,
    /// HEAD is not allowed there, so edges are asked with GET as well.
    pub(super) only_get: bool,
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

    fn with(&self, reference: Reference) -> Self {
        Self { reference, told: self.told.clone(), only_get: self.only_get }
    }
}

/// One object's reference; whoever needs it first causes the asking, everyone shares the answer.
#[derive(Debug, Default)]
pub(super) struct Cell {
    first: OnceCell<Arc<Known>>,
    bodies: OnceCell<Arc<Known>>,
    again: OnceCell<Arc<Known>>,
}

impl Cell {
    /// What the origin says, asked more than once.
    pub(super) async fn first(&self, asker: &impl Asker) -> Arc<Known> {
        Arc::clone(self.first.get_or_init(async || Arc::new(first(asker).await)).await)
    }

    /// The same with the digest of the body.
    pub(super) async fn bodies(&self, asker: &impl Asker) -> Arc<Known> {
        Arc::clone(self.bodies.get_or_init(async || Arc::new(bodies(asker).await)).await)
    }

    /// What the origin says when asked once more, before anyone is accused.
    pub(super) async fn again(&self, asker: &impl Asker) -> Arc<Known> {
        Arc::clone(self.again.get_or_init(async || Arc::new(self.confirmed(asker).await)).await)
    }

    /// What was said last, where anything was.
    pub(super) fn latest(&self) -> Option<&Arc<Known>> {
        self.again.get().or_else(|| self.bodies.get()).or_else(|| self.first.get())
    }

    /// Asks once more and holds the answer against what was known.
    pub(super) async fn confirmed(&self, asker: &impl Asker) -> Known {
        let known = match self.bodies.get() {
            Some(known) => Arc::clone(known),
            None => self.first(asker).await,
        };
        let Reference::Sound { validators, no_store, stored_by, samples, body_trouble } = &known.reference else {
            return Known::clone(&known);
        };
        let with_body = known.only_get || validators.digest.is_some();
        let answer = match asker.ask(with_body).await {
            Ok(answer) => answer,
            Err(silence) => return known.with(Reference::Unreachable(silence)),
        };
        if !is_reference(answer.head.status) {
            let reference = Reference::Failing { status: answer.head.status, samples: samples + 1 };
            return known.with(reference);
        }
        let said = Validators::of(&answer.head, &answer.body);
        match contradiction(validators, &said, answer.received) {
            Contradiction::None => known.with(Reference::Sound {
                validators: validators.clone(),
                no_store: *no_store,
                stored_by: *stored_by,
                samples: samples + 1,
                body_trouble: body_trouble.clone(),
            }),
            // Another tag is no other content yet: two looks at the bodies settle it.
            Contradiction::InTags if asker.bodies_allowed() => Known::clone(&*self.bodies(asker).await),
            Contradiction::InTags | Contradiction::InContent => known.with(Reference::Varying {
                seen: Box::new([validators.clone(), said.into_owned()]),
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
    for _ in 0..asker.samples() {
        let mut answer = asker.ask(only_get || asker.always_bodies()).await;
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
    let said = Said::of(&answers, silence);
    let tags_contradict = matches!(&said.contradiction, Contradiction::InTags);
    if tags_contradict && asker.bodies_allowed() && !only_get {
        return bodies(asker).await;
    }
    Known { reference: said.reference, told: asker.told(), only_get }
}

async fn bodies(asker: &impl Asker) -> Known {
    let mut answers = Vec::new();
    let mut silence = None;
    for _ in 0..asker.samples().max(2) {
        match asker.ask(true).await {
            Ok(answer) => answers.push(answer),
            Err(error) => silence = Some(error),
        }
    }
    Known { reference: Said::of(&answers, silence).reference, told: asker.told(), only_get: false }
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
    fn of(answers: &[Observation], silence: Option<Silence>) -> Self {
        let plain = |reference| Self { reference, contradiction: Contradiction::None };
        let samples = u32::try_from(answers.len()).unwrap_or(u32::MAX);
        let usable: Vec<&Observation> = answers.iter().filter(|answer| is_reference(answer.head.status)).collect();
        let Some(first) = usable.first() else {
            return plain(match (answers.last(), silence) {
                (Some(answer), _) => Reference::Failing { status: answer.head.status, samples },
                (None, Some(silence)) => Reference::Unreachable(silence),
                (None, None) => Reference::Failing { status: 0, samples },
            });
        };
        let validators = Validators::of(&first.head, &first.body);
        let no_store = usable.iter().any(|answer| forbids_storing(answer));
        let contradicting = usable.iter().skip(1).find_map(|other| {
            let said = Validators::of(&other.head, &other.body);
            match contradiction(&validators, &said, other.received) {
                Contradiction::None => None,
                how => Some((said.into_owned(), how)),
            }
        });
        match contradicting {
            Some((other, how)) => Self {
                reference: Reference::Varying { seen: Box::new([validators.into_owned(), other]), no_store, samples },
                contradiction: how,
            },
            None => plain(Reference::Sound {
                validators: validators.into_owned(),
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

fn contradiction(one: &Validators<'_>, other: &Validators<'_>, received: Timestamp) -> Contradiction {
    if compare::metadata(one, other).differs() {
        return Contradiction::InContent;
    }
    let ladder = compare::ladder(one, other, received);
    match (ladder.digest, ladder.strongest()) {
        (Says::Same, _) | (Says::Silent, Says::Same | Says::Silent) => Contradiction::None,
        (Says::Silent, _) => Contradiction::InTags,
        _ => Contradiction::InContent,
    }
}

fn forbids_storing(answer: &Observation) -> bool {
    answer.head.joined("cache-control").is_some_and(|value| cache_control::parse(&value).is_unstorable())
}

/// A cache in front of the origin: how old is what it gave?
fn stored_by(answer: &Observation) -> Option<Timestamp> {
    let age = age::of(&answer.head).ok()??;
    answer.received.checked_sub(jiff::SignedDuration::from_secs(i64::try_from(age).ok()?)).ok()
}
