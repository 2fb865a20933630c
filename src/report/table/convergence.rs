//! How soon it became fresh, and what came later than promised. Says nothing of a run that did not wait.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::super::Look;
use super::super::text::{defused, wrapped};
use super::width;
use crate::model::{Converged, Convergence, Priority, Report, counted, human};

/// Names told of each axis.
const NAMES: usize = 4;

/// `95% fresh within 18 s, the last (gru) at 45 s; service levels kept`. What was fresh when it was first asked took no
/// time that anybody saw.
pub(super) fn show(out: &mut String, report: &Report, look: Look) {
    let Some(convergence) = &report.convergence else { return };
    let said = format!("{}; {}", reached(report, convergence), levels(report, convergence));
    let _ = writeln!(out, "  {}", wrapped(&said, width(look), "    "));
    if report.summary.late > 0 {
        let _ = writeln!(out, "  {}", wrapped(&late(report, convergence), width(look), "    "));
    }
}

fn time(ms: u64) -> String {
    human(Duration::from_millis(ms))
}

fn reached(report: &Report, convergence: &Convergence) -> String {
    let fresh = convergence.fresh_ms;
    let settled = report.summary.checks.saturating_sub(convergence.unsettled);
    let never = match convergence.unsettled {
        0 => String::new(),
        never => format!("; {} never", counted(never, "check")),
    };
    if let Some(last) = fresh.last.filter(|_| convergence.at_first_look == settled) {
        let all = if convergence.unsettled == 0 { "all".to_owned() } else { counted(settled, "check") };
        let since = if report.run.purged_at.is_some() { "purge" } else { "start" };
        // The right content, if in a copy that the purge never reached.
        let fresh = if report.summary.verdicts.unpurged == 0 { "fresh" } else { "fresh or unpurged" };
        return format!("{all} {fresh} already when first asked, within {} of the {since}{never}", time(last));
    }
    let most = match fresh.p95 {
        Some(ms) => format!("95% fresh within {}", time(ms)),
        None => "less than 95% became fresh".to_owned(),
    };
    let at = |edge: &&crate::model::EdgeRow| edge.convergence.as_ref().and_then(|times| times.fresh_ms.last);
    let slowest = report.edges.iter().max_by_key(|edge| at(edge)).map(|edge| defused(&edge.name)).unwrap_or_default();
    let last = fresh.last.map_or(String::new(), |ms| format!(", the last ({slowest}) at {}", time(ms)));
    let others = [(50, fresh.p50), (99, fresh.p99)].into_iter();
    let others: Vec<String> = others.filter_map(|(share, ms)| Some(format!("{share}% within {}", time(ms?)))).collect();
    let others = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
    let at_once = match convergence.at_first_look {
        0 => String::new(),
        many => format!("; {many} already when first asked"),
    };
    format!("{most}{last}{others}{at_once}{never}")
}

/// The service levels' verdict, with what each priority was promised where it was not kept.
fn levels(report: &Report, convergence: &Convergence) -> String {
    match (report.summary.late, convergence.unsettled, convergence.unwatched) {
        (0, 0, 0) => return "service levels kept".to_owned(),
        (0, _, late) if late > 0 => {
            return format!("no service level seen missed, but {} first asked after its own", counted(late, "check"));
        }
        (0, ..) => return "no service level missed while it was watched".to_owned(),
        _ => {}
    }
    let levels = &report.gate.policy.service_levels_ms;
    let missed = Priority::ALL.into_iter().filter_map(|priority| {
        let late = convergence.by.get("priority")?.get(priority.id())?.late;
        let level = levels.get(&priority).map_or(String::new(), |ms| format!(" (within {})", time(*ms)));
        (late > 0).then(|| format!("{} {late}{level}", priority.id()))
    });
    let missed: Vec<String> = missed.collect();
    format!("service levels missed by {}: {}", counted(report.summary.late, "check"), missed.join(", "))
}

fn late(report: &Report, convergence: &Convergence) -> String {
    let by = |axis: &str| convergence.by.get(axis).into_iter().flatten().map(|(name, times)| (name.as_str(), times));
    let tenants = report.tenants.iter().filter_map(|tenant| Some((tenant.id.as_str(), tenant.convergence.as_ref()?)));
    let axes = [worst("region", by("region")), worst("provider", by("provider")), worst("tenant", tenants)];
    format!("late by {}", axes.join("; by "))
}

/// `region eu 3, us 1`: the worst first.
fn worst<'r>(axis: &str, parts: impl Iterator<Item = (&'r str, &'r Converged)>) -> String {
    let mut late: BTreeMap<(std::cmp::Reverse<u64>, &str), u64> = BTreeMap::new();
    for (name, times) in parts.filter(|(_, times)| times.late > 0) {
        late.insert((std::cmp::Reverse(times.late), name), times.late);
    }
    let told: Vec<String> =
        late.iter().take(NAMES).map(|((_, name), count)| format!("{} {count}", defused(name))).collect();
    let more = late.len().saturating_sub(NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{axis} {}{more}", told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_are_told_first_and_the_many_are_counted() {
        let late = |late| Converged { late, ..Converged::default() };
        let parts = [late(1), late(7), late(0), late(2), late(2), late(1)];
        let named: Vec<(&str, &Converged)> = ["a", "b", "c", "d", "e", "f"].into_iter().zip(&parts).collect();
        assert_eq!(worst("region", named.into_iter()), "region b 7, d 2, e 2, a 1 and 1 more");
    }
}
