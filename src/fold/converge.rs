//! How long convergence took: percentiles, curve, and what came later than promised.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ground::Ground;
use crate::model::{Converged, Convergence, CurvePoint, FoundLane, FreshMs, Priority, Span};

/// Points kept of a region's curve.
const POINTS: usize = 200;

/// Times at which checks were seen fresh, and how many never were.
#[derive(Debug, Default)]
struct Times {
    fresh: Vec<u32>,
    unsettled: u64,
    late: u64,
    not_fresh: u32,
    at_first_look: u64,
    unwatched: u64,
}

impl Times {
    fn count(&mut self, check: Timed) {
        if check.span.fresh == Span::NEVER {
            self.unsettled += 1;
        } else {
            self.fresh.push(check.span.fresh);
            self.at_first_look += u64::from(check.span.not_fresh == 0);
            self.unwatched += u64::from(check.is_unwatched);
        }
        self.late += u64::from(check.is_late);
        self.not_fresh = self.not_fresh.max(check.span.not_fresh);
    }

    fn converged(mut self) -> Converged {
        self.fresh.sort_unstable();
        Converged {
            fresh_ms: FreshMs::of(&self.fresh, self.unsettled),
            unsettled: self.unsettled,
            late: self.late,
            not_fresh_ms: (self.not_fresh > 0).then(|| self.not_fresh.into()),
            curve: Vec::new(),
        }
    }

    /// The same with its curve.
    fn drawn(mut self) -> Converged {
        self.fresh.sort_unstable();
        let curve = CurvePoint::thinned(&curve(&self), POINTS);
        Converged { curve, ..self.converged() }
    }
}

/// One check's times.
#[derive(Debug, Clone, Copy)]
struct Timed {
    tenant: usize,
    priority: Priority,
    span: Span,
    is_late: bool,
    is_unwatched: bool,
}

/// Of a run that waited for convergence.
pub(super) fn convergence(ground: &Ground, lanes: &[FoundLane]) -> Option<Convergence> {
    if !ground.waited {
        return None;
    }
    let mut all = Times::default();
    let mut by_region: BTreeMap<&str, Times> = BTreeMap::new();
    let mut by_provider: BTreeMap<&str, Times> = BTreeMap::new();
    let mut by_priority: BTreeMap<Priority, Times> = BTreeMap::new();
    for lane in lanes {
        let provider = lane.providers.first().or(lane.provider.as_ref()).map_or("unknown", String::as_str);
        for check in checks(ground, lane) {
            all.count(check);
            by_region.entry(&lane.region).or_default().count(check);
            by_provider.entry(provider).or_default().count(check);
            by_priority.entry(check.priority).or_default().count(check);
        }
    }
    all.fresh.sort_unstable();
    let by_priority = by_priority.into_iter().map(|(priority, times)| (priority.id(), times));
    Some(Convergence {
        fresh_ms: FreshMs::of(&all.fresh, all.unsettled),
        unsettled: all.unsettled,
        at_first_look: all.at_first_look,
        unwatched: all.unwatched,
        curve: curve(&all),
        by: [
            ("region".to_owned(), named(by_region, Times::drawn)),
            ("provider".to_owned(), named(by_provider, Times::converged)),
            ("priority".to_owned(), named(by_priority, Times::converged)),
        ]
        .into(),
    })
}

fn named<'n>(
    times: impl IntoIterator<Item = (&'n str, Times)>,
    told: fn(Times) -> Converged,
) -> BTreeMap<String, Converged> {
    times.into_iter().map(|(name, times)| (name.to_owned(), told(times))).collect()
}

/// Of some lanes together: an edge, a region, an environment.
pub(super) fn of_lanes<'f>(ground: &'f Ground, lanes: impl IntoIterator<Item = &'f FoundLane>) -> Option<Converged> {
    if !ground.waited {
        return None;
    }
    let mut times = Times::default();
    for lane in lanes {
        checks(ground, lane).for_each(|check| times.count(check));
    }
    Some(times.converged())
}

/// Of each tenant, in the inventory's order.
pub(super) fn of_tenants(ground: &Ground, lanes: &[FoundLane]) -> Option<Vec<Converged>> {
    if !ground.waited {
        return None;
    }
    let mut times: Vec<Times> = ground.tenants.iter().map(|_| Times::default()).collect();
    for check in lanes.iter().flat_map(|lane| checks(ground, lane)) {
        times[check.tenant].count(check);
    }
    Some(times.into_iter().map(Times::converged).collect())
}

/// Checks that were seen not to be fresh when their service level said they must be. One that was first asked after
/// that is not among them.
pub(super) fn late(ground: &Ground, lanes: &[FoundLane]) -> u64 {
    lanes.iter().map(|lane| checks(ground, lane).filter(|check| check.is_late).count() as u64).sum()
}

/// Whether one check was.
pub(super) fn was_late(ground: &Ground, lane: &FoundLane, object: u32) -> bool {
    let span = lane.spans.as_ref().and_then(|spans| spans.get(object as usize));
    span.is_some_and(|span| is_late(ground, ground.priority(lane.berth.environment, object), *span))
}

fn is_late(ground: &Ground, priority: Priority, span: Span) -> bool {
    Duration::from_millis(span.not_fresh.into()) >= ground.level(priority) && span.not_fresh > 0
}

fn checks<'f>(ground: &'f Ground, lane: &'f FoundLane) -> impl Iterator<Item = Timed> + 'f {
    let spans = lane.spans.as_deref().unwrap_or_default();
    (0..).zip(spans).zip(&lane.verdicts.0).map(move |((object, span), verdict)| {
        let tenant = ground.tenant(lane.berth.environment, object);
        let priority = ground.tenants[tenant].priority;
        // What fell back, or turned out to have no sound reference, never settled.
        let settled = verdict.is_some_and(|verdict| ground.is_settled(verdict));
        let kept = if settled { *span } else { Span { fresh: Span::NEVER, ..*span } };
        let is_unwatched = kept.not_fresh == 0 && Duration::from_millis(kept.fresh.into()) >= ground.level(priority);
        Timed { tenant, priority, span: kept, is_late: is_late(ground, priority, *span), is_unwatched }
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of checks are far below 2^52")]
fn curve(times: &Times) -> Vec<CurvePoint> {
    let all = (times.fresh.len() as u64 + times.unsettled) as f64;
    let mut points: Vec<CurvePoint> = Vec::new();
    for (nth, ms) in (1_u64..).zip(&times.fresh) {
        let (ms, fresh) = (u64::from(*ms), nth as f64 / all);
        match points.last_mut() {
            Some(last) if last.ms == ms => last.fresh = fresh,
            _ => points.push(CurvePoint { ms, fresh }),
        }
    }
    points
}
