//! The map of tenants and edges: who sees what where, the worst first. It decides nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::findings::Findings;
use crate::model::{Counts, EdgeRow, PairRow, Report, TenantRow, Verdict};

/// Rows shown, and cells: a browser lays out so many at once.
const MOST_ROWS: usize = 500;
const MOST_CELLS: usize = 30_000;

/// Tenants with problems, by edge.
pub(super) struct Heat<'r> {
    pub(super) regions: Vec<Region<'r>>,
    pub(super) edges: Vec<&'r EdgeRow>,
    pub(super) rows: Vec<Row<'r>>,
    /// Tenants with problems that have no row.
    pub(super) more: u64,
    /// Tenants at which nothing is wrong.
    pub(super) good: u64,
    /// Some of those were not taken from a cache.
    pub(super) any_uncached: bool,
    /// Some cells are not known.
    pub(super) any_unknown: bool,
}

/// Edges that stand beside each other.
pub(super) struct Region<'r> {
    pub(super) environment: &'r str,
    pub(super) name: &'r str,
    pub(super) edges: usize,
}

/// One tenant at every edge.
pub(super) struct Row<'r> {
    pub(super) tenant: &'r str,
    /// `3 stale, 1 failing`
    pub(super) told: String,
    /// Number of its first finding on this page.
    pub(super) finding: Option<usize>,
    pub(super) cells: Vec<Cell>,
}

/// One tenant at one edge.
#[derive(Clone)]
pub(super) enum Cell {
    Good,
    /// Nothing to check there.
    Absent,
    /// What was found is beyond what reports keep.
    Unknown,
    Bad {
        worst: Verdict,
        /// `3 stale, 1 fresh`
        told: String,
    },
}

impl<'r> Heat<'r> {
    pub(super) fn of(report: &'r Report, findings: &Findings<'_>) -> Self {
        let edges: Vec<&EdgeRow> = report.edges.iter().collect();
        let (bad, good): (Vec<&TenantRow>, Vec<&TenantRow>) =
            report.tenants.iter().filter(|tenant| tenant.verdicts.total() > 0).partition(|tenant| is_bad(tenant));
        let bad = worst_first(bad);
        let shown = MOST_ROWS.min(MOST_CELLS / edges.len().max(1));
        let mut by_tenant: BTreeMap<&str, Vec<&PairRow>> = BTreeMap::new();
        for pair in &report.pairs {
            by_tenant.entry(&pair.tenant).or_default().push(pair);
        }
        let columns: BTreeMap<[&str; 3], usize> = (0..).zip(&edges).map(|(at, edge)| (place(edge), at)).collect();
        let row = |tenant: &&'r TenantRow| Row {
            tenant: &tenant.id,
            told: told(&tenant.verdicts, false),
            finding: findings.first_of(&tenant.id),
            cells: cells(tenant, &edges, &columns, by_tenant.get(tenant.id.as_str()).map_or(&[], Vec::as_slice)),
        };
        let rows: Vec<Row<'_>> = bad.iter().take(shown).map(row).collect();
        Self {
            regions: regions(&edges),
            more: (bad.len() - rows.len()) as u64,
            good: good.len() as u64,
            any_uncached: good.iter().any(|tenant| tenant.verdicts.uncached > 0),
            any_unknown: rows.iter().any(|row| row.cells.iter().any(|cell| matches!(cell, Cell::Unknown))),
            edges,
            rows,
        }
    }
}

fn bad_checks(counts: &Counts) -> u64 {
    Verdict::ALL
        .into_iter()
        .filter(|verdict| !verdict.is_good())
        .map(|verdict| counts.of(verdict))
        .fold(0, u64::saturating_add)
}

fn is_bad(tenant: &TenantRow) -> bool {
    bad_checks(&tenant.verdicts) > 0
}

fn worst_first(mut tenants: Vec<&TenantRow>) -> Vec<&TenantRow> {
    tenants.sort_by_key(|tenant| {
        let present = Verdict::ALL.into_iter().filter(|verdict| tenant.verdicts.of(*verdict) > 0);
        let worst = present.min_by_key(|verdict| verdict.rank()).unwrap_or(Verdict::Fresh);
        (worst.rank(), Reverse(tenant.verdicts.of(worst)), Reverse(bad_checks(&tenant.verdicts)), &tenant.id)
    });
    tenants
}

fn place(edge: &EdgeRow) -> [&str; 3] {
    [&edge.environment, &edge.region, &edge.name]
}

fn regions<'r>(edges: &[&'r EdgeRow]) -> Vec<Region<'r>> {
    edges
        .chunk_by(|a, b| (&a.environment, &a.region) == (&b.environment, &b.region))
        .filter_map(|edges| {
            let first = edges.first()?;
            Some(Region { environment: &first.environment, name: &first.region, edges: edges.len() })
        })
        .collect()
}

fn cells(
    tenant: &TenantRow,
    edges: &[&EdgeRow],
    columns: &BTreeMap<[&str; 3], usize>,
    pairs: &[&PairRow],
) -> Vec<Cell> {
    let mut kept = Counts::default();
    pairs.iter().flat_map(|pair| &pair.verdicts).for_each(|(verdict, count)| kept.add(*verdict, *count));
    let silent = if bad_checks(&kept) < bad_checks(&tenant.verdicts) { Cell::Unknown } else { Cell::Good };
    let unasked = |edge: &EdgeRow| edge.verdicts.total() == 0 || tenant.absent_from.contains(&edge.environment);
    let mut cells: Vec<Cell> =
        edges.iter().map(|edge| if unasked(edge) { Cell::Absent } else { silent.clone() }).collect();
    for pair in pairs {
        let at = columns.get(&[pair.environment.as_str(), &pair.region, &pair.edge]);
        if let (Some(cell), Some(worst)) = (at.and_then(|at| cells.get_mut(*at)), pair.worst()) {
            let mut counts = Counts::default();
            pair.verdicts.iter().for_each(|(verdict, count)| counts.add(*verdict, *count));
            *cell = Cell::Bad { worst, told: told(&counts, true) };
        }
    }
    cells
}

/// Worst first.
fn told(counts: &Counts, with_good: bool) -> String {
    let mut present: Vec<Verdict> = Verdict::ALL
        .into_iter()
        .filter(|verdict| counts.of(*verdict) > 0 && (with_good || !verdict.is_good()))
        .collect();
    present.sort_by_key(|verdict| verdict.rank());
    let told: Vec<String> =
        present.into_iter().map(|verdict| format!("{} {}", counts.of(verdict), verdict.id())).collect();
    told.join(", ")
}
