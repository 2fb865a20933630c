use std::collections::BTreeMap;
use std::ops::AddAssign;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AdviceRow, AskedRow, Convergence, EdgeRow, EnvironmentRow, Finding, Found, KnownRow, NoteRow, OriginRow, PairRow,
    ParityRow, Priority, RegionRow, SamePopRow, Secrets, TenantRow, Unprobeable, Verdict,
};

/// What `schema` says in a report of this shape.
pub const SCHEMA: &str = "purgeproof.report/1";

/// All that a run found; every format and the exit code are read off this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Who wrote it.
    pub tool: Tool,
    /// The run.
    pub run: Run,
    /// The decision.
    pub gate: Gate,
    /// The counts.
    pub summary: Summary,
    /// How long it took, where the run waited for it.
    #[serde(default)]
    pub convergence: Option<Convergence>,
    /// By name.
    pub environments: Vec<EnvironmentRow>,
    /// By environment and name.
    pub regions: Vec<RegionRow>,
    /// By environment, region and name.
    pub edges: Vec<EdgeRow>,
    /// Edges that are listed as several and turned out to be one POP, by environment and edge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_pops: Vec<SamePopRow>,
    /// By id.
    pub tenants: Vec<TenantRow>,
    /// Tenants at edges where something is not good, by environment, region, edge, tenant: every other pair is good.
    #[serde(default)]
    pub pairs: Vec<PairRow>,
    /// Pairs beyond what is kept.
    #[serde(default)]
    pub pairs_left_out: u64,
    /// Where environments differ though they should not, by path and tenant; it does not gate.
    #[serde(default)]
    pub parity: Vec<ParityRow>,
    /// What makes purges fail or staleness likely, where that was asked for; it gates only where that was asked for, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<AdviceRow>,
    /// Worst first, then in the fixed order.
    pub findings: Vec<Finding>,
    /// What is worth a line though nothing is wrong with the verdicts.
    #[serde(default)]
    pub notes: Vec<NoteRow>,
    /// What sources name and nobody can ask for, by pattern: it lowers coverage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unprobeable: Vec<Unprobeable>,
    /// References with trouble, by environment, tenant, host, path.
    pub origins: Vec<OriginRow>,
    /// Sound references, by environment, tenant, host, path, variant: a later run's baseline.
    #[serde(default)]
    pub references: Vec<KnownRow>,
    /// Of `diagnose`: every reference, sound ones too, by environment, tenant, host, path, variant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<AskedRow>,
    /// Of `diagnose`: every check, good ones too, by environment, region, edge, tenant, host, path, variant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Finding>,
    /// Of a partition: what it is merged from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Box<Found>>,
}

impl Report {
    /// The same with every secret masked, wherever it stands.
    #[must_use]
    pub fn masked(self, secrets: &Secrets) -> Self {
        if secrets.is_empty() {
            return self;
        }
        let masked = serde_json::to_value(&self).map(|mut value| {
            mask(&mut value, secrets);
            value
        });
        masked.and_then(serde_json::from_value).unwrap_or(self)
    }
}

/// Fields that hold a word of a closed vocabulary, and so no secret, even where one happens to be the same word.
const VOCABULARY: [&str; 8] =
    ["fail_on", "neighbour", "outcome", "phase", "priority", "trouble", "verdict", "verdicts"];

