//! Which number in the whole stands for a partition's own: tenants and objects are counted anew. It decides nothing.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::Range;

use super::JoinError;
use super::parts::Part;
use crate::fold::ground::starts;
use crate::model::{Draft, FoundLane, FoundTenant, Judged, Remark, Span};

/// The whole.
pub(super) struct Numbers {
    /// Of all partitions, by id.
    pub(super) tenants: Vec<FoundTenant>,
    /// By environment: where each tenant's objects begin.
    starts: Vec<Vec<u32>>,
    parts: Vec<Own>,
}

/// One partition's own.
struct Own {
    /// Index in the whole of each of its tenants.
    tenants: Vec<usize>,
    starts: Vec<Vec<u32>>,
}

/// From one partition's numbers to those of the whole.
#[derive(Clone, Copy)]
pub(super) struct OfPart<'n> {
    own: &'n Own,
    starts: &'n [Vec<u32>],
}

impl Numbers {
    pub(super) fn of(parts: &[Part]) -> Result<Self, JoinError> {
        let each = parts.iter().enumerate().flat_map(|(nth, part)| {
            part.found.tenants.iter().enumerate().map(move |(local, tenant)| (tenant, nth, local))
        });
        let mut all: Vec<(&FoundTenant, usize, usize)> = each.collect();
        all.sort_by(|(one, ..), (other, ..)| one.id.cmp(&other.id));
        if let Some(two) = all.windows(2).find(|two| two[0].0.id == two[1].0.id) {
            let (one, other) = (&parts[two[0].1].name, &parts[two[1].1].name);
            let id = &two[0].0.id;
            return Err(JoinError(format!(
                "{one} and {other}: both hold the tenant \"{id}\", merge partitions of one run"
            )));
        }
        let environments = parts.first().map_or(0, |part| part.found.environments.len());
        let own = |part: &Part| Own {
            tenants: vec![0; part.found.tenants.len()],
            starts: (0..environments).map(|nth| starts(nth, &part.found.tenants)).collect(),
        };
        let mut owned: Vec<Own> = parts.iter().map(own).collect();
        for (global, (_, nth, local)) in all.iter().enumerate() {
            owned[*nth].tenants[*local] = global;
        }
        let tenants: Vec<FoundTenant> = all.into_iter().map(|(tenant, ..)| tenant.clone()).collect();
        let starts: Vec<Vec<u32>> = (0..environments).map(|nth| starts(nth, &tenants)).collect();
        if starts.iter().any(|starts| starts.last() == Some(&u32::MAX)) {
            return Err(JoinError("these are more objects than one report can number".to_owned()));
        }
        Ok(Self { tenants, starts, parts: owned })
    }

    /// How many objects each environment has in the whole.
    pub(super) fn sizes(&self) -> Vec<usize> {
        self.starts.iter().map(|starts| starts.last().copied().unwrap_or(0) as usize).collect()
    }

    pub(super) fn of_part(&self, nth: usize) -> OfPart<'_> {
        OfPart { own: &self.parts[nth], starts: &self.starts }
    }
}

impl OfPart<'_> {
    pub(super) fn object(&self, environment: usize, object: u32) -> u32 {
        let own = &self.own.starts[environment];
        let tenant = own.partition_point(|start| *start <= object).saturating_sub(1);
        self.starts[environment][self.own.tenants[tenant]] + (object - own[tenant])
    }

    pub(super) fn draft(&self, draft: Draft) -> Draft {
        let object = self.object(draft.berth.environment, draft.object);
        Draft { object, tenant: self.own.tenants[draft.tenant], ..draft }
    }

    pub(super) fn remark(&self, remark: Remark) -> Remark {
        let renumbered = |(environment, object)| (environment, self.object(environment, object));
        Remark { objects: remark.objects.into_iter().map(renumbered).collect(), ..remark }
    }

    /// The same edge before anything was found there.
    pub(super) fn nothing_yet(&self, lane: &FoundLane) -> FoundLane {
        let objects = self.starts[lane.berth.environment].last().copied().unwrap_or(0) as usize;
        FoundLane {
            verdicts: Judged(vec![None; objects].into()),
            spans: lane.spans.as_ref().map(|_| vec![Span::UNSEEN; objects].into()),
            remarks: std::collections::BTreeMap::new(),
            unreached: None,
            connections: 0,
            answered: 0,
            ..lane.clone()
        }
    }

    /// Adds what one partition found at an edge to what others did.
    pub(super) fn add(&self, all: &mut FoundLane, lane: FoundLane, drafts: &mut Vec<Draft>) {
        for (own, whole) in self.ranges(lane.berth.environment) {
            all.verdicts.0[whole.clone()].copy_from_slice(&lane.verdicts.0[own.clone()]);
            if let (Some(all), Some(spans)) = (&mut all.spans, &lane.spans) {
                all[whole].copy_from_slice(&spans[own]);
            }
        }
        for (note, remark) in lane.remarks {
            all.remarks.entry(note).or_default().add(self.remark(remark));
        }
        // One stands for all that were not asked at an edge, the first; the others are as any other.
        let unreached = lane.unreached.map(|draft| Box::new(self.draft(*draft)));
        let mut unreached: Vec<Box<Draft>> = all.unreached.take().into_iter().chain(unreached).collect();
        unreached.sort_by_key(|draft| std::cmp::Reverse(draft.object));
        all.unreached = unreached.pop();
        drafts.extend(unreached.into_iter().map(|draft| *draft));
        all.connections = all.connections.saturating_add(lane.connections);
        all.answered = all.answered.saturating_add(lane.answered);
        all.scopes.extend(lane.scopes);
        all.pops.extend(lane.pops);
        all.providers.extend(lane.providers);
        all.tls.extend(lane.tls);
        if all.addresses != lane.addresses {
            all.addresses = united(&all.addresses, &lane.addresses);
        }
    }

    /// Objects of each tenant, here and in the whole.
    fn ranges(&self, environment: usize) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let (own, whole) = (&self.own.starts[environment], &self.starts[environment]);
        own.windows(2).zip(&self.own.tenants).map(move |(bounds, tenant)| {
            let (start, end, at) = (bounds[0] as usize, bounds[1] as usize, whole[*tenant] as usize);
            (start..end, at..at + (end - start))
        })
    }
}

/// Each once, in the order of addresses.
fn united(one: &[String], other: &[String]) -> Vec<String> {
    let key = |text: &String| (text.parse::<SocketAddr>().ok(), text.clone());
    let all: BTreeSet<_> = one.iter().chain(other).map(key).collect();
    all.into_iter().map(|(_, text)| text).collect()
}
