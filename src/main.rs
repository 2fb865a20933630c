//! The `purgeproof` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    purgeproof::cli::run()
}
