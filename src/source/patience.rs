//! Spares a dead resolver, and the run, from being asked for every name.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;

/// Ends after a few questions without an answer, each asked after the last one's time was up. From then on one question
/// in a while is let through to try.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    unanswered: u32,
    counted: Option<Instant>,
    try_again: Option<Instant>,
}

impl Patience {
    /// So many, with no answer between, are no accident.
    const MOST: u32 = 3;
    const PAUSE: Duration = Duration::from_secs(1);

    /// Whether this question need not be asked.
    pub(super) fn is_over(&self) -> bool {
        let mut state = self.state();
        let now = Clock::now();
        match state.try_again {
            Some(due) if now < due => true,
            Some(_) => {
                state.try_again = Some(now + Self::PAUSE);
                false
            }
            None => false,
        }
    }

    pub(super) fn answered(&self) {
        *self.state() = State::default();
    }

    /// Questions that were under way side by side count once.
    pub(super) fn unanswered(&self, began: Instant) {
        let mut state = self.state();
        if state.counted.is_some_and(|counted| began < counted) {
            return;
        }
        let now = Clock::now();
        state.counted = Some(now);
        state.unanswered += 1;
        if state.unanswered >= Self::MOST {
            state.try_again = Some(now + Self::PAUSE);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_ends_after_three_in_a_row_and_one_answer_restores_it() {
        let patience = Patience::default();
        for _ in 0..3 {
            assert!(!patience.is_over());
            let began = Clock::now();
            tokio::time::advance(Duration::from_secs(3)).await;
            (0..100).for_each(|_| patience.unanswered(began));
        }
        assert!(patience.is_over());
        tokio::time::advance(Patience::PAUSE).await;
        assert!(!patience.is_over(), "one is let through");
        assert!(patience.is_over(), "and no other");
        patience.answered();
        assert!(!patience.is_over());
    }
}
