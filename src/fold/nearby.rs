//! How the neighbours of a finding fare: shares of old copies by host, edge and region.

use std::collections::BTreeMap;

use super::ground::Ground;
use crate::model::{Draft, FoundLane, Verdict};
use crate::rules::{Nearby, Share};

/// Counted once for a whole run.
#[derive(Debug)]
pub(super) struct Neighbourhood<'f> {
    environments: Vec<Shares<'f>>,
}

#[derive(Debug, Default)]
struct Shares<'f> {
    all: Share,
    /// By tenant and which of its hosts.
    hosts: BTreeMap<(usize, usize), Share>,
    tenants: BTreeMap<usize, Share>,
    /// By number of the lane.
    edges: BTreeMap<u32, Share>,
    regions: BTreeMap<String, Share>,
    region_edges: BTreeMap<String, usize>,
    /// Host and path of the first object that could be compared.
    url: Option<(&'f str, &'f str)>,
    several_urls: bool,
}

impl<'f> Neighbourhood<'f> {
    pub(super) fn count(ground: &'f Ground, lanes: &[FoundLane]) -> Self {
        let mut environments: Vec<Shares<'f>> = ground.environments.iter().map(|_| Shares::default()).collect();
        for lane in lanes {
            let shares = &mut environments[lane.berth.environment];
            let mut here = Share::default();
            for (object, verdict) in (0..).zip(&lane.verdicts.0) {
                let Some(old) = is_old(*verdict) else { continue };
                let known = ground.object(lane.berth.environment, object);
                here.count(old);
                shares.tenants.entry(known.tenant).or_default().count(old);
                shares.meet(known.host, known.path);
                shares.hosts.entry((known.tenant, known.nth_host)).or_default().count(old);
            }
            *shares.region_edges.entry(lane.region.clone()).or_default() += 1;
            shares.all.add(here);
            shares.regions.entry(lane.region.clone()).or_default().add(here);
            shares.edges.insert(lane.berth.number, here);
        }
        Self { environments }
    }

    /// Around one check.
    pub(super) fn of(&self, ground: &Ground, lanes: &[FoundLane], draft: &Draft) -> Nearby {
        let environment = draft.berth.environment;
        let shares = &self.environments[environment];
        let (region, known) = (&draft.finding.region, ground.object(environment, draft.object));
        let get = |share: Option<&Share>| share.copied().unwrap_or_default();
        let here = get(shares.edges.get(&draft.berth.number));
        let in_region = get(shares.regions.get(region));
        let of_tenant = get(shares.tenants.get(&known.tenant));
        let of_host = get(shares.hosts.get(&(known.tenant, known.nth_host)));
        let region_is_old = in_region.is_all(2);
        Nearby {
            everywhere: shares.all,
            spans_edges_and_urls: more_than_one(shares.edges.values()) && shares.several_urls,
            object: of_object(lanes, environment, draft.object),
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
fn of_object(lanes: &[FoundLane], environment: usize, object: u32) -> Share {
    let mut share = Share::default();
    let there = lanes.iter().filter(|lane| lane.berth.environment == environment);
    let verdicts = there.filter_map(|lane| is_old(lane.verdicts.0.get(object as usize).copied().flatten()));
    verdicts.for_each(|old| share.count(old));
    share
}

impl<'f> Shares<'f> {
    fn meet(&mut self, host: &'f str, path: &'f str) {
        match self.url {
            Some(first) => self.several_urls |= first != (host, path),
            None => self.url = Some((host, path)),
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
