//! Tenants at edges where something is not good: what a map of the fleet shows, and cases of a test report.

use std::collections::BTreeMap;

use crate::inventory::Plan;
use crate::model::{Counts, PairRow, Verdict};

use super::walk::Lap;

/// Rows kept, those with the worst verdicts; beyond, nobody would look at single pairs.
const MOST: usize = 50_000;

/// By environment, region, edge and tenant, and how many more there were.
pub(super) fn pairs(plan: &Plan, laps: &[Lap]) -> (Vec<PairRow>, u64) {
    let mut rows: Vec<PairRow> = laps.iter().flat_map(|lap| of_lap(plan, lap)).collect();
    let left_out = rows.len().saturating_sub(MOST);
    if left_out > 0 {
        rows.sort_by_key(|row| row.worst().map(Verdict::rank));
        rows.truncate(MOST);
    }
    rows.sort_by(|a, b| place(a).cmp(&place(b)));
    (rows, left_out as u64)
}

fn place(row: &PairRow) -> impl Ord + '_ {
    (&row.environment, &row.region, &row.edge, &row.tenant)
}

fn of_lap<'p>(plan: &'p Plan, lap: &Lap) -> impl Iterator<Item = PairRow> + use<'p> {
    let inventory = plan.inventory();
    let environment = &inventory.environments[lap.berth.environment];
    let id = &environment.edges[lap.berth.edge].id;
    let mut by_tenant: BTreeMap<usize, Counts> = BTreeMap::new();
    for (object, verdict) in (0..).zip(&lap.verdicts) {
        let tenant = plan.object(lap.berth.environment, object).tenant;
        by_tenant.entry(tenant).or_default().add(verdict.unwrap_or(Verdict::Unreachable), 1);
    }
    let is_bad = |counts: &Counts| Verdict::ALL.into_iter().any(|verdict| !verdict.is_good() && counts.of(verdict) > 0);
    by_tenant.into_iter().filter(move |(_, counts)| is_bad(counts)).map(move |(tenant, counts)| PairRow {
        environment: id.environment.to_string(),
        region: id.region.to_string(),
        edge: id.edge.to_string(),
        tenant: inventory.tenants[tenant].id.to_string(),
        verdicts: Verdict::ALL
            .into_iter()
            .filter(|verdict| counts.of(*verdict) > 0)
            .map(|verdict| (verdict, counts.of(verdict)))
            .collect(),
    })
}
