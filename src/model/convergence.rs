use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long after the purge checks became fresh.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Convergence {
    /// Of all checks.
    pub fresh_ms: FreshMs,
    /// Checks that never became fresh.
    pub unsettled: u64,
    /// Checks that were fresh when they were first asked: of them it is known by when they were, not since when.
    #[serde(default)]
    pub at_first_look: u64,
    /// Those of them that were first asked after their service level: whether it was kept, nobody saw.
    #[serde(default)]
    pub unwatched: u64,
    /// The share fresh by each moment at which it grew.
    pub curve: Vec<CurvePoint>,
    /// The same by region, provider and priority; by environment, region, edge and tenant in their own rows.
    pub by: BTreeMap<String, BTreeMap<String, Converged>>,
}

/// How long a part of the checks took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Converged {
    /// Of all checks of that part.
    pub fresh_ms: FreshMs,
    /// Checks of that part that never became fresh.
    pub unsettled: u64,
    /// Checks of that part that were not fresh when their service level said they must be.
    #[serde(default)]
    pub late: u64,
    /// When any of it was last seen not to be fresh, in milliseconds after the purge: what became fresh last did so after
    /// this, and before `last`.
    #[serde(default)]
    pub not_fresh_ms: Option<u64>,
    /// Of a region: the share fresh by each moment at which it grew, thinned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<CurvePoint>,
}

/// Milliseconds after the purge by which a share of the checks was seen fresh. The unsettled count as never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FreshMs {
    /// Half of them; nothing where that was never reached.
    pub p50: Option<u64>,
    /// 95 in 100.
    pub p95: Option<u64>,
    /// 99 in 100.
    pub p99: Option<u64>,
    /// The latest of those that became fresh.
    pub last: Option<u64>,
}

/// One step of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// Milliseconds after the purge.
    pub ms: u64,
    /// Share from 0 to 1.
    pub fresh: f64,
}

impl CurvePoint {
    /// At most so many of them, the first and the last always: between those kept, less is shown than was fresh.
    pub fn thinned(points: &[Self], most: usize) -> Vec<Self> {
        let (last, steps) = (points.len().saturating_sub(1), most.saturating_sub(1));
        if last <= steps || steps == 0 {
            return points.to_vec();
        }
        (0..=steps).filter_map(|step| points.get(step * last / steps).copied()).collect()
    }
}

impl FreshMs {
    /// From the times of those that became fresh, in order, and the number of those that did not.
    pub fn of(sorted: &[u32], unsettled: u64) -> Self {
        let all = sorted.len() as u64 + unsettled;
        let at = |percent: u64| {
            let rank = (all * percent).div_ceil(100).max(1);
            sorted.get(usize::try_from(rank - 1).ok()?).map(|ms| u64::from(*ms))
        };
        Self { p50: at(50), p95: at(95), p99: at(99), last: sorted.last().map(|ms| u64::from(*ms)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_curve_keeps_both_its_ends() {
        let points: Vec<CurvePoint> =
            (0..1_000_u32).map(|n| CurvePoint { ms: n.into(), fresh: f64::from(n) }).collect();
        let thinned = CurvePoint::thinned(&points, 200);
        assert_eq!((thinned.len(), thinned.first(), thinned.last()), (200, points.first(), points.last()));
        assert!(thinned.is_sorted_by(|a, b| a.ms < b.ms));
        assert_eq!(CurvePoint::thinned(&points, 1_000), points);
        assert_eq!(CurvePoint::thinned(&[], 200), []);
    }

    #[test]
    fn percentiles_count_the_unsettled_as_never() {
        let times: Vec<u32> = (1..=95).map(|n| n * 10).collect();
        let fresh = FreshMs::of(&times, 5);
        assert_eq!(fresh, FreshMs { p50: Some(500), p95: Some(950), p99: None, last: Some(950) });
        assert_eq!(FreshMs::of(&[], 3), FreshMs::default());
        assert_eq!(FreshMs::of(&[], 0), FreshMs::default());
        assert_eq!(FreshMs::of(&[7], 0).p50, Some(7));
    }
}