fn mask(value: &mut serde_json::Value, secrets: &Secrets) {
    use serde_json::Value;
    match value {
        Value::String(text) => *text = secrets.mask(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secrets)),
        Value::Object(fields) => {
            let told = fields.iter_mut().filter(|(name, _)| !VOCABULARY.contains(&name.as_str()));
            told.for_each(|(_, field)| mask(field, secrets));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Who wrote a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `purgeproof`.
    pub name: String,
    /// Of this crate.
    pub version: String,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Another in every run.
    pub id: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub finished_at: String,
    /// From start to finish.
    pub duration_ms: u64,
    /// Whether every planned check was carried through.
    pub complete: bool,
    /// RFC 3339.
    pub purged_at: Option<String>,
    /// Time given to converge.
    pub within_ms: Option<u64>,
    /// `M/N`.
    pub partition: Option<String>,
    /// SHA-256 over what was planned.
    pub plan_hash: String,
    /// Certificates were not checked.
    pub insecure: bool,
    /// What edges were asked with: `head` or `get`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// When bodies were compared: `auto`, `always` or `never`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What samples were drawn by.
    pub seed: u64,
    /// RFC 3339: when a run last passed, this one included, as far as the metrics file that it replaces knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_passed_at: Option<String>,
}

/// The decision and its grounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// The decision.
    pub outcome: Outcome,
    /// The exit code that follows, `--exit-zero` aside.
    pub exit_code: u8,
    /// Why, weightiest first.
    pub reasons: Vec<Reason>,
    /// What was asked of the run.
    pub policy: GatePolicy,
}

/// What a gate decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Parity.
    Pass,
    /// Something is wrong at an edge.
    Fail,
    /// Too little could be said.
    Inconclusive,
    /// There was nothing to check.
    Empty,
}

impl Outcome {
    /// The word used in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Empty => "empty",
        }
    }
}

/// One ground of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// `verdicts`, `coverage`, `parity`, `late`, `advice`, `deadline`, `interrupted`, `partition`, `empty`.
    pub code: String,
    /// In words.
    pub message: String,
}

/// What is asked of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GatePolicy {
    /// Verdicts that fail it.
    pub fail_on: Vec<Verdict>,
    /// As many of those are tolerated: `3` or `1.5%`.
    pub max_fail: Option<String>,
    /// At least so much must have been comparable, in percent.
    pub min_coverage: f64,
    /// At least so much of the comparable must be fresh or uncached, in percent.
    pub min_parity: Option<f64>,
    /// What lateness does: `fail`, `warn` or `ignore`.
    #[serde(default)]
    pub late: Late,
    /// How soon after the purge each priority must be fresh, where the run waited for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub service_levels_ms: BTreeMap<Priority, u64>,
    /// Advice fails it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fail_on_advice: bool,
    /// An empty plan passes.
    pub allow_empty: bool,
}

/// What lateness does to the gate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Late {
    /// It fails.
    Fail,
    /// It is told among the reasons.
    #[default]
    Warn,
    /// Nothing.
    Ignore,
}

/// The counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// How many environments.
    pub environments: u64,
    /// How many regions.
    pub regions: u64,
    /// How many edges.
    pub edges: u64,
    /// How many POPs answered, as far as they can be told apart.
    #[serde(default)]
    pub pops_reached: u64,
    /// How many tenants.
    pub tenants: u64,
    /// How many objects, over all environments.
    pub objects: u64,
    /// How many checks were planned.
    pub checks: u64,
    /// How many were answered.
    pub answered: u64,
    /// Requests sent, origins included.
    pub requests: u64,
    /// Connections opened, origins included.
    pub connections: u64,
    /// By verdict.
    pub verdicts: Counts,
    /// Not fresh when their service level said they must be.
    #[serde(default)]
    pub late: u64,
    /// Findings beyond `--max-findings`.
    pub findings_left_out: u64,
    /// Fresh and uncached, of the comparable.
    pub parity_percent: f64,
    /// Comparable, of the planned and of those that names nobody can ask for would have had.
    pub coverage_percent: f64,
    /// Names that sources have and nobody can ask for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unprobeable: u64,
    /// The checks that they would have had: each name on every edge, with the paths and variants of a tenant that names
    /// none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unprobeable_checks: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "for serde")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// One number for each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each is its verdict")]
pub struct Counts {
    pub fresh: u64,
    pub uncached: u64,
    pub unpurged: u64,
    pub stale: u64,
    pub divergent: u64,
    pub failing: u64,
    pub unverifiable: u64,
    pub unreachable: u64,
}

