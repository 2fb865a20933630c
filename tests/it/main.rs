//! Black-box tests: the built program against the embedded lab, real caches, real DNS and bad input.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[cfg(feature = "lab")]
mod agreement;
mod captured;
mod cases;
#[cfg(feature = "lab")]
mod contrib;
#[cfg(feature = "lab")]
mod demo;
mod diagnose;
mod discover;
mod expect;
#[cfg(feature = "lab")]
mod faults;
mod fuzzed;
#[cfg(feature = "lab")]
mod gate;
#[cfg(feature = "lab")]
mod guide;
mod histories;
mod hostile;
mod house;
#[cfg(feature = "lab")]
mod limits;
#[cfg(feature = "lab")]
mod merging;
mod mistakes;
#[cfg(feature = "lab")]
mod outputs;
#[cfg(feature = "lab")]
mod page;
mod paths;
mod policies;
mod published;
mod readers;
mod real;
#[cfg(feature = "lab")]
mod schemas;
mod secrets;
mod simulated;
mod support;
#[cfg(feature = "lab")]
mod truth;
mod vendors;
