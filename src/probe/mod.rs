//! Sends one request to one address and brings back what came. It never judges.

use std::future::Future;

use tokio::time::Instant;

use crate::model::{Ask, Observation, Silence};

/// One verb: fetch this request from where this client points, before this moment.
pub trait Fetch: Send + Sync + 'static {
    /// Ends at `until` at the latest. Dropping the future abandons the request and harms no other.
    fn fetch(&self, ask: &Ask, until: Instant) -> impl Future<Output = Result<Observation, Silence>> + Send;

    /// Connections opened so far.
    fn connections(&self) -> u64;
}
