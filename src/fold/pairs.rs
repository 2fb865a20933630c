//! Tenants at edges where something is not good: what a map of the fleet shows, and cases of a test report.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::verdict_of;
use crate::model::{Counts, FoundLane, PairRow, Verdict};

/// Rows kept, those with the worst verdicts; beyond, nobody would look at single pairs.
const MOST: usize = 50_000;

/// By environment, region, edge and tenant, and how many more there were.
pub(super) fn pairs(ground: &Ground, lanes: &[FoundLane]) -> (Vec<PairRow>, u64) {
    let mut rows: Vec<PairRow> = lanes.iter().flat_map(|lane| of_lane(ground, lane)).collect();
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

fn of_lane<'f>(ground: &'f Ground, lane: &'f FoundLane) -> impl Iterator<Item = PairRow> + 'f {
    let mut by_tenant: BTreeMap<usize, Counts> = BTreeMap::new();
    for (object, verdict) in (0..).zip(&lane.verdicts.0) {
        let tenant = ground.tenant(lane.berth.environment, object);
        by_tenant.entry(tenant).or_default().add(verdict_of(*verdict), 1);
    }
    let is_bad = |counts: &Counts| Verdict::ALL.into_iter().any(|verdict| !verdict.is_good() && counts.of(verdict) > 0);
    by_tenant.into_iter().filter(move |(_, counts)| is_bad(counts)).map(move |(tenant, counts)| PairRow {
        environment: ground.environments[lane.berth.environment].clone(),
        region: lane.region.clone(),
        edge: lane.edge.clone(),
        tenant: ground.tenants[tenant].id.clone(),
        verdicts: Verdict::ALL
            .into_iter()
            .filter(|verdict| counts.of(*verdict) > 0)
            .map(|verdict| (verdict, counts.of(verdict)))
            .collect(),
    })
}
