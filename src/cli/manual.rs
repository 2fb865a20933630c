//! `purgeproof man`: manual pages, made from the same words as `--help`.

use std::path::PathBuf;

use clap_mangen::Man;

use super::output::{Sink, to_stdout};
use super::{AppError, command};
use crate::exit;

/// Print the manual page, or write one for each command into a folder.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  purgeproof man | man -l -
  purgeproof man ~/.local/share/man/man1      then: man purgeproof-verify")]
pub(super) struct Args {
    /// Write a page for each command into this folder
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<u8, AppError> {
    let mut whole = command().disable_help_subcommand(true);
    whole.build();
    let Some(folder) = &args.folder else {
        let page = page(whole).map_err(|error| AppError::Internal(error.to_string()))?;
        to_stdout(&page).map_err(|error| AppError::Unwritten(format!("standard output: {error}")))?;
        return Ok(exit::PASS);
    };
    let commands: Vec<clap::Command> = whole.get_subcommands().cloned().collect();
    for command in std::iter::once(whole).chain(commands) {
        let path = folder.join(format!("{}.1", command.get_display_name().unwrap_or("purgeproof")));
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let sink = Sink::open(&path)
            .map_err(|error| AppError::Usage(format!("{}, name a folder that can be written", failed(error))))?;
        page(command).and_then(|page| sink.write(&page)).map_err(|error| AppError::Unwritten(failed(error)))?;
    }
    Ok(exit::PASS)
}

fn page(command: clap::Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}