impl Counts {
    /// The number for one verdict.
    pub const fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Fresh => self.fresh,
            Verdict::Uncached => self.uncached,
            Verdict::Unpurged => self.unpurged,
            Verdict::Stale => self.stale,
            Verdict::Divergent => self.divergent,
            Verdict::Failing => self.failing,
            Verdict::Unverifiable => self.unverifiable,
            Verdict::Unreachable => self.unreachable,
        }
    }

    /// Counts `n` more.
    pub const fn add(&mut self, verdict: Verdict, n: u64) {
        let count = match verdict {
            Verdict::Fresh => &mut self.fresh,
            Verdict::Uncached => &mut self.uncached,
            Verdict::Unpurged => &mut self.unpurged,
            Verdict::Stale => &mut self.stale,
            Verdict::Divergent => &mut self.divergent,
            Verdict::Failing => &mut self.failing,
            Verdict::Unverifiable => &mut self.unverifiable,
            Verdict::Unreachable => &mut self.unreachable,
        };
        // A saved report may say anything.
        *count = count.saturating_add(n);
    }

    /// All checks.
    pub fn total(&self) -> u64 {
        Verdict::ALL.into_iter().map(|verdict| self.of(verdict)).fold(0, u64::saturating_add)
    }

    /// Checks that got an answer.
    pub fn answered(&self) -> u64 {
        self.total() - self.unreachable
    }

    /// Checks that were answered and could be compared.
    pub fn comparable(&self) -> u64 {
        Verdict::ALL
            .into_iter()
            .filter(|verdict| verdict.is_comparable())
            .map(|verdict| self.of(verdict))
            .fold(0, u64::saturating_add)
    }

    /// Fresh and uncached, of the comparable, in percent; 0 where nothing was.
    pub fn parity_percent(&self) -> f64 {
        percent(self.fresh + self.uncached, self.comparable())
    }

    /// Comparable, of all, in percent; 0 where there are none.
    pub fn coverage_percent(&self) -> f64 {
        self.coverage_percent_beside(0)
    }

    /// The same beside so many checks that could not be made at all.
    pub fn coverage_percent_beside(&self, unprobeable: u64) -> f64 {
        percent(self.comparable(), self.total().saturating_add(unprobeable))
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for verdict in Verdict::ALL {
            self.add(verdict, other.of(verdict));
        }
    }
}

/// Three decimals, rounded down, so that 100 means all.
#[expect(clippy::cast_precision_loss, reason = "thousandths of a percent are far below 2^52")]
fn percent(part: u64, whole: u64) -> f64 {
    match u128::from(part) * 100_000 {
        _ if whole == 0 => 0.0,
        scaled => (scaled / u128::from(whole)) as f64 / 1_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_percent_means_all() {
        assert!(percent(999_999, 1_000_000) < 100.0);
        assert!((percent(10, 10) - 100.0).abs() < f64::EPSILON);
        assert!(percent(0, 0).abs() < f64::EPSILON);
    }

    #[test]
    fn unverifiable_is_answered_but_no_coverage() {
        let counts = Counts { fresh: 8, unverifiable: 1, unreachable: 1, ..Counts::default() };
        assert_eq!((counts.total(), counts.answered(), counts.comparable()), (10, 9, 8));
        assert!((counts.coverage_percent() - 80.0).abs() < f64::EPSILON);
        assert!((counts.parity_percent() - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn counts_of_a_saved_report_that_are_beyond_any_sum_stay_at_the_most() {
        let mut counts = Counts { fresh: u64::MAX, stale: 1, ..Counts::default() };
        counts.add(Verdict::Fresh, 1);
        counts += Counts { stale: u64::MAX, ..Counts::default() };
        assert_eq!(
            (counts.fresh, counts.stale, counts.total(), counts.comparable()),
            (u64::MAX, u64::MAX, u64::MAX, u64::MAX)
        );
        assert!(counts.coverage_percent_beside(u64::MAX) <= 100.0);
    }
}
