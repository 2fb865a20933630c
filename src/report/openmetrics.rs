//! The report as metrics: for the node exporter's textfile collector, or a push gateway. Carries no timestamps, and no
//! label that grows with the tenants.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use super::text::defused;
use super::{Format, Look};
use crate::model::{Convergence, Outcome, Report, Verdict};

pub(super) static FORMAT: Format = Format {
    last_pass: Some(last_pass),
    ..Format::new("openmetrics", "metrics, for the textfile collector or a push gateway", render)
};

/// Upper bounds of the histogram, in milliseconds: the default service levels are among them.
const BOUNDS_MS: [u64; 14] =
    [250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000];

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let mut out = Exposition::default();
    checks(&mut out, report);
    out.family("purgeproof_parity_ratio", "gauge", "Checks fresh or uncached, of those that could be compared.");
    out.sample("purgeproof_parity_ratio", &[], report.summary.parity_percent / 100.0);
    out.family("purgeproof_coverage_ratio", "gauge", "Checks that could be compared, of those planned.");
    out.sample("purgeproof_coverage_ratio", &[], report.summary.coverage_percent / 100.0);
    out.family("purgeproof_late_checks", "gauge", "Checks not fresh when their service level said they must be.");
    out.sample("purgeproof_late_checks", &[], report.summary.late);
    out.family("purgeproof_findings", "gauge", "Checks that are not good, by verdict and cause.");
    for ((verdict, cause), count) in findings(report) {
        out.sample("purgeproof_findings", &[("verdict", verdict), ("cause", cause)], count);
    }
    if let Some(convergence) = &report.convergence {
        time_to_fresh(&mut out, convergence, report.summary.checks);
    }
    out.family("purgeproof_notes", "gauge", "Checks or objects that a note of the report is about, by note.");
    for note in &report.notes {
        out.sample("purgeproof_notes", &[("note", note.id.as_str())], note.checks);
    }
    out.family("purgeproof_gate_outcome", "gauge", "1 for what the gate decided, 0 for what it did not.");
    for outcome in [Outcome::Pass, Outcome::Fail, Outcome::Inconclusive, Outcome::Empty] {
        let is = u8::from(outcome == report.gate.outcome);
        out.sample("purgeproof_gate_outcome", &[("outcome", outcome.id())], is);
    }
    out.family("purgeproof_insecure", "gauge", "1 where certificates were not checked (--insecure).");
    out.sample("purgeproof_insecure", &[], u8::from(report.run.insecure));
    run(&mut out, report);
    out.text.push_str("# EOF\n");
    out.text.into_bytes()
}

fn checks(out: &mut Exposition, report: &Report) {
    let mut counts: BTreeMap<[&str; 5], u64> = BTreeMap::new();
    for edge in &report.edges {
        for verdict in Verdict::ALL {
            let provider = edge.provider.as_deref().unwrap_or("unknown");
            let labels = [edge.environment.as_str(), &edge.region, &edge.name, provider, verdict.id()];
            *counts.entry(labels).or_default() += edge.verdicts.of(verdict);
        }
    }
    out.family("purgeproof_checks", "gauge", "Checks of the last run, by verdict.");
    for ([environment, region, edge, provider, verdict], count) in counts {
        let labels = [
            ("environment", environment),
            ("region", region),
            ("edge", edge),
            ("provider", provider),
            ("verdict", verdict),
        ];
        out.sample("purgeproof_checks", &labels, count);
    }
}

fn findings(report: &Report) -> BTreeMap<(&str, &str), u64> {
    let mut counts = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry((finding.verdict.id(), finding.cause.id.as_str())).or_default() += 1;
    }
    counts
}

