//! Checks that are not settled yet, and when each is looked at again.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::look::Before;
use crate::model::Verdict;

/// How long to wait for convergence, and how often to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the purge on.
    pub within: Duration,
    /// The longest pause between two looks at one check.
    pub interval: Duration,
}

/// One check to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) object: u32,
    /// Looks so far.
    pub(super) looks: u32,
    /// When it was last seen not to be fresh, in milliseconds since the purge.
    pub(super) not_fresh_at: u32,
    /// What it was last seen as.
    pub(super) last: Option<Verdict>,
    /// The body that it was last seen with, where that was another.
    pub(super) before: Option<Before>,
}

/// The checks of one lane that are not settled after a look. There may be millions, over all lanes: what is searched for
/// the soonest holds eight bytes of each.
#[derive(Debug)]
pub(super) struct Queue {
    since: Instant,
    /// Milliseconds since then, as timers count, and the object; soonest first.
    due: BinaryHeap<Reverse<(u32, u32)>>,
    /// Those that are due at some time, and those that are being looked at.
    unsettled: HashMap<u32, Waiting>,
}

impl Queue {
    /// The first pause; each further one is twice as long, up to the interval.
    const FIRST: Duration = Duration::from_millis(50);

    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, due: BinaryHeap::new(), unsettled: HashMap::new() }
    }

    /// Takes one in again after a look that did not settle it, no later than `limit`, to the millisecond.
    pub(super) fn again(&mut self, waiting: Waiting, pause: Duration, now: Instant, limit: Instant) {
        let due = (now + pause).min(limit).saturating_duration_since(self.since);
        let ms = u32::try_from(due.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX);
        self.due.push(Reverse((ms, waiting.object)));
        self.unsettled.insert(waiting.object, waiting);
    }

    /// One that is due; it stays unsettled.
    pub(super) fn due(&mut self, now: Instant) -> Option<Waiting> {
        self.next_due().filter(|due| *due <= now)?;
        let Reverse((_, object)) = self.due.pop()?;
        self.unsettled.get(&object).copied()
    }

    /// That one need not be looked at again.
    pub(super) fn settled(&mut self, object: u32) {
        self.unsettled.remove(&object);
    }

    /// Those that were not settled, whether they wait or are being looked at again.
    pub(super) fn left(self) -> HashMap<u32, Waiting> {
        self.unsettled
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((ms, _))| self.since + Duration::from_millis((*ms).into()))
    }
}

impl Waiting {
    /// Not looked at yet.
    pub(super) const fn new(object: u32) -> Self {
        Self { object, looks: 0, not_fresh_at: 0, last: None, before: None }
    }
}

/// Rings when the next check is due, or before. It is set anew only where it would ring too late: a lane waits anew after
/// every answer, and setting it costs more than ringing early once.
pub(super) struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    pub(super) fn new(at: Instant) -> Self {
        Self(Box::pin(sleep_until(at)))
    }

    pub(super) async fn ring(&mut self, due: Option<Instant>) {
        let Some(due) = due else { return };
        if self.0.is_elapsed() || self.0.deadline() > due {
            self.0.as_mut().reset(due);
        }
        self.0.as_mut().await;
    }
}

/// How long to wait after so many looks: twice as long each time, and up to a fifth less, by chance but by seed, so that
/// checks that began together do not stay together.
pub(super) fn pause_after(looks: u32, longest: Duration, object: u32, seed: u64) -> Duration {
    let doubled = Queue::FIRST.saturating_mul(1 << looks.saturating_sub(1).min(20));
    let full = doubled.min(longest);
    let less = f64::from(scattered(object, looks, seed)) / f64::from(u32::MAX) / 5.0;
    full.mul_f64(1.0 - less)
}

/// Evenly scattered numbers (the finalizer of `SplitMix64`).
pub(super) fn scattered(object: u32, salt: u32, seed: u64) -> u32 {
    let mut x = seed ^ (u64::from(object) << 32 | u64::from(salt));
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn pauses_grow_up_to_the_interval_and_scatter_below_it() {
        let longest = Duration::from_millis(500);
        for object in 0..100 {
            for (looks, full) in [(1, 50), (2, 100), (3, 200), (4, 400), (5, 500), (60, 500)] {
                let pause = pause_after(looks, longest, object, 7).as_millis();
                assert!(pause <= full && pause >= full * 4 / 5, "{looks}: {pause}");
            }
        }
        let some: std::collections::BTreeSet<_> = (0..100).map(|object| pause_after(5, longest, object, 7)).collect();
        assert!(some.len() > 90, "{}", some.len());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_due_comes_soonest_first_and_no_later_than_the_limit() {
        let now = Clock::now();
        let limit = now + Duration::from_secs(1);
        let mut queue = Queue::new(now);
        for (object, pause) in [(1, 300), (2, 100), (3, 5_000)] {
            queue.again(Waiting::new(object), Duration::from_millis(pause), now, limit);
        }
        assert_eq!(queue.due(now), None);
        let objects: Vec<_> = std::iter::from_fn(|| queue.due(limit)).map(|waiting| waiting.object).collect();
        assert_eq!(objects, [2, 1, 3]);
        queue.settled(1);
        queue.again(Waiting { looks: 7, ..Waiting::new(2) }, Duration::from_micros(1), now, limit);
        assert_eq!(queue.next_due(), Some(now + Duration::from_millis(1)));
        let mut left: Vec<_> = queue.left().into_values().map(|waiting| (waiting.object, waiting.looks)).collect();
        left.sort_unstable();
        assert_eq!(left, [(2, 7), (3, 0)]);
    }
}
