//! How hard one edge or origin is asked: requests under way and requests a second.

use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;

/// Spaces requests evenly. Each caller takes the next slot and waits for it, so no second ever sees more than the rate.
#[derive(Debug)]
pub(super) struct Rate(Mutex<Slots>);

#[derive(Debug)]
struct Slots {
    next: Instant,
    /// None: no limit.
    every: Option<Duration>,
}

impl Rate {
    pub(super) fn new(a_second: Option<NonZeroU32>) -> Self {
        let every = a_second.map(|rate| Duration::from_secs(1) / rate.get());
        Self(Mutex::new(Slots { next: Clock::now(), every }))
    }

    pub(super) async fn slot(&self) {
        let now = Clock::now();
        let at = {
            let mut slots = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let at = slots.next.max(now);
            slots.next = at + slots.every.unwrap_or_default();
            at
        };
        if at > now {
            sleep_until(at).await;
        }
    }

    /// Nobody is to be asked before that moment.
    pub(super) fn hold(&self, until: Instant) {
        let mut slots = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        slots.next = slots.next.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_the_rate() {
        let rate = Rate::new(NonZeroU32::new(100));
        let start = Clock::now();
        let mut sent = Vec::new();
        for _ in 0..250 {
            rate.slot().await;
            sent.push(Clock::now() - start);
        }
        for window in sent.windows(101) {
            let taken = window[100].saturating_sub(window[0]);
            assert!(taken >= Duration::from_secs(1), "{taken:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_told_to_wait_waits_whatever_the_rate() {
        for rate in [None, NonZeroU32::new(100)] {
            let rate = Rate::new(rate);
            let until = Clock::now() + Duration::from_secs(3);
            rate.hold(until);
            rate.slot().await;
            assert!(Clock::now() >= until);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nobody_waits() {
        let rate = Rate::new(None);
        let start = Clock::now();
        for _ in 0..1_000 {
            rate.slot().await;
        }
        assert_eq!(Clock::now(), start);
    }
}
