//! What there is to advise, each piece once for all tenants that it is for. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use super::likeness::Likeness;
use super::tally;
use crate::model::{AdviceRow, Advised, Tallied};
use crate::rules::advice;

/// All advice, in the order of the rules, then by path and first tenant.
pub(super) fn advice(ground: &Ground, advised: Option<&Tallied<Advised>>) -> Vec<AdviceRow> {
    let Some(advised) = advised else { return Vec::new() };
    let objects = tally::spread(advised);
    let mut rows: BTreeMap<(usize, Likeness, BTreeSet<usize>), AdviceRow> = BTreeMap::new();
    for (nth, tenant) in ground.tenants.iter().enumerate() {
        for (nth_path, path) in ground.paths(nth).into_iter().enumerate() {
            for (rule, (environments, seen)) in of_path(ground, advised, &objects, nth, nth_path) {
                let key = (rule, Likeness::of(&path, &tenant.id), environments);
                let named = key.2.iter().map(|environment| ground.environments[*environment].clone()).collect();
                let row = rows.entry(key).or_insert_with(|| row(rule, &path, &tenant.id, named, seen));
                row.tenants.push(tenant.id.clone());
            }
        }
    }
    let named = rows.into_iter().map(|((rule, likeness, _), row)| {
        (rule, AdviceRow { path: likeness.shown(&row.path, row.tenants.len()), ..row })
    });
    let mut rows: Vec<(usize, AdviceRow)> = named.collect();
    rows.sort_by(|(one, a), (other, b)| (one, &a.path, &a.tenants).cmp(&(other, &b.path, &b.tenants)));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// By rule: in which environments it speaks, and of what in the first of them.
fn of_path<'a>(
    ground: &Ground,
    advised: &'a Tallied<Advised>,
    objects: &[Vec<u32>],
    tenant: usize,
    nth_path: usize,
) -> BTreeMap<usize, (BTreeSet<usize>, &'a str)> {
    let mut found: BTreeMap<usize, (BTreeSet<usize>, &str)> = BTreeMap::new();
    for (environment, of_environment) in objects.iter().enumerate() {
        for nth_variant in 0..ground.tenants[tenant].variants.len() {
            let numbers = ground.at_all_hosts(environment, tenant, nth_path, nth_variant);
            let together = numbers.filter_map(|number| of_environment.get(number as usize));
            let things = together.filter_map(|nth| advised.together.get(*nth as usize)).flatten();
            for Advised { id, seen } in things.filter_map(|(thing, _)| advised.things.get(*thing as usize)) {
                let Some(rule) = advice::ALL.iter().position(|advice| advice.id == id) else { continue };
                found.entry(rule).or_insert_with(|| (BTreeSet::new(), seen)).0.insert(environment);
            }
        }
    }
    found
}

fn row(rule: usize, path: &str, tenant: &str, environments: Vec<String>, seen: &str) -> AdviceRow {
    let advice = advice::ALL[rule];
    AdviceRow {
        id: advice.id.to_owned(),
        summary: advice.summary.to_owned(),
        why: advice.why.to_owned(),
        fix: advice.fix.to_owned(),
        source: advice.source.to_owned(),
        path: path.to_owned(),
        tenants: Vec::new(),
        tenant: tenant.to_owned(),
        environments,
        seen: seen.to_owned(),
    }
}
