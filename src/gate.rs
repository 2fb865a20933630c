//! Counts and what was asked of a run in, a decision out. Pure; makes no verdicts.

use std::collections::BTreeSet;

use crate::model::{Counts, Gate, GatePolicy, Late, Outcome, Reason, Report, Unprobeable, Verdict, counted, exit_code};

/// How a run ended, beside its counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Its deadline passed before every check was carried through.
    pub deadline_passed: bool,
    /// It was interrupted; the exit code that follows.
    pub interrupted: Option<u8>,
    /// It is a partition, and nothing of a plan that holds something falls to it.
    pub spared: bool,
    /// Partitions that are missing, or were not carried through, in words.
    pub lost: Vec<String>,
    /// What sources name and nobody can ask for.
    pub unprobeable: Unprobeables,
}

/// Names that nobody can ask for: each stands for checks that were not made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unprobeables {
    /// As they are written, each once.
    pub patterns: Vec<String>,
    /// The checks of all of them.
    pub checks: u64,
}

impl Unprobeables {
    /// Of a report's list.
    pub fn of(listed: &[Unprobeable], checks: u64) -> Self {
        let patterns: BTreeSet<&String> = listed.iter().map(|one| &one.pattern).collect();
        Self { patterns: patterns.into_iter().cloned().collect(), checks }
    }

    /// `2 checks of 2 names that cannot be asked for ("*.a.example", "*.b.example")`
    fn told(&self) -> String {
        const NAMED: usize = 3;
        let many = self.patterns.len();
        let mut named: Vec<String> = self.patterns.iter().take(NAMED).map(|pattern| format!("\"{pattern}\"")).collect();
        if many > NAMED {
            named.push(format!("and {} more", many - NAMED));
        }
        let (checks, of) = (counted(self.checks, "check"), counted(many as u64, "name"));
        format!("{checks} of {of} that cannot be asked for ({})", named.join(", "))
    }
}

impl Ending {
    /// As a report tells of it.
    pub fn of_report(report: &Report) -> Self {
        let unprobeable = Unprobeables::of(&report.unprobeable, report.summary.unprobeable_checks);
        Self { unprobeable, ..Self::of(&report.gate) }
    }

    /// As a decision tells of it; what could not be asked for stands in the report alone.
    pub fn of(gate: &Gate) -> Self {
        let interrupted = matches!(gate.exit_code, exit_code::INTERRUPTED | exit_code::TERMINATED);
        Self {
            deadline_passed: gate.reasons.iter().any(|reason| reason.code == DEADLINE),
            interrupted: interrupted.then_some(gate.exit_code),
            spared: gate.reasons.iter().any(|reason| reason.code == EMPTY && reason.message == SPARED),
            lost: gate
                .reasons
                .iter()
                .filter(|reason| reason.code == PARTITION)
                .map(|lost| lost.message.clone())
                .collect(),
            unprobeable: Unprobeables::default(),
        }
    }
}

/// The code of the reason that a deadline passed.
const DEADLINE: &str = "deadline";
/// The code of the reason that a partition is missing.
const PARTITION: &str = "partition";
/// The code of the reason that there was nothing to check.
const EMPTY: &str = "empty";
const SPARED: &str = "nothing of the plan falls to this partition";

/// What a decision may rest on beside verdicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beside {
    /// Checks that were not fresh when their service level said they must be.
    pub late: u64,
    /// Pieces of advice.
    pub advice: u64,
}

/// The decision.
pub fn decide(counts: &Counts, beside: &Beside, policy: GatePolicy, ending: &Ending) -> Gate {
    let late = beside.late;
    let failures = failures(counts, beside, &policy);
    let doubts = doubts(counts, &policy, ending);
    let (outcome, mut reasons) = if counts.total() == 0 && ending.lost.is_empty() && ending.unprobeable.checks == 0 {
        let why = if ending.spared { SPARED } else { "there was nothing to check" };
        (Outcome::Empty, vec![reason(EMPTY, why.to_owned())])
    } else if !failures.is_empty() {
        (Outcome::Fail, failures.into_iter().chain(doubts).collect())
    } else if !doubts.is_empty() {
        (Outcome::Inconclusive, doubts)
    } else {
        let warned = policy.late == Late::Warn && late > 0;
        (Outcome::Pass, if warned { vec![lateness(late, counts)] } else { Vec::new() })
    };
    let exit_code = match (ending.interrupted, outcome) {
        (Some(code), _) => {
            reasons.insert(0, reason("interrupted", "the run was interrupted before it was done".to_owned()));
            code
        }
        (None, Outcome::Empty) if policy.allow_empty || ending.spared => exit_code::PASS,
        (None, outcome) => of_outcome(outcome),
    };
    Gate { outcome, exit_code, reasons, policy }
}

