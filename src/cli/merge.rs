//! `purgeproof merge REPORT…`: the partitions of a run as one report, decided again.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::gate_flags::{Regate, Written};
use super::output::{Outputs, ended, say};
use super::{AppError, saved};
use crate::{exit, fold};

/// Merge the reports of all partitions of a run into one, as if one machine had done it all, and gate on the whole.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  purgeproof verify --tenants tenants.yaml --partition hash:1/2 --report json=1.json
  purgeproof verify --tenants tenants.yaml --partition hash:2/2 --report json=2.json
  purgeproof merge 1.json 2.json --report json=whole.json
  purgeproof merge parts/*.json --format markdown --max-fail 1%

Give every partition the same files and flags: what was planned or run differently is not merged. Causes are found
anew, from what all partitions saw. What was merged is not merged again.

Exit codes: as verify's; a partition that is missing or was interrupted is 3, unless something found makes it 1.")]
pub(super) struct Args {
    /// Reports of partitions, as --report json=PATH saved them, in any order
    #[arg(value_name = "REPORT", required = true)]
    saved: Vec<PathBuf>,
    #[command(flatten)]
    regate: Regate,
    #[command(flatten)]
    written: Written,
}

pub(super) fn run(args: &Args) -> Result<u8, AppError> {
    let named = |path: &PathBuf| Ok((path.display().to_string(), saved::read(path)?));
    let reports = args.saved.iter().map(named).collect::<Result<Vec<_>, AppError>>()?;
    let purges: BTreeSet<&str> = reports.iter().filter_map(|(_, report)| report.run.purged_at.as_deref()).collect();
    if let (Some(first), true) = (purges.first(), purges.len() > 1) {
        say(&format!(
            "warning: partitions were given {} times of the purge, the earliest is told ({first}): give all the same --purged-at",
            purges.len()
        ));
    }
    let report = fold::join(reports).map_err(|error| AppError::Usage(error.to_string()))?;
    let outputs = Outputs::open(&args.written, None)?;
    let report = args.regate.decided(report);
    let code = exit::of_gate(&report.gate, args.regate.exit_zero);
    ended(code, outputs.write(report))
}
