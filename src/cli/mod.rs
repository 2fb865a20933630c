//! What was typed, what it means, and the call to the room below: one file per subcommand.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit;

mod inspect;

/// Proves that a CDN purge reached every edge, for every tenant.
#[derive(Debug, Parser)]
#[command(name = "purgeproof", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(inspect::Args),
}

/// What kept us from doing the job.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A flag, a file or a key that cannot be used; nothing was sent.
    #[error("{0}")]
    Usage(String),
    /// A report that could not be written.
    #[error("{0}")]
    Unwritten(String),
    /// Ours.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { exit::USAGE } else { exit::PASS }.into();
        }
    };
    let done = match cli.command {
        Command::Inspect(args) => inspect::run(&args),
    };
    match done {
        Ok(code) => code.into(),
        Err(error) => {
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("error: {error}\n").as_bytes());
            exit::of_error(&error).into()
        }
    }
}
