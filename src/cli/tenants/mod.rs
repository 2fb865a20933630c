//! `purgeproof tenants`: whose content would be checked, after discovery and merging, and where each came from.

mod file;
mod shown;
mod yaml;

use std::path::PathBuf;

use clap::{ArgAction, ValueEnum};

use super::flags::{Discovery, Paths};
use super::gate_flags::Color;
use super::output::{look, say, stream};
use super::{AppError, flags};
use crate::inventory::{self, Choice, Files, Overrides};
use crate::model::Inventory;
use crate::{dialect, exit};

/// List tenants after discovery and merging, with where each came from.
#[derive(Debug, Clone, clap::Args)]
#[command(
    args_override_self = true,
    after_help = "\
Examples:
  purgeproof tenants --discover compose=deploy/
  purgeproof tenants --discover hosts=hosts.txt --tenants tenants.yaml --format json
  purgeproof tenants --discover terraform=- --sample-host '*.example.com=shop.example.com'
  purgeproof tenants --discover csv=customers.csv --path /app.js --format tenants > tenants.yaml
  purgeproof tenants --paths-from sitemap=public/sitemap.xml
  purgeproof tenants --tenants tenants.yaml --paths-from log=/var/log/nginx/access.log --sample 5

One tenant is what one tenant key names, or else one host. What a tenants file says of an id or of
a host wins: its paths, priority, headers, variants and sample_host hold, and discovery adds the
hosts that it lacks. A tenant that no tenants file names is read as though the first tenants file
with \"defaults\" listed it. One host of two tenants is an error. A file that --format tenants writes
holds what cannot be asked for as comments: a run on that file does not count it.

--paths-from and --path are one list, which stands instead of the paths of each tenant of whom it tells any. Where nothing
else names tenants, the hosts of sitemaps and logs are tenants.

Exit codes:
  0    they are listed, and beside them what cannot be asked for
  2    usage, configuration or discovery error
  6    the list could not be written"
)]
pub(super) struct Args {
    /// Tenants file: YAML, TOML or JSON by its ending
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    tenants: Vec<PathBuf>,
    #[command(flatten)]
    discovery: Discovery,
    /// Regions file, for its environment and its template of hosts; without one, hosts are as written
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    regions: Vec<PathBuf>,
    #[command(flatten)]
    paths: Paths,
    /// List only what matches; keys: tenant, path, priority, environment
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = flags::choice)]
    only: Vec<Choice>,
    /// Leave out what matches; keys as for --only
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = flags::choice)]
    skip: Vec<Choice>,
    /// How they are listed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    /// No messages but errors
    #[arg(short, long, value_parser = clap::builder::FalseyValueParser::new())]
    quiet: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    color: Color,
}

/// How tenants are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, on a terminal
    #[default]
    Table,
    /// For programs
    Json,
    /// As a tenants file (YAML); what cannot be asked for stands in it as comments
    Tenants,
}

pub(super) fn run(args: &Args) -> Result<u8, AppError> {
    let inventory = loaded(args)?;
    let written = match args.format {
        Format::Table => stream(|out| out.write_all(shown::table(&inventory, look(args.color)).as_bytes())),
        Format::Json => stream(|out| shown::json(&inventory, out)),
        Format::Tenants => {
            file::holds_no_secret(&inventory)?;
            stream(|out| file::write(&inventory, out))
        }
    };
    written.map_err(|error| AppError::Unwritten(format!("standard output: {error}")))?;
    let unprobeable = super::dry_run::unprobeable(&inventory).filter(|_| args.format == Format::Tenants && !args.quiet);
    if let Some(warning) = unprobeable {
        say(&format!("warning: {warning}"));
    }
    if args.format == Format::Tenants && !args.quiet {
        for lost in super::dry_run::left_out(&inventory) {
            say(&lost);
        }
    }
    Ok(exit::PASS)
}

fn loaded(args: &Args) -> Result<Inventory, AppError> {
    if args.tenants.is_empty() && args.discovery.discover.is_empty() && args.paths.from.is_empty() {
        let mend =
            "name a tenants file with --tenants, or what to --discover tenants from, or a sitemap with --paths-from";
        return Err(AppError::Usage(format!("nothing says which tenants there are, {mend}")));
    }
    let files = Files {
        regions: args.regions.clone(),
        tenants: args.tenants.clone(),
        discover: args.discovery.discover.clone(),
        paths: args.paths.from.clone(),
        expect: None,
    };
    let overrides = args.discovery.over(Overrides {
        paths: args.paths.path.clone(),
        sample: args.paths.sample,
        seed: args.paths.seed,
        only: args.only.clone(),
        skip: args.skip.clone(),
        only_listed: true,
        ..Overrides::default()
    });
    let env = |name: &str| std::env::var(name).ok();
    let providers: Vec<&str> = dialect::ids().collect();
    inventory::load(&files, &overrides, &env, &providers).map_err(|error| AppError::Usage(error.to_string()))
}
