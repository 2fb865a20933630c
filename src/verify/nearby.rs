//! How the neighbours of a finding fare: shares of old copies by host, edge and region.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lane::Berth;
use super::walk::Lap;
use crate::inventory::Plan;
use crate::model::{Inventory, Verdict};
use crate::rules::{Nearby, Share};

/// Counted once for a whole run.
#[derive(Debug)]
pub(super) struct Neighbourhood {
    environments: Vec<Shares>,
}

#[derive(Debug, Default)]
struct Shares {
    all: Share,
    /// By tenant and host.
    hosts: BTreeMap<(usize, Arc<str>), Share>,
    tenants: BTreeMap<usize, Share>,
    /// By index of the edge.
    edges: BTreeMap<usize, Share>,
    regions: BTreeMap<Arc<str>, Share>,
    region_edges: BTreeMap<Arc<str>, usize>,
    /// Host and path of the first object that could be compared.
    url: Option<(Arc<str>, Arc<str>)>,
    several_urls: bool,
}

impl Neighbourhood {
    pub(super) fn count(inventory: &Inventory, plan: &Plan, laps: &[Lap]) -> Self {
        let mut environments: Vec<Shares> = inventory.environments.iter().map(|_| Shares::default()).collect();
        for lap in laps {
            let shares = &mut environments[lap.berth.environment];
            let region = Arc::clone(&inventory.environments[lap.berth.environment].edges[lap.berth.edge].id.region);
            let mut here = Share::default();
            for (object, verdict) in (0..).zip(&lap.verdicts) {
                let Some(old) = is_old(*verdict) else { continue };
                let planned = plan.object(lap.berth.environment, object);
                here.count(old);
                shares.tenants.entry(planned.tenant).or_default().count(old);
                shares.meet(planned.host, planned.path);
                shares.hosts.entry((planned.tenant, Arc::clone(planned.host))).or_default().count(old);
            }
            *shares.region_edges.entry(Arc::clone(&region)).or_default() += 1;
            shares.all.add(here);
            shares.regions.entry(region).or_default().add(here);
            shares.edges.insert(lap.berth.edge, here);
        }
        Self { environments }
    }

    /// Around one check; `object` is how it fares at all edges.
    pub(super) fn of(
        &self,
        inventory: &Inventory,
        berth: Berth,
        tenant: usize,
        host: &Arc<str>,
        object: Share,
    ) -> Nearby {
        let Berth { environment, edge, .. } = berth;
        let shares = &self.environments[environment];
        let region = &*inventory.environments[environment].edges[edge].id.region;
        let get = |share: Option<&Share>| share.copied().unwrap_or_default();
        let here = get(shares.edges.get(&edge));
        let in_region = get(shares.regions.get(region));
        let of_tenant = get(shares.tenants.get(&tenant));
        let of_host = get(shares.hosts.get(&(tenant, Arc::clone(host))));
        let region_is_old = in_region.is_all(2);
        Nearby {
            everywhere: shares.all,
            spans_edges_and_urls: more_than_one(shares.edges.values()) && shares.several_urls,
            object,
            host: of_host,
            other_hosts: minus(shares.all, of_host),
            other_tenants: minus(shares.all, of_tenant),
            edge: here,
            region: in_region,
            region_edges: shares.region_edges.get(region).copied().unwrap_or_default(),
            elsewhere: minus(shares.all, if region_is_old { in_region } else { here }),
        }
    }
}

/// How one object fares at all edges of its environment.
pub(super) fn of_object(laps: &[Lap], environment: usize, object: u32) -> Share {
    let mut share = Share::default();
    let there = laps.iter().filter(|lap| lap.berth.environment == environment);
    let verdicts = there.filter_map(|lap| is_old(lap.verdicts.get(object as usize).copied().flatten()));
    verdicts.for_each(|old| share.count(old));
    share
}

impl Shares {
    fn meet(&mut self, host: &Arc<str>, path: &Arc<str>) {
        match &self.url {
            Some((first, at)) => self.several_urls |= first != host || at != path,
            None => self.url = Some((Arc::clone(host), Arc::clone(path))),
        }
    }
}

/// Whether an old copy was seen; nothing where nothing could be compared.
fn is_old(verdict: Option<Verdict>) -> Option<bool> {
    let verdict = verdict.filter(|verdict| verdict.is_comparable())?;
    Some(matches!(verdict, Verdict::Stale | Verdict::Unpurged))
}

const fn minus(all: Share, part: Share) -> Share {
    Share { bad: all.bad.saturating_sub(part.bad), of: all.of.saturating_sub(part.of) }
}

fn more_than_one<'s>(shares: impl Iterator<Item = &'s Share>) -> bool {
    shares.filter(|share| share.of > 0).take(2).count() > 1
}
