//! The report's rows: counts by environment, region, edge and tenant. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use super::{converge, verdict_of};
use crate::model::{Counts, EdgeRow, EnvironmentRow, FoundLane, RegionRow, TenantRow};

pub(super) fn environments(ground: &Ground, lanes: &[FoundLane], counted: &[Counts]) -> Vec<EnvironmentRow> {
    let row = |(nth, name): (usize, &String)| {
        let there = lanes.iter().zip(counted).filter(|(lane, _)| lane.berth.environment == nth);
        let verdicts = sum(there.clone().map(|(_, counts)| *counts));
        EnvironmentRow {
            name: name.clone(),
            verdicts,
            coverage_percent: verdicts.coverage_percent(),
            convergence: converge::of_lanes(ground, there.map(|(lane, _)| lane)),
        }
    };
    ground.environments.iter().enumerate().map(row).collect()
}

pub(super) fn regions(ground: &Ground, lanes: &[FoundLane], counted: &[Counts]) -> Vec<RegionRow> {
    let mut by_name: BTreeMap<(&str, &str), Vec<(&FoundLane, Counts)>> = BTreeMap::new();
    for (lane, counts) in lanes.iter().zip(counted) {
        let key = (ground.environments[lane.berth.environment].as_str(), lane.region.as_str());
        by_name.entry(key).or_default().push((lane, *counts));
    }
    let row = |((environment, name), there): ((&str, &str), Vec<(&FoundLane, Counts)>)| {
        let verdicts = sum(there.iter().map(|(_, counts)| *counts));
        RegionRow {
            name: name.to_owned(),
            title: there.last().and_then(|(lane, _)| lane.region_title.clone()),
            environment: environment.to_owned(),
            verdicts,
            coverage_percent: verdicts.coverage_percent(),
            convergence: converge::of_lanes(ground, there.iter().map(|(lane, _)| *lane)),
        }
    };
    by_name.into_iter().map(row).collect()
}

fn sum(counts: impl Iterator<Item = Counts>) -> Counts {
    counts.fold(Counts::default(), |mut all, counts| {
        all += counts;
        all
    })
}

pub(super) fn edges(ground: &Ground, lanes: &[FoundLane], counted: &[Counts]) -> Vec<EdgeRow> {
    let row = |(lane, verdicts): (&FoundLane, &Counts)| EdgeRow {
        name: lane.edge.clone(),
        environment: ground.environments[lane.berth.environment].clone(),
        region: lane.region.clone(),
        verdicts: *verdicts,
        coverage_percent: verdicts.coverage_percent(),
        convergence: converge::of_lanes(ground, [lane]),
        provider: lane.providers.first().or(lane.provider.as_ref()).cloned(),
        pops_seen: lane.pops.iter().map(|(_, pop)| pop).collect::<BTreeSet<_>>().into_iter().cloned().collect(),
        addresses: lane.addresses.clone(),
        connections: lane.connections,
        tls: lane.tls.iter().cloned().collect(),
        client_subnet: lane.client_subnet.clone(),
        // An answer that says nothing of a subnet was made for everyone.
        scope: lane.client_subnet.as_ref().and(lane.scopes.first()).map(|scope| scope.unwrap_or(0)),
    };
    lanes.iter().zip(counted).map(row).collect()
}

pub(super) fn tenants(ground: &Ground, lanes: &[FoundLane]) -> Vec<TenantRow> {
    let mut by_tenant = vec![(Counts::default(), BTreeSet::new()); ground.tenants.len()];
    for lane in lanes {
        for (object, verdict) in (0..).zip(&lane.verdicts.0) {
            let (counts, environments) = &mut by_tenant[ground.tenant(lane.berth.environment, object)];
            counts.add(verdict_of(*verdict), 1);
            environments.insert(lane.berth.environment);
        }
    }
    let mut converged = converge::of_tenants(ground, lanes).into_iter().flatten();
    let named = ground.environments.iter().enumerate();
    let absent_from = |present: &BTreeSet<usize>| {
        named.clone().filter(|(nth, _)| !present.contains(nth)).map(|(_, name)| name.clone()).collect()
    };
    let row = |(tenant, (verdicts, present)): (&crate::model::FoundTenant, (Counts, BTreeSet<usize>))| TenantRow {
        id: tenant.id.clone(),
        source: Some(tenant.source.clone()).filter(|source| source.contains(':')),
        absent_from: absent_from(&present),
        verdicts,
        coverage_percent: verdicts.coverage_percent(),
        convergence: converged.next(),
    };
    ground.tenants.iter().zip(by_tenant).map(row).collect()
}
