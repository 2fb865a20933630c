//! How loudly a verdict is told, by what the gate was asked: the same in every format that has levels.

use crate::model::{Gate, GatePolicy, Outcome, Verdict, exit_code};

/// Quietest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// Nothing to tell.
    Good,
    /// Worth a line.
    Notice,
    /// Nothing could be said.
    Inconclusive,
    /// It counts against the gate.
    Failing,
}

pub(super) fn of(verdict: Verdict, policy: &GatePolicy) -> Severity {
    match verdict {
        _ if policy.fail_on.contains(&verdict) => Severity::Failing,
        Verdict::Fresh | Verdict::Uncached => Severity::Good,
        Verdict::Unverifiable | Verdict::Unreachable => Severity::Inconclusive,
        Verdict::Unpurged | Verdict::Stale | Verdict::Divergent | Verdict::Failing => Severity::Notice,
    }
}

/// Of the decision itself: what ends with 0 is good, whatever it is called.
pub(super) fn of_gate(gate: &Gate) -> Severity {
    match (gate.outcome, gate.exit_code) {
        (Outcome::Fail, _) => Severity::Failing,
        (_, exit_code::PASS) => Severity::Good,
        (Outcome::Pass | Outcome::Inconclusive | Outcome::Empty, _) => Severity::Inconclusive,
    }
}
