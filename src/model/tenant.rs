use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Environment, Expect, Hosts, Secrets};

/// All that is to be checked.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// One for each regions file, by name.
    pub environments: Vec<Environment>,
    /// By id.
    pub tenants: Vec<Tenant>,
    /// What sources name and nobody can ask for: wildcards and patterns without a sample host, by pattern and source.
    pub unprobeable: Vec<Unprobeable>,
    /// Objects that each of them stands for, with the paths and variants of a tenant that names none.
    pub objects_of_unprobeable: u64,
    /// What sources of paths name and is not asked for, source by source.
    pub left_out: Vec<LeftOut>,
    /// Every variant that a tenant names, by name.
    pub variants: Vec<Variant>,
    /// How soon each priority must be fresh.
    pub levels: ServiceLevels,
    /// What must not be printed.
    pub secrets: Secrets,
}

/// Whose content it is.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Unique in the inventory.
    pub id: Arc<str>,
    /// Hosts by environment name; each host is a check of its own.
    pub hosts: Hosts,
    /// Paths with query, templates already filled except `{host}`.
    pub paths: Vec<Arc<str>>,
    /// Indices into the inventory's variants.
    pub variants: Vec<usize>,
    /// How soon a purge must have reached it.
    pub priority: Priority,
    /// Sent to edges and origin.
    pub headers: HeaderMap,
    /// What a deploy pinned, by path; paths without pins are not there.
    pub expect: BTreeMap<Arc<str>, Arc<Expect>>,
    /// Free words.
    pub tags: Vec<String>,
    /// `tenants.yaml:12`, or `compose.yaml:7: service "web"`.
    pub source: Arc<str>,
    /// The other places that name it.
    pub also: Vec<Arc<str>>,
    /// Paths that sources route to it: what is below them is its own, they are no objects and not asked for.
    pub prefixes: Vec<Arc<str>>,
}

/// What a source names and nobody can ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Unprobeable {
    /// As it is written: `*.example.com`.
    pub pattern: String,
    /// File, line and object.
    pub source: Arc<str>,
    /// Why nothing can be asked for it, and what would mend it.
    pub reason: String,
}

/// What a source of paths names and is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// File, and line where there is one.
    pub source: Arc<str>,
    /// What it is, how much of it, and why.
    pub reason: String,
}

/// How soon a purge must have reached a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// 1 s.
    Critical,
    /// 10 s.
    High,
    /// 60 s.
    #[default]
    Normal,
    /// 300 s.
    Low,
}

impl Priority {
    /// All of them, most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Normal, Self::Low];

    /// The word used in files and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

/// How soon after a purge each priority must be fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLevels([Duration; 4]);

impl Default for ServiceLevels {
    fn default() -> Self {
        Self([1, 10, 60, 300].map(Duration::from_secs))
    }
}

impl ServiceLevels {
    /// For one priority.
    pub fn of(&self, priority: Priority) -> Duration {
        self.0[priority as usize]
    }

    /// Sets one.
    pub fn set(&mut self, priority: Priority, level: Duration) {
        self.0[priority as usize] = level;
    }

    /// Each in milliseconds.
    pub fn in_ms(&self) -> BTreeMap<Priority, u64> {
        let ms = |priority| u64::try_from(self.of(priority).as_millis()).unwrap_or(u64::MAX);
        Priority::ALL.into_iter().map(|priority| (priority, ms(priority))).collect()
    }
}

/// A set of request headers that selects a representation.
#[derive(Debug, Clone)]
pub struct Variant {
    /// `identity`, `gzip`, `mobile`.
    pub name: Arc<str>,
    /// Sent to edges and origin.
    pub headers: HeaderMap,
}
