//! `purgeproof render REPORT`: a saved JSON report in any other format.

use std::path::PathBuf;

use super::gate_flags::{Regate, Written};
use super::output::{Outputs, ended};
use super::{AppError, saved};
use crate::exit;

/// Write a saved JSON report in any other format, as the run itself would have.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  purgeproof render parity.json
  purgeproof render parity.json --report junit=parity.xml --report html=parity.html
  purgeproof render parity.json --gate --max-fail 1%      decide again, by another policy

Exit codes: 0 when it was written; with --gate, as verify's.")]
pub(super) struct Args {
    /// The report, as --report json=PATH saved it (-: standard input)
    #[arg(value_name = "REPORT")]
    saved: PathBuf,
    /// End with the gate's exit code
    #[arg(long, help_heading = "Gate")]
    gate: bool,
    #[command(flatten)]
    regate: Regate,
    #[command(flatten)]
    written: Written,
}

pub(super) fn run(args: &Args) -> Result<u8, AppError> {
    let report = saved::read(&args.saved)?;
    let outputs = Outputs::open(&args.written, None)?;
    let report = args.regate.decided(report);
    let code = if args.gate { exit::of_gate(&report.gate, args.regate.exit_zero) } else { exit::PASS };
    ended(code, outputs.write(report))
}
