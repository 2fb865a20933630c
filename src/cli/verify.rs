//! `purgeproof verify`: the main job, from flags to exit code.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::events::Writer;
use super::flags::{Bodies, Method, Pace, Reference, Request, Time, What};
use super::gate_flags::{Advise, GateFlags, OutputFlags};
use super::output::{Outputs, ended, say, to_stdout};
use super::progress::Shown;
use super::signals::{self, Listening};
use super::{AppError, baseline};
use crate::clock::Clock;
use crate::inventory::{self, Env, Files, InventoryError, Overrides, PaceOverrides, Plan};
use crate::judge::Purge;
use crate::model::{self, AddressFamily, Environment, Inventory, Report, Secrets, Tenant, human};
use crate::probe::Http;
use crate::report::defused;
use crate::source::Detours;
use crate::verify::{self, Job, Options, Progress, Stop, Wire};
use crate::{dialect, exit};

/// Ask every edge for every tenant's objects, hold the answers against the origin, and gate on the result.
#[derive(Debug, Clone, clap::Args)]
#[command(
    args_override_self = true,
    after_help = "\
Examples:
  purgeproof verify --regions regions.toml --tenants tenants.yaml --purged-at now
  purgeproof verify --discover compose=deploy/ --tenant-key com.example.tenant --path /app.js
  purgeproof verify --url https://www.example.com/app.js --only region=eu-*
  purgeproof verify --tenants tenants.yaml --paths-from manifest=dist/.vite/manifest.json
  purgeproof verify --paths-from sitemap=public/sitemap.xml --sample 50
  purgeproof verify --tenants tenants.yaml --report json=report.json --quiet
  purgeproof verify --tenants tenants.yaml --partition hash:3/20 --report json=part-3.json

Exit codes:
  0    parity: the gate passed
  1    something is stale, divergent or failing
  2    usage or configuration error; nothing was sent
  3    inconclusive: too little could be compared; a retry may help
  4    nothing to check (a partition to which nothing falls, of a plan that holds something, passes)
  6    a report could not be written
  70   internal error
  130  interrupted (143: terminated); the partial report is written

Every flag can be given as an environment variable: PURGEPROOF_TENANTS for --tenants."
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) what: What,
    #[command(flatten)]
    pub(super) reference: Reference,
    #[command(flatten)]
    pub(super) time: Time,
    #[command(flatten)]
    pub(super) request: Request,
    #[command(flatten)]
    pub(super) pace: Pace,
    #[command(flatten)]
    pub(super) gate: GateFlags,
    #[command(flatten)]
    pub(super) output: OutputFlags,
    /// Write each change of state to this file as it happens, as NDJSON
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub(super) events: Option<std::path::PathBuf>,
    /// Show the plan and its cost, with --format json as JSON; send nothing
    #[arg(long, help_heading = "Output", value_parser = clap::builder::FalseyValueParser::new())]
    pub(super) dry_run: bool,
}

pub(super) async fn run(args: &Args) -> Result<u8, AppError> {
    let clock = Clock::start();
    let plan = planned(args)?;
    if args.dry_run {
        baseline::read(args.reference.baseline.as_deref())?;
        let shown = super::dry_run::shown(&plan, &options(args, clock), args.output.written.format);
        to_stdout(shown.as_bytes()).map_err(|error| AppError::Unwritten(format!("standard output: {error}")))?;
        let is_nothing = plan.is_empty() && !plan.is_spared() && !args.gate.allow_empty;
        return Ok(if is_nothing { exit::EMPTY } else { exit::PASS });
    }
    let outputs = Outputs::open(&args.output.written, args.events.as_deref())?;
    let Verified { report, events_written, listening: _listening } = verified(args, plan, clock).await?;
    let code = exit::of_gate(&report.gate, args.gate.exit_zero);
    ended(code, outputs.write(report).and(events_written))
}

