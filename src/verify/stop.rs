//! Why and when a run ends early.

use std::sync::Arc;

use tokio::sync::watch;

/// Why a run ends before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its deadline passed.
    Deadline,
    /// Enough has failed, and `--fail-fast` was asked.
    FailedFast,
    /// A signal; the exit code that follows.
    Interrupted(u8),
}

/// Ends a run, from wherever it is held. The first reason counts.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<Option<Why>>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Stop {
    /// Ends the run.
    pub fn now(&self, why: Why) {
        self.0.send_if_modified(|state| {
            let first = state.is_none();
            state.get_or_insert(why);
            first
        });
    }

    /// Whether it was ended.
    pub fn why(&self) -> Option<Why> {
        *self.0.borrow()
    }

    /// Until it is ended.
    pub async fn wait(&self) -> Why {
        let mut changes = self.0.subscribe();
        loop {
            if let Some(why) = *changes.borrow_and_update() {
                return why;
            }
            if changes.changed().await.is_err() {
                // The sender is this very handle: it cannot be gone.
                return std::future::pending().await;
            }
        }
    }
}
