//! One cache's store: which copies it holds, how old they are, what a purge left of them. It never asks anyone.

use std::fmt;

use super::key::{ByDigest, Key};
use super::origin::{State, Version};
use super::page::Page;
use super::time::{Arrival, Moment};

/// One cache of a [`Cdn`](super::Cdn): an edge, a shield, or whatever stands between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheId(pub(super) u16);

impl CacheId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How long a cache keeps what it stores, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// In place of whatever the origin says.
    pub ttl: Option<u32>,
    /// Where the origin says nothing.
    pub default_ttl: u32,
    /// For errors about which the origin says nothing.
    pub negative_ttl: u32,
    /// Served stale while a new copy is fetched, where the origin allows less.
    pub grace: u32,
    /// Counts a copy's age by `Date` too (RFC 9111 section 4.2.3); most CDNs go by `Age` alone.
    pub ages_by_date: bool,
}

impl Default for Keeping {
    fn default() -> Self {
        Self { ttl: None, default_ttl: 3_600, negative_ttl: 10, grace: 0, ages_by_date: false }
    }
}

impl Keeping {
    /// How long a copy counts as fresh; none where it must not be stored.
    pub(super) fn lifetime(&self, page: &Page) -> Option<u32> {
        let explicit = page.policy.lifetime();
        if !page.is_stored() || explicit.is_none() && !page.is_heuristically_cacheable() {
            return None;
        }
        let unsaid = if page.status < 400 { self.default_ttl } else { self.negative_ttl };
        Some(self.ttl.or(explicit).unwrap_or(unsaid))
    }

    pub(super) fn stale_while_revalidate(&self, page: &Page) -> u32 {
        self.grace.max(page.policy.stale_while_revalidate)
    }

    /// What it puts into its store of an answer that came at a moment.
    pub(super) fn copy_of(&self, answer: &Delivery, now: Moment) -> Stored {
        let arrival =
            Arrival { age_value: answer.age, date_value: answer.left.whole(), request_time: now, response_time: now };
        let age = if self.ages_by_date { arrival.age_by_date() } else { arrival.age() };
        Stored { version: answer.state.version, at: now, left: answer.left, age, layers: answer.layers }
    }
}

/// What a cache did for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// Answered from a fresh copy.
    Hit = 1,
    /// No copy; fetched from behind.
    Miss,
    /// The copy was too old, and a new version came.
    Expired,
    /// The copy was too old, and whoever is behind confirmed it.
    Revalidated,
    /// Answered from a stale copy while a new one is fetched.
    Updating,
    /// Answered from a stale copy because nobody behind could.
    Stale,
    /// Fetched from behind, and not to be stored.
    Pass,
    /// An error from behind.
    Error,
    /// Made by this cache itself.
    Synthetic,
}

impl Outcome {
    const ALL: [Self; 9] = [
        Self::Hit,
        Self::Miss,
        Self::Expired,
        Self::Revalidated,
        Self::Updating,
        Self::Stale,
        Self::Pass,
        Self::Error,
        Self::Synthetic,
    ];

    /// The body came out of this cache's store, so that what is said of layers behind it is history.
    pub const fn is_stored(self) -> bool {
        matches!(self, Self::Hit | Self::Updating | Self::Stale)
    }
}

/// What each layer did, nearest first, four bits each: a copy keeps it as its stored header fields would.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Layers(u32);

impl Layers {
    /// One layer more, nearer to the client. Eight are remembered.
    pub(super) const fn then(self, outcome: Outcome) -> Self {
        Self(self.0 << 4 | outcome as u32)
    }

    pub(super) fn nearest_first(self) -> impl Iterator<Item = Outcome> {
        (0..8).map_while(move |layer| {
            let code = self.0 >> (4 * layer) & 0xf;
            Outcome::ALL.into_iter().find(|outcome| *outcome as u32 == code)
        })
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.nearest_first()).finish()
    }
}

/// A stored copy. Its content follows from its version, so there is none here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    /// When this cache stored it.
    pub(super) at: Moment,
    /// When it left the origin: the truth, which a cache knows as `Date`.
    pub(super) left: Moment,
    pub(super) version: Version,
    /// `corrected_initial_age`.
    pub(super) age: u32,
    /// What the layers behind did when it came.
    pub(super) layers: Layers,
}

impl Stored {
    /// `current_age`.
    pub(super) fn age_at(&self, now: Moment) -> u32 {
        self.age.saturating_add(now.seconds_since(self.at))
    }

    /// When its lifetime ends.
    pub(super) fn expires(&self, lifetime: u32) -> Moment {
        self.at.plus_micros((i64::from(lifetime) - i64::from(self.age)) * 1_000_000)
    }
}

/// An answer on its way from the origin side to the client side.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) state: State,
    pub(super) left: Moment,
    /// `Age` as the nearest layer would send it.
    pub(super) age: u32,
    /// `Age` as the layer behind the nearest sent it, now or when the copy came.
    pub(super) inner_age: u32,
    pub(super) layers: Layers,
}

/// One cache.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    pub(super) parent: Option<CacheId>,
    pub(super) keeping: Keeping,
    /// Since when it has held a copy of everything, without any being written down.
    pub(super) warm: Option<Moment>,
    pub(super) copies: ByDigest<Stored>,
}

impl Cache {
    pub(super) fn new(parent: Option<CacheId>, keeping: Keeping) -> Self {
        Self { parent, keeping, warm: None, copies: ByDigest::default() }
    }

    pub(super) fn written(&self, key: Key) -> Option<Stored> {
        self.copies.get(&key.slot).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::page::{Policy, Storage};

    #[test]
    fn layers_are_remembered_nearest_first() {
        let layers = Layers::default().then(Outcome::Hit).then(Outcome::Miss).then(Outcome::Synthetic);
        assert_eq!(layers.nearest_first().collect::<Vec<_>>(), [Outcome::Synthetic, Outcome::Miss, Outcome::Hit]);
        let deep = (0..9).fold(Layers::default(), |layers, _| layers.then(Outcome::Miss));
        assert_eq!(deep.nearest_first().count(), 8);
    }

    #[test]
    fn a_copy_ages_from_what_it_came_with() {
        let second = |seconds: i64| Moment::EPOCH.plus_micros(seconds * 1_000_000);
        let at = second(1_000);
        let copy = Stored { at, left: at, version: 1, age: 30, layers: Layers::default() };
        assert_eq!(copy.age_at(second(1_012)), 42);
        assert_eq!(copy.expires(60), second(1_030));
        assert_eq!(copy.expires(10), second(980));
    }

    #[test]
    fn a_lifetime_is_the_caches_own_then_the_origins_then_a_guess() {
        let keeping = Keeping::default();
        let page = Page::default();
        assert_eq!(keeping.lifetime(&page), Some(86_400));
        assert_eq!(Keeping { ttl: Some(7), ..keeping }.lifetime(&page), Some(7));
        assert_eq!(keeping.lifetime(&Page { policy: Policy::default(), ..page }), Some(3_600));
        assert_eq!(keeping.lifetime(&Page::not_found()), Some(10));
    }

    #[test]
    fn what_must_not_be_stored_has_no_lifetime() {
        let keeping = Keeping { ttl: Some(60), ..Keeping::default() };
        let private = Policy { storage: Storage::Private, max_age: Some(60), ..Policy::default() };
        assert_eq!(keeping.lifetime(&Page::dynamic()), None);
        assert_eq!(keeping.lifetime(&Page { policy: private, ..Page::default() }), None);
        assert_eq!(keeping.lifetime(&Page::plain(500, Policy::default())), None);
    }
}
