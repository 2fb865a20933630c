//! One look at one object on one address: request, reading, judgement, and the body where headers do not settle it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, ETAG, LAST_MODIFIED, RETRY_AFTER};

use super::Network;
use super::asks::Body as WantBody;
use super::doors::Post;
use super::lane::{Lane, Spot};
use super::reference::Known;
use crate::compare::Says;
use crate::dialect;
use crate::judge::{self, Expected, Judgement, Question, Ruling};
use crate::model::{Body, Observation, Reading, Silence, Trouble, Verdict};
use crate::syntax::retry_after;

/// What came of one look.
#[derive(Debug)]
pub(super) enum Sight {
    Answer(Box<Look>),
    Silent(Silence, Ruling),
}

/// An answer and what was made of it.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) known: Arc<Known>,
    /// The answer that was judged.
    pub(super) seen: Seen,
    /// The first answer, where the body had to be asked for after it.
    pub(super) opening: Option<Box<Seen>>,
    pub(super) ruling: Ruling,
}

/// One answer, read.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) observation: Observation,
    pub(super) reading: Reading,
}

impl Sight {
    pub(super) const fn ruling(&self) -> &Ruling {
        match self {
            Self::Answer(look) => &look.ruling,
            Self::Silent(_, ruling) => ruling,
        }
    }

    pub(super) const fn verdict(&self) -> Verdict {
        self.ruling().verdict
    }

    /// How long a 429 or 503 asks to wait.
    pub(super) fn asked_to_wait(&self) -> Duration {
        let Self::Answer(look) = self else { return Duration::ZERO };
        let Observation { head, received, .. } = &look.seen.observation;
        let asked = matches!(head.status, 429 | 503).then(|| head.first(RETRY_AFTER)).flatten();
        asked.and_then(|value| retry_after::parse(&value, *received)).unwrap_or_default()
    }

    /// Whether a cache answered out of its store when it was first asked.
    pub(super) fn is_from_a_store(&self) -> bool {
        matches!(self, Self::Answer(look) if look.first_seen().reading.is_from_a_store())
    }

    /// Good, but only by the second of two answers that do not agree.
    pub(super) fn is_good_by_chance(&self) -> bool {
        matches!(self, Self::Answer(look) if look.ruling.verdict.is_good() && look.head_and_get_differ())
    }

    /// Whether it is looked at again before it is reported.
    pub(super) fn is_accusation(&self) -> bool {
        match self.verdict() {
            Verdict::Stale | Verdict::Divergent | Verdict::Failing | Verdict::Unpurged => true,
            Verdict::Unverifiable => self.ruling().trouble == Some(Trouble::BodyUnavailable),
            Verdict::Fresh | Verdict::Uncached | Verdict::Unreachable => false,
        }
    }
}

impl Look {
    /// HEAD and GET were given different validators: two copies, or two servers.
    pub(super) fn head_and_get_differ(&self) -> bool {
        let tags = |seen: &Seen| {
            let head = &seen.observation.head;
            (
                head.joined(ETAG).map(std::borrow::Cow::into_owned),
                head.first(LAST_MODIFIED).map(std::borrow::Cow::into_owned),
            )
        };
        self.opening.as_ref().is_some_and(|opening| {
            let (one, other) = (tags(opening), tags(&self.seen));
            one != (None, None) && one != other
        })
    }

    /// The answer that shows what the caches did when they were first asked.
    pub(super) fn first_seen(&self) -> &Seen {
        self.opening.as_deref().unwrap_or(&self.seen)
    }
}

/// A body that was looked at and is not the origin's, by the tag and length it came with: as long as the edge sends these,
/// it holds the same copy (RFC 9110 section 8.8.3), and need not be asked for it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Before(u64, Verdict);

impl Before {
    /// Of a look that read a body and found it to be another.
    pub(super) fn of(sight: &Sight) -> Option<Self> {
        let Sight::Answer(look) = sight else { return None };
        let differs = look.ruling.ladder?.digest == Says::Different;
        let mark = look.opening.as_deref().filter(|_| differs).and_then(Seen::mark)?;
        Some(Self(mark, look.ruling.verdict))
    }

    fn is_of(self, seen: &Seen) -> bool {
        seen.mark() == Some(self.0)
    }
}

impl Seen {
    /// What the copy is marked by; nothing without a tag.
    fn mark(&self) -> Option<u64> {
        let head = &self.observation.head;
        let mut hasher = DefaultHasher::new();
        head.joined(ETAG)?.hash(&mut hasher);
        (head.status, head.first(LAST_MODIFIED), head.first(CONTENT_LENGTH)).hash(&mut hasher);
        Some(hasher.finish())
    }
}

/// What an answer comes to.
enum Weighed {
    Sight(Sight),
    WantsBodies(Arc<Known>, Box<Seen>),
}

/// The answer, unless HEAD alone was refused: who does so serves its users all the same, for they send GET.
fn taken_by_head(body: WantBody, answer: Result<Observation, Silence>) -> Option<Result<Observation, Silence>> {
    let is_refused =
        body == WantBody::Leave && answer.as_ref().is_ok_and(|answer| matches!(answer.head.status, 405 | 501));
    (!is_refused).then_some(answer)
}

