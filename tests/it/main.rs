//! Black-box tests: the built program against the embedded lab, real caches, real DNS and bad input.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod captured;
mod cases;
mod real;
mod simulated;
mod support;
