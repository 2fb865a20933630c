use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one answer says of how it is kept and for whom, as far as environments should agree on it: by field in lower
/// case, or by `status`, `provider` or `cacheability`. After a `#`, what the same field says to shared caches.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// What it says. What stands neither here nor among the silent was not sent.
    pub says: BTreeMap<String, Saying>,
    /// Of these it says nothing either way.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub silent: BTreeSet<String>,
}

/// One field.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Saying {
    /// In words that are the same where the meaning is; empty where it says no more than if it were not sent.
    pub means: String,
    /// As it came.
    pub shown: String,
}

/// What one answer gives to advise on.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Advised {
    /// Id of the advice.
    pub id: String,
    /// What it is about, as it came.
    pub seen: String,
}

/// Which of a few things were seen of each of many objects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tallied<T> {
    /// Each thing once, in order.
    pub things: Vec<T>,
    /// Each combination once: which things, and in how many answers.
    pub together: Vec<Vec<(u32, u32)>>,
    /// By environment: which combination objects have, and how many follow each other with it.
    pub objects: Vec<Vec<(u32, u32)>>,
}

/// A path for which environments do not say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParityRow {
    /// As the tenants have it; `{id}` where it is each one's own id.
    pub path: String,
    /// Ids of all for whom it is so, in order.
    pub tenants: Vec<String>,
    /// The first of them.
    pub tenant: String,
    /// By header.
    pub differs: Vec<DiffersRow>,
}

/// What environments say differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiffersRow {
    /// The field in lower case; or `status`, `provider`, `cacheability`.
    pub header: String,
    /// What each environment says, as the first tenant gets it; null: not sent. Who says nothing either way is not there.
    pub values: BTreeMap<String, Option<String>>,
    /// Names of the variants in which it is so, in order.
    #[serde(default)]
    pub variants: Vec<String>,
}

/// What makes a path's purges fail, or staleness likely.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdviceRow {
    /// Id of the advice.
    pub id: String,
    /// One line.
    pub summary: String,
    /// A paragraph.
    pub why: String,
    /// What mends it.
    pub fix: String,
    /// Where that can be read up: a clause of an RFC, or a vendor's page.
    pub source: String,
    /// As the tenants have it; `{id}` where it is each one's own id.
    pub path: String,
    /// Ids of all for whom it is so, in order.
    pub tenants: Vec<String>,
    /// The first of them.
    pub tenant: String,
    /// Where it is so.
    pub environments: Vec<String>,
    /// What it is about, as the first tenant gets it.
    pub seen: String,
}