/// Carries out what was planned, watched and interruptible.
pub(super) async fn verified(args: &Args, plan: Plan, clock: Clock) -> Result<Verified, AppError> {
    carried_out(args, plan, options(args, clock), clock).await
}

/// The same, as the options say.
pub(super) async fn carried_out(args: &Args, plan: Plan, options: Options, clock: Clock) -> Result<Verified, AppError> {
    let http = match (args.request.http1, args.request.http2) {
        (true, _) => Http::Http1,
        (_, true) => Http::Http2,
        _ => Http::Auto,
    };
    let baseline = baseline::read(args.reference.baseline.as_deref())?;
    let inventory = Arc::clone(plan.inventory());
    let wire = Wire::prepare(&inventory, http, clock).map_err(|error| AppError::Usage(error.to_string()))?;
    let (resolve, connect_to) = (args.request.resolve.clone(), args.request.connect_to.clone());
    let wire = wire.with(Detours { resolve, connect_to });
    if args.request.insecure && !args.output.quiet {
        say("warning: certificates are NOT checked (--insecure)");
    }
    if !args.output.quiet {
        warn(args, &options, clock);
        if let Some(warning) = super::dry_run::unprobeable(&inventory) {
            say(&format!("warning: {warning}"));
        }
        for lost in super::dry_run::left_out(&inventory) {
            say(&lost);
        }
        for budget in verify::budgets(&plan, &options) {
            say(&defused(&inventory.secrets.mask(&budget)));
        }
    }
    if args.output.verbose {
        say(&super::dry_run::headline(&plan));
    }
    let progress = Arc::new(Progress::default());
    let stop = Stop::default();
    let listening = signals::listen(stop.clone());
    let shown = Shown::of(Arc::clone(&progress), &args.output, args.time.within.is_some());
    let writer = match &args.events {
        Some(path) => Some(Writer::open(path).await?),
        None => None,
    };
    let events = writer.as_ref().map(|writer| writer.events.clone());
    let options = Options { baseline, ..options };
    let report = verify::verify(Job { plan: Arc::new(plan), options, clock, progress, stop, events }, wire).await;
    drop(shown);
    let events_written = match writer {
        Some(writer) => writer.finish().await,
        None => Ok(()),
    };
    if !args.output.quiet {
        for edge in report.edges.iter().filter(|edge| edge.scope == Some(0)) {
            let subnet = edge.client_subnet.as_deref().unwrap_or_default();
            say(&super::edges::ignored(&edge.name, &edge.region, subnet));
        }
    }
    if args.output.verbose {
        for edge in &report.edges {
            say(&format!("edge {} ({}): {}", edge.name, edge.region, edge.addresses.join(", ")));
        }
    }
    Ok(Verified { report, events_written, listening })
}

/// Flags that would do nothing, or nothing good, beside the others.
fn fits_together(args: &Args, inventory: &Inventory) -> Result<(), AppError> {
    if args.gate.late == model::Late::Fail && args.time.within.is_none() {
        return Err(AppError::Usage("--late fail: nothing can be late without --within, add --within".to_owned()));
    }
    let mut edges = inventory.environments.iter().flat_map(|environment| &environment.edges);
    match edges.find(|edge| args.request.http2 && edge.scheme == model::Scheme::Http) {
        Some(edge) => Err(AppError::Usage(format!(
            "--http2: edge \"{}\" is asked over plain http, which is HTTP/1.1 here, leave the flag out or set scheme = \"https\"",
            edge.id.edge
        ))),
        None => Ok(()),
    }
}

/// What is allowed, and hardly meant.
fn warn(args: &Args, options: &Options, clock: Clock) {
    let latest = clock.wall().checked_add(args.time.skew).unwrap_or(model::Timestamp::MAX);
    if options.purge.at.is_some_and(|at| at > latest) {
        say("warning: --purged-at lies in the future: every copy is older than that");
    }
    if let Some(warning) = waits(args, options, clock) {
        say(&format!("warning: {warning}"));
    }
    if !options.gate.fail_on.contains(&model::Verdict::Stale) {
        say("warning: the gate does not fail on stale; --fail-on takes the place of stale,divergent,failing");
    }
}

