//! Folds what all lanes found into one report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::closing::Overturned;
use super::draft::Draft;
use super::lane::Berth;
use super::nearby::{self, Neighbourhood};
use super::run::{Harvest, Run};
use super::walk::{Lap, Span};
use super::{Network, Why, converge, elsewhere, pairs, reach, rows, signs};
use crate::dialect;
use crate::gate::{self, Ending};
use crate::inventory::Object;
use crate::judge;
use crate::model::{
    Counts, Finding, GatePolicy, Phase, Report, Run as RunRow, SCHEMA, Summary, Tool, Verdict, hex, stamp,
};
use crate::rules::{self, Facts, Parent};

/// The report.
pub(super) fn fold<N: Network>(run: &Arc<Run<N>>, harvest: Harvest) -> Report {
    let Harvest { mut laps, mut drafts, overturned } = harvest;
    overturn(run, &mut laps, &mut drafts, &overturned);
    elsewhere::shown_old(&mut laps, &mut drafts);
    reach::doubt(run, &mut laps, &mut drafts);
    let counted: Vec<Counts> = laps.iter().map(counts).collect();
    let mut all = Counts::default();
    for counts in &counted {
        all += *counts;
    }
    let (findings, checks) = findings(run, &mut laps, drafts);
    let bad: u64 = Verdict::ALL.into_iter().filter(|verdict| !verdict.is_good()).map(|verdict| all.of(verdict)).sum();
    let left_out = bad.saturating_sub(findings.len() as u64);
    let why = run.stop.why();
    let ending = Ending {
        deadline_passed: why == Some(Why::Deadline),
        interrupted: match why {
            Some(Why::Interrupted(code)) => Some(code),
            _ => None,
        },
    };
    let (pairs, pairs_left_out) = pairs::pairs(&run.plan, &laps);
    let report = Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        run: run_row(run, why.is_none()),
        gate: gate::decide(&all, converge::late(run, &laps), policy(run), ending),
        summary: summary(run, &laps, all, left_out),
        convergence: converge::convergence(run, &laps),
        environments: rows::environments(run, &laps, &counted),
        regions: rows::regions(run, &laps, &counted),
        edges: rows::edges(run, &laps, &counted),
        same_pops: reach::same_pops(run, &laps),
        tenants: rows::tenants(run, &laps),
        pairs,
        pairs_left_out,
        findings,
        notes: signs::notes(run, &laps),
        origins: rows::origins(run, &overturned),
        references: rows::references(run, &overturned),
        asked: if run.options.keep_all { rows::asked_rows(run, &overturned) } else { Vec::new() },
        rows: checks,
    };
    report.masked(&run.inventory.secrets)
}

/// What the gate asks, with the service levels where they are looked at.
fn policy<N: Network>(run: &Run<N>) -> GatePolicy {
    let service_levels_ms = run.limit.map(|_| run.inventory.levels.in_ms()).unwrap_or_default();
    GatePolicy { service_levels_ms, ..run.options.gate.clone() }
}

/// What was not asked is unreachable.
fn verdict_of(verdict: Option<Verdict>) -> Verdict {
    verdict.unwrap_or(Verdict::Unreachable)
}

fn counts(lap: &Lap) -> Counts {
    let mut counts = Counts::default();
    lap.verdicts.iter().for_each(|verdict| counts.add(verdict_of(*verdict), 1));
    counts
}

/// Objects whose origin contradicted itself in the end blame no edge.
fn overturn<N: Network>(run: &Arc<Run<N>>, laps: &mut [Lap], drafts: &mut Vec<Draft>, overturned: &[Overturned]) {
    let objects: BTreeSet<(usize, u32)> = overturned.iter().map(|found| (found.environment, found.object)).collect();
    let stands = |draft: &Draft| {
        draft.finding.verdict == Verdict::Unreachable || !objects.contains(&(draft.berth.environment, draft.object))
    };
    let fallen: Vec<Draft> = drafts.extract_if(.., |draft| !stands(draft)).collect();
    let mut seen: BTreeMap<(u32, u32), Draft> =
        fallen.into_iter().map(|draft| ((draft.berth.number, draft.object), draft)).collect();
    let ruling = judge::inconsistent();
    for Overturned { environment, object, known } in overturned {
        let spot = run.spot(*environment, *object);
        for lap in laps.iter_mut().filter(|lap| lap.berth.environment == *environment) {
            let verdict = &mut lap.verdicts[*object as usize];
            if verdict.is_some_and(|verdict| verdict != Verdict::Unreachable) {
                *verdict = Some(ruling.verdict);
                // What was seen stays worth showing; what was made of it does not stand.
                let seen = seen.remove(&(lap.berth.number, *object));
                let mut draft = seen.unwrap_or_else(|| run.draft(lap.berth, &spot, &ruling));
                draft.overruled(&ruling, known);
                drafts.push(draft);
            }
        }
    }
}

