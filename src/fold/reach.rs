//! How many POPs answered, however many edges stand for them. It judges no answer.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use crate::dialect;
use crate::judge;
use crate::model::{Draft, FoundLane, SamePopRow, Verdict};

/// What tells an edge from others: the POPs that its answers name; where they name none, its addresses and what it is
/// asked for there.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark<'f> {
    Pops(&'f BTreeSet<(String, String)>),
    Addresses(Asked<'f>),
}

/// Edges of which these are equal get the same requests at the same addresses.
type Asked<'f> = (&'f [String], usize);

fn asked(lane: &FoundLane) -> Asked<'_> {
    (&lane.addresses, lane.asked_alike)
}

/// Edges of one environment with one mark.
type Groups<'f> = BTreeMap<(usize, Mark<'f>), Vec<&'f FoundLane>>;

fn groups(lanes: &[FoundLane]) -> Groups<'_> {
    let mut groups = Groups::new();
    // Nothing is known of where a vendor's machines went, unless the answer says so.
    let is_somewhere = |lane: &&FoundLane| !lane.pops.is_empty() || !lane.addresses.is_empty();
    for lane in lanes.iter().filter(|lane| lane.answered > 0).filter(is_somewhere) {
        let mark = if lane.pops.is_empty() { Mark::Addresses(asked(lane)) } else { Mark::Pops(&lane.pops) };
        groups.entry((lane.berth.environment, mark)).or_default().push(lane);
    }
    groups
}

/// POPs that answered, as far as they can be told apart.
pub(super) fn pops(lanes: &[FoundLane]) -> u64 {
    let groups = groups(lanes);
    let mut named = BTreeSet::new();
    let mut unnamed = 0;
    for (environment, mark) in groups.keys() {
        match mark {
            Mark::Pops(pops) => named.extend(pops.iter().map(|pop| (*environment, pop))),
            Mark::Addresses(_) => unnamed += 1,
        }
    }
    named.len() as u64 + unnamed
}

/// Edges that are listed as several and turned out to be one POP.
pub(super) fn same_pops(ground: &Ground, lanes: &[FoundLane]) -> Vec<SamePopRow> {
    let edges = groups(lanes).into_values();
    let mut rows: Vec<SamePopRow> = edges.filter_map(|edges| same_pop(ground, &edges)).collect();
    rows.sort_by(|one, other| (&one.environment, &one.edges).cmp(&(&other.environment, &other.edges)));
    rows
}

fn same_pop(ground: &Ground, edges: &[&FoundLane]) -> Option<SamePopRow> {
    // An edge that should have been another POP is told of with its checks.
    let edges: Vec<_> = edges.iter().filter(|lane| !is_elsewhere(lane)).collect();
    let first = edges.first()?;
    let by_addresses = edges.iter().all(|lane| asked(lane) == asked(first));
    // Machines of one POP may well be listed as such.
    let listed: BTreeSet<String> = if by_addresses {
        edges.iter().map(|lane| lane.edge.clone()).collect()
    } else {
        let place = |lane: &FoundLane| lane.pop.as_deref().map_or_else(|| lane.edge.clone(), str::to_ascii_uppercase);
        edges.iter().map(|lane| place(lane)).collect()
    };
    let (provider, pop) = first.pops.iter().cloned().unzip::<_, _, Vec<_>, Vec<_>>();
    (listed.len() > 1).then(|| SamePopRow {
        environment: ground.environments[first.berth.environment].clone(),
        edges: edges.iter().map(|lane| lane.edge.clone()).collect(),
        provider: provider.into_iter().next(),
        pops: pop,
        addresses: if by_addresses { first.addresses.clone() } else { Vec::new() },
    })
}

fn is_elsewhere(lane: &FoundLane) -> bool {
    let other_provider = lane.provider.as_ref().is_some_and(|expected| !lane.providers.contains(expected));
    let is_expected = |expected: &str| lane.pops.iter().any(|(id, pop)| !dialect::is_elsewhere(id, pop, expected));
    let other_pop = lane.pop.as_deref().is_some_and(|expected| !is_expected(expected));
    !lane.pops.is_empty() && (other_provider || other_pop)
}

/// Where nobody names its POP, and edges that stand for different POPs are asked the same at the same addresses, at most
/// one of them can be where the regions file says: the others are no coverage.
pub(super) fn doubt(ground: &Ground, lanes: &mut [FoundLane], drafts: &mut Vec<Draft>) {
    let ruling = judge::not_told_apart();
    for (nth, other) in doubtful(lanes) {
        let lane = &mut lanes[nth];
        let mut verdicts = std::mem::take(&mut lane.verdicts);
        for (object, verdict) in (0..).zip(verdicts.0.iter_mut()) {
            if !verdict.is_some_and(Verdict::is_good) {
                continue;
            }
            *verdict = Some(ruling.verdict);
            if drafts.len() < ground.drafts() {
                let mut draft = ground.draft(lane, object, ruling.verdict);
                draft.trouble = ruling.trouble;
                draft.finding.address = lane.addresses.first().cloned();
                draft.error = Some(other.clone());
                drafts.push(draft);
            }
        }
        lane.verdicts = verdicts;
    }
}

/// By number of the lane, and in whose place it answered.
fn doubtful(lanes: &[FoundLane]) -> Vec<(usize, String)> {
    let mut doubtful = Vec::new();
    for ((_, mark), edges) in groups(lanes) {
        let named = edges.iter().filter(|lane| lane.pop.is_some());
        // What was written down is likelier right than where a name leads.
        let kept = named.clone().min_by_key(|lane| (!lane.is_written_down, lane.berth.number));
        let (Mark::Addresses(_), Some(kept)) = (mark, kept) else { continue };
        let Some(pop) = &kept.pop else { continue };
        let others = named.filter(|lane| lane.pop.as_ref().is_some_and(|other| !other.eq_ignore_ascii_case(pop)));
        let told = format!("edge \"{}\", which stands for {pop}", kept.edge);
        doubtful.extend(others.map(|lane| (lane.berth.number as usize, told.clone())));
    }
    doubtful
}
