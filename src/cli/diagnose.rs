//! `purgeproof diagnose URL`: one object on every edge, for whoever is on call.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ArgAction;

use super::flags::{Discovery, Pace, Reference, Request, Time, What};
use super::gate_flags::{GateFlags, OutputFlags};
use super::output::{Outputs, ended, say, to_stdout};
use super::verify::Verified;
use super::{AppError, flags, verify};
use crate::clock::Clock;
use crate::exit;
use crate::inventory::{self, Choice, Files, One, Overrides, Plan, Target};
use crate::model::{AddressFamily, Addresses};
use crate::source::{Detours, Resolvers, Wanted};
use crate::verify::Options;

/// Ask every edge for one object in all its variants: what is stale, which cache holds the old copy, why, what to do.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  purgeproof diagnose https://www.example.com/app.js --purged-at -10m
  purgeproof diagnose https://www.example.com/app.js --tenants tenants.yaml --only region=eu-*
  purgeproof diagnose https://www.example.com/app.js --origin https://origin.example.com

The edges are those of --regions, or of regions.toml where that is there, or else the URL's own addresses.

Exit codes: as verify's. Every flag can be given as an environment variable: PURGEPROOF_ORIGIN for --origin.")]
pub(super) struct Args {
    /// What to ask for
    url: String,
    /// Regions file: edges and origin of one environment [default: regions.toml, if it is there]
    #[arg(long, value_name = "FILE", action = ArgAction::Append, help_heading = "What to check")]
    regions: Vec<PathBuf>,
    /// Tenants file: the tenant that has the URL's host gives headers and variants
    #[arg(long, value_name = "FILE", action = ArgAction::Append, help_heading = "What to check")]
    tenants: Vec<PathBuf>,
    #[command(flatten, next_help_heading = "What to check")]
    discovery: Discovery,
    /// Ask only edges that match; keys: region, edge, provider, environment
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = flags::choice, help_heading = "What to check")]
    only: Vec<Choice>,
    /// Leave out edges that match; keys as for --only
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = flags::choice, help_heading = "What to check")]
    skip: Vec<Choice>,
    #[command(flatten)]
    reference: Reference,
    #[command(flatten)]
    time: Time,
    #[command(flatten)]
    request: Request,
    /// Send edges none of the headers that make caches say more
    #[arg(long, help_heading = "Requests", value_parser = clap::builder::FalseyValueParser::new())]
    no_debug_headers: bool,
    #[command(flatten)]
    pace: Pace,
    #[command(flatten)]
    gate: GateFlags,
    #[command(flatten)]
    output: OutputFlags,
    /// Show the plan and its cost, with --format json as JSON; nothing is asked but the URL's addresses, where no regions file names edges
    #[arg(long, help_heading = "Output", value_parser = clap::builder::FalseyValueParser::new())]
    dry_run: bool,
}

pub(super) async fn run(args: &Args) -> Result<u8, AppError> {
    let clock = Clock::start();
    let as_verify = as_verify(args);
    let plan = planned(args, &as_verify).await?;
    let options = Options { keep_all: true, ..verify::options(&as_verify, clock) };
    if args.dry_run {
        let shown = super::dry_run::shown(&plan, &options, args.output.written.format);
        to_stdout(shown.as_bytes()).map_err(|error| AppError::Unwritten(format!("standard output: {error}")))?;
        return Ok(if plan.is_empty() && !args.gate.allow_empty { exit::EMPTY } else { exit::PASS });
    }
    let outputs = Outputs::open(&args.output.written, None)?;
    let Verified { report, listening: _listening, .. } = verify::carried_out(&as_verify, plan, options, clock).await?;
    let code = exit::of_gate(&report.gate, args.gate.exit_zero);
    ended(code, outputs.write(report))
}

/// What `verify` would have been told.
fn as_verify(args: &Args) -> verify::Args {
    let Args { regions, tenants, discovery, only, skip, reference, time, request, pace, gate, output, dry_run, .. } =
        args.clone();
    let what = What { regions, tenants, discovery, only, skip, ..What::default() };
    verify::Args { what, reference, time, request, pace, gate, output, events: None, dry_run }
}

async fn planned(args: &Args, as_verify: &verify::Args) -> Result<Plan, AppError> {
    let target = inventory::target(&args.url).map_err(verify::usage)?;
    let overrides = verify::overrides(as_verify);
    let regions = regions(&args.regions);
    let addresses = if regions.is_empty() { addresses(args, &target, &overrides).await } else { Vec::new() };
    let (tenants, discover) = (args.tenants.clone(), args.discovery.discover.clone());
    let files = Files { regions, tenants, discover, expect: args.reference.expect.clone(), ..Files::default() };
    let one = One { url: args.url.clone(), addresses };
    let overrides = Overrides { one: Some(one), debug_headers: Some(!args.no_debug_headers), ..overrides };
    let inventory = verify::loaded(as_verify, &files, overrides)?;
    let is_known = inventory.tenants.iter().all(|tenant| &*tenant.source != inventory::NO_FILE);
    if (!args.tenants.is_empty() || !args.discovery.discover.is_empty()) && !is_known && !args.output.quiet {
        say("warning: no tenant has this URL's host; asking without any tenant's headers and variants");
    }
    Plan::new(Arc::new(inventory)).map_err(verify::usage)
}

fn regions(named: &[PathBuf]) -> Vec<PathBuf> {
    let default = Path::new("regions.toml");
    if named.is_empty() && default.exists() { vec![default.to_owned()] } else { named.to_vec() }
}

/// What the URL's host stands for; names lead where was typed. Nothing where that is not to be had: the run looks again, and reports it.
async fn addresses(args: &Args, target: &Target, overrides: &Overrides) -> Vec<SocketAddr> {
    let family = overrides.family.unwrap_or(AddressFamily::Any);
    let limit = overrides.pace.connect_timeout.unwrap_or(Duration::from_secs(3));
    let wanted = Wanted {
        place: &target.place,
        host: None,
        port: target.port,
        family,
        addresses: Addresses::All,
        timeout: limit,
        tls: None,
    };
    let (resolve, connect_to) = (args.request.resolve.clone(), args.request.connect_to.clone());
    let found = Resolvers::with(Detours { resolve, connect_to }).find(&wanted).await;
    found.map_or_else(|_| Vec::new(), |found| found.addresses)
}
