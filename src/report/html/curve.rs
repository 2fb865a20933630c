//! The curve of time to fresh: the share of checks over the time since the purge, a line for each region. It decides
//! nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::time;
use crate::model::{Converged, Convergence, CurvePoint, Report};

/// The drawing, and what of it is the plot.
pub(super) const WIDTH: f64 = 960.0;
pub(super) const HEIGHT: f64 = 380.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 930.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 336.0;
/// Points drawn of one line.
const POINTS: usize = 200;
/// Regions with a colour of their own; the others share one.
const COLOURS: usize = 7;
/// Marks of the axis stand at least so far apart.
const APART: f64 = 64.0;

/// Round times, in milliseconds.
const ROUND: [u64; 27] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    60_000,
    120_000,
    300_000,
    600_000,
    1_200_000,
    3_600_000,
    7_200_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    604_800_000,
    1_209_600_000,
];

/// All that is drawn, in the units of the drawing.
pub(super) struct Curve<'r> {
    /// Worst region first.
    pub(super) lines: Vec<Line<'r>>,
    /// Regions that share a colour.
    pub(super) others: usize,
    pub(super) ticks: Vec<Mark>,
    pub(super) shares: Vec<Mark>,
    pub(super) levels: Vec<Level>,
    pub(super) band: Option<Band>,
    pub(super) plot: Plot,
}

/// Where the plot is.
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// One region.
pub(super) struct Line<'r> {
    pub(super) name: &'r str,
    pub(super) converged: &'r Converged,
    /// `c0` is the worst.
    pub(super) class: String,
    /// An SVG path.
    pub(super) path: String,
}

/// A mark of an axis.
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) label: String,
}

/// A moment that something was promised for.
pub(super) struct Level {
    pub(super) at: f64,
    /// Where its label stands.
    pub(super) up: f64,
    pub(super) anchor: &'static str,
    pub(super) label: String,
}

/// What never became fresh.
pub(super) struct Band {
    pub(super) height: f64,
    pub(super) label_at: f64,
    pub(super) unsettled: u64,
    pub(super) percent: String,
}

impl<'r> Curve<'r> {
    pub(super) fn of(report: &Report, convergence: &'r Convergence) -> Self {
        let levels = levels(report, convergence);
        let times = Times::over(convergence, &levels);
        let mut regions: Vec<(&String, &Converged)> = convergence.by.get("region").into_iter().flatten().collect();
        regions.sort_by_key(|(name, converged)| {
            let FreshKey(p95, last) = FreshKey::of(converged);
            (Reverse(p95), Reverse(converged.unsettled), Reverse(last), *name)
        });
        let others = if regions.len() > COLOURS + 1 { regions.len() - COLOURS } else { 0 };
        let lines = (0..).zip(&regions).map(|(nth, (name, converged))| Line {
            name,
            converged,
            class: if others > 0 && nth >= COLOURS { "rest".to_owned() } else { format!("c{nth}") },
            path: times.path(&converged.curve),
        });
        Self {
            lines: lines.collect(),
            others,
            ticks: times.ticks(),
            shares: [0, 25, 50, 75, 100]
                .map(|percent| Mark { at: height(f64::from(percent) / 100.0), label: format!("{percent}%") })
                .into(),
            levels: times.levels(levels),
            band: band(convergence),
            plot: Plot { left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM },
        }
    }

    /// Of all regions together, where reports keep no curve of each.
    pub(super) fn overall(report: &Report, convergence: &Convergence) -> String {
        Times::over(convergence, &levels(report, convergence)).path(&convergence.curve)
    }

    pub(super) fn has_paths(&self) -> bool {
        self.lines.iter().any(|line| !line.path.is_empty())
    }
}

/// How late a region was: what was not reached is the latest.
struct FreshKey(u64, u64);

impl FreshKey {
    fn of(converged: &Converged) -> Self {
        Self(converged.fresh_ms.p95.unwrap_or(u64::MAX), converged.fresh_ms.last.unwrap_or(u64::MAX))
    }
}

/// What was promised to the priorities that the run has, soonest first.
fn levels(report: &Report, convergence: &Convergence) -> BTreeMap<u64, Vec<&'static str>> {
    let named = convergence.by.get("priority");
    let mut levels: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for (priority, ms) in &report.gate.policy.service_levels_ms {
        if named.is_some_and(|by| by.contains_key(priority.id())) {
            levels.entry(*ms).or_default().push(priority.id());
        }
    }
    levels
}

/// What never became fresh hangs from the top: the best line ends below it.
fn band(convergence: &Convergence) -> Option<Band> {
    let unsettled = convergence.unsettled;
    let share = match convergence.curve.last() {
        _ if unsettled == 0 => return None,
        Some(last) => 1.0 - last.fresh,
        None => 1.0,
    };
    let height = (share * (BOTTOM - TOP)).max(2.0);
    let percent = if share < 0.001 { "less than 0.1".to_owned() } else { format!("{:.1}", share * 100.0) };
    let label_at = TOP + if height >= 22.0 { height / 2.0 + 4.0 } else { height + 16.0 };
    Some(Band { height, label_at, unsettled, percent })
}

