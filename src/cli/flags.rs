//! The flags of `verify`, in groups. Each has an environment variable `PURGEPROOF_<FLAG>`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};

use super::values::{self, When};
use crate::inventory::{Choice, Discover, Overrides, PathsFrom, Rate, SampleHost, Share};
use crate::model::Priority;
use crate::source::{ConnectTo, Resolve};

/// What is checked.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What to check")]
pub(super) struct What {
    /// Regions file: edges and origin of one environment [default: regions.toml]
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub(super) regions: Vec<PathBuf>,
    /// Tenants file: YAML, TOML or JSON by its ending
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub(super) tenants: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) discovery: Discovery,
    /// Check this URL instead of tenants
    #[arg(long, value_name = "URL", action = ArgAction::Append)]
    pub(super) url: Vec<String>,
    #[command(flatten)]
    pub(super) paths: Paths,
    /// Check only what matches; keys: tenant, region, edge, provider, path, priority, environment
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = choice)]
    pub(super) only: Vec<Choice>,
    /// Leave out what matches; keys as for --only
    #[arg(long, value_name = "KEY=GLOB[,GLOB]", action = ArgAction::Append, value_parser = choice)]
    pub(super) skip: Vec<Choice>,
    /// Check only the M-th of N disjoint parts, by tenant: by a hash of its id, or in turns over the sorted ids; without
    /// M, the part of `$JOB_COMPLETION_INDEX`
    #[arg(long, value_name = "hash:M/N|slice:M/N", value_parser = share)]
    pub(super) partition: Option<Share>,
}

/// Which paths, and how many of them.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What to check")]
pub(super) struct Paths {
    /// Check this path instead of the tenants' own
    #[arg(long, value_name = "PATH", action = ArgAction::Append)]
    pub(super) path: Vec<String>,
    /// Check the paths that this file names instead of the tenants' own, beside those of --path: a sitemap (a URL is of the
    /// tenant that has its host), a build's manifest (@/static/ behind it says what stands before its files), an access log
    /// (the 20 most requested, or as many as --sample says); - for standard input, .gz is fine
    #[arg(long = "paths-from", value_name = "KIND=FILE", action = ArgAction::Append, value_parser = paths_from)]
    pub(super) from: Vec<PathsFrom>,
    /// Check so many paths of each tenant, chosen by --seed
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(super) sample: Option<usize>,
    /// What samples are chosen by
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
}

/// Tenants from what a team already has.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Discovery {
    /// Find tenants in what is there already: a file, a folder with all below it, a glob, or - for standard input; kinds:
    /// cloudflare, cloudfront, compose, csv, hosts, kubernetes, terraform
    #[arg(long, value_name = "KIND=PATH", action = ArgAction::Append, value_parser = source, env = "PURGEPROOF_DISCOVER", hide_env = true)]
    pub(super) discover: Vec<Discover>,
    /// Label or annotation that holds a discovered tenant's id; without it each host is a tenant
    #[arg(long, value_name = "KEY", env = "PURGEPROOF_TENANT_KEY", hide_env = true)]
    pub(super) tenant_key: Option<String>,
    /// Ask for this host in place of a discovered wildcard or pattern
    #[arg(long, value_name = "WILDCARD=HOST", action = ArgAction::Append, value_parser = sample_host, env = "PURGEPROOF_SAMPLE_HOST", hide_env = true)]
    pub(super) sample_host: Vec<SampleHost>,
}

impl Discovery {
    /// The same, among all that flags say.
    pub(super) fn over(&self, overrides: Overrides) -> Overrides {
        Overrides { tenant_key: self.tenant_key.clone(), samples: self.sample_host.clone(), ..overrides }
    }
}

/// What it is held against.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reference")]
pub(super) struct Reference {
    /// The origin, instead of the regions file's
    #[arg(long, value_name = "URL")]
    pub(super) origin: Option<String>,
    /// What the deploy pinned, by path: status, validators, hash, headers; YAML, TOML or JSON by its ending
    #[arg(long, value_name = "FILE")]
    pub(super) expect: Option<PathBuf>,
    /// JSON report saved before the deploy: content that equals it is shown to be old
    #[arg(long, value_name = "REPORT")]
    pub(super) baseline: Option<PathBuf>,
    /// Compare bodies: where headers do not settle it, always, or never
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub(super) body: Bodies,
    /// Largest body to compare
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = values::size)]
    pub(super) max_body: u64,
    /// Do not ask near neighbours (query, spelling, directory, scheme) of what is stale
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) no_sweep: bool,
}

/// When bodies are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Bodies {
    #[default]
    Auto,
    Always,
    Never,
}

