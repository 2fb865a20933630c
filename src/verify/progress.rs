//! Where a run stands, for whoever wants to show it. Read at the reader's own pace.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::model::{EdgeId, Verdict};

/// Counters of a run under way.
#[derive(Debug, Default)]
pub struct Progress {
    edges: OnceLock<Vec<EdgeProgress>>,
    requests: AtomicU64,
    confirming: AtomicBool,
}

/// Counters of one edge.
#[derive(Debug)]
struct EdgeProgress {
    id: EdgeId,
    checks: u64,
    settled: AtomicU64,
    failing: AtomicU64,
    silent: AtomicU64,
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

/// How one region stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionStanding {
    /// Its key.
    pub region: String,
    /// Planned.
    pub checks: u64,
    /// Fresh or uncached.
    pub fresh: u64,
    /// Edges that are not done, those with the most left first.
    pub stragglers: Vec<String>,
}

impl Progress {
    /// What the counters say now.
    pub fn standing(&self) -> Standing {
        let mut standing = Standing {
            requests: self.requests.load(Relaxed),
            confirming: self.confirming.load(Relaxed),
            ..Standing::default()
        };
        for edge in self.edges.get().into_iter().flatten() {
            standing.checks += edge.checks;
            standing.settled += edge.settled.load(Relaxed);
            standing.failing += edge.failing.load(Relaxed);
            standing.silent += edge.silent.load(Relaxed);
        }
        standing
    }

    /// The same by region, in the order of the report.
    pub fn regions(&self) -> Vec<RegionStanding> {
        let edges = self.edges.get().map(Vec::as_slice).unwrap_or_default();
        let same =
            |a: &EdgeProgress, b: &EdgeProgress| (&a.id.environment, &a.id.region) == (&b.id.environment, &b.id.region);
        edges.chunk_by(same).map(RegionStanding::of).collect()
    }

    /// Edges in the order of their lanes, each with so many checks.
    pub(super) fn planned(&self, edges: impl Iterator<Item = (EdgeId, u64)>) {
        let zero = || AtomicU64::new(0);
        let edge = |(id, checks)| EdgeProgress { id, checks, settled: zero(), failing: zero(), silent: zero() };
        self.edges.get_or_init(|| edges.map(edge).collect());
    }

    pub(super) fn requested(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    pub(super) fn confirming(&self) {
        self.confirming.store(true, Relaxed);
    }

    pub(super) fn settled(&self, lane: u32, verdict: Verdict) {
        let Some(edge) = self.edges.get().and_then(|edges| edges.get(lane as usize)) else { return };
        edge.settled.fetch_add(1, Relaxed);
        edge.count(verdict);
    }

    /// One that was counted as good is not.
    pub(super) fn fell_back(&self, lane: u32, verdict: Verdict) {
        if let Some(edge) = self.edges.get().and_then(|edges| edges.get(lane as usize)) {
            edge.count(verdict);
        }
    }
}

impl EdgeProgress {
    fn count(&self, verdict: Verdict) {
        if !verdict.is_comparable() {
            self.silent.fetch_add(1, Relaxed);
        } else if !verdict.is_good() {
            self.failing.fetch_add(1, Relaxed);
        }
    }
}

impl RegionStanding {
    fn of(edges: &[EdgeProgress]) -> Self {
        let fresh = |edge: &EdgeProgress| {
            edge.settled.load(Relaxed).saturating_sub(edge.failing.load(Relaxed) + edge.silent.load(Relaxed))
        };
        let mut behind: Vec<(u64, &EdgeProgress)> = edges
            .iter()
            .map(|edge| (edge.checks.saturating_sub(fresh(edge)), edge))
            .filter(|(left, _)| *left > 0)
            .collect();
        behind.sort_by_key(|(left, _)| std::cmp::Reverse(*left));
        Self {
            region: edges.first().map(|edge| edge.id.region.to_string()).unwrap_or_default(),
            checks: edges.iter().map(|edge| edge.checks).sum(),
            fresh: edges.iter().map(fresh).sum(),
            stragglers: behind.into_iter().map(|(_, edge)| edge.id.edge.to_string()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_name_the_edges_that_are_behind() {
        let id =
            |region: &str, edge: &str| EdgeId { environment: "p".into(), region: region.into(), edge: edge.into() };
        let progress = Progress::default();
        progress.planned([(id("eu", "a"), 2), (id("eu", "b"), 2), (id("us", "c"), 1)].into_iter());
        progress.settled(0, Verdict::Fresh);
        progress.settled(2, Verdict::Uncached);
        progress.settled(1, Verdict::Stale);
        let regions = progress.regions();
        assert_eq!((regions[0].fresh, regions[0].checks), (1, 4));
        assert_eq!(regions[0].stragglers, ["b", "a"]);
        assert_eq!((regions[1].fresh, regions[1].stragglers.len()), (1, 0));
        let standing = progress.standing();
        assert_eq!((standing.checks, standing.settled, standing.failing), (5, 3, 1));
    }
}
