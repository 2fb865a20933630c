//! Gathers what all lanes found, as names and numbers, for the report that is made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::closing::Overturned;
use super::run::{Harvest, Run};
use super::walk::Lap;
use super::{Network, Why, rows, signs};
use crate::fold::{self, Frame};
use crate::gate::Ending;
use crate::judge;
use crate::model::{
    Draft, Edge, Found, FoundHost, FoundLane, FoundTenant, GatePolicy, Judged, Place, Report, Run as RunRow, Tenant,
    Verdict, hex, stamp,
};

/// The report.
pub(super) fn report<N: Network>(run: &Arc<Run<N>>, harvest: Harvest) -> Report {
    let Harvest { mut laps, mut drafts, overturned } = harvest;
    overturn(run, &mut laps, &mut drafts, &overturned);
    let found = found(run, laps, drafts);
    let partial = run.plan.partition().map(|_| Box::new(found.clone()));
    let why = run.stop.why();
    let ending = Ending {
        deadline_passed: why == Some(Why::Deadline),
        interrupted: match why {
            Some(Why::Interrupted(code)) => Some(code),
            _ => None,
        },
        spared: run.plan.is_spared(),
        ..Ending::default()
    };
    let frame = Frame {
        run: run_row(run, why.is_none()),
        policy: policy(run),
        ending,
        origins: rows::origins(run, &overturned),
        references: rows::references(run, &overturned),
        asked: if run.options.keep_all { rows::asked_rows(run, &overturned) } else { Vec::new() },
    };
    let report = Report { partial, ..fold::report(frame, found) };
    report.masked(&run.inventory.secrets)
}

/// What the gate asks, with the service levels where they are looked at.
fn policy<N: Network>(run: &Run<N>) -> GatePolicy {
    let service_levels_ms = run.limit.map(|_| run.inventory.levels.in_ms()).unwrap_or_default();
    GatePolicy { service_levels_ms, ..run.options.gate.clone() }
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

/// All that is known, by names and numbers.
fn found<N: Network>(run: &Arc<Run<N>>, laps: Vec<Lap>, drafts: Vec<Draft>) -> Found {
    let environments = &run.inventory.environments;
    let alike = asked_alike(run, &laps);
    let at_origins = run.sources.iter().flatten().map(super::origin::Source::connections);
    Found {
        divided_by: run.plan.partition().map(|partition| partition.divided_by().to_owned()),
        environments: environments.iter().map(|environment| environment.name.to_string()).collect(),
        tenants: (0..).zip(&run.inventory.tenants).map(|(nth, tenant)| found_tenant(run, nth, tenant)).collect(),
        remarks: signs::of_objects(run),
        waited: run.limit.is_some(),
        max_findings: run.options.max_findings,
        policies: run.ledger.policies(),
        advised: run.ledger.advised(),
        keep_all: run.options.keep_all,
        unprobeable: run.inventory.unprobeable.clone(),
        unprobeable_checks: run.plan.unprobeable_checks(),
        requests: run.progress.standing().requests,
        origin_connections: at_origins.sum(),
        lanes: laps.into_iter().zip(alike).map(|(lap, alike)| found_lane(run.edge(lap.berth), lap, alike)).collect(),
        drafts,
    }
}

fn found_tenant<N: Network>(run: &Run<N>, nth: usize, tenant: &Tenant) -> FoundTenant {
    let variant = |variant: &usize| run.inventory.variants[*variant].name.to_string();
    let hosts = |environment: usize| {
        let hosts = tenant.hosts.get(&run.inventory.environments[environment].name).into_iter().flatten();
        let paths = |host: &Arc<str>| tenant.paths.iter().map(|path| run.path(nth, host, path)).collect();
        hosts.map(|host| FoundHost { host: host.to_string(), paths: paths(host) }).collect()
    };
    FoundTenant {
        id: tenant.id.to_string(),
        source: tenant.source.to_string(),
        priority: tenant.priority,
        variants: tenant.variants.iter().map(variant).collect(),
        hosts: (0..run.inventory.environments.len()).map(hosts).collect(),
        paths: if run.ledger.is_kept() { tenant.paths.clone() } else { Vec::new() },
    }
}

fn found_lane(edge: &Edge, lap: Lap, asked_alike: usize) -> FoundLane {
    let named = |(provider, pop): (&'static str, String)| (provider.to_owned(), pop);
    FoundLane {
        berth: lap.berth,
        region: edge.id.region.to_string(),
        region_title: edge.region_title.as_ref().map(ToString::to_string),
        edge: edge.id.edge.to_string(),
        pop: edge.pop.clone(),
        provider: edge.provider.clone(),
        scheme: edge.scheme.id().to_owned(),
        is_written_down: matches!(edge.place, Place::Address(..)),
        is_vantage: edge.place.vantage().is_some(),
        asked_alike,
        client_subnet: edge.place.lookup().and_then(|lookup| lookup.subnet).map(|subnet| subnet.to_string()),
        scopes: lap.scopes,
        addresses: lap.addresses,
        connections: lap.connections,
        answered: lap.answered,
        pops: lap.company.pops.into_iter().map(named).collect(),
        providers: lap.company.providers.into_iter().map(ToOwned::to_owned).collect(),
        tls: lap.company.tls,
        verdicts: Judged(lap.verdicts),
        spans: lap.spans,
        remarks: lap.remarks.into_iter().map(|(note, remark)| (note.to_owned(), remark)).collect(),
        unreached: lap.unreached,
    }
}

/// Edges with the same number get the same requests, wherever they are.
fn asked_alike<N: Network>(run: &Run<N>, laps: &[Lap]) -> Vec<usize> {
    let mut known = BTreeMap::new();
    let number = |lap: &Lap| {
        let next = known.len();
        *known.entry(Asked::of(run.edge(lap.berth))).or_insert(next)
    };
    laps.iter().map(number).collect()
}

/// What an edge is asked for, but for its address.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'r> {
    /// Behind a proxy, the address does not name it.
    port: u16,
    scheme: &'static str,
    host: String,
    sni: String,
    headers: Vec<(&'r str, &'r [u8])>,
}

impl<'r> Asked<'r> {
    fn of(edge: &'r Edge) -> Self {
        let filled = |template: &str| match &edge.place {
            Place::Hostname { name, .. } => template.replace("{hostname}", name),
            _ => template.to_owned(),
        };
        let mut headers: Vec<_> = edge.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        headers.sort_unstable();
        let (host, sni) = (filled(&edge.identity.host), filled(&edge.identity.sni));
        Self { port: edge.port, scheme: edge.scheme.id(), host, sni, headers }
    }
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
        partition: run.plan.partition().map(|partition| partition.to_string()),
        plan_hash: run.plan.hash(),
        insecure: run.inventory.environments.iter().any(|environment| {
            let edges = environment.edges.iter().any(|edge| edge.trust.insecure);
            edges || environment.origin.as_ref().is_some_and(|origin| origin.trust.insecure)
        }),
        method: Some(run.options.method.id().to_owned()),
        body: Some(run.options.bodies.id().to_owned()),
        seed: run.options.seed,
        last_passed_at: None,
    }
}
