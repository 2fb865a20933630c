//! Where a run stands, for whoever wants to show it. Read at the reader's own pace.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Counters of a run under way.
#[derive(Debug, Default)]
pub struct Progress {
    checks: AtomicU64,
    settled: AtomicU64,
    failing: AtomicU64,
    silent: AtomicU64,
    requests: AtomicU64,
    confirming: AtomicBool,
}

/// What the counters said at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Planned.
    pub checks: u64,
    /// Judged.
    pub settled: u64,
    /// Stale, divergent, failing or unpurged.
    pub failing: u64,
    /// Unreachable or unverifiable.
    pub silent: u64,
    /// Sent.
    pub requests: u64,
    /// All checks are judged, and the origin is asked once more.
    pub confirming: bool,
}

impl Progress {
    /// What the counters say now.
    pub fn standing(&self) -> Standing {
        Standing {
            checks: self.checks.load(Relaxed),
            settled: self.settled.load(Relaxed),
            failing: self.failing.load(Relaxed),
            silent: self.silent.load(Relaxed),
            requests: self.requests.load(Relaxed),
            confirming: self.confirming.load(Relaxed),
        }
    }

    pub(super) fn planned(&self, checks: u64) {
        self.checks.store(checks, Relaxed);
    }

    pub(super) fn requested(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(super) fn confirming(&self) {
        self.confirming.store(true, Relaxed);
    }

    pub(super) fn settled(&self, verdict: crate::model::Verdict) {
        self.settled.fetch_add(1, Relaxed);
        if !verdict.is_comparable() {
            self.silent.fetch_add(1, Relaxed);
        } else if !verdict.is_good() {
            self.failing.fetch_add(1, Relaxed);
        }
    }
}
