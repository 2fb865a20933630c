//! The only maker of verdicts: reference, observation and purge time in, a ruling out. Pure.

mod age;
mod evidence;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use age::AgeFacts;
pub use evidence::evidence;

use crate::compare::{self, Ladder, Metadata, Says};
use crate::model::{
    Body, CacheStatus, Observation, Reading, Reference, Silence, Timestamp, Trouble, Validators, Verdict,
};
use crate::syntax::cache_control;

/// When the purge was accepted, and how far clocks may be apart.
#[derive(Debug, Clone, Copy)]
pub struct Purge {
    /// Absent: nothing is said about time.
    pub at: Option<Timestamp>,
    /// Tolerance between our clock and the purge's.
    pub skew: Duration,
}

/// Who should have answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected<'a> {
    /// POP.
    pub pop: Option<&'a str>,
    /// Provider.
    pub provider: Option<&'a str>,
}

/// All that a verdict rests on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What it should be.
    pub reference: &'a Reference,
    /// What came.
    pub observation: &'a Observation,
    /// What that says about the caches on the way.
    pub reading: &'a Reading,
    /// When the purge was.
    pub purge: Purge,
    /// Who should have answered.
    pub expected: Expected<'a>,
}

/// A verdict and its grounds, in short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ruling {
    /// What may be claimed.
    pub verdict: Verdict,
    /// What kept a better claim from being made.
    pub trouble: Option<Trouble>,
    /// How the content compares.
    pub ladder: Option<Ladder>,
    /// How the rest of the head compares.
    pub metadata: Option<Metadata>,
    /// How old the copy is.
    pub age: AgeFacts,
}

/// What the judge says to a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judgement {
    /// Headers do not settle it: ask edge and origin for the body.
    WantsBodies,
    /// Settled, as far as it can be.
    Ruled(Ruling),
}

/// The verdict on one observation, unless only the bodies can settle it and may still be asked for.
pub fn judge(question: &Question<'_>) -> Judgement {
    match Compared::of(question) {
        Some(compared) if compared.wants_bodies => Judgement::WantsBodies,
        compared => Judgement::Ruled(ruling(question, compared.as_ref())),
    }
}

/// The verdict on one observation as it is.
pub fn rule(question: &Question<'_>) -> Ruling {
    ruling(question, Compared::of(question).as_ref())
}

fn ruling(question: &Question<'_>, compared: Option<&Compared>) -> Ruling {
    match (question.reference, compared) {
        (Reference::Sound { .. }, Some(compared)) => sound(question, compared),
        (Reference::Varying { seen, no_store, .. }, _) => varying(question, seen, *no_store),
        (Reference::Failing { .. }, _) => Ruling::bare(Verdict::Unverifiable, Some(Trouble::OriginFailing)),
        (Reference::Unreachable(_) | Reference::Sound { .. }, _) => {
            Ruling::bare(Verdict::Unverifiable, Some(Trouble::OriginUnreachable))
        }
    }
}

/// The verdict on a reference that no edge need be asked for.
pub fn without_asking(reference: &Reference) -> Option<Ruling> {
    let trouble = match reference {
        Reference::Unreachable(_) => Trouble::OriginUnreachable,
        Reference::Failing { .. } => Trouble::OriginFailing,
        Reference::Sound { .. } | Reference::Varying { .. } => return None,
    };
    Some(Ruling::bare(Verdict::Unverifiable, Some(trouble)))
}

/// The verdict on no answer.
pub const fn silence(silence: &Silence) -> Ruling {
    Ruling::bare(Verdict::Unreachable, if silence.host_not_served { Some(Trouble::HostNotServed) } else { None })
}

/// The verdict on an object whose reference turned out to contradict itself after it was judged.
pub const fn inconsistent() -> Ruling {
    Ruling::bare(Verdict::Unverifiable, Some(Trouble::OriginInconsistent))
}

impl Ruling {
    /// Only the metadata changed, and the entity tag did not.
    pub fn type_changed_under_the_same_tag(&self) -> bool {
        let type_changed = self.metadata.is_some_and(|metadata| metadata.content_type == Says::Different);
        type_changed && self.ladder.is_some_and(|ladder| ladder.etag == Says::Same)
    }

