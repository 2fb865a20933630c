//! Spares a dead address, and the run, from being dialled for every check.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;
use crate::model::{Phase, Silence};

/// Opens after a few failures to connect in a row. While it is open, one request in a while is let through to try.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    counted: Option<Instant>,
    last: Option<Silence>,
    try_again: Option<Instant>,
}

impl Breaker {
    /// So many failures to connect, with no answer between, are no accident.
    const PATIENCE: u32 = 3;
    /// How long it stays open before one request tries again.
    const PAUSE: Duration = Duration::from_secs(1);

    /// What to say instead of asking, while it is open.
    pub(super) fn refuses(&self) -> Option<Silence> {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Clock::now();
        let due = state.try_again?;
        if now >= due {
            state.try_again = Some(now + Self::PAUSE);
            return None;
        }
        state.last.clone()
    }

    pub(super) fn answered(&self) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *state = State::default();
    }

    /// Failures of many requests that waited for one and the same dial count once: a dial that began before the last
    /// failure was counted is no new evidence.
    pub(super) fn failed(&self, silence: &Silence, began: Instant) {
        if !matches!(silence.phase, Phase::Connect | Phase::Proxy) || silence.only_this_host {
            return;
        }
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if state.counted.is_some_and(|counted| began < counted) {
            return;
        }
        state.counted = Some(Clock::now());
        state.failures += 1;
        state.last = Some(silence.clone());
        if state.failures >= Self::PATIENCE {
            state.try_again = Some(Clock::now() + Self::PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timings;

    fn refused(phase: Phase) -> Silence {
        Silence {
            phase,
            address: "192.0.2.7:443".to_owned(),
            error: "connection refused".to_owned(),
            host_not_served: false,
            only_this_host: false,
            timings: Timings::default(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_proxy_says_of_one_host_is_said_of_no_other() {
        let breaker = Breaker::default();
        for _ in 0..Breaker::PATIENCE {
            breaker.failed(&Silence { only_this_host: true, ..refused(Phase::Proxy) }, Clock::now());
        }
        assert_eq!(breaker.refuses(), None);
        for _ in 0..Breaker::PATIENCE {
            breaker.failed(&refused(Phase::Proxy), Clock::now());
        }
        assert_eq!(breaker.refuses(), Some(refused(Phase::Proxy)));
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_three_failures_and_tries_again_after_a_pause() {
        let breaker = Breaker::default();
        for _ in 0..3 {
            assert!(breaker.refuses().is_none());
            breaker.failed(&refused(Phase::Connect), Clock::now());
        }
        assert_eq!(breaker.refuses(), Some(refused(Phase::Connect)));
        tokio::time::advance(Breaker::PAUSE).await;
        assert!(breaker.refuses().is_none(), "one is let through");
        assert!(breaker.refuses().is_some(), "and no other");
        breaker.answered();
        assert!(breaker.refuses().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn many_that_waited_for_one_dial_count_once() {
        let breaker = Breaker::default();
        let began = Clock::now();
        tokio::time::advance(Duration::from_secs(3)).await;
        for _ in 0..64 {
            breaker.failed(&refused(Phase::Connect), began);
        }
        assert!(breaker.refuses().is_none());
    }

    #[tokio::test]
    async fn an_edge_that_refuses_one_host_is_not_dead() {
        let breaker = Breaker::default();
        for _ in 0..10 {
            breaker.failed(&refused(Phase::Tls), Clock::now());
        }
        assert!(breaker.refuses().is_none());
    }
}
