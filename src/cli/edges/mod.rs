//! `purgeproof edges`: where every edge is, how that was found, and who answers there.

mod json;
mod list;
mod pinned;
mod seen;
mod shown;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, ValueEnum};

pub(super) use json::masked;

use super::flags::Discovery;
use super::gate_flags::Color;
use super::output::{Sink, look, say, to_stdout};
use super::{AppError, values};
use crate::clock::Clock;
use crate::inventory::{self, Choice, Files, Overrides, PaceOverrides};
use crate::model::{AddressFamily, Inventory};
use crate::probe::Http;
use crate::report::defused;
use crate::verify::Wire;
use crate::{dialect, exit};

pub(super) use json::Edges;

/// List every edge: its addresses, how they were found, and who answers there.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(
    args_override_self = true,
    after_help = "\
Examples:
  purgeproof edges --dry-run
  purgeproof edges --tenants tenants.yaml --only region=apac
  purgeproof edges --probe www.example.com --format json
  purgeproof edges --tenants tenants.yaml --write pinned.toml

Exit codes:
  0    every edge was found, and with --probe is who the regions file expects
  2    usage or configuration error; nothing was sent
  3    some edge could not be found, does not answer, or is somebody else
  6    the list could not be written"
)]
pub(super) struct Args {
    /// Regions file: edges and origin of one environment [default: regions.toml]
    #[arg(long, value_name = "FILE", action = ArgAction::Append, env = "PURGEPROOF_REGIONS", hide_env = true)]
    regions: Vec<PathBuf>,
    /// Tenants file, for edges whose address is the tenant's own name
    #[arg(long, value_name = "FILE", action = ArgAction::Append, env = "PURGEPROOF_TENANTS", hide_env = true)]
    tenants: Vec<PathBuf>,
    #[command(flatten)]
    discovery: Discovery,
    /// List only what matches; keys: tenant, region, edge, provider, priority, environment
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = super::flags::choice)]
    only: Vec<Choice>,
    /// Leave out what matches; keys as for --only
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = super::flags::choice)]
    skip: Vec<Choice>,
    /// How it is listed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    /// Ask each address for this host, and say who answers; HOST or HOST/PATH
    #[arg(long, value_name = "HOST", value_parser = seen::target, conflicts_with = "dry_run")]
    probe: Option<seen::Target>,
    /// Write a regions file with what was found pinned as addresses
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    write: Option<PathBuf>,
    /// List what the files say; send nothing
    #[arg(long)]
    dry_run: bool,
    /// Trust the certificates in this PEM file, beside the system's
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Accept any certificate of an edge
    #[arg(short = 'k', long)]
    insecure: bool,
    /// IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// IPv6 addresses only
    #[arg(short = '6', long)]
    ipv6: bool,
    /// For one request [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = values::limit)]
    timeout: Option<Duration>,
    /// For DNS, proxy and connection, each [default: 3s]
    #[arg(long, value_name = "DURATION", value_parser = values::limit)]
    connect_timeout: Option<Duration>,
    /// No messages but errors
    #[arg(short, long)]
    quiet: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: Color,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, on a terminal
    #[default]
    Table,
    /// For programs
    Json,
}

pub(super) async fn run(args: &Args) -> Result<u8, AppError> {
    let inventory = loaded(args)?;
    let file = args.write.as_deref().map(|path| pinned_file(args, path)).transpose()?;
    let mut rows = list::planned(&inventory, args.probe.as_ref().map(|target| &target.host));
    if !args.dry_run {
        let wire = Wire::prepare(&inventory, Http::Auto, Clock::start());
        let wire = wire.map_err(|error| AppError::Usage(error.to_string()))?;
        list::find(&mut rows, &wire).await;
        if let Some(target) = &args.probe {
            seen::look(&mut rows, &wire, &inventory, target).await;
        }
    }
    if !args.quiet {
        if args.insecure {
            say("warning: certificates of edges are NOT checked (--insecure)");
        }
        warn(&rows);
    }
    let listed = match args.format {
        Format::Json => json::json(&rows, &inventory.secrets, args.insecure),
        Format::Table => shown::table(&rows, &inventory.secrets, look(args.color)),
    };
    to_stdout(listed.as_bytes()).map_err(|error| AppError::Unwritten(format!("standard output: {error}")))?;
    if let Some((sink, from, to)) = file {
        let (text, left) = pinned::regions(&from, to, &rows)?;
        for why in left.iter().filter(|_| !args.quiet) {
            say(&format!("warning: {}", defused(&inventory.secrets.mask(why))));
        }
        sink.write(text.as_bytes()).map_err(|error| AppError::Unwritten(format!("{}: {error}", to.display())))?;
    }
    let lost = rows.iter().any(|row| row.found.as_ref().is_some_and(Result::is_err) || !row.is_as_expected());
    Ok(if lost { exit::INCONCLUSIVE } else { exit::PASS })
}

fn loaded(args: &Args) -> Result<Inventory, AppError> {
    let discover = args.discovery.discover.clone();
    let files = Files { regions: regions(args), tenants: args.tenants.clone(), discover, ..Files::default() };
    let overrides = args.discovery.over(Overrides {
        only_listed: true,
        only: args.only.clone(),
        skip: args.skip.clone(),
        insecure: args.insecure,
        cacert: args.cacert.clone(),
        pace: PaceOverrides {
            timeout: args.timeout,
            connect_timeout: args.connect_timeout,
            ..PaceOverrides::default()
        },
        family: match (args.ipv4, args.ipv6) {
            (true, _) => Some(AddressFamily::V4),
            (_, true) => Some(AddressFamily::V6),
            _ => None,
        },
        ..Overrides::default()
    });
    let env = |name: &str| std::env::var(name).ok();
    let providers: Vec<&str> = dialect::ids().collect();
    let usage = |error: inventory::InventoryError| AppError::Usage(error.to_string());
    inventory::load(&files, &overrides, &env, &providers).map_err(usage)
}

fn regions(args: &Args) -> Vec<PathBuf> {
    if args.regions.is_empty() { vec!["regions.toml".into()] } else { args.regions.clone() }
}

/// Where the pinned file goes, opened before anything is sent, and which file it is made from.
fn pinned_file<'a>(args: &'a Args, to: &'a Path) -> Result<(Sink, PathBuf, &'a Path), AppError> {
    let [from] = <[PathBuf; 1]>::try_from(regions(args))
        .map_err(|_| AppError::Usage("--write: one file is one environment, name one --regions file".to_owned()))?;
    let sink = Sink::open(to).map_err(|error| {
        AppError::Usage(format!("--write {}: {error}, choose a file that can be written", to.display()))
    })?;
    Ok((sink, from, to))
}

/// Once for each edge.
fn warn(rows: &[list::Row<'_>]) {
    let mut warned = None;
    for row in rows.iter().filter(|row| row.is_subnet_ignored()) {
        if warned.replace(&row.edge.id) != Some(&row.edge.id) {
            let subnet = row.subnet().map(|subnet| subnet.to_string()).unwrap_or_default();
            say(&ignored(&row.edge.id.edge, &row.edge.id.region, &subnet));
        }
    }
}

/// The warning for an answer that was made for everyone.
pub(super) fn ignored(edge: &str, region: &str, subnet: &str) -> String {
    format!(
        "warning: edge \"{}\" ({}): its resolver ignored the client subnet {subnet}: clients there may be sent elsewhere",
        defused(edge),
        defused(region)
    )
}
