//! The only maker of verdicts: reference, observation and purge time in, a ruling out. Pure.

mod age;
mod evidence;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use age::AgeFacts;
pub use evidence::evidence;
use http::header::CACHE_CONTROL;

use crate::compare::{self, Base, Ladder, Metadata, Says};
use crate::dialect;
use crate::model::{
    Body, CacheStatus, Expect, Observation, Reading, Reference, Silence, Timestamp, Trouble, Validators, Verdict,
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
    /// What a deploy pinned of it.
    pub expect: Option<&'a Expect>,
    /// What it was before the deploy.
    pub baseline: Option<&'a Validators<'static>>,
    /// What came.
    pub observation: &'a Observation,
    /// What that says about the caches on the way.
    pub reading: &'a Reading,
    /// When the purge was.
    pub purge: Purge,
    /// Who should have answered.
    pub expected: Expected<'a>,
    /// What was asked for.
    pub url: Base<'a>,
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
    /// Whether it is what was there before the deploy.
    pub baseline: Says,
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
        (_, Some(compared)) => sound(question, compared),
        (Reference::Varying { seen, no_store, .. }, _) => varying(question, seen, *no_store),
        // Nothing to compare with; how old the copy is can be said all the same.
        (reference, _) => {
            let bare = without_asking(reference, question.expect).unwrap_or(Ruling::bare(Verdict::Unverifiable, None));
            Ruling { age: AgeFacts::of(question), ..bare }
        }
    }
}

