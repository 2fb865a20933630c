//! How many POPs answered, however many edges stand for them. It judges no answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Network;
use super::draft::Draft;
use super::run::Run;
use super::walk::Lap;
use crate::dialect;
use crate::judge;
use crate::model::{Edge, Place, SamePopRow, Verdict};

/// What tells an edge from others: the POPs that its answers name; where they name none, its addresses and what it is
/// asked for there.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark<'r> {
    Pops(&'r BTreeSet<(&'static str, String)>),
    Addresses(Asked<'r>),
}

/// Edges of which these are equal get the same requests at the same addresses.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'r> {
    addresses: &'r [String],
    /// Behind a proxy, the address does not name it.
    port: u16,
    scheme: &'static str,
    host: String,
    sni: String,
    headers: Vec<(&'r str, &'r [u8])>,
}

impl<'r> Asked<'r> {
    fn of(edge: &'r Edge, lap: &'r Lap) -> Self {
        let filled = |template: &str| match &edge.place {
            Place::Hostname { name, .. } => template.replace("{hostname}", name),
            _ => template.to_owned(),
        };
        let mut headers: Vec<_> = edge.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        headers.sort_unstable();
        let (host, sni) = (filled(&edge.identity.host), filled(&edge.identity.sni));
        Self { addresses: &lap.addresses, port: edge.port, scheme: edge.scheme.id(), host, sni, headers }
    }
}

/// Edges of one environment with one mark.
type Groups<'r> = BTreeMap<(usize, Mark<'r>), Vec<(&'r Edge, &'r Lap)>>;

fn groups<'r, N: Network>(run: &'r Run<N>, laps: &'r [Lap]) -> Groups<'r> {
    let mut groups = Groups::new();
    // Nothing is known of where a vendor's machines went, unless the answer says so.
    let is_somewhere = |lap: &&Lap| !lap.company.pops.is_empty() || !lap.addresses.is_empty();
    for lap in laps.iter().filter(|lap| lap.answered > 0).filter(is_somewhere) {
        let edge = run.edge(lap.berth);
        let mark = if lap.company.pops.is_empty() {
            Mark::Addresses(Asked::of(edge, lap))
        } else {
            Mark::Pops(&lap.company.pops)
        };
        groups.entry((lap.berth.environment, mark)).or_default().push((edge, lap));
    }
    groups
}

/// POPs that answered, as far as they can be told apart.
pub(super) fn pops<N: Network>(run: &Run<N>, laps: &[Lap]) -> u64 {
    let groups = groups(run, laps);
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
pub(super) fn same_pops<N: Network>(run: &Run<N>, laps: &[Lap]) -> Vec<SamePopRow> {
    let mut rows: Vec<SamePopRow> = groups(run, laps).into_values().filter_map(|edges| same_pop(&edges)).collect();
    rows.sort_by(|one, other| (&one.environment, &one.edges).cmp(&(&other.environment, &other.edges)));
    rows
}

fn same_pop(edges: &[(&Edge, &Lap)]) -> Option<SamePopRow> {
    // An edge that should have been another POP is told of with its checks.
    let edges: Vec<_> = edges.iter().filter(|(edge, lap)| !is_elsewhere(edge, lap)).collect();
    let (first, lap) = edges.first()?;
    let asked = Asked::of(first, lap);
    let by_addresses = edges.iter().all(|(edge, lap)| Asked::of(edge, lap) == asked);
    // Machines of one POP may well be listed as such.
    let listed: BTreeSet<String> = if by_addresses {
        edges.iter().map(|(edge, _)| edge.id.edge.to_string()).collect()
    } else {
        let place = |edge: &Edge| edge.pop.as_deref().map_or_else(|| edge.id.edge.to_string(), str::to_ascii_uppercase);
        edges.iter().map(|(edge, _)| place(edge)).collect()
    };
    let (provider, pop) = lap.company.pops.iter().cloned().unzip::<_, _, Vec<_>, Vec<_>>();
    (listed.len() > 1).then(|| SamePopRow {
        environment: first.id.environment.to_string(),
        edges: edges.iter().map(|(edge, _)| edge.id.edge.to_string()).collect(),
        provider: provider.first().map(ToString::to_string),
        pops: pop,
        addresses: if by_addresses { lap.addresses.clone() } else { Vec::new() },
    })
}

fn is_elsewhere(edge: &Edge, lap: &Lap) -> bool {
    let other_provider = edge.provider.as_deref().is_some_and(|expected| !lap.company.providers.contains(expected));
    let is_expected =
        |expected: &str| lap.company.pops.iter().any(|(id, pop)| !dialect::is_elsewhere(id, pop, expected));
    let other_pop = edge.pop.as_deref().is_some_and(|expected| !is_expected(expected));
    !lap.company.pops.is_empty() && (other_provider || other_pop)
}

/// Where nobody names its POP, and edges that stand for different POPs are asked the same at the same addresses, at most
/// one of them can be where the regions file says: the others are no coverage.
pub(super) fn doubt<N: Network>(run: &Arc<Run<N>>, laps: &mut [Lap], drafts: &mut Vec<Draft>) {
    let doubtful: Vec<(usize, String)> = doubtful(run, laps);
    let ruling = judge::not_told_apart();
    for (nth, other) in doubtful {
        let lap = &mut laps[nth];
        let berth = lap.berth;
        for (object, verdict) in (0..).zip(lap.verdicts.iter_mut()) {
            if !verdict.is_some_and(Verdict::is_good) {
                continue;
            }
            *verdict = Some(ruling.verdict);
            if drafts.len() < run.options.drafts() {
                let mut draft = run.draft(berth, &run.spot(berth.environment, object), &ruling);
                draft.finding.address = lap.addresses.first().cloned();
                draft.error = Some(other.clone());
                drafts.push(draft);
            }
        }
    }
}

/// By number of the lap, and in whose place it answered.
fn doubtful<N: Network>(run: &Run<N>, laps: &[Lap]) -> Vec<(usize, String)> {
    let mut doubtful = Vec::new();
    for ((_, mark), edges) in groups(run, laps) {
        let named = edges.iter().filter(|(edge, _)| edge.pop.is_some());
        // What was written down is likelier right than where a name leads.
        let kept =
            named.clone().min_by_key(|(edge, lap)| (!matches!(edge.place, Place::Address(..)), lap.berth.number));
        let (Mark::Addresses(_), Some((kept, _))) = (mark, kept) else { continue };
        let Some(pop) = &kept.pop else { continue };
        let others = named.filter(|(edge, _)| edge.pop.as_ref().is_some_and(|other| !other.eq_ignore_ascii_case(pop)));
        let told = format!("edge \"{}\", which stands for {pop}", kept.id.edge);
        doubtful.extend(others.map(|(_, lap)| (lap.berth.number as usize, told.clone())));
    }
    doubtful
}
