//! The exit codes, as documented for users.

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
