//! Makes one report of what a run found, or of what its partitions found. Pure: it asks nobody, and judges no answer.

mod advice;
mod causes;
mod converge;
mod elsewhere;
mod ground;
mod join;
mod likeness;
mod nearby;
mod notes;
mod pairs;
mod parity;
mod reach;
mod rows;
mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use ground::Ground;
pub use join::{JoinError, join};
pub use tally::Tallies;

use crate::gate::{self, Beside, Ending, Unprobeables};
use crate::model::{
    AdviceRow, AskedRow, Counts, Found, FoundLane, GatePolicy, KnownRow, OriginRow, Report, Run, SCHEMA, Summary, Tool,
    Verdict,
};

/// Findings of one edge whose neighbours are asked; the rest of them is most likely stale for the same reason.
pub const SWEPT_PER_EDGE: usize = 16;

/// What a report says beside what was found.
#[derive(Debug)]
pub struct Frame {
    /// The run.
    pub run: Run,
    /// What the gate asks.
    pub policy: GatePolicy,
    /// How it ended.
    pub ending: Ending,
    /// References with trouble.
    pub origins: Vec<OriginRow>,
    /// Sound references.
    pub references: Vec<KnownRow>,
    /// Every reference, where every check is kept.
    pub asked: Vec<AskedRow>,
}

/// How many pieces of advice there are, each for as many paths as it may.
pub fn pieces(advice: &[AdviceRow]) -> u64 {
    advice.iter().map(|row| row.id.as_str()).collect::<BTreeSet<_>>().len() as u64
}

/// The report.
pub fn report(frame: Frame, mut found: Found) -> Report {
    let (requests, at_origins) = (found.requests, found.origin_connections);
    let (policies, advised) = (found.policies.take(), found.advised.take());
    let (unprobeable, unprobeable_checks) = (found.unprobeable.clone(), found.unprobeable_checks);
    let lost_names = Unprobeables::of(&unprobeable, unprobeable_checks);
    let (ground, mut lanes, mut drafts, remarks) = Ground::of(found, &frame);
    elsewhere::shown_old(&mut lanes, &mut drafts);
    reach::doubt(&ground, &mut lanes, &mut drafts);
    let counted: Vec<Counts> = lanes.iter().map(counts).collect();
    let mut all = Counts::default();
    for counts in &counted {
        all += *counts;
    }
    let (findings, checks) = causes::findings(&ground, &mut lanes, drafts);
    let bad: u64 = Verdict::ALL
        .into_iter()
        .filter(|verdict| !verdict.is_good())
        .map(|verdict| all.of(verdict))
        .fold(0, u64::saturating_add);
    let (pairs, pairs_left_out) = pairs::pairs(&ground, &lanes);
    let late = converge::late(&ground, &lanes);
    let parity = parity::parity(&ground, policies.as_ref());
    let advice = advice::advice(&ground, advised.as_ref());
    let summary = Summary {
        requests,
        connections: lanes.iter().map(|lane| lane.connections).fold(at_origins, u64::saturating_add),
        late,
        findings_left_out: bad.saturating_sub(findings.len() as u64),
        unprobeable: lost_names.patterns.len() as u64,
        unprobeable_checks,
        coverage_percent: all.coverage_percent_beside(unprobeable_checks),
        ..summary(&ground, &lanes, all)
    };
    let ending = Ending { unprobeable: lost_names, ..frame.ending.clone() };
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        run: frame.run,
        gate: gate::decide(&all, &Beside { late, advice: pieces(&advice) }, frame.policy, &ending),
        summary,
        convergence: converge::convergence(&ground, &lanes),
        environments: rows::environments(&ground, &lanes, &counted),
        regions: rows::regions(&ground, &lanes, &counted),
        edges: rows::edges(&ground, &lanes, &counted),
        same_pops: reach::same_pops(&ground, &lanes),
        tenants: rows::tenants(&ground, &lanes),
        pairs,
        pairs_left_out,
        parity,
        advice,
        findings,
        notes: notes::notes(&ground, &lanes, &remarks),
        unprobeable,
        origins: frame.origins,
        references: frame.references,
        asked: frame.asked,
        rows: checks,
        partial: None,
    }
}

fn counts(lane: &FoundLane) -> Counts {
    let mut counts = Counts::default();
    lane.verdicts.0.iter().for_each(|verdict| counts.add(verdict_of(*verdict), 1));
    counts
}

/// What was not asked is unreachable.
fn verdict_of(verdict: Option<Verdict>) -> Verdict {
    verdict.unwrap_or(Verdict::Unreachable)
}

fn summary(ground: &Ground, lanes: &[FoundLane], all: Counts) -> Summary {
    let regions: BTreeSet<_> = lanes.iter().map(|lane| (lane.berth.environment, &lane.region)).collect();
    Summary {
        environments: ground.environments.len() as u64,
        regions: regions.len() as u64,
        edges: lanes.len() as u64,
        pops_reached: reach::pops(lanes),
        tenants: ground.tenants.len() as u64,
        objects: (0..ground.environments.len()).map(|nth| u64::from(ground.objects(nth))).sum(),
        checks: all.total(),
        answered: lanes.iter().map(|lane| lane.answered).fold(0, u64::saturating_add),
        verdicts: all,
        parity_percent: all.parity_percent(),
        ..Summary::default()
    }
}