    const fn bare(verdict: Verdict, trouble: Option<Trouble>) -> Self {
        Self { verdict, trouble, ladder: None, metadata: None, age: AgeFacts::NONE }
    }
}

const fn body_asked(observation: &Observation) -> bool {
    !matches!(observation.body, Body::NotAsked)
}

/// Dates of modification after this are no dates.
fn latest(question: &Question<'_>) -> Timestamp {
    question.observation.received.checked_add(question.purge.skew).unwrap_or(Timestamp::MAX)
}

/// What the headers, or bodies already read, settle; nothing where bodies are wanted.
fn content(ladder: Ladder, metadata: Metadata, edge: &Validators<'_>) -> Option<Says> {
    if !ladder.wants_bodies() {
        return Some(ladder.strongest());
    }
    // A redirect is where it leads, an error is its status: their pages may differ from server to server.
    let page_is_beside_the_point = match edge.status {
        300..400 => metadata.location == Says::Same,
        204 | 400.. => true,
        _ => false,
    };
    (page_is_beside_the_point && metadata.status == Says::Same).then_some(Says::Same)
}

/// What is left to go by where bodies are wanted and not to be had. An equal length is a hint, and no match.
fn by_headers_alone(ladder: Ladder) -> Says {
    match ladder.strongest() {
        Says::Same => Says::Silent,
        other => other,
    }
}

/// An answer held against a sound reference.
struct Compared {
    ladder: Ladder,
    metadata: Metadata,
    says: Says,
    reference_status: u16,
    /// Only the bodies can settle it, and nobody has asked for them yet.
    wants_bodies: bool,
    /// They were asked for, and could not be had.
    body_missing: bool,
}

impl Compared {
    fn of(question: &Question<'_>) -> Option<Self> {
        let Reference::Sound { validators, body_trouble, .. } = question.reference else { return None };
        let observation = question.observation;
        let edge = Validators::of(&observation.head, &observation.body);
        let ladder = compare::ladder(validators, &edge, latest(question));
        let metadata = compare::metadata(validators, &edge);
        let content = content(ladder, metadata, &edge);
        Some(Self {
            ladder,
            metadata,
            says: content.unwrap_or_else(|| by_headers_alone(ladder)),
            reference_status: validators.status,
            wants_bodies: content.is_none() && !metadata.differs() && !body_asked(observation),
            body_missing: matches!(observation.body, Body::Unavailable(_)) || body_trouble.is_some(),
        })
    }
}

fn sound(question: &Question<'_>, compared: &Compared) -> Ruling {
    let Question { observation, reading, .. } = *question;
    let Compared { ladder, metadata, says, reference_status, body_missing, .. } = *compared;
    let age = AgeFacts::of(question);
    let status = observation.head.status;
    let error = status >= 400 && status != reference_status;
    let differs = metadata.differs() || matches!(says, Says::Older | Says::Newer | Says::Different);
    let (verdict, trouble) = if error {
        failing(question, age)
    } else if differs {
        different(question, compared, age)
    } else if says == Says::Silent {
        let body = if body_missing { Trouble::BodyUnavailable } else { Trouble::NothingToCompare };
        if is_uncached_by_design(question) { (Verdict::Uncached, None) } else { (Verdict::Unverifiable, Some(body)) }
    } else if age.predates_purge {
        (Verdict::Unpurged, None)
    } else if was_passed(reading) {
        (Verdict::Uncached, None)
    } else {
        (Verdict::Fresh, None)
    };
    by_the_expected(question, Ruling { verdict, trouble, ladder: Some(ladder), metadata: Some(metadata), age })
}

