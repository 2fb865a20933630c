//! What the program talks about: plain data, ordered collections, no decisions.

mod ask;
mod duration;
mod edge;
pub mod exit_code;
mod finding;
mod head;
mod observation;
mod reading;
mod reference;
mod report;
mod secrets;
mod tenant;
mod text;
mod timestamp;
mod verdict;

pub use ask::{Ask, Method, Scheme, Want};
pub use duration::{DurationError, human, parse_duration};
pub use edge::{
    AddressFamily, Addresses, Authorities, ClientPem, Edge, EdgeId, Environment, Identity, Origin, Pace, Place, Trust,
};
pub use finding::{Cause, Evidence, Finding, LayerRow, ObservedRow, ReferenceRow, TimingsRow};
pub use head::Head;
pub use observation::{Body, Observation, Protocol, Silence, Timings, TlsFacts};
pub use reading::{CacheStatus, Layer, ProviderId, Reading};
pub use reference::{Digest, Reference, Validators};
pub use report::{
    Counts, EdgeRow, EnvironmentRow, Gate, GatePolicy, OriginRow, Outcome, Reason, RegionRow, Report, Run, SCHEMA,
    Summary, TenantRow, Tool,
};
pub use secrets::{Secrets, is_credential};
pub use tenant::{Inventory, Priority, Tenant, Variant};
pub use text::counted;
pub use timestamp::{Timestamp, stamp};
pub use verdict::{Phase, Trouble, Verdict};
