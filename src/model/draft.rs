use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use sha2::{Digest as _, Sha256};

use super::{Cause, Finding, LayerRow, Priority, TimingsRow, Trouble, Verdict, hex};

/// A finding before its cause is known, and what rules want to know of it: the cause depends on how the neighbours fare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Draft {
    /// Which edge it is about.
    pub berth: Berth,
    /// Number of the object within the environment.
    pub object: u32,
    /// Index of the tenant.
    pub tenant: usize,
    /// Without its cause.
    pub finding: Finding,
    /// What kept a better claim from being made.
    pub trouble: Option<Trouble>,
    /// The error in words.
    pub error: Option<String>,
    /// Provider that should have answered.
    pub provider_expected: Option<String>,
    /// The names that led to the address that answered.
    pub led: Option<String>,
    /// The copy was stored before the purge.
    pub predates_purge: bool,
    /// The copy was stored after the purge.
    pub stored_after_purge: bool,
    /// A cache on the way says that the copy is out of date.
    pub says_stale: bool,
    /// The copy is older than its lifetime, and no cache says so.
    pub outlived: bool,
    /// The nearest cache says that it could not get a new copy.
    pub revalidation_failed: bool,
    /// The answer came out of a store.
    pub from_a_store: bool,
    /// Content-Type differs under the same entity tag.
    pub metadata_changed_etag_same: bool,
    /// Looks at this edge did not agree.
    pub took_turns: bool,
    /// The nearest cache did not answer from its store.
    pub edge_asked_its_parent: bool,
    /// The nearest cache says that it stored its copy after the purge.
    pub edge_refilled_after_purge: bool,
    /// Whether near neighbours of the key were asked.
    pub was_swept: bool,
    /// Those of them that are there.
    pub swept: Vec<Swept>,
    /// The layer behind the nearest one that answered from its store, now or when the nearest was filled.
    pub parent: Option<LayerRow>,
}

/// What a finding is called.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "as in a finding")]
pub struct Names<'n> {
    pub environment: &'n str,
    pub region: &'n str,
    pub edge: &'n str,
    pub tenant: &'n str,
    pub host: &'n str,
    pub path: &'n str,
    pub variant: &'n str,
    pub priority: Priority,
    pub pop_expected: Option<&'n str>,
    pub provider_expected: Option<&'n str>,
}

impl Draft {
    /// Its names and its verdict, and nothing else.
    pub fn named(berth: Berth, object: u32, tenant: usize, verdict: Verdict, names: &Names<'_>) -> Self {
        Self {
            berth,
            object,
            tenant,
            finding: Finding {
                id: id(names),
                verdict,
                phase: None,
                environment: names.environment.to_owned(),
                region: names.region.to_owned(),
                edge: names.edge.to_owned(),
                address: None,
                tenant: names.tenant.to_owned(),
                host: names.host.to_owned(),
                path: names.path.to_owned(),
                variant: names.variant.to_owned(),
                priority: names.priority,
                pop_expected: names.pop_expected.map(ToOwned::to_owned),
                pop_seen: None,
                provider_seen: None,
                attempts: 0,
                first_fresh_ms: None,
                late: false,
                cause: Cause::default(),
                evidence: Vec::new(),
                reference: None,
                observed: None,
                layers: Vec::new(),
                timings_ms: TimingsRow::default(),
                reproduce: String::new(),
            },
            trouble: None,
            error: None,
            provider_expected: names.provider_expected.map(ToOwned::to_owned),
            led: None,
            predates_purge: false,
            stored_after_purge: false,
            says_stale: false,
            outlived: false,
            revalidation_failed: false,
            from_a_store: false,
            metadata_changed_etag_same: false,
            took_turns: false,
            edge_asked_its_parent: false,
            edge_refilled_after_purge: false,
            was_swept: false,
            swept: Vec::new(),
            parent: None,
        }
    }

    /// The worse, the smaller; among equals in the report's order.
    pub const fn rank(&self) -> (u8, u32, u32) {
        (self.finding.verdict.rank(), self.berth.number, self.object)
    }
}

/// The same in every run.
fn id(names: &Names<'_>) -> String {
    let mut hash = Sha256::new();
    for name in [names.environment, names.edge, names.tenant, names.host, names.path, names.variant] {
        hash.update(name.len().to_le_bytes());
        hash.update(name.as_bytes());
    }
    hex(&hash.finalize()[..8])
}

/// Which edge a lane is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Berth {
    /// Index of the environment.
    pub environment: usize,
    /// Index of the edge within it.
    pub edge: usize,
    /// Place among all lanes, in the report's order.
    pub number: u32,
}

/// How a near neighbour of a cache key differs from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Neighbour {
    /// The same path without its query.
    WithoutQuery,
    /// The same path, spelled otherwise.
    OtherEncoding,
    /// A directory for its index, or the index for its directory.
    DirectoryAlias,
    /// http for https, or the other way round.
    OtherScheme,
}

/// A neighbour that was asked, and how it fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Swept {
    /// How it differs.
    pub neighbour: Neighbour,
    /// What was asked for.
    pub url: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// It came out of a store: it is not fresh merely because nobody had asked for it before.
    pub from_a_store: bool,
}
