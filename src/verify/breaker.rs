//! Spares a dead address, and the run, from being dialled, and waited for, for every check.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;
use crate::model::{Phase, Silence};

/// Opens after a few failures to connect, or to be answered in time, in a row. While it is open, one request in a while
/// is let through to try.
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
    /// So much that failed, with no answer between, is no accident.
    const PATIENCE: u32 = 3;
    /// A connection refused costs nothing to try again; a silence has cost its whole timeout.
    const REFUSED: u32 = 1;
    const SILENT: u32 = 2;
    /// How long it stays open before one request tries again.
    const PAUSE: Duration = Duration::from_secs(1);
    /// How long that one is waited for before another tries.
    const TRIAL: Duration = Duration::from_secs(10);

    /// What to say instead of asking, while it is open.
    pub(super) fn refuses(&self) -> Option<Silence> {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let due = state.try_again?;
        let now = Clock::now();
        if now >= due {
            state.try_again = Some(now + Self::TRIAL);
            return None;
        }
        state.last.clone()
    }

    pub(super) fn answered(&self) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *state = State::default();
    }

    /// Failures of many requests that waited for one and the same dial, or were sent side by side, count once: one that
    /// began before the last failure was counted is no new evidence.
    pub(super) fn failed(&self, silence: &Silence, began: Instant) {
        let weight = match silence.phase {
            _ if silence.only_this_host => 0,
            _ if silence.is_timeout() => Self::SILENT,
            Phase::Connect | Phase::Proxy => Self::REFUSED,
            _ => 0,
        };
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if weight == 0 {
            // It is about this request, not about the address: the next one may try.
            state.try_again = state.try_again.map(|_| Clock::now());
            return;
        }
        if state.counted.is_some_and(|counted| began < counted) {
            return;
        }
        state.counted = Some(Clock::now());
        state.failures += weight;
        state.last = Some(silence.clone());
        if state.failures >= Self::PATIENCE {
            state.try_again = Some(Clock::now() + Self::PAUSE);
        }
    }
}

/// Beyond a proxy each host may have a server of its own: what that one does says nothing of the others.
pub(super) fn past_a_proxy(silence: Silence) -> Silence {
    let is_of_the_proxy = matches!(silence.phase, Phase::Connect | Phase::Proxy);
    Silence { only_this_host: silence.only_this_host || !is_of_the_proxy, ..silence }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(phase: Phase) -> Silence {
        Silence::new(phase, "192.0.2.7:443", "connection refused")
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_proxy_says_of_one_host_is_said_of_no_other() {
        let breaker = Breaker::default();
        for silence in [refused(Phase::Proxy), Silence::new(Phase::Proxy, "192.0.2.7:1080", "timed out after 3 s")] {
            for _ in 0..Breaker::PATIENCE {
                breaker.failed(&Silence { only_this_host: true, ..silence.clone() }, Clock::now());
            }
        }
        assert_eq!(breaker.refuses(), None);
        for _ in 0..Breaker::PATIENCE {
            breaker.failed(&refused(Phase::Proxy), Clock::now());
        }
        assert_eq!(breaker.refuses(), Some(refused(Phase::Proxy)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silence_beyond_a_proxy_is_no_silence_of_the_proxy() {
        let breaker = Breaker::default();
        for (phase, words) in [(Phase::Timeout, "no answer within 5 s"), (Phase::Tls, "timed out after 3 s")] {
            let silence = Silence::new(phase, "192.0.2.7:1080", words);
            (0..3).for_each(|_| breaker.failed(&past_a_proxy(silence.clone()), Clock::now()));
        }
        assert_eq!(breaker.refuses(), None);
        let mute = Silence::new(Phase::Proxy, "192.0.2.7:1080", "timed out after 3 s");
        (0..2).for_each(|_| breaker.failed(&past_a_proxy(mute.clone()), Clock::now()));
        assert_eq!(breaker.refuses(), Some(mute));
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

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_two_silences_one_after_the_other() {
        for (phase, words) in [(Phase::Timeout, "no answer within 5 s"), (Phase::Tls, "timed out after 3 s")] {
            let (breaker, silence) = (Breaker::default(), Silence::new(phase, "192.0.2.7:443", words));
            for _ in 0..2 {
                assert!(breaker.refuses().is_none());
                let began = Clock::now();
                tokio::time::advance(Duration::from_secs(5)).await;
                (0..64).for_each(|_| breaker.failed(&silence, began));
            }
            assert_eq!(breaker.refuses(), Some(silence));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_edge_that_answers_between_two_silences_is_slow_and_not_dead() {
        let (breaker, silence) =
            (Breaker::default(), Silence::new(Phase::Timeout, "192.0.2.7:443", "no answer within 5 s"));
        for _ in 0..10 {
            breaker.failed(&silence, Clock::now());
            breaker.answered();
        }
        assert!(breaker.refuses().is_none());
    }
}
