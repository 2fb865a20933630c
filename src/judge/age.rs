//! How old a copy is, and whether that shows it to be an old one.

use http::header::{AGE, CACHE_CONTROL, DATE};

use super::Question;
use crate::compare::Says;
use crate::model::{Reference, Timestamp};
use crate::syntax::{cache_control, http_date};

/// What is known of a copy's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeFacts {
    /// The latest moment at which it can have left the origin, where it is a stored one.
    pub stored_by: Option<Timestamp>,
    /// That moment lies before the purge, tolerance included.
    pub predates_purge: bool,
    /// A cache on the way says so itself: stale, updating, or an age beyond the copy's lifetime.
    pub says_stale: bool,
}

impl AgeFacts {
    /// Nothing is known.
    pub const NONE: Self = Self { stored_by: None, predates_purge: false, says_stale: false };

    pub(super) fn of(question: &Question<'_>) -> Self {
        let Question { reading, purge, .. } = *question;
        let stored_by = stored_by(question);
        let before_purge = |moment: Timestamp| {
            let limit = purge.at.and_then(|at| at.checked_sub(purge.skew).ok());
            limit.is_some_and(|limit| moment < limit)
        };
        // A cache in front of the origin that kept its own old copy makes every edge look old.
        let origin_is_old = match question.reference {
            Reference::Sound { stored_by: Some(moment), .. } => before_purge(*moment),
            _ => false,
        };
        Self {
            stored_by,
            predates_purge: stored_by.is_some_and(before_purge) && !origin_is_old,
            says_stale: reading.says_stale() || outlived(question),
        }
    }

    /// Whether content that differs from the reference is shown to be the older one.
    pub(super) fn shows_old(self, last_modified: Says) -> bool {
        self.predates_purge || self.says_stale || last_modified == Says::Older
    }
}

/// `received - Age` (RFC 9111 section 4.2.3); `Date` only where the cache is known to keep the origin's.
fn stored_by(question: &Question<'_>) -> Option<Timestamp> {
    let Question { observation, reading, .. } = *question;
    if let Some(age) = reading.age_seconds {
        return observation.received.checked_sub(jiff::SignedDuration::from_secs(i64::try_from(age).ok()?)).ok();
    }
    if !reading.date_is_origins || !reading.status.is_stored() || observation.head.has(AGE) {
        return None;
    }
    // `Date` is cut to whole seconds: the copy may have been made until the end of that one.
    let date = http_date::parse(&observation.head.first(DATE)?)?;
    date.checked_add(jiff::SignedDuration::from_secs(1)).ok()
}

/// A copy served beyond its lifetime, as in a cache's grace, though its status says hit. A lifetime of nothing is what
/// some CDNs show to clients while they keep the copy for long, and says nothing.
fn outlived(question: &Question<'_>) -> bool {
    let Some(age) = question.reading.age_seconds else { return false };
    let lifetime = question.observation.head.joined(CACHE_CONTROL).and_then(|value| {
        let read = cache_control::parse(&value);
        read.shared_lifetime()
    });
    lifetime.is_some_and(|lifetime| lifetime > 0 && age > lifetime)
}