impl<N: Network> Lane<N> {
    pub(super) fn question<'a>(&'a self, known: &'a Known, seen: &'a Seen) -> Question<'a> {
        Question {
            reference: &known.reference,
            expect: known.expect(),
            baseline: known.told.baseline.as_deref(),
            observation: &seen.observation,
            reading: &seen.reading,
            purge: self.run.options.purge,
            expected: Expected { pop: self.edge().pop.as_deref(), provider: self.edge().provider.as_deref() },
            url: known.told.url(self.edge().scheme.id()),
        }
    }

    /// Looks once; `alone`: on a connection of its own.
    pub(super) fn look(
        &self,
        post: &Post<N::Client>,
        spot: &Spot<'_, N>,
        known: Arc<Known>,
        alone: bool,
    ) -> impl Future<Output = Sight> + Send {
        self.look_past(post, spot, known, alone, None)
    }

    /// Looks once, and does not ask again for a body that was looked at before.
    pub(super) async fn look_past(
        &self,
        post: &Post<N::Client>,
        spot: &Spot<'_, N>,
        known: Arc<Known>,
        alone: bool,
        before: Option<Before>,
    ) -> Sight {
        let options = &self.run.options;
        let body = match (known.only_get || options.always_bodies(), options.bodies_allowed()) {
            (true, true) => WantBody::Digest,
            _ if known.only_get || options.method == crate::model::Method::Get => WantBody::LeaveByGet,
            _ => WantBody::Leave,
        };
        let answer = if let Some(answer) = taken_by_head(body, self.ask(post, spot, body, alone).await) {
            answer
        } else {
            let by_get = if options.bodies_allowed() { WantBody::Digest } else { WantBody::LeaveByGet };
            Box::pin(self.ask(post, spot, by_get, alone)).await
        };
        match self.weighed(known, answer, before) {
            Weighed::Sight(sight) => sight,
            Weighed::WantsBodies(known, opening) => {
                Box::pin(self.look_at_the_body(post, spot, known, opening, alone)).await
            }
        }
    }

    /// An answer, judged; where headers do not settle it, only if its body was looked at before.
    fn weighed(&self, known: Arc<Known>, answer: Result<Observation, Silence>, before: Option<Before>) -> Weighed {
        let seen = match answer {
            Ok(observation) => self.read(observation),
            Err(silence) => return Weighed::Sight(Sight::silent(silence)),
        };
        let question = self.question(&known, &seen);
        let judgement = if self.run.options.bodies_allowed() {
            judge::judge(&question)
        } else {
            Judgement::Ruled(judge::rule(&question))
        };
        let ruling = match judgement {
            Judgement::Ruled(ruling) => ruling,
            Judgement::WantsBodies => match before.filter(|before| before.is_of(&seen)) {
                Some(Before(_, verdict)) => Ruling { verdict, ..judge::rule(&question) },
                None => return Weighed::WantsBodies(known, Box::new(seen)),
            },
        };
        Weighed::Sight(Sight::Answer(Box::new(Look { known, seen, opening: None, ruling })))
    }

    /// Looks once by GET, on a connection of its own.
    pub(super) async fn look_by_get(&self, post: &Post<N::Client>, spot: &Spot<'_, N>, known: Arc<Known>) -> Sight {
        match self.ask(post, spot, WantBody::Digest, true).await {
            Ok(observation) => {
                let seen = self.read(observation);
                let ruling = judge::rule(&self.question(&known, &seen));
                Sight::Answer(Box::new(Look { known, seen, opening: None, ruling }))
            }
            Err(silence) => Sight::silent(silence),
        }
    }

    async fn look_at_the_body(
        &self,
        post: &Post<N::Client>,
        spot: &Spot<'_, N>,
        known: Arc<Known>,
        opening: Box<Seen>,
        alone: bool,
    ) -> Sight {
        let bodies = async { if known.needs_no_other_body() { known } else { spot.cell.bodies(&spot.at).await } };
        let asked = self.ask(post, spot, WantBody::Digest, alone);
        let (known, answer) =
            if self.run.options.keep_all { futures::join!(bodies, asked) } else { (bodies.await, asked.await) };
        let (seen, opening) = match answer {
            Ok(observation) => (self.read(observation), Some(opening)),
            Err(silence) => {
                let Seen { mut observation, reading } = *opening;
                observation.body = Body::Unavailable(silence.to_string());
                (Seen { observation, reading }, None)
            }
        };
        let ruling = judge::rule(&self.question(&known, &seen));
        Sight::Answer(Box::new(Look { known, seen, opening, ruling }))
    }

    pub(super) fn read(&self, observation: Observation) -> Seen {
        let reading = dialect::read(&observation.head, observation.received);
        self.met(&observation, &reading);
        Seen { observation, reading }
    }
}

impl Sight {
    pub(super) fn silent(silence: Silence) -> Self {
        let ruling = judge::silence(&silence);
        Self::Silent(silence, ruling)
    }
}
