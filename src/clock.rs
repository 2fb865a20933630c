//! The only reader of the clock. It never decides anything by it.

use std::time::{Duration, Instant as StdInstant};

use tokio::time::Instant;

use crate::model::Timestamp;

/// Wall time that runs evenly from one reading of the system's clock, whatever happens to that clock during a run.
/// Follows tokio's time, so it can be paused.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    wall: Timestamp,
    base: Instant,
}

impl Clock {
    /// Reads the system's clock, once. Must be called within a tokio runtime where time is to be paused.
    #[expect(clippy::disallowed_methods, reason = "this is the reader")]
    pub fn start() -> Self {
        Self { wall: Timestamp::now(), base: Instant::now() }
    }

    /// A clock that starts at a moment of the caller's choosing.
    #[expect(clippy::disallowed_methods, reason = "this is the reader")]
    pub fn at(wall: Timestamp) -> Self {
        Self { wall, base: Instant::now() }
    }

    /// Now, on the wall.
    pub fn wall(&self) -> Timestamp {
        self.stamp(Self::now())
    }

    /// The wall time of a moment.
    pub fn stamp(&self, at: Instant) -> Timestamp {
        let since = jiff::SignedDuration::try_from(at.saturating_duration_since(self.base)).unwrap_or_default();
        self.wall.checked_add(since).unwrap_or(Timestamp::MAX)
    }

    /// Now, for measuring and for deadlines.
    #[expect(clippy::disallowed_methods, reason = "this is the reader")]
    pub fn now() -> Instant {
        Instant::now()
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        Self::now().saturating_duration_since(self.base)
    }

    /// For measuring outside a runtime.
    #[expect(clippy::disallowed_methods, reason = "this is the reader")]
    pub fn stopwatch() -> StdInstant {
        StdInstant::now()
    }
}