fn different(question: &Question<'_>, compared: &Compared, age: AgeFacts) -> (Verdict, Option<Trouble>) {
    // A tag that differs is no proof by itself where the bodies that could settle it were not to be had.
    let unproven = compared.body_missing && !compared.ladder.digest.speaks() && !compared.metadata.differs();
    if is_uncached_by_design(question) {
        (Verdict::Uncached, None)
    } else if unproven {
        (Verdict::Unverifiable, Some(Trouble::BodyUnavailable))
    } else if age.shows_old(compared.ladder.last_modified) {
        (Verdict::Stale, None)
    } else if question.reading.blocked {
        (Verdict::Failing, Some(Trouble::Blocked))
    } else if question.reading.status == CacheStatus::Error {
        // A page of the CDN's own, whatever status it was given.
        (Verdict::Failing, None)
    } else {
        (Verdict::Divergent, None)
    }
}

fn failing(question: &Question<'_>, age: AgeFacts) -> (Verdict, Option<Trouble>) {
    let status = question.observation.head.status;
    match status {
        429 => (Verdict::Failing, Some(Trouble::RateLimited)),
        421 => (Verdict::Failing, Some(Trouble::HostNotServed)),
        _ if question.reading.blocked => (Verdict::Failing, Some(Trouble::Blocked)),
        _ if age.predates_purge => (Verdict::Stale, None),
        _ => (Verdict::Failing, None),
    }
}

/// Where every answer of the origin is another one, only a cache that passes the request on can be cleared.
fn varying(question: &Question<'_>, seen: &[Validators<'_>; 2], no_store: bool) -> Ruling {
    let age = AgeFacts::of(question);
    let status = question.observation.head.status;
    let (verdict, trouble) = if status >= 400 && seen.iter().all(|seen| seen.status != status) {
        failing(question, age)
    } else if is_uncached_by_design(question) {
        (Verdict::Uncached, None)
    } else if no_store && age.predates_purge {
        (Verdict::Stale, None)
    } else if no_store {
        (Verdict::Unverifiable, Some(Trouble::NothingToCompare))
    } else {
        (Verdict::Unverifiable, Some(Trouble::OriginInconsistent))
    };
    by_the_expected(question, Ruling { verdict, trouble, ladder: None, metadata: None, age })
}

/// The nearest cache passed the request on, and none behind it answered from its store.
fn was_passed(reading: &Reading) -> bool {
    reading.status.is_passed() && !reading.is_from_a_store()
}

/// The origin forbids storing, or changes with every answer, and the edge says that it did not store.
fn is_uncached_by_design(question: &Question<'_>) -> bool {
    let Question { reference, reading, .. } = *question;
    let (no_store, varies) = match reference {
        Reference::Sound { no_store, .. } => (*no_store, false),
        Reference::Varying { no_store, .. } => (*no_store, true),
        Reference::Unreachable(_) | Reference::Failing { .. } => (false, false),
    };
    let aged = reading.age_seconds.is_some_and(|age| age > 0);
    let passed = was_passed(reading) || (no_store && was_missed_unstorable(question));
    (no_store || varies) && passed && !aged && question.observation.head.status < 400
}

/// Many caches say MISS of what they may not store. Of an answer that they may store it proves nothing: an old copy can
/// have come from a layer behind that does not show.
fn was_missed_unstorable(question: &Question<'_>) -> bool {
    let Question { observation, reading, .. } = *question;
    let policy = observation.head.joined("cache-control");
    matches!(reading.status, CacheStatus::Miss | CacheStatus::Expired)
        && !reading.is_from_a_store()
        && policy.is_some_and(|value| cache_control::parse(&value).is_unstorable())
}

/// Another POP or provider is no coverage of the one expected. What is worse than that keeps its verdict.
fn by_the_expected(question: &Question<'_>, ruling: Ruling) -> Ruling {
    let Question { reading, expected, .. } = *question;
    let other_provider =
        expected.provider.is_some_and(|provider| reading.provider != "unknown" && reading.provider != provider);
    let other_pop =
        expected.pop.zip(reading.pop.as_deref()).is_some_and(|(expected, seen)| !expected.eq_ignore_ascii_case(seen));
    let trouble = match (other_provider, other_pop) {
        (true, _) => Trouble::WrongProvider,
        (_, true) => Trouble::WrongPop,
        _ => return ruling,
    };
    if ruling.verdict.is_good() {
        Ruling { verdict: Verdict::Unverifiable, trouble: Some(trouble), ..ruling }
    } else {
        ruling
    }
}
