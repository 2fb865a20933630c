//! The flags of the gate, and of what is written: the same wherever a report is made.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use super::formats::Formats;
use super::values;
use crate::gate;
use crate::model::{GatePolicy, Late, Report, Verdict};
use crate::report::Format;

/// What the gate asks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Gate")]
pub(super) struct GateFlags {
    /// Verdicts that fail the gate
    #[arg(long, value_name = "VERDICT,…", value_delimiter = ',', default_value = "stale,divergent,failing", value_parser = verdict)]
    pub(super) fail_on: Vec<Verdict>,
    /// Tolerate so many of them: a number, or a share of the checks that could be compared
    #[arg(long, value_name = "N|N%", value_parser = values::tolerance)]
    pub(super) max_fail: Option<String>,
    /// At least so many checks must have been answered and compared
    #[arg(long, value_name = "P%", default_value = "100%", value_parser = values::percent)]
    pub(super) min_coverage: f64,
    /// At least so many of those must be fresh or uncached
    #[arg(long, value_name = "P%", value_parser = values::percent)]
    pub(super) min_parity: Option<f64>,
    /// What it does when a check was not fresh within its service level
    #[arg(long, value_name = "WHAT", value_parser = late, default_value = "warn")]
    pub(super) late: Late,
    /// Tell what in the objects' headers makes purges fail or staleness likely, with a source and a fix; =fail: and fail
    /// the gate on it
    #[arg(long, value_name = "fail", num_args = 0..=1, require_equals = true, default_value = "no",
        default_missing_value = "yes", hide_default_value = true, value_parser = advise)]
    pub(super) advise: Advise,
    /// End as soon as the gate must fail
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) fail_fast: bool,
    /// End with 0 where the gate says 1 or 3; the report keeps the gate's own code
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) exit_zero: bool,
    /// Nothing to check is a pass
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) allow_empty: bool,
}

impl GateFlags {
    pub(super) fn policy(&self) -> GatePolicy {
        GatePolicy {
            fail_on: ranked(self.fail_on.clone()),
            max_fail: self.max_fail.clone(),
            min_coverage: self.min_coverage,
            min_parity: self.min_parity,
            late: self.late,
            service_levels_ms: BTreeMap::new(),
            fail_on_advice: self.advise == Advise::Fail,
            allow_empty: self.allow_empty,
        }
    }
}

/// What the gate asks of a report that was saved: what is not typed stays as it was.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Gate")]
pub(super) struct Regate {
    /// Verdicts that fail the gate [default: as the run was told]
    #[arg(long, value_name = "VERDICT,…", value_delimiter = ',', value_parser = verdict)]
    fail_on: Option<Vec<Verdict>>,
    /// Tolerate so many of them: a number, or a share of the checks that could be compared
    #[arg(long, value_name = "N|N%", value_parser = values::tolerance)]
    max_fail: Option<String>,
    /// At least so many checks must have been answered and compared
    #[arg(long, value_name = "P%", value_parser = values::percent)]
    min_coverage: Option<f64>,
    /// At least so many of those must be fresh or uncached
    #[arg(long, value_name = "P%", value_parser = values::percent)]
    min_parity: Option<f64>,
    /// What it does when a check was not fresh within its service level
    #[arg(long, value_name = "WHAT", value_parser = late)]
    late: Option<Late>,
    /// Nothing to check is a pass
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    allow_empty: bool,
    /// End with 0 where the gate says 1 or 3; the report keeps the gate's own code
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) exit_zero: bool,
}

impl Regate {
    /// The report, decided again where anything was asked anew.
    pub(super) fn decided(&self, report: Report) -> Report {
        let before = &report.gate.policy;
        let policy = GatePolicy {
            fail_on: self.fail_on.clone().map_or_else(|| before.fail_on.clone(), ranked),
            max_fail: self.max_fail.clone().or_else(|| before.max_fail.clone()),
            min_coverage: self.min_coverage.unwrap_or(before.min_coverage),
            min_parity: self.min_parity.or(before.min_parity),
            late: self.late.unwrap_or(before.late),
            service_levels_ms: before.service_levels_ms.clone(),
            fail_on_advice: before.fail_on_advice,
            allow_empty: self.allow_empty || before.allow_empty,
        };
        if policy == *before {
            return report;
        }
        let beside = gate::Beside { late: report.summary.late, advice: crate::fold::pieces(&report.advice) };
        let gate = gate::decide(&report.summary.verdicts, &beside, policy, &gate::Ending::of_report(&report));
        Report { gate, ..report }
    }
}

/// Whether there is advice, and what it does to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advise {
    No,
    Yes,
    Fail,
}

/// The worst first, each once.
fn ranked(mut verdicts: Vec<Verdict>) -> Vec<Verdict> {
    verdicts.sort_by_key(|verdict| verdict.rank());
    verdicts.dedup();
    verdicts
}

/// In which formats a report is written, and where to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct Written {
    /// What is written to standard output
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = Formats { diagnosis: false })]
    pub(super) format: &'static Format,
    /// Also write the report to a file, in any format
    #[arg(long, value_name = "FORMAT=PATH", action = ArgAction::Append, value_parser = target)]
    pub(super) report: Vec<Target>,
    /// Colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(super) color: Color,
}

/// What is written, what is kept, and what is said meanwhile.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputFlags {
    #[command(flatten)]
    pub(super) written: Written,
    /// Findings kept, the worst; counts stay exact
    #[arg(long, value_name = "N", default_value = "10000")]
    pub(super) max_findings: usize,
    /// No messages but errors
    #[arg(short, long, conflicts_with = "verbose", value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) quiet: bool,
    /// Say what is about to be done, and where edges were found
    #[arg(short, long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) verbose: bool,
    /// No progress bar
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) no_progress: bool,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// `--report FORMAT=PATH`.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) format: &'static Format,
    pub(super) path: PathBuf,
}

fn late(text: &str) -> Result<Late, String> {
    match text {
        "fail" => Ok(Late::Fail),
        "warn" => Ok(Late::Warn),
        "ignore" => Ok(Late::Ignore),
        _ => Err("write fail, warn or ignore".to_owned()),
    }
}

fn advise(text: &str) -> Result<Advise, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "" | "0" | "no" | "false" | "off" | "n" | "f" => Ok(Advise::No),
        "1" | "yes" | "true" | "on" | "y" | "t" => Ok(Advise::Yes),
        "fail" => Ok(Advise::Fail),
        _ => Err("write yes, no or fail".to_owned()),
    }
}

fn verdict(text: &str) -> Result<Verdict, String> {
    Verdict::named(text.trim()).ok_or_else(|| format!("write one of {}", Verdict::ALL.map(Verdict::id).join(", ")))
}

fn target(text: &str) -> Result<Target, String> {
    match text.split_once('=') {
        Some((id, path)) if !path.is_empty() => {
            Ok(Target { format: Formats { diagnosis: false }.named(id)?, path: path.into() })
        }
        _ => Err("write FORMAT=PATH, such as json=report.json".to_owned()),
    }
}
