//! Proves that a CDN purge reached every edge, for every tenant.
//!
//! An inventory says what to check, probes bring back observations, one pure function judges each of them, one model
//! holds what was found, renderers print it, one match turns it into an exit code.
#![warn(missing_docs)]

pub mod cli;
pub mod clock;
pub mod compare;
pub mod dialect;
pub mod exit;
pub mod fold;
pub mod gate;
pub mod inventory;
pub mod judge;
#[cfg(feature = "lab")]
pub mod lab;
pub mod model;
pub mod probe;
pub mod report;
pub mod rules;
pub mod source;
pub mod syntax;
pub mod vantage;
pub mod verify;
