//! What was typed, what it means, and the call to the room below: one file per subcommand.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::exit::{self, AppError};
use crate::report;
use formats::Formats;

mod annotated;
mod baseline;
mod closed;
mod completions;
#[cfg(feature = "lab")]
mod demo;
mod diagnose;
mod dry_run;
mod edges;
mod events;
mod flags;
mod formats;
mod gate_flags;
pub mod inspect;
mod manual;
mod merge;
mod output;
mod progress;
mod render;
mod saved;
mod schema;
mod signals;
mod tenants;
mod values;
mod variables;
mod verify;

/// Proves that a CDN purge reached every edge, for every tenant.
#[derive(Debug, Parser)]
#[command(
    name = "purgeproof",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Start here:
  purgeproof demo                        a CDN on this machine, purged badly, and what verify says of it
  purgeproof verify --tenants FILE       the main job; edges and origin come from regions.toml
  purgeproof diagnose URL                one object on every edge: what is stale, where, why, and what to do
  purgeproof tenants --discover …        which tenants there are, from what describes your deployment already
  purgeproof edges --dry-run             every edge that regions.toml names; without --dry-run, where it is
  curl -sI https://… | purgeproof inspect"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "lab")]
    Demo(Box<demo::Args>),
    Verify(Box<verify::Args>),
    Diagnose(Box<diagnose::Args>),
    Edges(Box<edges::Args>),
    Tenants(Box<tenants::Args>),
    Inspect(inspect::Args),
    Render(render::Args),
    Completions(completions::Args),
    #[command(name = "man")]
    Manual(manual::Args),
    Merge(merge::Args),
    Schema(schema::Args),
}

#[cfg(feature = "lab")]
impl From<crate::lab::LabError> for AppError {
    fn from(error: crate::lab::LabError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let command = command();
    let parsed = command.clone().try_get_matches().and_then(|matches| {
        warn(&command, &matches);
        Cli::from_arg_matches(&matches)
    });
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let printed = error.print();
            return of_help(&error, printed).into();
        }
    };
    // A panic has told its story on standard error by the time it gets here.
    let done = std::panic::catch_unwind(AssertUnwindSafe(|| carry_out(cli.command)));
    match done {
        Ok(Ok(code)) => code.into(),
        Ok(Err(error)) => {
            output::complain(&error);
            exit::of_error(&error).into()
        }
        Err(_) => exit::INTERNAL.into(),
    }
}

/// Help and versions are asked for; a mistake is told as far as it can be.
fn of_help(error: &clap::Error, printed: std::io::Result<()>) -> u8 {
    match printed {
        _ if error.use_stderr() => exit::USAGE,
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            output::say(&format!("error: standard output: {error}"));
            exit::UNWRITTEN
        }
        _ => exit::PASS,
    }
}

/// What is hardly meant, whatever the command.
fn warn(command: &clap::Command, matches: &clap::ArgMatches) {
    let Some((_, matches)) = matches.subcommand() else { return };
    if matches.try_get_one("quiet").ok().flatten().copied().unwrap_or_default() {
        return;
    }
    variables::warn_of_misspelt(command);
    let keeps_report = matches.try_contains_id("report").unwrap_or_default();
    if closed::leads_nowhere() && !keeps_report {
        output::say(
            "warning: standard output is closed, what is printed is lost; to mean that, write >/dev/null or --quiet",
        );
    }
}

fn carry_out(command: Command) -> Result<u8, AppError> {
    match command {
        #[cfg(feature = "lab")]
        Command::Demo(args) => runtime()?.block_on(demo::run(&args)),
        Command::Verify(args) => runtime()?.block_on(verify::run(&args)),
        Command::Diagnose(args) => runtime()?.block_on(diagnose::run(&args)),
        Command::Edges(args) => runtime()?.block_on(edges::run(&args)),
        Command::Tenants(args) => tenants::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Render(args) => render::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Manual(args) => manual::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Schema(args) => schema::run(&args),
    }
}

/// Below this not even one edge could be asked: the runtime, signals and standard streams take half of them.
const LEAST_DESCRIPTORS: u64 = 24;

fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    let allowed = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    if let Some(allowed) = allowed.filter(|allowed| *allowed < LEAST_DESCRIPTORS) {
        return Err(AppError::Usage(format!(
            "only {allowed} file descriptors are allowed here (ulimit -n), allow {LEAST_DESCRIPTORS} at least"
        )));
    }
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| AppError::Internal(format!("no runtime: {error}")))
}

/// Who asks for help wants to see how it is done before every way it can be varied.
const EXAMPLES_FIRST: &str = "{about-with-newline}\n{usage-heading} {usage}{after-help}\n\n{all-args}";

/// The command line, each flag of `verify`, `diagnose` and `tenants` with its environment variable. Values are not shown: they may
/// be secret.
pub fn command() -> clap::Command {
    let own_format =
        |format: clap::Arg| format.default_value(report::DIAGNOSIS.id).value_parser(Formats { diagnosis: true });
    Cli::command()
        .mut_subcommands(|command| command.help_template(EXAMPLES_FIRST))
        .mut_subcommand("verify", |verify| verify.mut_args(with_variable))
        .mut_subcommand("tenants", |tenants| tenants.mut_args(with_variable))
        .mut_subcommand("diagnose", |diagnose| diagnose.mut_args(with_variable).mut_arg("format", own_format))
}

fn with_variable(flag: clap::Arg) -> clap::Arg {
    let variable = flag.get_long().filter(|long| *long != "help").map(variables::of_flag);
    let Some(variable) = variable else { return flag };
    flag.env(variable).hide_env(true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::command().debug_assert();
    }
}
