//! A case as its file tells it. A key that is not known is an error.

use std::collections::BTreeMap;
use std::path::Path;

use purgeproof::model::{Outcome, Phase, Timestamp, Verdict};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::value::Datetime;

/// One small world, and what must be found there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// One line.
    pub(super) why: String,
    /// Where it was seen in the wild.
    #[serde(default)]
    #[expect(dead_code, reason = "for readers")]
    pub(super) seen: Option<String>,
    /// The rule or note that must speak.
    pub(super) speaks: Option<String>,
    /// The rule or note that must not, though it nearly would.
    pub(super) quiet: Option<String>,
    /// A corner with a known right answer, in a few words.
    pub(super) corner: Option<String>,
    #[serde(deserialize_with = "moment")]
    pub(super) now: Timestamp,
    #[serde(default, deserialize_with = "known_moment")]
    pub(super) purged_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) options: Options,
    /// As in a regions file.
    #[serde(default)]
    pub(super) origin: toml::Table,
    /// As in a regions file.
    pub(super) regions: toml::Table,
    /// As in a tenants file.
    pub(super) tenants: Vec<toml::Table>,
    /// As in a tenants file.
    #[serde(default)]
    pub(super) variants: toml::Table,
    /// Addresses by the names that edges are looked up under.
    #[serde(default)]
    pub(super) names: BTreeMap<String, Vec<std::net::IpAddr>>,
    #[serde(default)]
    pub(super) answers: Vec<Answer>,
    pub(super) expect: Expect,
}

/// What is not as a command line without flags has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    pub(super) body: Option<String>,
    pub(super) method: Option<String>,
    pub(super) max_body: Option<u64>,
    pub(super) deadline: Option<String>,
    #[serde(default)]
    pub(super) no_sweep: bool,
    /// Nobody names an origin.
    #[serde(default)]
    pub(super) no_origin: bool,
}

/// What is answered to whoever asks so.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// `origin`, an edge's name or an address; or several.
    pub(super) from: OneOrMany,
    /// Asked with; `https` where it is not said.
    pub(super) scheme: Option<String>,
    pub(super) host: Option<String>,
    /// Path and query; all that are planned where it is not said.
    pub(super) path: Option<String>,
    /// `HEAD` or `GET`; both where it is not said.
    pub(super) method: Option<String>,
    /// Asked with these header fields.
    #[serde(default)]
    pub(super) sends: BTreeMap<String, String>,
    /// From the nth time on that this is asked.
    #[serde(default = "first")]
    pub(super) since: u32,
    /// Until the nth time that this is asked.
    #[serde(default = "last")]
    pub(super) until: u32,
    /// On a connection made for another host, and only there.
    #[serde(default)]
    pub(super) shared: bool,
    /// How long the answer takes.
    pub(super) takes: Option<String>,
    /// Status line and fields.
    pub(super) head: Option<String>,
    /// What the body stands for once its codings are undone.
    pub(super) body: Option<String>,
    /// Why the body cannot be had.
    pub(super) body_error: Option<String>,
    /// No answer at all.
    pub(super) silence: Option<Silent>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Silent {
    pub(super) phase: Phase,
    pub(super) error: String,
    #[serde(default)]
    pub(super) host_not_served: bool,
}

/// What must be found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    pub(super) outcome: Outcome,
    pub(super) exit_code: u8,
    /// By verdict; those not named are none.
    pub(super) counts: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) findings: Vec<Expected>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

/// One finding, or several of a kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    pub(super) verdict: Verdict,
    pub(super) cause: String,
    pub(super) edge: Option<String>,
    pub(super) host: Option<String>,
    pub(super) path: Option<String>,
    pub(super) variant: Option<String>,
    /// How many there are.
    #[serde(default = "one")]
    pub(super) times: usize,
    /// Part of the summary.
    pub(super) says: Option<String>,
    /// Part of what mends it.
    pub(super) fix: Option<String>,
    /// A rung of the evidence, and what it says.
    #[serde(default)]
    pub(super) evidence: BTreeMap<String, String>,
}

const fn first() -> u32 {
    1
}

const fn last() -> u32 {
    u32::MAX
}

const fn one() -> usize {
    1
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Datetime::deserialize(deserializer)?.to_string().parse().map_err(D::Error::custom)
}

fn known_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    moment(deserializer).map(Some)
}

impl Case {
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
    }

    pub(super) const fn is_for_something(&self) -> bool {
        self.speaks.is_some() || self.quiet.is_some() || self.corner.is_some()
    }
}
