use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Phase, Priority, Verdict};

/// One check that is neither fresh nor uncached, with the evidence it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Hash of (environment, edge, tenant, host, path, variant): the same in every run.
    pub id: String,
    /// What may be claimed.
    pub verdict: Verdict,
    /// Where on its way an unreachable check got no answer.
    pub phase: Option<Phase>,
    /// Name of the environment.
    pub environment: String,
    /// Key of the region.
    pub region: String,
    /// Name of the edge.
    pub edge: String,
    /// `ip:port` that answered, or should have.
    pub address: Option<String>,
    /// Id of the tenant.
    pub tenant: String,
    /// Host as the tenant writes it.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// Name of the variant.
    pub variant: String,
    /// The tenant's priority.
    pub priority: Priority,
    /// POP that should have answered.
    pub pop_expected: Option<String>,
    /// POP that answered.
    pub pop_seen: Option<String>,
    /// Provider that answered.
    pub provider_seen: Option<String>,
    /// Requests spent on this check at the edge.
    pub attempts: u32,
    /// When it was first seen fresh, in milliseconds after the purge, where it fell back.
    #[serde(default)]
    pub first_fresh_ms: Option<u64>,
    /// It was not fresh when its service level said it must be.
    #[serde(default)]
    pub late: bool,
    /// Why, and what to do.
    pub cause: Cause,
    /// What each comparison said.
    pub evidence: Vec<Evidence>,
    /// What it should have been.
    pub reference: Option<ReferenceRow>,
    /// What came.
    pub observed: Option<ObservedRow>,
    /// Caches on the way, origin side first.
    pub layers: Vec<LayerRow>,
    /// How long each step took.
    pub timings_ms: TimingsRow,
    /// The command that asks the same again.
    pub reproduce: String,
}

impl Finding {
    /// The fixed order of findings.
    pub fn order(&self) -> impl Ord + '_ {
        (self.verdict.rank(), self.place())
    }

    /// The fixed order of checks.
    pub fn place(&self) -> impl Ord + '_ {
        (&self.environment, &self.region, &self.edge, &self.tenant, &self.host, &self.path, &self.variant)
    }
}

/// A diagnosis: which rule spoke, and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// Id of the rule.
    pub id: String,
    /// One line with its facts.
    pub summary: String,
    /// A paragraph.
    pub why: String,
    /// What mends it.
    pub fix: String,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// `digest`, `etag`, `last-modified`, `age` and so on.
    pub rung: String,
    /// `same`, `older`, `newer`, `different`, `silent`, or a sentence's worth.
    pub says: String,
    /// The edge's value.
    pub edge: Option<String>,
    /// The reference's value.
    pub reference: Option<String>,
}

/// The reference, as a finding shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceRow {
    /// Status code.
    pub status: Option<u16>,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// SHA-256 of the decoded body, in hexadecimal.
    pub sha256: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
}

/// The observation, as a finding shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObservedRow {
    /// Status code.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// Age of the copy in seconds.
    pub age_seconds: Option<u64>,
    /// RFC 3339: the latest moment at which the copy can have left the origin.
    pub stored_by: Option<String>,
    /// SHA-256 of the decoded body, in hexadecimal.
    pub sha256: Option<String>,
    /// All header fields, in lower case, lines joined; credentials masked.
    pub headers: BTreeMap<String, String>,
}

/// One cache on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayerRow {
    /// Whose it is.
    pub provider: String,
    /// Its own name for itself.
    pub name: Option<String>,
    /// What it did.
    pub status: String,
    /// Where it stands.
    pub pop: Option<String>,
    /// How old its copy is by its own word.
    pub age_seconds: Option<u64>,
    /// It speaks of the request that once filled a cache nearer to the client.
    #[serde(default)]
    pub history: bool,
}

/// How long each step took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimingsRow {
    /// Looking up the address.
    pub resolve: Option<f64>,
    /// TCP.
    pub connect: Option<f64>,
    /// TLS.
    pub tls: Option<f64>,
    /// From sending to the response head.
    pub first_byte: Option<f64>,
    /// All of it.
    pub total: f64,
}
