use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Converged, Counts, ReferenceRow, Verdict};

/// Counts of one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentRow {
    /// Its name.
    pub name: String,
    /// By verdict.
    pub verdicts: Counts,
    /// Comparable, of the planned.
    pub coverage_percent: f64,
    /// How long it took, where the run waited for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence: Option<Converged>,
}

/// Counts of one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegionRow {
    /// Its key.
    pub name: String,
    /// Its name in words.
    pub title: Option<String>,
    /// Environment it belongs to.
    pub environment: String,
    /// By verdict.
    pub verdicts: Counts,
    /// Comparable, of the planned.
    pub coverage_percent: f64,
    /// How long it took, where the run waited for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence: Option<Converged>,
}

/// Counts of one edge, and who answered there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeRow {
    /// Its name.
    pub name: String,
    /// Environment it belongs to.
    pub environment: String,
    /// Region it belongs to.
    pub region: String,
    /// By verdict.
    pub verdicts: Counts,
    /// Comparable, of the planned.
    pub coverage_percent: f64,
    /// How long it took, where the run waited for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence: Option<Converged>,
    /// The provider that answered, or else the one expected.
    pub provider: Option<String>,
    /// Every POP that answered.
    pub pops_seen: Vec<String>,
    /// `ip:port`, each.
    pub addresses: Vec<String>,
    /// Connections opened.
    pub connections: u64,
    /// TLS versions spoken.
    pub tls: Vec<String>,
    /// Whose clients' addresses were asked for (RFC 7871), where the regions file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_subnet: Option<String>,
    /// For how many bits of that subnet the answers were made, the fewest: 0 where one ignored it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<u8>,
}

/// Edges that are listed as several and turned out to be one POP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SamePopRow {
    /// Environment they belong to.
    pub environment: String,
    /// Their names, in order.
    pub edges: Vec<String>,
    /// The provider that answered, where it names its POPs.
    pub provider: Option<String>,
    /// The POPs that it named, mostly one; none where it names none.
    pub pops: Vec<String>,
    /// `ip:port`, each, where they were asked the same at the same addresses.
    pub addresses: Vec<String>,
}

/// Counts of one tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TenantRow {
    /// Its id.
    pub id: String,
    /// File and line it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Environments in which it has nothing to check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent_from: Vec<String>,
    /// By verdict.
    pub verdicts: Counts,
    /// Comparable, of the planned.
    pub coverage_percent: f64,
    /// How long it took, where the run waited for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence: Option<Converged>,
}

/// One tenant at one edge, where not every check is good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairRow {
    /// Environment both belong to.
    pub environment: String,
    /// Region of the edge.
    pub region: String,
    /// Name of the edge.
    pub edge: String,
    /// Id of the tenant.
    pub tenant: String,
    /// By verdict; those that none has are left out.
    pub verdicts: BTreeMap<Verdict, u64>,
}

impl PairRow {
    /// The worst verdict of its checks.
    pub fn worst(&self) -> Option<Verdict> {
        self.verdicts.keys().copied().min_by_key(|verdict| verdict.rank())
    }
}

/// A remark on checks whatever their verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoteRow {
    /// Id of the note.
    pub id: String,
    /// One line.
    pub summary: String,
    /// A paragraph.
    pub why: String,
    /// What mends it.
    pub fix: String,
    /// How many checks it is about.
    pub checks: u64,
    /// The first few of them.
    pub examples: Vec<NoteExample>,
}

/// One check that a note is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "as in a finding")]
pub struct NoteExample {
    pub environment: String,
    pub region: String,
    pub edge: String,
    pub tenant: String,
    pub host: String,
    pub path: String,
    pub variant: String,
}

/// A reference with trouble.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OriginRow {
    /// Environment it belongs to.
    pub environment: String,
    /// Id of the tenant.
    pub tenant: String,
    /// Host.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// Name of the variant.
    pub variant: String,
    /// Status code, where it answered.
    pub status: Option<u16>,
    /// How many times it was asked.
    pub samples: u32,
    /// Whether its answers agreed.
    pub consistent: bool,
    /// What was wrong.
    pub trouble: String,
    /// The values that differed, by header.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, Vec<String>>,
}

/// What one object should be, by its origin; a later run can take it as what was there before. There is one for every
/// object: what they have in common is kept once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownRow {
    /// Environment it belongs to.
    pub environment: Arc<str>,
    /// Id of the tenant.
    pub tenant: Arc<str>,
    /// Host.
    pub host: Arc<str>,
    /// Path and query.
    pub path: Arc<str>,
    /// Name of the variant.
    pub variant: Arc<str>,
    /// Status code.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// SHA-256 of the decoded body, in hexadecimal, where it was read.
    pub sha256: Option<String>,
}

/// A reference, whether there is trouble with it or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskedRow {
    /// Which object's, and what was wrong; empty where nothing was.
    #[serde(flatten)]
    pub asked: OriginRow,
    /// Where it was asked; absent where no origin is named.
    pub url: Option<String>,
    /// What it said, where that is a reference.
    pub reference: Option<ReferenceRow>,
}
