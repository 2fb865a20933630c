//! `purgeproof completions SHELL`: what makes a shell complete commands and flags.

use super::output::to_stdout;
use super::{AppError, command};
use crate::exit;

/// Print what makes a shell complete commands, flags and their values.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  purgeproof completions bash > ~/.local/share/bash-completion/completions/purgeproof
  purgeproof completions zsh > ~/.zfunc/_purgeproof
  purgeproof completions fish > ~/.config/fish/completions/purgeproof.fish")]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args) -> Result<u8, AppError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "purgeproof", &mut script);
    to_stdout(&script).map_err(|error| AppError::Unwritten(format!("standard output: {error}")))?;
    Ok(exit::PASS)
}
