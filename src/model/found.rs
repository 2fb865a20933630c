use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Advised, Berth, Draft, Policy, Priority, Tallied, Unprobeable, Verdict};

/// All that a run found, before it is counted and diagnosed: what the partitions of a run are merged from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// How tenants were dealt out to partitions: `hash` or `slice`.
    pub divided_by: Option<String>,
    /// Their names, in order.
    pub environments: Vec<String>,
    /// By id.
    pub tenants: Vec<FoundTenant>,
    /// One for each edge, in the report's order.
    pub lanes: Vec<FoundLane>,
    /// What is not good, the worst.
    pub drafts: Vec<Draft>,
    /// What is worth a line about objects, wherever they were asked for; by note.
    pub remarks: BTreeMap<String, Remark>,
    /// Convergence was waited for.
    pub waited: bool,
    /// Findings kept.
    pub max_findings: usize,
    /// Of each object, what answers say of how it is kept; where there are several environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Tallied<Policy>>,
    /// Of each object, what there is to advise; where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advised: Option<Tallied<Advised>>,
    /// A row is kept for every check.
    #[serde(skip)]
    pub keep_all: bool,
    /// What sources name and nobody can ask for.
    #[serde(default)]
    pub unprobeable: Vec<Unprobeable>,
    /// The checks that those would have had.
    #[serde(default)]
    pub unprobeable_checks: u64,
    /// Requests sent, origins included.
    pub requests: u64,
    /// Connections opened to origins.
    pub origin_connections: u64,
}

/// A tenant and its objects: numbered by host, then path, then variant, after those of the tenants before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundTenant {
    /// Its id.
    pub id: String,
    /// File and line it came from.
    pub source: String,
    /// How soon a purge must have reached it.
    pub priority: Priority,
    /// Names of its variants.
    pub variants: Vec<String>,
    /// Its paths as they are at every host, where they matter beyond one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Arc<str>>,
    /// Its hosts, by index of the environment.
    pub hosts: Vec<Vec<FoundHost>>,
}

/// One host of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundHost {
    /// Its name.
    pub host: String,
    /// Paths and queries.
    pub paths: Vec<String>,
}

/// What one edge came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundLane {
    /// Where it stands among the others.
    pub berth: Berth,
    /// Key of the region.
    pub region: String,
    /// Name of the region in words.
    pub region_title: Option<String>,
    /// Name of the edge.
    pub edge: String,
    /// POP that should answer.
    pub pop: Option<String>,
    /// Provider that should answer.
    pub provider: Option<String>,
    /// `http` or `https`.
    pub scheme: String,
    /// Its address is written down.
    pub is_written_down: bool,
    /// A vendor's machines ask for us.
    pub is_vantage: bool,
    /// Edges that are asked the same, wherever they are, have the same number.
    pub asked_alike: usize,
    /// Whose clients' addresses are asked for.
    pub client_subnet: Option<String>,
    /// For how many bits of that subnet addresses were found.
    pub scopes: BTreeSet<Option<u8>>,
    /// `ip:port`, each.
    pub addresses: Vec<String>,
    /// Connections opened.
    pub connections: u64,
    /// Checks that got an answer.
    pub answered: u64,
    /// POPs that answered, with their providers.
    pub pops: BTreeSet<(String, String)>,
    /// Providers that answered.
    pub providers: BTreeSet<String>,
    /// TLS versions spoken.
    pub tls: BTreeSet<String>,
    /// By object; nothing where it was not asked.
    pub verdicts: Judged,
    /// By object, where convergence was waited for.
    pub spans: Option<Box<[Span]>>,
    /// What was worth a line beside the verdicts, by note.
    pub remarks: BTreeMap<String, Remark>,
    /// Stands for all that were not asked, where there are any.
    pub unreached: Option<Box<Draft>>,
}

/// Verdicts by object; written as how many follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<(Option<Verdict>, u32)>", into = "Vec<(Option<Verdict>, u32)>")]
pub struct Judged(pub Box<[Option<Verdict>]>);

impl From<Vec<(Option<Verdict>, u32)>> for Judged {
    fn from(runs: Vec<(Option<Verdict>, u32)>) -> Self {
        Self(runs.into_iter().flat_map(|(verdict, many)| (0..many).map(move |_| verdict)).collect())
    }
}

impl From<Judged> for Vec<(Option<Verdict>, u32)> {
    fn from(judged: Judged) -> Self {
        let runs = judged.0.chunk_by(|one, next| one == next);
        runs.map(|run| (run[0], u32::try_from(run.len()).unwrap_or(u32::MAX))).collect()
    }
}

/// When a check was last seen not to be fresh, and first seen to be, in milliseconds since the purge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "(u32, Option<u32>)", into = "(u32, Option<u32>)")]
pub struct Span {
    /// 0: it never was.
    pub not_fresh: u32,
    /// Or [`NEVER`](Self::NEVER).
    pub fresh: u32,
}

impl Span {
    /// Never seen fresh.
    pub const NEVER: u32 = u32::MAX;
    /// Not seen at all.
    pub const UNSEEN: Self = Self { not_fresh: 0, fresh: Self::NEVER };
}

impl From<(u32, Option<u32>)> for Span {
    fn from((not_fresh, fresh): (u32, Option<u32>)) -> Self {
        Self { not_fresh, fresh: fresh.unwrap_or(Self::NEVER) }
    }
}

impl From<Span> for (u32, Option<u32>) {
    fn from(span: Span) -> Self {
        (span.not_fresh, (span.fresh != Span::NEVER).then_some(span.fresh))
    }
}

/// What one note is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remark {
    /// How many checks, or objects.
    pub checks: u64,
    /// The first few objects, by index of the environment and number.
    pub objects: BTreeSet<(usize, u32)>,
    /// The header fields that it is about, where it does not say so itself.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fields: BTreeSet<String>,
}

impl Remark {
    /// Examples kept of each note.
    pub const EXAMPLES: usize = 3;
    /// Fields named by each note; of more, one more is kept.
    pub const FIELDS: usize = 8;

    /// Counts one more.
    pub fn count(&mut self, environment: usize, object: u32) {
        self.checks += 1;
        self.objects.insert((environment, object));
        self.keep_the_first();
    }

    /// Adds what another part of the run remarked.
    pub fn add(&mut self, other: Self) {
        self.checks = self.checks.saturating_add(other.checks);
        self.objects.extend(other.objects);
        self.fields.extend(other.fields);
        self.keep_the_first();
    }

    fn keep_the_first(&mut self) {
        while self.objects.len() > Self::EXAMPLES {
            self.objects.pop_last();
        }
        while self.fields.len() > Self::FIELDS + 1 {
            self.fields.pop_last();
        }
    }
}