/// The verdict on a reference that no edge need be asked for. What is pinned stands in for an origin.
pub fn without_asking(reference: &Reference, expect: Option<&Expect>) -> Option<Ruling> {
    if expect.is_some_and(Expect::settles_content) {
        return None;
    }
    let trouble = match reference {
        Reference::Unnamed => Trouble::NoOrigin,
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

/// The verdict on a good answer that an edge of another POP gave just as well.
pub const fn not_told_apart() -> Ruling {
    Ruling::bare(Verdict::Unverifiable, Some(Trouble::NotToldApart))
}

impl Ruling {
    /// Only the metadata changed, and the entity tag did not.
    pub fn type_changed_under_the_same_tag(&self) -> bool {
        let type_changed = self.metadata.is_some_and(|metadata| metadata.content_type == Says::Different);
        type_changed && self.ladder.is_some_and(|ladder| ladder.etag == Says::Same)
    }

    const fn bare(verdict: Verdict, trouble: Option<Trouble>) -> Self {
        Self { verdict, trouble, ladder: None, metadata: None, age: AgeFacts::NONE, baseline: Says::Silent }
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
    let page_is_pinned = ladder.pinned_body_unread;
    (page_is_beside_the_point && !page_is_pinned && metadata.status == Says::Same).then_some(Says::Same)
}

/// What is left to go by where bodies are wanted and not to be had. An equal length is a hint, and no match.
fn by_headers_alone(ladder: Ladder) -> Says {
    match ladder.strongest() {
        Says::Same => Says::Silent,
        other => other,
    }
}

/// An answer held against a sound reference, or against what is pinned alone.
struct Compared {
    ladder: Ladder,
    metadata: Metadata,
    says: Says,
    reference_status: Option<u16>,
    /// Only the bodies can settle it, and nobody has asked for them yet.
    wants_bodies: bool,
    /// They were asked for, and could not be had.
    body_missing: bool,
    /// Whether it is what was there before the deploy.
    baseline: Says,
}

impl Compared {
    fn of(question: &Question<'_>) -> Option<Self> {
        let Question { reference, expect, observation, .. } = *question;
        let edge = Validators::of(&observation.head, &observation.body);
        let said = match reference {
            Reference::Sound { validators, body_trouble, .. } => Some((validators.view(), body_trouble.is_some())),
            Reference::Varying { .. } | Reference::Unreachable(_) | Reference::Failing { .. } | Reference::Unnamed => {
                None
            }
        };
        let is_sound = said.is_some();
        let pinned = expect.filter(|expect| expect.settles_content()).map(|expect| pinned_alone(expect, &edge));
        let (validators, body_trouble) = said.or_else(|| Some((pinned?, false)))?;
        let mut ladder = compare::ladder(&validators, &edge, latest(question));
        let mut metadata =
            if is_sound { compare::metadata(&validators, &edge, question.url) } else { Metadata::SILENT };
        if let Some(expect) = expect {
            ladder = ladder.pinned_to(expect, &observation.head, &edge, latest(question));
            metadata = metadata.pinned_to(expect, &edge);
        }
        let content = content(ladder, metadata, &edge);
        let body_may_settle_it = is_sound || ladder.pinned_body_unread;
        let pinned_status = expect.and_then(|expect| expect.status);
        Some(Self {
            ladder,
            metadata,
            says: content.unwrap_or_else(|| by_headers_alone(ladder)),
            reference_status: pinned_status.or(is_sound.then_some(validators.status)),
            wants_bodies: content.is_none() && body_may_settle_it && !metadata.differs() && !body_asked(observation),
            body_missing: matches!(observation.body, Body::Unavailable(_))
                || ladder.pinned_body_unread
                || (body_trouble && !ladder.pinned.speaks()),
            baseline: question.baseline.map_or(Says::Silent, |old| compare::baseline(old, &validators, &edge)),
        })
    }
}

/// What is pinned, as far as an origin could have said it.
fn pinned_alone(expect: &Expect, edge: &Validators<'_>) -> Validators<'static> {
    let text = |value: &Option<std::sync::Arc<str>>| value.as_deref().map(|text| text.to_owned().into());
    Validators {
        status: expect.status.unwrap_or(edge.status),
        etag: text(&expect.etag),
        last_modified: text(&expect.last_modified),
        ..Validators::default()
    }
}

fn sound(question: &Question<'_>, compared: &Compared) -> Ruling {
    let Question { observation, reading, .. } = *question;
    let Compared { ladder, metadata, says, reference_status, body_missing, baseline, .. } = *compared;
    let age = AgeFacts::of(question);
    let status = observation.head.status;
    let error = status >= 400 && Some(status) != reference_status;
    let differs = metadata.differs() || matches!(says, Says::Older | Says::Newer | Says::Different);
    let (verdict, trouble) = if error {
        failing(question, age, baseline)
    } else if reading.blocked && (differs || says == Says::Silent) {
        (Verdict::Failing, Some(Trouble::Blocked))
    } else if differs {
        different(question, compared, age)
    } else if says == Says::Silent {
        let body = if body_missing { Trouble::BodyUnavailable } else { Trouble::NothingToCompare };
        if is_uncached_by_design(question) { (Verdict::Uncached, None) } else { (Verdict::Unverifiable, Some(body)) }
    } else if matches!(observation.body, Body::Unavailable(_)) && !ladder.pinned.speaks() && !ladder.digest.speaks() {
        // What headers promise is not what came.
        (Verdict::Unverifiable, Some(Trouble::BodyUnavailable))
    } else if age.predates_purge {
        (Verdict::Unpurged, None)
    } else if was_passed(reading) {
        (Verdict::Uncached, None)
    } else {
        (Verdict::Fresh, None)
    };
    by_the_expected(
        question,
        Ruling { verdict, trouble, ladder: Some(ladder), metadata: Some(metadata), age, baseline },
    )
}

fn different(question: &Question<'_>, compared: &Compared, age: AgeFacts) -> (Verdict, Option<Trouble>) {
    // A tag that differs is no proof by itself where the bodies that could settle it were not to be had.
    let Compared { ladder, metadata, baseline, .. } = *compared;
    let spoke = ladder.pinned.speaks() || ladder.digest.speaks() || metadata.differs();
    let unproven = compared.body_missing && !spoke;
    if ladder.pinned != Says::Different && is_uncached_by_design(question) {
        (Verdict::Uncached, None)
    } else if unproven {
        (Verdict::Unverifiable, Some(Trouble::BodyUnavailable))
    } else if age.shows_old(ladder.last_modified) || baseline == Says::Same {
        (Verdict::Stale, None)
    } else if question.reading.status == CacheStatus::Error {
        // A page of the CDN's own, whatever status it was given.
        (Verdict::Failing, None)
    } else {
        (Verdict::Divergent, None)
    }
}

fn failing(question: &Question<'_>, age: AgeFacts, baseline: Says) -> (Verdict, Option<Trouble>) {
    let status = question.observation.head.status;
    match status {
        429 => (Verdict::Failing, Some(Trouble::RateLimited)),
        421 => (Verdict::Failing, Some(Trouble::HostNotServed)),
        _ if question.reading.blocked => (Verdict::Failing, Some(Trouble::Blocked)),
        _ if age.predates_purge || baseline == Says::Same => (Verdict::Stale, None),
        _ => (Verdict::Failing, None),
    }
}

/// Where every answer of the origin is another one, only a cache that passes the request on can be cleared.
fn varying(question: &Question<'_>, seen: &[Validators<'_>; 2], no_store: bool) -> Ruling {
    let age = AgeFacts::of(question);
    let status = question.observation.head.status;
    let (verdict, trouble) = if status >= 400 && seen.iter().all(|seen| seen.status != status) {
        failing(question, age, Says::Silent)
    } else if question.reading.blocked {
        (Verdict::Failing, Some(Trouble::Blocked))
    } else if is_uncached_by_design(question) {
        (Verdict::Uncached, None)
    } else if no_store && age.predates_purge {
        (Verdict::Stale, None)
    } else if no_store {
        (Verdict::Unverifiable, Some(Trouble::NothingToCompare))
    } else {
        (Verdict::Unverifiable, Some(Trouble::OriginInconsistent))
    };
    by_the_expected(question, Ruling { verdict, trouble, ladder: None, metadata: None, age, baseline: Says::Silent })
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
        Reference::Unreachable(_) | Reference::Failing { .. } | Reference::Unnamed => (false, false),
    };
    let aged = reading.age_seconds.is_some_and(|age| age > 0);
    let passed = was_passed(reading) || (no_store && was_missed_unstorable(question));
    (no_store || varies) && passed && !aged && question.observation.head.status < 400
}

/// Many caches say MISS of what they may not store. Of an answer that they may store it proves nothing: an old copy can
/// have come from a layer behind that does not show.
fn was_missed_unstorable(question: &Question<'_>) -> bool {
    let Question { observation, reading, .. } = *question;
    let policy = observation.head.joined(CACHE_CONTROL);
    matches!(reading.status, CacheStatus::Miss | CacheStatus::Expired)
        && !reading.is_from_a_store()
        && policy.is_some_and(|value| cache_control::parse(&value).is_unstorable())
}

/// Another POP or provider is no coverage of the one expected. What is worse than that keeps its verdict.
fn by_the_expected(question: &Question<'_>, ruling: Ruling) -> Ruling {
    let Question { reading, expected, .. } = *question;
    // Which of several caches stands nearest cannot always be told: one of them being the expected one is enough.
    let is_on_the_way =
        |provider: &str| reading.provider == provider || reading.layers.iter().any(|layer| layer.provider == provider);
    let other_provider =
        expected.provider.is_some_and(|provider| reading.provider != "unknown" && !is_on_the_way(provider));
    let other_pop = expected
        .pop
        .zip(reading.pop.as_deref())
        .is_some_and(|(expected, seen)| dialect::is_elsewhere(reading.provider, seen, expected));
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
