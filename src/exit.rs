//! Outcomes and errors to exit codes.

use crate::model::Gate;
pub use crate::model::exit_code::*;

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
