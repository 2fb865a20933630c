//! A CDN of several layers, modelled: an origin with deploys, caches with parents, purges that spread, race or get
//! lost; and the same model behind real sockets and TLS on loopback. It never judges what it serves.
//!
//! The model ([`Cdn`]) is pure: no sockets, no clock, no chance but by seed. [`Lab`] stands sockets before it.

mod authority;
mod cache;
mod cdn;
mod files;
mod key;
mod listener;
mod options;
mod origin;
mod page;
mod planted;
mod purge;
mod request;
mod response;
mod running;
mod station;
mod time;
mod voice;

pub use cache::{CacheId, Keeping, Outcome};
pub use cdn::{Cdn, Truth};
pub use key::Scope;
pub use listener::Fault;
pub use options::{Certificates, EdgePlan, Options, RegionPlan, Shields, default_regions, host_of};
pub use origin::{Methods, Origin, Tags, Validators, Version};
pub use page::{CodedTag, Page, Policy, Storage};
pub use planted::{Expected, Planted};
pub use purge::Purge;
pub use request::Request;
pub use response::{Response, Served, Step};
pub use running::{Lab, RunningEdge};
pub use station::Station;
pub use voice::Voice;

/// Why a lab could not be started, or not written down.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// No socket on loopback.
    #[error("listening on 127.0.0.1: {0}")]
    Listen(#[source] std::io::Error),
    /// A certificate could not be made.
    #[error("making a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A certificate could not be used.
    #[error("setting up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A file could not be written.
    #[error("writing {}: {source}", path.display())]
    Write {
        /// Which one.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