/// Times that do not go together.
fn waits(args: &Args, options: &Options, clock: Clock) -> Option<String> {
    let Time { within, interval, deadline, .. } = args.time;
    let within = within?;
    let gone = clock.wall().duration_since(options.purge.at.unwrap_or(clock.wall()));
    let gone = Duration::try_from(gone).unwrap_or_default();
    if gone >= within {
        let (gone, within) = (human(gone), human(within));
        return Some(format!("the purge was {gone} ago and --within {within} is over: everything is looked at once"));
    }
    let left = within.saturating_sub(gone);
    if let Some(deadline) = deadline.filter(|deadline| *deadline < left) {
        let (deadline, left) = (human(deadline), human(left));
        return Some(format!(
            "--deadline {deadline} comes before --within is over ({left} from now): what is not fresh when four fifths of it have passed is looked at for the last time and told as it is then"
        ));
    }
    (interval >= left).then(|| {
        let (interval, left) = (human(interval), human(left));
        format!("--interval {interval} is as long as what is left of --within ({left}): times to fresh will be coarse")
    })
}

/// What a run gave.
pub(super) struct Verified {
    pub(super) report: Report,
    /// Whether `--events` was written to the end.
    pub(super) events_written: Result<(), AppError>,
    /// While it is kept, a second signal ends the process, even one that waits for whoever should read its reports.
    pub(super) listening: Listening,
}

/// Reads the files, applies the flags, numbers the objects.
pub(super) fn planned(args: &Args) -> Result<Plan, AppError> {
    let what = &args.what;
    let default = Path::new("regions.toml");
    let regions = if what.regions.is_empty() { vec![default.to_owned()] } else { what.regions.clone() };
    let discover = what.discovery.discover.clone();
    let paths = what.paths.from.clone();
    if what.tenants.is_empty() && what.url.is_empty() && discover.is_empty() && paths.is_empty() {
        let mend = "name a tenants file with --tenants, what to --discover tenants from, a --url, or a sitemap with --paths-from";
        return Err(AppError::Usage(format!("nothing says what to check, {mend}")));
    }
    let expect = args.reference.expect.clone();
    let files = Files { regions, tenants: what.tenants.clone(), discover, paths, expect };
    let inventory = loaded(args, &files, overrides(args))?;
    inventory.environments.iter().try_for_each(|environment| has_reference(environment, &inventory.tenants))?;
    if args.reference.body == Bodies::Never {
        inventory.tenants.iter().try_for_each(needs_no_body)?;
    }
    let Some(share) = what.partition else { return Plan::new(Arc::new(inventory)).map_err(usage) };
    let index = std::env::var("JOB_COMPLETION_INDEX").ok();
    share.partition(index.as_deref()).and_then(|partition| Plan::part(inventory, partition)).map_err(usage)
}

/// Every object has an origin, or is pinned.
fn has_reference(environment: &Environment, tenants: &[Tenant]) -> Result<(), AppError> {
    if environment.origin.is_some() {
        return Ok(());
    }
    let is_pinned =
        |tenant: &Tenant, path: &Arc<str>| tenant.expect.get(path).is_some_and(|expect| expect.settles_content());
    let there = tenants.iter().filter(|tenant| tenant.hosts.contains_key(&environment.name));
    let mut objects = there.flat_map(|tenant| tenant.paths.iter().map(move |path| (tenant, path)));
    let mend = "add [origin] with a url, or give --origin";
    let what = match objects.find(|(tenant, path)| !is_pinned(tenant, path)) {
        None if !tenants.is_empty() => return Ok(()),
        Some((tenant, path)) if tenants.iter().any(|tenant| !tenant.expect.is_empty()) => {
            format!("no origin to compare with, and no content pinned for tenant \"{}\", {path}: {mend}", tenant.id)
        }
        _ => format!("no origin to compare with, {mend}"),
    };
    Err(AppError::Usage(format!("{}: {what}", environment.source)))
}

