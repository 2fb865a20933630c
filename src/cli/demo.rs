//! `purgeproof demo`: a CDN on this machine, purged badly, and the real `verify` on it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use super::AppError;
use super::gate_flags::OutputFlags;
use super::output::{Outputs, ended, say};
use super::verify::{self, Verified};
use crate::clock::Clock;
use crate::exit;
use crate::lab::{self, Lab, Planted};
use crate::model::{human, stamp};

/// Start a CDN on this machine, purge it badly, and show what verify says of it.
///
/// An origin, four regions of three edges behind shields, real TLS and HTTP/2, all on loopback. The purge misses one
/// edge, one tenant's hostname and one region's shield.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  purgeproof demo
  purgeproof demo --healthy
  purgeproof demo --tenants 200 --keep
  purgeproof demo --gate --report junit=demo.xml

Exit codes: 0 once it has shown this; with --gate, as verify's.")]
pub(super) struct Args {
    /// Tenants in the lab
    #[arg(long, value_name = "N", default_value = "24", value_parser = super::values::count)]
    tenants: usize,
    /// Purge everything everywhere: nothing is left stale
    #[arg(long)]
    healthy: bool,
    /// End with the exit code that verify gave
    #[arg(long)]
    gate: bool,
    /// Leave the lab running, and print where its files are, until interrupted
    #[arg(long)]
    keep: bool,
    /// The purge takes its time, up to half of this; wait for convergence as verify --within does
    #[arg(long, value_name = "DURATION", value_parser = super::values::limit)]
    within: Option<Duration>,
    #[command(flatten)]
    output: OutputFlags,
    /// Write each change of state to this file as it happens, as NDJSON
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    events: Option<PathBuf>,
}

/// `verify`'s own command line, as a person would type it.
#[derive(Debug, Parser)]
struct Typed {
    #[command(flatten)]
    verify: verify::Args,
}

pub(super) async fn run(args: &Args) -> Result<u8, AppError> {
    let outputs = Outputs::open(&args.output.written, args.events.as_deref())?;
    let folder = tempfile::tempdir().map_err(|error| AppError::Internal(format!("no temporary folder: {error}")))?;
    let lab = Lab::start(lab::Options { tenants: args.tenants, ..lab::Options::default() }).await?;
    lab.write_files(folder.path())?;
    let planted = if args.healthy { Planted::nothing() } else { Planted::demo(lab.options()) };
    let planted = Planted { arrives_within: args.within.map(|within| within / 2), ..planted };
    lab.deploy();
    let purged_at = lab.purge(&planted);
    if !args.output.quiet {
        say(&told(&lab, &planted));
    }
    let regions = folder.path().join("regions.toml").display().to_string();
    let tenants = folder.path().join("tenants.yaml").display().to_string();
    let typed = ["verify", "--regions", &regions, "--tenants", &tenants, "--purged-at", &stamp(purged_at)];
    let mut typed = Typed::try_parse_from(typed).map_err(|error| AppError::Internal(error.to_string()))?.verify;
    typed.output = args.output.clone();
    typed.time.within = args.within;
    typed.events.clone_from(&args.events);
    let plan = verify::planned(&typed)?;
    let Verified { report, events_written, listening } = verify::verified(&typed, plan, Clock::start()).await?;
    let code = report.gate.exit_code;
    let written = outputs.write(report).and(events_written);
    drop(listening);
    if !args.output.quiet {
        say(&format!("\nverify's exit code is {code}{}", if args.gate { "" } else { "; the demo ends with 0" }));
    }
    if args.keep {
        let purged = stamp(purged_at);
        say(&format!(
            "\nthe lab keeps running; end it with Ctrl-C\n  purgeproof verify --regions {regions} --tenants {tenants} --purged-at {purged}"
        ));
        super::signals::any().await;
    }
    let interrupted = matches!(code, exit::INTERRUPTED | exit::TERMINATED);
    ended(if args.gate || interrupted { code } else { exit::PASS }, written)
}

/// What was started and planted, for people; nobody else is told.
fn told(lab: &Lab, planted: &Planted) -> String {
    let regions = lab.options().regions.len();
    let mut lines = vec![format!(
        "lab: an origin and {} edges in {regions} regions on 127.0.0.1, {} tenants\n  deployed, then purged",
        lab.edges().len(),
        lab.options().tenants
    )];
    for (missed, what) in [
        (&planted.missed_edge, "the edge"),
        (&planted.missed_tenant, "the hostname of"),
        (&planted.missed_shield, "the shield"),
    ] {
        if let Some(name) = missed {
            lines.push(format!("  the purge misses {what} {name}"));
        }
    }
    if let Some(longest) = planted.arrives_within {
        lines.push(format!("  the purge takes up to {} to arrive", human(longest)));
    }
    lines.push(String::new());
    lines.join("\n")
}