/// Whether so many failing checks are more than the policy tolerates.
pub fn is_too_many(failing: u64, comparable: u64, policy: &GatePolicy) -> bool {
    match policy.max_fail.as_deref() {
        None => failing > 0,
        Some(tolerated) => match tolerated.strip_suffix('%') {
            Some(percent) => share(failing, comparable) > percent.trim().parse().unwrap_or(0.0),
            None => failing > tolerated.trim().parse().unwrap_or(0),
        },
    }
}

const fn of_outcome(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass => exit_code::PASS,
        Outcome::Fail => exit_code::FAIL,
        Outcome::Inconclusive => exit_code::INCONCLUSIVE,
        Outcome::Empty => exit_code::EMPTY,
    }
}

fn failures(counts: &Counts, beside: &Beside, policy: &GatePolicy) -> Vec<Reason> {
    let failing: u64 = policy.fail_on.iter().map(|verdict| counts.of(*verdict)).fold(0, u64::saturating_add);
    let mut reasons = Vec::new();
    if failing > 0 && is_too_many(failing, counts.comparable(), policy) {
        let tolerated = policy.max_fail.as_ref().map_or(String::new(), |n| format!("; {n} would be tolerated"));
        reasons.push(reason(
            "verdicts",
            format!("{} of {} checks: {}{tolerated}", failing, counts.total(), named(counts, &policy.fail_on)),
        ));
    }
    if let Some(least) = policy.min_parity
        && counts.comparable() > 0
        && counts.parity_percent() < least
    {
        reasons.push(reason("parity", format!("parity is {}%, at least {least}% is asked", counts.parity_percent())));
    }
    if policy.late == Late::Fail && beside.late > 0 {
        reasons.push(lateness(beside.late, counts));
    }
    if policy.fail_on_advice && beside.advice > 0 {
        let many = counted(beside.advice, "piece");
        reasons.push(reason("advice", format!("{many} of advice, and none is tolerated")));
    }
    reasons
}

fn lateness(late: u64, counts: &Counts) -> Reason {
    let message =
        format!("{late} of {} checks were not fresh when their service level said they must be", counts.total());
    reason("late", message)
}

fn doubts(counts: &Counts, policy: &GatePolicy, ending: &Ending) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = ending.lost.iter().map(|lost| reason(PARTITION, lost.clone())).collect();
    let unprobeable = &ending.unprobeable;
    let coverage = counts.coverage_percent_beside(unprobeable.checks);
    if (counts.total() > 0 || unprobeable.checks > 0) && coverage < policy.min_coverage {
        let mut uncovered = named(counts, &[Verdict::Unverifiable, Verdict::Unreachable]);
        if unprobeable.checks > 0 {
            let also = if uncovered.is_empty() { "" } else { ", " };
            uncovered = format!("{uncovered}{also}{}", unprobeable.told());
        }
        reasons.push(reason(
            "coverage",
            format!("coverage is {coverage}%, at least {}% is asked: {uncovered}", policy.min_coverage),
        ));
    }
    if ending.deadline_passed {
        reasons.push(reason(DEADLINE, "the deadline passed before every check was made".to_owned()));
    }
    reasons
}

fn named(counts: &Counts, verdicts: &[Verdict]) -> String {
    let present = verdicts.iter().filter(|verdict| counts.of(**verdict) > 0);
    present.map(|verdict| format!("{} {}", counts.of(*verdict), verdict.id())).collect::<Vec<_>>().join(", ")
}

fn reason(code: &str, message: String) -> Reason {
    Reason { code: code.to_owned(), message }
}