/// Findings, and where every check is kept, all rows.
fn findings<N: Network>(run: &Arc<Run<N>>, laps: &mut [Lap], drafts: Vec<Draft>) -> (Vec<Finding>, Vec<Finding>) {
    let around = Neighbourhood::count(&run.inventory, &run.plan, laps);
    let unreached: Vec<Draft> = laps.iter_mut().filter_map(|lap| lap.unreached.take()).map(|draft| *draft).collect();
    let serving: BTreeSet<_> = drafts.iter().filter_map(serving).collect();
    let diagnosed = |draft: Draft| diagnosed(run, &around, laps, &serving, draft);
    let mut findings: Vec<Finding> = drafts.into_iter().map(diagnosed).collect();
    let unreached: Vec<Finding> = unreached.into_iter().map(diagnosed).collect();
    let mut rows = Vec::new();
    if run.options.keep_all {
        rows.extend(findings.iter().chain(&unreached).cloned());
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        findings.retain(|finding| !finding.verdict.is_good());
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    findings.truncate(run.options.max_findings);
    // However many are left out: an edge that was not asked to the end is named.
    let mut named: BTreeSet<String> = BTreeSet::new();
    named.extend(findings.iter().filter(|finding| finding.phase == Some(Phase::Deadline)).map(edge_of));
    for finding in unreached {
        if findings.len() < run.options.max_findings || !named.contains(&edge_of(&finding)) {
            findings.push(finding);
        }
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    (findings, rows)
}

fn edge_of(finding: &Finding) -> String {
    [finding.environment.as_str(), &finding.region, &finding.edge].join("\n")
}

/// A parent, by environment, object, provider and place.
type Serving = (usize, u32, String, String);

/// The parent that gave an edge a copy from before the purge when it was asked just now.
fn serving(draft: &Draft) -> Option<Serving> {
    let asked = draft.edge_asked_its_parent && draft.predates_purge && draft.finding.verdict == Verdict::Stale;
    if asked { parent_of(draft) } else { None }
}

fn parent_of(draft: &Draft) -> Option<Serving> {
    let Parent { provider, place } = parent(draft)?;
    Some((draft.berth.environment, draft.object, provider.to_owned(), place?.to_owned()))
}

fn parent(draft: &Draft) -> Option<Parent<'_>> {
    let layer = draft.parent.as_ref()?;
    Some(Parent { provider: &layer.provider, place: layer.pop.as_deref().or(layer.name.as_deref()) })
}

fn diagnosed<N: Network>(
    run: &Arc<Run<N>>,
    around: &Neighbourhood,
    laps: &[Lap],
    serving: &BTreeSet<Serving>,
    draft: Draft,
) -> Finding {
    let spot = run.spot(draft.berth.environment, draft.object);
    let object = nearby::of_object(laps, draft.berth.environment, draft.object);
    let nearby = around.of(&run.inventory, draft.berth, draft.tenant, spot.thing.host, object);
    let finding = &draft.finding;
    let holder = parent(&draft).map(|parent| parent.provider).or(finding.provider_seen.as_deref());
    let scheme = run.edge(draft.berth).scheme.id();
    let how_to_purge = holder.and_then(|id| dialect::how_to_purge(id, scheme, &finding.host, &finding.path));
    // Many POPs stand behind a vendor's name: the one that was seen says where it is.
    let pop = finding.pop_seen.as_ref().filter(|_| run.edge(draft.berth).place.vantage().is_some());
    let edge = pop.map_or_else(|| finding.edge.clone(), |pop| format!("{} ({pop})", finding.edge));
    let cause = rules::diagnose(&Facts {
        verdict: finding.verdict,
        trouble: draft.trouble,
        phase: finding.phase,
        region: &finding.region,
        edge: &edge,
        host: &finding.host,
        path: &finding.path,
        variant: &finding.variant,
        error: draft.error.as_deref(),
        observed_status: finding.observed.as_ref().map(|observed| observed.status),
        reference_status: finding.reference.as_ref().and_then(|reference| reference.status),
        pop_expected: finding.pop_expected.as_deref(),
        pop_seen: finding.pop_seen.as_deref(),
        provider_expected: draft.provider_expected.as_deref(),
        provider_seen: finding.provider_seen.as_deref(),
        led: draft.led.as_deref(),
        purged: run.options.purge.at.is_some(),
        predates_purge: draft.predates_purge,
        stored_after_purge: draft.stored_after_purge,
        says_stale: draft.says_stale,
        outlived: draft.outlived,
        from_a_store: draft.from_a_store,
        revalidation_failed: draft.revalidation_failed,
        metadata_changed_etag_same: draft.metadata_changed_etag_same,
        took_turns: draft.took_turns,
        a_variant_is_fresh: a_variant_is_fresh(run, laps, &draft),
        how_to_purge: how_to_purge.as_deref(),
        swept: &draft.swept,
        parent: parent(&draft),
        edge_asked_its_parent: draft.edge_asked_its_parent,
        edge_refilled_after_purge: draft.edge_refilled_after_purge,
        parent_still_serves: parent_of(&draft).is_some_and(|parent| serving.contains(&parent)),
        nearby,
    });
    let lap = laps.get(draft.berth.number as usize);
    let span = lap.and_then(|lap| lap.spans.as_ref()?.get(draft.object as usize));
    let is_good = draft.finding.verdict.is_good();
    Finding {
        cause: cause.filter(|_| !is_good).unwrap_or_default(),
        first_fresh_ms: span.filter(|span| span.fresh != Span::NEVER).map(|span| span.fresh.into()),
        late: lap.is_some_and(|lap| converge::was_late(run, lap, draft.object)),
        ..draft.finding
    }
}

/// Whether another variant of the same object is fresh at the same edge.
fn a_variant_is_fresh<N: Network>(run: &Run<N>, laps: &[Lap], draft: &Draft) -> bool {
    let Berth { environment, number, .. } = draft.berth;
    let planned = run.plan.object(environment, draft.object);
    let variants = run.inventory.tenants[planned.tenant].variants.iter();
    let mut others =
        variants.filter_map(|variant| run.plan.number(environment, &Object { variant: *variant, ..planned }));
    let verdicts = laps.get(number as usize).map(|lap| &lap.verdicts);
    verdicts.is_some_and(|verdicts| others.any(|other| verdicts[other as usize] == Some(Verdict::Fresh)))
}

fn run_row<N: Network>(run: &Run<N>, complete: bool) -> RunRow {
    let (started, finished) = (run.started, run.clock.wall());
    let mut id = Sha256::new();
    id.update(started.as_nanosecond().to_le_bytes());
    id.update(std::process::id().to_le_bytes());
    RunRow {
        id: hex(&id.finalize()[..8]),
        started_at: stamp(started),
        finished_at: stamp(finished),
        duration_ms: u64::try_from(finished.duration_since(started).as_millis()).unwrap_or_default(),
        complete,
        purged_at: run.options.purge.at.map(stamp),
        within_ms: run.options.patience.map(|patience| u64::try_from(patience.within.as_millis()).unwrap_or(u64::MAX)),
        partition: None,
        plan_hash: run.plan.hash(),
        insecure: run.inventory.environments.iter().any(|environment| {
            let edges = environment.edges.iter().any(|edge| edge.trust.insecure);
            edges || environment.origin.as_ref().is_some_and(|origin| origin.trust.insecure)
        }),
        seed: run.options.seed,
        last_passed_at: None,
    }
}

fn summary<N: Network>(run: &Run<N>, laps: &[Lap], all: Counts, findings_left_out: u64) -> Summary {
    let environments = &run.inventory.environments;
    let regions: BTreeSet<_> = environments
        .iter()
        .flat_map(|environment| environment.edges.iter().map(|edge| (&edge.id.environment, &edge.id.region)))
        .collect();
    let objects = (0..environments.len()).map(|environment| u64::from(run.plan.objects(environment))).sum();
    let at_origins: u64 = run.sources.iter().flatten().map(super::origin::Source::connections).sum();
    Summary {
        environments: environments.len() as u64,
        regions: regions.len() as u64,
        edges: laps.len() as u64,
        pops_reached: reach::pops(run, laps),
        tenants: run.inventory.tenants.len() as u64,
        objects,
        checks: all.total(),
        answered: laps.iter().map(|lap| lap.answered).sum(),
        requests: run.progress.standing().requests,
        connections: laps.iter().map(|lap| lap.connections).sum::<u64>() + at_origins,
        verdicts: all,
        late: converge::late(run, laps),
        findings_left_out,
        parity_percent: all.parity_percent(),
        coverage_percent: all.coverage_percent(),
    }
}