/// A pinned hash is of the body.
fn needs_no_body(tenant: &Tenant) -> Result<(), AppError> {
    match tenant.expect.iter().find(|(_, expect)| expect.sha256.is_some()) {
        Some((path, _)) => Err(AppError::Usage(format!(
            "--body never: a sha256 is pinned for tenant \"{}\", {path}, which takes the body, leave the flag out",
            tenant.id
        ))),
        None => Ok(()),
    }
}

/// Reads the files and applies the flags.
pub(super) fn loaded(args: &Args, files: &Files, overrides: Overrides) -> Result<Inventory, AppError> {
    let env = |name: &str| std::env::var(name).ok();
    let providers: Vec<&str> = dialect::ids().collect();
    let mut secrets = Secrets::default();
    let overrides = Overrides { headers: headers(args, &env, &mut secrets)?, ..overrides };
    let mut inventory = inventory::load(files, &overrides, &env, &providers).map_err(usage)?;
    inventory.secrets.extend(secrets);
    fits_together(args, &inventory)?;
    Ok(inventory)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn usage(error: InventoryError) -> AppError {
    AppError::Usage(error.to_string())
}

/// `-H`, with `${NAME}` taken from the environment and remembered as secret.
fn headers(args: &Args, env: &Env<'_>, secrets: &mut Secrets) -> Result<Vec<String>, AppError> {
    let filled = |line: &String| inventory::from_environment(line, env, secrets);
    let lines: Result<Vec<_>, _> = args.request.header.iter().map(filled).collect();
    lines.map_err(|error| AppError::Usage(format!("--header: {error}")))
}

pub(super) fn overrides(args: &Args) -> Overrides {
    let Args { what, reference, time, request, pace, .. } = args;
    what.discovery.over(Overrides {
        urls: what.url.clone(),
        one: None,
        paths: what.paths.path.clone(),
        only: what.only.clone(),
        skip: what.skip.clone(),
        sample: what.paths.sample,
        seed: what.paths.seed,
        origin: reference.origin.clone(),
        headers: Vec::new(),
        variants: request.variant.clone(),
        service_levels: time.service_level.clone(),
        pace: PaceOverrides {
            edge_concurrency: pace.edge_concurrency,
            edge_connections: pace.edge_connections,
            edge_rate: pace.edge_rate,
            timeout: pace.timeout,
            connect_timeout: pace.connect_timeout,
        },
        insecure: request.insecure,
        cacert: request.cacert.clone(),
        family: match (request.ipv4, request.ipv6) {
            (true, _) => Some(AddressFamily::V4),
            (_, true) => Some(AddressFamily::V6),
            _ => None,
        },
        debug_headers: None,
        ..Overrides::default()
    })
}

pub(super) fn options(args: &Args, clock: Clock) -> Options {
    Options {
        purge: Purge { at: args.time.purged_at.map(|when| when.on(clock.wall())), skew: args.time.skew },
        method: match args.request.method {
            Method::Head => model::Method::Head,
            Method::Get => model::Method::Get,
        },
        bodies: match args.reference.body {
            Bodies::Auto => verify::Bodies::Auto,
            Bodies::Always => verify::Bodies::Always,
            Bodies::Never => verify::Bodies::Never,
        },
        max_body: args.reference.max_body,
        max_concurrency: args.pace.max_concurrency,
        retry: args.pace.retry,
        max_findings: args.output.max_findings,
        patience: args.time.within.map(|within| verify::Patience { within, interval: args.time.interval }),
        deadline: args.time.deadline,
        sweep: !args.reference.no_sweep,
        fail_fast: args.gate.fail_fast,
        gate: args.gate.policy(),
        baseline: None,
        seed: args.what.paths.seed,
        advise: args.gate.advise != Advise::No,
        keep_all: false,
    }
}