#[expect(clippy::cast_precision_loss, reason = "counts of checks are far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn policy() -> GatePolicy {
        GatePolicy {
            fail_on: vec![Verdict::Stale, Verdict::Divergent, Verdict::Failing],
            max_fail: None,
            min_coverage: 100.0,
            min_parity: None,
            late: Late::Warn,
            service_levels_ms: BTreeMap::new(),
            fail_on_advice: false,
            allow_empty: false,
        }
    }

    fn code(counts: Counts, change: impl FnOnce(&mut GatePolicy)) -> u8 {
        let mut policy = policy();
        change(&mut policy);
        decide(&counts, &Beside::default(), policy, &Ending::default()).exit_code
    }

    #[test]
    fn a_failure_outweighs_a_doubt() {
        let counts = Counts { fresh: 8, stale: 1, unreachable: 1, ..Counts::default() };
        let gate = decide(&counts, &Beside::default(), policy(), &Ending::default());
        assert_eq!((gate.outcome, gate.exit_code), (Outcome::Fail, exit_code::FAIL));
        assert_eq!(gate.reasons.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["verdicts", "coverage"]);
    }

    #[test]
    fn unpurged_passes_unless_asked() {
        let counts = Counts { fresh: 9, unpurged: 1, ..Counts::default() };
        assert_eq!(code(counts, |_| ()), exit_code::PASS);
        assert_eq!(code(counts, |policy| policy.fail_on = vec![Verdict::Unpurged]), exit_code::FAIL);
        assert_eq!(code(counts, |policy| policy.min_parity = Some(95.0)), exit_code::FAIL);
    }

    #[test]
    fn what_is_tolerated_is_allowed_and_no_more() {
        let counts = Counts { fresh: 98, stale: 2, unreachable: 0, ..Counts::default() };
        assert_eq!(code(counts, |policy| policy.max_fail = Some("2".to_owned())), exit_code::PASS);
        assert_eq!(code(counts, |policy| policy.max_fail = Some("1".to_owned())), exit_code::FAIL);
        assert_eq!(code(counts, |policy| policy.max_fail = Some("2%".to_owned())), exit_code::PASS);
        assert_eq!(code(counts, |policy| policy.max_fail = Some("1.9%".to_owned())), exit_code::FAIL);
    }

    #[test]
    fn lateness_fails_only_where_asked() {
        let counts = Counts { fresh: 10, ..Counts::default() };
        let beside = Beside { late: 2, ..Beside::default() };
        let gate = |late| decide(&counts, &beside, GatePolicy { late, ..policy() }, &Ending::default());
        assert_eq!((gate(Late::Fail).exit_code, gate(Late::Fail).reasons.len()), (exit_code::FAIL, 1));
        assert_eq!((gate(Late::Warn).exit_code, gate(Late::Warn).reasons.len()), (exit_code::PASS, 1));
        assert_eq!((gate(Late::Ignore).exit_code, gate(Late::Ignore).reasons.len()), (exit_code::PASS, 0));
    }

    #[test]
    fn advice_fails_only_where_asked() {
        let counts = Counts { fresh: 10, ..Counts::default() };
        let gate = |advice, fail_on_advice| {
            let policy = GatePolicy { fail_on_advice, ..policy() };
            let gate = decide(&counts, &Beside { late: 0, advice }, policy, &Ending::default());
            (gate.exit_code, gate.reasons.into_iter().map(|reason| reason.code).collect::<Vec<_>>())
        };
        assert_eq!(gate(3, false), (exit_code::PASS, Vec::new()));
        assert_eq!(gate(0, true), (exit_code::PASS, Vec::new()));
        assert_eq!(gate(3, true), (exit_code::FAIL, vec!["advice".to_owned()]));
    }

    #[test]
    fn silence_is_no_pass() {
        let counts = Counts { fresh: 5, unreachable: 5, ..Counts::default() };
        assert_eq!(code(counts, |_| ()), exit_code::INCONCLUSIVE);
        assert_eq!(code(counts, |policy| policy.min_coverage = 50.0), exit_code::PASS);
    }

    #[test]
    fn an_empty_run_is_no_pass_unless_allowed() {
        assert_eq!(code(Counts::default(), |_| ()), exit_code::EMPTY);
        assert_eq!(code(Counts::default(), |policy| policy.allow_empty = true), exit_code::PASS);
    }

    #[test]
    fn a_lost_partition_is_no_pass_and_outweighs_no_failure() {
        let lost = Ending { lost: vec!["partition 2/3 is missing".to_owned()], ..Ending::default() };
        for (counts, outcome) in [
            (Counts { fresh: 9, ..Counts::default() }, Outcome::Inconclusive),
            (Counts { fresh: 8, stale: 1, ..Counts::default() }, Outcome::Fail),
            (Counts::default(), Outcome::Inconclusive),
        ] {
            let gate = decide(&counts, &Beside::default(), policy(), &lost);
            assert_eq!((gate.outcome, Ending::of(&gate)), (outcome, lost.clone()));
        }
    }

    #[test]
    fn a_partition_to_which_nothing_falls_passes() {
        let spared = Ending { spared: true, ..Ending::default() };
        let gate = decide(&Counts::default(), &Beside::default(), policy(), &spared);
        assert_eq!((gate.outcome, gate.exit_code, Ending::of(&gate)), (Outcome::Empty, exit_code::PASS, spared));
    }

    #[test]
    fn an_interrupt_is_the_exit_code_whatever_was_found() {
        let counts = Counts { stale: 1, ..Counts::default() };
        let gate = decide(
            &counts,
            &Beside::default(),
            policy(),
            &Ending { interrupted: Some(exit_code::INTERRUPTED), ..Ending::default() },
        );
        assert_eq!((gate.outcome, gate.exit_code), (Outcome::Fail, exit_code::INTERRUPTED));
    }
}
