//! How hard one edge or origin is asked: requests under way and requests a second.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;

/// Spaces requests evenly. One caller at a time waits for the next slot and then for room in the whole run, and the slot
/// after it is counted from when it may really send, so that no second ever sees more than the rate.
#[derive(Debug)]
pub(super) struct Rate {
    /// None: no limit.
    every: Option<Duration>,
    next: tokio::sync::Mutex<Instant>,
    held: Mutex<Option<Instant>>,
}

impl Rate {
    /// Timers are late by up to a millisecond, and machines are busy: so much may be caught up.
    const SLACK: Duration = Duration::from_millis(5);

    pub(super) fn new(a_second: Option<NonZeroU32>) -> Self {
        let every = a_second.map(|rate| Duration::from_secs(1) / rate.get());
        Self { every, next: tokio::sync::Mutex::new(Clock::now()), held: Mutex::default() }
    }

    /// Leave to send one request, as long as the permit is held; where there is always room, without one.
    pub(super) async fn turn<'p>(&self, room: Option<&'p Semaphore>) -> Option<SemaphorePermit<'p>> {
        while let Some(until) = self.held_until() {
            sleep_until(until).await;
        }
        let Some(every) = self.every else { return in_room(room).await };
        let mut next = self.next.lock().await;
        if *next > Clock::now() {
            sleep_until(*next).await;
        }
        let permit = in_room(room).await;
        let earliest = Clock::now().checked_sub(Self::SLACK).unwrap_or(*next);
        *next = (*next).max(earliest) + every;
        permit
    }

    /// Nobody is to be asked before that moment.
    pub(super) fn hold(&self, until: Instant) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |before| before.max(until)));
    }

    fn held_until(&self) -> Option<Instant> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.filter(|until| *until > Clock::now())
    }
}

async fn in_room(room: Option<&Semaphore>) -> Option<SemaphorePermit<'_>> {
    room?.acquire().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_the_rate() {
        let (rate, room) = (Rate::new(NonZeroU32::new(100)), Semaphore::new(1));
        let start = Clock::now();
        let mut sent = Vec::new();
        for _ in 0..250 {
            drop(rate.turn(Some(&room)).await);
            sent.push(Clock::now() - start);
        }
        for window in sent.windows(101) {
            let taken = window[100].saturating_sub(window[0]);
            assert!(taken + Rate::SLACK >= Duration::from_secs(1), "{taken:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_told_to_wait_waits_whatever_the_rate() {
        let room = Semaphore::new(1);
        for rate in [None, NonZeroU32::new(100)] {
            let rate = Rate::new(rate);
            let until = Clock::now() + Duration::from_secs(3);
            rate.hold(until);
            drop(rate.turn(Some(&room)).await);
            assert!(Clock::now() >= until);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waited_for_room_in_the_run_does_not_leave_in_a_burst() {
        let (rate, room) = (Rate::new(NonZeroU32::new(20)), Semaphore::new(1));
        let taken = room.acquire().await.unwrap();
        let sent = std::cell::RefCell::new(Vec::new());
        let one = || async {
            drop(rate.turn(Some(&room)).await);
            sent.borrow_mut().push(Clock::now());
        };
        let free = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            drop(taken);
        };
        tokio::join!(one(), one(), one(), one(), free);
        for pair in sent.borrow().windows(2) {
            assert!(pair[1] - pair[0] >= Duration::from_millis(45), "{:?}", pair[1] - pair[0]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nobody_waits() {
        let (rate, room) = (Rate::new(None), Semaphore::new(1));
        let start = Clock::now();
        for _ in 0..1_000 {
            drop(rate.turn(Some(&room)).await);
        }
        assert_eq!(Clock::now(), start);
    }
}