fn height(share: f64) -> f64 {
    BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
}

/// The axis of time, logarithmic: the first second and the last minutes both count.
struct Times {
    from: u64,
    to: u64,
}

impl Times {
    fn over(convergence: &Convergence, levels: &BTreeMap<u64, Vec<&str>>) -> Self {
        let regions = convergence.by.get("region").into_iter().flatten().flat_map(|(_, converged)| &converged.curve);
        let drawn = regions.chain(&convergence.curve).map(|point| point.ms);
        let seen = || drawn.clone().chain(levels.keys().copied());
        let (first, last) = (seen().min().unwrap_or(100).max(1), seen().max().unwrap_or(10_000));
        let from = ROUND.into_iter().rev().find(|ms| *ms <= first).unwrap_or(1);
        let to = ROUND.into_iter().find(|ms| *ms > last && *ms >= from * 10).unwrap_or(last.max(from * 10));
        Self { from, to }
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are far below 2^52")]
    fn x(&self, ms: u64) -> f64 {
        let [from, to, at] = [self.from, self.to, ms.clamp(self.from, self.to)].map(|ms| (ms as f64).log10());
        LEFT + (at - from) / (to - from) * (RIGHT - LEFT)
    }

    fn path(&self, points: &[CurvePoint]) -> String {
        let mut path = String::new();
        if points.is_empty() {
            return path;
        }
        // Writing to a string cannot fail.
        let _ = write!(path, "M{LEFT} {BOTTOM}");
        for point in CurvePoint::thinned(points, POINTS) {
            let _ = write!(path, "H{:.1}V{:.1}", self.x(point.ms), height(point.fresh));
        }
        let _ = write!(path, "H{RIGHT}");
        path
    }

    fn ticks(&self) -> Vec<Mark> {
        let mut ticks: Vec<Mark> = Vec::new();
        for ms in ROUND.into_iter().filter(|ms| (self.from..=self.to).contains(ms)) {
            let at = self.x(ms);
            if ticks.last().is_none_or(|last| at - last.at >= APART) {
                ticks.push(Mark { at, label: time(ms) });
            }
        }
        ticks
    }

    /// Labels of neighbours stand at two heights.
    fn levels(&self, levels: BTreeMap<u64, Vec<&str>>) -> Vec<Level> {
        let lines = (0_u8..).zip(levels).map(|(nth, (ms, priorities))| {
            let at = self.x(ms);
            Level {
                at,
                up: if nth % 2 == 0 { TOP - 8.0 } else { TOP - 26.0 },
                anchor: if at > RIGHT - 80.0 {
                    "end"
                } else if at < LEFT + 80.0 {
                    "start"
                } else {
                    "middle"
                },
                label: format!("{} {}", priorities.join(", "), time(ms)),
            }
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(points: &[(u64, f64)], unsettled: u64) -> Convergence {
        let curve = points.iter().map(|(ms, fresh)| CurvePoint { ms: *ms, fresh: *fresh }).collect();
        Convergence { unsettled, curve, ..Convergence::default() }
    }

    #[test]
    fn time_runs_from_a_round_moment_to_another() {
        let times = Times::over(&of(&[(130, 0.5), (4_100, 1.0)], 0), &BTreeMap::new());
        assert_eq!((times.from, times.to), (100, 5_000));
        assert!((times.x(100) - LEFT).abs() < 1e-9 && (times.x(5_000) - RIGHT).abs() < 1e-9);
        let labels: Vec<String> = times.ticks().into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["100 ms", "200 ms", "500 ms", "1 s", "2 s", "5 s"]);
    }

    #[test]
    fn a_line_climbs_in_steps_and_stays() {
        let times = Times { from: 10, to: 1_000 };
        let path = times.path(&[CurvePoint { ms: 100, fresh: 0.5 }, CurvePoint { ms: 1_000, fresh: 1.0 }]);
        assert_eq!(path, "M56 336H493.0V192.0H930.0V48.0H930");
        assert_eq!(times.path(&[]), "");
    }

    #[test]
    fn what_never_became_fresh_takes_its_share_of_the_height() {
        let half = band(&of(&[(10, 0.5)], 4)).unwrap();
        assert!((half.height - (BOTTOM - TOP) / 2.0).abs() < 1e-9);
        assert_eq!((half.unsettled, half.percent.as_str()), (4, "50.0"));
        let few = band(&of(&[(10, 0.999_99)], 1)).unwrap();
        assert!((few.height - 2.0).abs() < 1e-9);
        assert_eq!(few.percent, "less than 0.1");
        assert!(band(&of(&[(10, 1.0)], 0)).is_none());
        assert_eq!(band(&of(&[], 3)).unwrap().percent, "100.0");
    }
}