/// When.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Time")]
pub(super) struct Time {
    /// When the purge was accepted: RFC 3339, seconds since 1970, now, or -90s
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true, value_parser = values::when)]
    pub(super) purged_at: Option<When>,
    /// How far our clock and the purge's may be apart
    #[arg(long, value_name = "DURATION", default_value = "2s", allow_hyphen_values = true, value_parser = values::duration)]
    pub(super) skew: Duration,
    /// Wait for convergence: look again at what is not settled, until this long after the purge
    #[arg(long, value_name = "DURATION", value_parser = values::limit)]
    pub(super) within: Option<Duration>,
    /// Longest pause between two looks at one check
    #[arg(long, value_name = "DURATION", default_value = "500ms", value_parser = values::limit)]
    pub(super) interval: Duration,
    /// How soon after the purge a priority must be fresh; critical=1s, high=10s, normal=60s, low=300s unless set
    #[arg(long, value_name = "PRIORITY=DURATION", action = ArgAction::Append, requires = "within", value_parser = values::service_level)]
    pub(super) service_level: Vec<(Priority, Duration)>,
    /// End the whole run after this long, and report what is known
    #[arg(long, value_name = "DURATION", value_parser = values::limit)]
    pub(super) deadline: Option<Duration>,
}

/// What is sent.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(next_help_heading = "Requests")]
pub(super) struct Request {
    /// Method
    #[arg(long, value_name = "METHOD", value_enum, default_value_t)]
    pub(super) method: Method,
    /// Send this header to edges and origin; "${NAME}" in it is taken from the environment
    #[arg(short = 'H', long, value_name = "NAME: VALUE", action = ArgAction::Append)]
    pub(super) header: Vec<String>,
    /// Ask for this variant instead of the tenants' own
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub(super) variant: Vec<String>,
    /// Dial these addresses for edges and origins of that name and port; as curl has it
    #[arg(long, value_name = "HOST:PORT:ADDR[,ADDR]", action = ArgAction::Append, allow_hyphen_values = true,
        value_parser = Resolve::parse)]
    pub(super) resolve: Vec<Resolve>,
    /// Dial another name and port instead of that one; as curl has it, an empty part is any or the same
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2", action = ArgAction::Append, value_parser = ConnectTo::parse)]
    pub(super) connect_to: Vec<ConnectTo>,
    /// Trust the certificates in this PEM file, beside the system's
    #[arg(long, value_name = "FILE")]
    pub(super) cacert: Option<PathBuf>,
    /// Accept any certificate; the report says so
    #[arg(short = 'k', long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) insecure: bool,
    /// Dial IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6", value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) ipv4: bool,
    /// Dial IPv6 addresses only
    #[arg(short = '6', long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) ipv6: bool,
    /// Offer HTTP/1.1 only
    #[arg(long = "http1.1", conflicts_with = "http2", value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) http1: bool,
    /// Offer HTTP/2 only
    #[arg(long, value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) http2: bool,
}

/// The safe methods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Method {
    #[default]
    Head,
    Get,
}

/// How hard.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pace")]
pub(super) struct Pace {
    /// Requests under way at once, over all edges
    #[arg(long, value_name = "N", default_value = "1024", value_parser = values::count)]
    pub(super) max_concurrency: usize,
    /// Requests under way at once at one edge [default: 64]
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(super) edge_concurrency: Option<usize>,
    /// HTTP/2 connections to one edge and certificate, at most [default: 4]
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(super) edge_connections: Option<usize>,
    /// Requests a second at one edge, or none for no limit [default: 500]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(super) edge_rate: Option<Rate>,
    /// For one request [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = values::limit)]
    pub(super) timeout: Option<Duration>,
    /// For DNS, proxy and connection, each [default: 3s]
    #[arg(long, value_name = "DURATION", value_parser = values::limit)]
    pub(super) connect_timeout: Option<Duration>,
    /// Send a request that got no answer again, so often
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) retry: u32,
}

pub(super) fn choice(text: &str) -> Result<Choice, String> {
    text.parse::<Choice>().map_err(|error| error.to_string())
}

fn source(text: &str) -> Result<Discover, String> {
    text.parse::<Discover>().map_err(|error| error.to_string())
}

fn paths_from(text: &str) -> Result<PathsFrom, String> {
    text.parse::<PathsFrom>().map_err(|error| error.to_string())
}

fn sample_host(text: &str) -> Result<SampleHost, String> {
    text.parse::<SampleHost>().map_err(|error| error.to_string())
}

fn share(text: &str) -> Result<Share, String> {
    text.parse::<Share>().map_err(|error| error.to_string())
}

fn rate(text: &str) -> Result<Rate, String> {
    text.parse::<Rate>().map_err(|error| error.to_string())
}
