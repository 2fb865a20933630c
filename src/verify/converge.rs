//! How long convergence took: percentiles, curve, and what came later than promised.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Network;
use super::run::Run;
use super::walk::{Lap, Span};
use crate::model::{Converged, Convergence, CurvePoint, FreshMs, Priority};

/// Points kept of a region's curve.
const POINTS: usize = 200;

/// Times at which checks were seen fresh, and how many never were.
#[derive(Debug, Default)]
struct Times {
    fresh: Vec<u32>,
    unsettled: u64,
}

impl Times {
    fn count(&mut self, span: Span) {
        if span.fresh == Span::NEVER {
            self.unsettled += 1;
        } else {
            self.fresh.push(span.fresh);
        }
    }

    fn converged(mut self) -> Converged {
        self.fresh.sort_unstable();
        Converged { fresh_ms: FreshMs::of(&self.fresh, self.unsettled), unsettled: self.unsettled, curve: Vec::new() }
    }

    /// The same with its curve.
    fn drawn(mut self) -> Converged {
        self.fresh.sort_unstable();
        let curve = CurvePoint::thinned(&curve(&self), POINTS);
        Converged { curve, ..self.converged() }
    }
}

/// Of a run that waited for convergence.
pub(super) fn convergence<N: Network>(run: &Run<N>, laps: &[Lap]) -> Option<Convergence> {
    run.limit?;
    let mut all = Times::default();
    let mut by: BTreeMap<&str, BTreeMap<String, Times>> = BTreeMap::new();
    for lap in laps {
        let edge = run.edge(lap.berth);
        let provider = lap.company.providers.first().map(ToString::to_string).or_else(|| edge.provider.clone());
        let provider = provider.unwrap_or_else(|| "unknown".to_owned());
        for (priority, span) in spans(run, lap) {
            all.count(span);
            for (axis, name) in [("region", &*edge.id.region), ("provider", &provider), ("priority", priority.id())] {
                let times = by.entry(axis).or_default();
                match times.get_mut(name) {
                    Some(times) => times.count(span),
                    None => times.entry(name.to_owned()).or_default().count(span),
                }
            }
        }
    }
    all.fresh.sort_unstable();
    let by = by.into_iter().map(|(axis, named)| {
        let told = if axis == "region" { Times::drawn } else { Times::converged };
        (axis.to_owned(), named.into_iter().map(|(name, times)| (name, told(times))).collect())
    });
    Some(Convergence {
        fresh_ms: FreshMs::of(&all.fresh, all.unsettled),
        unsettled: all.unsettled,
        curve: curve(&all),
        by: by.collect(),
    })
}

/// Of one edge.
pub(super) fn of_lap<N: Network>(run: &Run<N>, lap: &Lap) -> Option<Converged> {
    run.limit?;
    let mut times = Times::default();
    spans(run, lap).for_each(|(_, span)| times.count(span));
    Some(times.converged())
}

/// Checks that were seen not to be fresh when their service level said they must be. One that was first asked after
/// that is not among them.
pub(super) fn late<N: Network>(run: &Run<N>, laps: &[Lap]) -> u64 {
    let late = |lap: &Lap| spans(run, lap).filter(|(priority, span)| is_late(run, *priority, *span)).count() as u64;
    laps.iter().map(late).sum()
}

/// Whether one check was.
pub(super) fn was_late<N: Network>(run: &Run<N>, lap: &Lap, object: u32) -> bool {
    let span = lap.spans.as_ref().and_then(|spans| spans.get(object as usize));
    span.is_some_and(|span| is_late(run, priority(run, lap, object), *span))
}

fn is_late<N: Network>(run: &Run<N>, priority: Priority, span: Span) -> bool {
    Duration::from_millis(span.not_fresh.into()) >= run.options.levels.of(priority) && span.not_fresh > 0
}

fn spans<'l, N: Network>(run: &'l Run<N>, lap: &'l Lap) -> impl Iterator<Item = (Priority, Span)> + 'l {
    let spans = lap.spans.as_deref().unwrap_or_default();
    (0..).zip(spans).zip(&lap.verdicts).map(move |((object, span), verdict)| {
        // What fell back, or turned out to have no sound reference, never settled.
        let settled = verdict.is_some_and(|verdict| run.is_settled(verdict));
        let span = if settled { *span } else { Span { fresh: Span::NEVER, ..*span } };
        (priority(run, lap, object), span)
    })
}

fn priority<N: Network>(run: &Run<N>, lap: &Lap, object: u32) -> Priority {
    run.inventory.tenants[run.plan.object(lap.berth.environment, object).tenant].priority
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
