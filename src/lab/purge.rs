//! A purge: what it concerns, and when it arrives at which cache. It never looks into a store.

use std::collections::BTreeSet;

use super::cache::CacheId;
use super::key::{Key, Scope, digest, digest_of_host, mixed};
use super::time::Moment;
use crate::model::Timestamp;

/// A purge on its way. It finds whatever a cache stored before it arrives there, and spares what is stored at that
/// very moment or later.
#[derive(Debug, Clone)]
pub struct Purge {
    pub(super) scope: Scope,
    pub(super) soft: bool,
    at: Moment,
    /// Seed and longest delay, in microseconds.
    spread: Option<(u64, i64)>,
    /// Caches at which it arrives at another moment, or never.
    apart: Vec<(CacheId, Moment)>,
    missed_hosts: BTreeSet<u64>,
}

impl Purge {
    /// A hard purge that is everywhere at once.
    pub fn new(scope: Scope, at: Timestamp) -> Self {
        let at = Moment::of(at);
        Self { scope, soft: false, at, spread: None, apart: Vec::new(), missed_hosts: BTreeSet::new() }
    }

    /// Copies are not removed but count as stale from now on.
    #[must_use]
    pub fn soft(self) -> Self {
        Self { soft: true, ..self }
    }

    /// Each cache gets it with a delay of its own, up to the longest, by seed.
    #[must_use]
    pub fn spreading(self, seed: u64, longest: std::time::Duration) -> Self {
        Self { spread: Some((seed, i64::try_from(longest.as_micros()).unwrap_or(i64::MAX))), ..self }
    }

    /// It arrives at that cache at a moment of its own.
    #[must_use]
    pub fn arriving(mut self, cache: CacheId, at: Timestamp) -> Self {
        self.apart.push((cache, Moment::of(at)));
        self
    }

    /// It never arrives at that cache.
    #[must_use]
    pub fn lost_for(mut self, cache: CacheId) -> Self {
        self.apart.push((cache, Moment::NEVER));
        self
    }

    /// It leaves that host out, at every cache.
    #[must_use]
    pub fn missing_host(mut self, host: &str) -> Self {
        self.missed_hosts.insert(digest_of_host(host));
        self
    }

    /// When it arrives at a cache; none where it never does.
    pub fn arrives_at(&self, cache: CacheId) -> Option<Timestamp> {
        let at = self.arrival(cache);
        (at != Moment::NEVER).then(|| at.timestamp())
    }

    pub(super) fn arrival(&self, cache: CacheId) -> Moment {
        let apart = self.apart.iter().rev().find(|(other, _)| *other == cache);
        match (apart, self.spread) {
            (Some((_, at)), _) => *at,
            (None, None) => self.at,
            (None, Some((seed, longest))) => {
                let chance = mixed(seed ^ digest(&cache.0.to_le_bytes())) >> 1;
                let delay = i64::try_from(chance).unwrap_or(0) % longest.saturating_add(1).max(1);
                self.at.plus_micros(delay)
            }
        }
    }

    pub(super) fn concerns(&self, key: Key) -> bool {
        self.missed_hosts.is_empty() || !self.missed_hosts.contains(&key.host)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_spreading_purge_arrives_within_its_longest_delay_and_by_seed() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let purge = |seed| Purge::new(Scope::Everything, at).spreading(seed, Duration::from_secs(5));
        let arrivals = |seed| (0..100).map(|id| purge(seed).arrives_at(CacheId(id)).unwrap()).collect::<Vec<_>>();
        assert_eq!(arrivals(1), arrivals(1));
        assert_ne!(arrivals(1), arrivals(2));
        assert!(arrivals(1).iter().all(|arrival| *arrival >= at && *arrival <= at + Duration::from_secs(5)));
        let early = arrivals(1).into_iter().filter(|arrival| *arrival < at + Duration::from_millis(2_500)).count();
        assert!((35..=65).contains(&early), "{early}");
    }

    #[test]
    fn the_last_word_about_a_cache_counts() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let purge = Purge::new(Scope::Everything, at).lost_for(CacheId(1));
        assert_eq!(purge.arrives_at(CacheId(0)), Some(at));
        assert_eq!(purge.arrives_at(CacheId(1)), None);
        assert_eq!(purge.arriving(CacheId(1), at).arrives_at(CacheId(1)), Some(at));
    }
}
