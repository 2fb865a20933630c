//! What the program talks about: plain data, ordered collections, no decisions.

mod ask;
mod baseline;
mod convergence;
mod draft;
mod duration;
mod edge;
pub mod exit_code;
mod expect;
mod finding;
mod found;
mod head;
mod hosts;
mod name_server;
mod observation;
mod packed;
mod policy;
mod proxy;
mod reading;
mod reference;
mod report;
mod rows;
mod saved;
mod secrets;
mod subnet;
mod tenant;
mod text;
mod timestamp;
mod vantage;
mod verdict;

pub use ask::{Ask, Method, Scheme, Want};
pub use baseline::Baseline;
pub use convergence::{Converged, Convergence, CurvePoint, FreshMs};
pub use draft::{Berth, Draft, Names, Neighbour, Swept};
pub use duration::{DurationError, human, parse_duration};
pub use edge::{
    AddressFamily, Addresses, Authorities, ClientPem, Edge, EdgeId, Environment, Identity, Lookup, Origin, Pace, Place,
    Trust,
};
pub use expect::Expect;
pub use finding::{Cause, Evidence, Finding, LayerRow, ObservedRow, ReferenceRow, TimingsRow};
pub use found::{Found, FoundHost, FoundLane, FoundTenant, Judged, Remark, Span};
pub use head::Head;
pub use hosts::Hosts;
pub use name_server::{NameServer, NameServerError, Transport};
pub use observation::{Body, Observation, Protocol, Silence, Timings, TlsFacts};
pub use packed::Packed;
pub use policy::{AdviceRow, Advised, DiffersRow, ParityRow, Policy, Saying, Tallied};
pub use proxy::{Credentials, Proxy, ProxyScheme, Tunnel};
pub use reading::{CacheStatus, City, Layer, ProviderId, Reading};
pub use reference::{Digest, Reference, Validators};
pub use report::{Counts, Gate, GatePolicy, Late, Outcome, Reason, Report, Run, SCHEMA, Summary, Tool};
pub use rows::{
    AskedRow, EdgeRow, EnvironmentRow, KnownRow, NoteExample, NoteRow, OriginRow, PairRow, RegionRow, SamePopRow,
    TenantRow,
};
pub use secrets::{Secrets, is_credential};
pub use subnet::{Subnet, SubnetError};
pub use tenant::{Inventory, LeftOut, Priority, ServiceLevels, Tenant, Unprobeable, Variant};
pub use text::{counted, file_and_line, hex, sha256_of};
pub use timestamp::{Timestamp, stamp};
pub use vantage::{Token, Vantage, Vendor};
pub use verdict::{Phase, Trouble, Verdict};