/// From the steps of the curve. What never settled is in the last bucket alone, so that a quantile that falls there is
/// no number.
fn time_to_fresh(out: &mut Exposition, convergence: &Convergence, checks: u64) {
    const NAME: &str = "purgeproof_time_to_fresh_seconds";
    out.family(NAME, "histogram", "From the purge until a check was seen fresh; what never was counts as infinite.");
    let settled = checks.saturating_sub(convergence.unsettled);
    let mut before = 0;
    let steps: Vec<(u64, u64)> = convergence
        .curve
        .iter()
        .map(|point| {
            let fresh = whole(point.fresh, checks).min(settled);
            let step = (point.ms, fresh.saturating_sub(before));
            before = fresh;
            step
        })
        .collect();
    for bound in BOUNDS_MS {
        let within: u64 =
            steps.iter().filter(|(ms, _)| *ms <= bound).map(|(_, count)| *count).fold(0, u64::saturating_add);
        out.sample("purgeproof_time_to_fresh_seconds_bucket", &[("le", &seconds(bound))], within);
    }
    out.sample("purgeproof_time_to_fresh_seconds_bucket", &[("le", "+Inf")], checks);
    let sum: u64 = steps.iter().map(|(ms, count)| ms.saturating_mul(*count)).fold(0, u64::saturating_add);
    out.sample("purgeproof_time_to_fresh_seconds_sum", &[], seconds(sum));
    out.sample("purgeproof_time_to_fresh_seconds_count", &[], checks);
}

fn run(out: &mut Exposition, report: &Report) {
    let run = &report.run;
    let mut moment = |name: &str, help: &str, at: &str| {
        if let Some(seconds) = epoch(at) {
            out.family(name, "gauge", help);
            out.sample(name, &[], seconds);
        }
    };
    moment("purgeproof_last_run_timestamp_seconds", "When the last run ended.", &run.finished_at);
    if let Some(passed_at) = &run.last_passed_at {
        moment("purgeproof_last_pass_timestamp_seconds", "When the last run that passed ended.", passed_at);
    }
    out.family("purgeproof_run_duration_seconds", "gauge", "How long the last run took.");
    out.sample("purgeproof_run_duration_seconds", &[], seconds(run.duration_ms));
    out.family("purgeproof_run_complete", "gauge", "1 where every planned check was made.");
    out.sample("purgeproof_run_complete", &[], u8::from(run.complete));
    out.family("purgeproof_build_info", "gauge", "1, for the version that wrote this.");
    out.sample("purgeproof_build_info", &[("version", &report.tool.version)], 1);
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of checks far below 2^52 is such a number"
)]
fn whole(share: f64, of: u64) -> u64 {
    (share * of as f64).round() as u64
}

fn seconds(ms: u64) -> String {
    match (ms / 1_000, ms % 1_000) {
        (whole, 0) => format!("{whole}.0"),
        (whole, rest) => format!("{whole}.{}", format!("{rest:03}").trim_end_matches('0')),
    }
}

/// The time of the last pass, from metrics written before.
fn last_pass(text: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix("purgeproof_last_pass_timestamp_seconds "))?;
    let (whole, rest) = value.trim().split_once('.')?;
    let ms = whole.parse::<i64>().ok()?.checked_mul(1_000)?.checked_add(format!("{rest:0<3}").parse::<i64>().ok()?)?;
    crate::model::Timestamp::from_millisecond(ms).ok().map(crate::model::stamp)
}

fn epoch(stamp: &str) -> Option<String> {
    let at: crate::model::Timestamp = stamp.parse().ok()?;
    Some(seconds(u64::try_from(at.as_millisecond()).ok()?))
}

#[derive(Default)]
struct Exposition {
    text: String,
}

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.text, "{name}{labels} {value}");
    }
}

fn escaped(value: &str) -> String {
    defused(value).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_seconds() {
        assert_eq!([250, 1_000, 1_050, 3_600_000].map(seconds), ["0.25", "1.0", "1.05", "3600.0"]);
        assert_eq!(epoch("1970-01-01T00:01:00.500Z").as_deref(), Some("60.5"));
        assert_eq!(epoch("yesterday"), None);
        let kept = "purgeproof_last_pass_timestamp_seconds 60.5\n# EOF\n";
        assert_eq!(last_pass(kept).as_deref(), Some("1970-01-01T00:01:00.500Z"));
        assert_eq!(last_pass("purgeproof_last_pass_timestamp_seconds x"), None);
    }

    #[test]
    fn label_values_end_where_they_end() {
        assert_eq!(escaped("a\"b\\c"), "a\\\"b\\\\c");
    }
}
