//! Outcomes and errors to exit codes.

use crate::cli::AppError;
use crate::model::{Gate, Outcome};

/// The gate passed.
pub const PASS: u8 = 0;
/// Something is stale, divergent or failing.
pub const FAIL: u8 = 1;
/// Usage, configuration or discovery error; nothing was sent.
pub const USAGE: u8 = 2;
/// Coverage or comparability below the gate.
pub const INCONCLUSIVE: u8 = 3;
/// Nothing to check.
pub const EMPTY: u8 = 4;
/// A report could not be written.
pub const UNWRITTEN: u8 = 6;
/// Internal error, panics too.
pub const INTERNAL: u8 = 70;
/// SIGINT.
pub const INTERRUPTED: u8 = 130;
/// SIGTERM.
pub const TERMINATED: u8 = 143;

/// The code for a gate's decision, interrupts aside.
pub const fn of_outcome(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass => PASS,
        Outcome::Fail => FAIL,
        Outcome::Inconclusive => INCONCLUSIVE,
        Outcome::Empty => EMPTY,
    }
}

/// The code a process ends with for this gate: with `exit_zero`, 1 and 3 become 0.
pub const fn of_gate(gate: &Gate, exit_zero: bool) -> u8 {
    match gate.exit_code {
        FAIL | INCONCLUSIVE if exit_zero => PASS,
        code => code,
    }
}

/// The code for what kept us from doing the job.
pub const fn of_error(error: &AppError) -> u8 {
    match error {
        AppError::Usage(_) => USAGE,
        AppError::Unwritten(_) => UNWRITTEN,
        AppError::Internal(_) => INTERNAL,
    }
}
