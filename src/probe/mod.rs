//! Sends one request to one address and brings back what came. It never judges.

use std::future::Future;

use tokio::time::Instant;

use crate::model::{Ask, Observation, Silence};

mod body;
mod client;
mod decode;
mod dial;
mod exchange;
mod incoming;
mod link;
mod pool;
mod settings;
#[cfg(feature = "lab")]
#[cfg(test)]
mod tests;
pub mod tls;
mod tunnel;
mod words;

pub use client::Client;
pub use decode::digest;
pub use settings::{Http, Settings};
pub use tls::TlsError;
pub use words::is_ours;

/// One verb: fetch this request from where this client points, before this moment. What it needs may be opened ahead.
pub trait Fetch: Send + Sync + 'static {
    /// Begins to open what so many requests at once for that name will need, and sends nothing. How it went is told to
    /// the first of them.
    fn warm(&self, ask: &Ask, requests: usize);

    /// Ends at `until` at the latest. Dropping the future abandons the request and harms no other.
    fn fetch(&self, ask: &Ask, until: Instant) -> impl Future<Output = Result<Observation, Silence>> + Send;

    /// Connections opened so far.
    fn connections(&self) -> u64;
}
