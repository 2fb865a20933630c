//! A run that is cut into partitions and joined again is the same run.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{
    Advised, Berth, Draft, FoundHost, FoundTenant, Judged, Late, Names, Neighbour, Priority, Span, Swept, Tallied,
};

/// What is drawn for one check.
type Drawn = (Option<Verdict>, u32, Option<u32>, bool);

#[derive(Debug, Clone)]
struct Fleet {
    /// Hosts, paths and variants of each tenant.
    tenants: Vec<(usize, usize, usize)>,
    /// In one region or the other.
    lanes: Vec<bool>,
    /// By lane and tenant's object.
    checks: Vec<Vec<Vec<Drawn>>>,
    max_findings: usize,
}

fn fleet() -> impl Strategy<Value = Fleet> {
    let verdict = prop_oneof![
        4 => Just(Some(Verdict::Fresh)),
        5 => Just(Some(Verdict::Stale)),
        6 => prop::sample::select(Verdict::ALL.to_vec()).prop_map(Some),
        1 => Just(None),
    ];
    let drawn = (verdict, 0_u32..3_000, prop::option::of(0_u32..90_000), any::<bool>());
    let shapes =
        (prop::collection::vec((1_usize..3, 1_usize..4, 1_usize..3), 1..9), prop::collection::vec(any::<bool>(), 1..4));
    (shapes, 1_usize..60).prop_flat_map(move |((tenants, lanes), max_findings)| {
        let of_tenant = |(hosts, paths, variants): &(usize, usize, usize)| {
            prop::collection::vec(drawn.clone(), hosts * paths * variants)
        };
        let of_lane: Vec<_> = tenants.iter().map(of_tenant).collect();
        let checks: Vec<_> = lanes.iter().map(|_| of_lane.clone()).collect();
        checks.prop_map(move |checks| Fleet { tenants: tenants.clone(), lanes: lanes.clone(), checks, max_findings })
    })
}

fn tenant(nth: usize, (hosts, paths, variants): (usize, usize, usize)) -> FoundTenant {
    let host = |host| FoundHost {
        host: format!("h{host}.t{nth}.example"),
        paths: (0..paths).map(|path| format!("/{path}")).collect(),
    };
    FoundTenant {
        id: format!("t{nth}"),
        source: format!("tenants.yaml:{nth}"),
        priority: Priority::ALL[nth % 4],
        variants: ["br", "gzip"][..variants].iter().map(ToString::to_string).collect(),
        paths: Vec::new(),
        hosts: vec![(0..hosts).map(host).collect()],
    }
}

/// What a run over these tenants would have found.
fn found(fleet: &Fleet, chosen: &[usize], divided: bool) -> Found {
    let tenants: Vec<FoundTenant> = chosen.iter().map(|nth| tenant(*nth, fleet.tenants[*nth])).collect();
    let mut drafts = Vec::new();
    let lanes = fleet.lanes.iter().enumerate().map(|(nth, region)| {
        let drawn: Vec<Drawn> = chosen.iter().flat_map(|tenant| fleet.checks[nth][*tenant].clone()).collect();
        lane(nth, *region, &drawn, &tenants, &mut drafts)
    });
    let lanes = lanes.collect();
    drafts.sort_by_key(Draft::rank);
    drafts.truncate(fleet.max_findings);
    for nth in 0..fleet.lanes.len() {
        let of_lane = drafts.iter_mut().filter(|draft| draft.berth.number as usize == nth);
        for draft in of_lane.filter(|draft| draft.finding.verdict == Verdict::Stale).take(SWEPT_PER_EDGE) {
            draft.was_swept = true;
            let url = format!("http://{}", draft.finding.host);
            draft.swept =
                vec![Swept { neighbour: Neighbour::OtherScheme, url, verdict: Verdict::Fresh, from_a_store: true }];
        }
    }
    Found {
        divided_by: divided.then(|| "hash".to_owned()),
        environments: vec!["production".to_owned()],
        lanes,
        drafts,
        advised: Some(advised(fleet, chosen, &tenants)),
        tenants,
        waited: true,
        max_findings: fleet.max_findings,
        ..Found::default()
    }
}

/// Advice by the same draw.
fn advised(fleet: &Fleet, chosen: &[usize], tenants: &[FoundTenant]) -> Tallied<Advised> {
    let starts = ground::starts(0, tenants);
    let mut advised = Tallies::new([*starts.last().unwrap() as usize]);
    for checks in &fleet.checks {
        let drawn = chosen.iter().flat_map(|tenant| &checks[*tenant]);
        for (object, (_, late, ..)) in (0..).zip(drawn).filter(|(_, drawn)| drawn.3) {
            let id = if late % 2 == 0 { "no-validator" } else { "varies-by-everything" };
            advised.add(0, object, Advised { id: id.to_owned(), seen: (late % 3).to_string() }, 1);
        }
    }
    advised.tallied()
}

fn lane(nth: usize, region: bool, drawn: &[Drawn], tenants: &[FoundTenant], drafts: &mut Vec<Draft>) -> FoundLane {
    let berth = Berth { environment: 0, edge: nth, number: u32::try_from(nth).unwrap() };
    let mut lane = FoundLane {
        berth,
        region: if region { "eu" } else { "us" }.to_owned(),
        region_title: None,
        edge: format!("e{nth}"),
        pop: None,
        provider: None,
        scheme: "https".to_owned(),
        is_written_down: true,
        is_vantage: false,
        asked_alike: 0,
        client_subnet: None,
        scopes: BTreeSet::new(),
        addresses: vec![format!("192.0.2.{nth}:443")],
        connections: 0,
        answered: drawn.iter().filter(|drawn| drawn.0.is_some()).count() as u64,
        pops: BTreeSet::new(),
        providers: ["fastly".to_owned()].into(),
        tls: BTreeSet::new(),
        verdicts: Judged(drawn.iter().map(|drawn| drawn.0).collect()),
        spans: Some(
            drawn.iter().map(|drawn| Span { not_fresh: drawn.1, fresh: drawn.2.unwrap_or(Span::NEVER) }).collect(),
        ),
        remarks: BTreeMap::new(),
        unreached: None,
    };
    let starts = ground::starts(0, tenants);
    for (object, (verdict, _, _, sign)) in (0_u32..).zip(drawn) {
        if *sign {
            lane.remarks.entry("weak-etag-only".to_owned()).or_default().count(0, object);
        }
        let owner = starts.partition_point(|start| *start <= object) - 1;
        let known = &tenants[owner];
        let rest = (object - starts[owner]) as usize;
        let paths = known.hosts[0][0].paths.len();
        let (rest, variant) = (rest / known.variants.len(), rest % known.variants.len());
        let host = &known.hosts[0][rest / paths];
        let names = Names {
            environment: "production",
            region: &lane.region,
            edge: &lane.edge,
            tenant: &known.id,
            host: &host.host,
            path: &host.paths[rest % paths],
            variant: &known.variants[variant],
            priority: known.priority,
            pop_expected: None,
            provider_expected: None,
        };
        let draft = Draft::named(berth, object, owner, verdict.unwrap_or(Verdict::Unreachable), &names);
        let draft = Draft { predates_purge: *sign, from_a_store: !sign, ..draft };
        match verdict {
            None if lane.unreached.is_none() => lane.unreached = Some(Box::new(draft)),
            Some(verdict) if verdict.is_good() => {}
            _ => drafts.push(draft),
        }
    }
    lane
}

fn told(found: Found, partition: Option<String>) -> Report {
    let run = Run {
        id: String::new(),
        started_at: "2026-01-01T00:00:00.000Z".to_owned(),
        finished_at: "2026-01-01T00:01:00.000Z".to_owned(),
        duration_ms: 60_000,
        complete: true,
        purged_at: Some("2026-01-01T00:00:00.000Z".to_owned()),
        within_ms: Some(60_000),
        partition: partition.clone(),
        plan_hash: "0".to_owned(),
        insecure: false,
        method: None,
        body: None,
        seed: 0,
        last_passed_at: None,
    };
    let policy = GatePolicy {
        fail_on: vec![Verdict::Stale],
        max_fail: None,
        min_coverage: 100.0,
        min_parity: None,
        late: Late::Warn,
        service_levels_ms: Priority::ALL.into_iter().zip([200, 500, 1_000, 2_500]).collect(),
        fail_on_advice: false,
        allow_empty: false,
    };
    let partial = partition.map(|_| Box::new(found.clone()));
    let frame = Frame {
        run,
        policy,
        ending: Ending::default(),
        origins: Vec::new(),
        references: Vec::new(),
        asked: Vec::new(),
    };
    Report { partial, ..report(frame, found) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_was_cut_into_partitions_is_joined_to_the_whole(
        fleet in fleet(),
        deal in prop::collection::vec(0_usize..5, 9),
        turn in 0_usize..5,
    ) {
        let all: Vec<usize> = (0..fleet.tenants.len()).collect();
        let whole = told(found(&fleet, &all, false), None);
        let mut parts: Vec<(String, Report)> = (0..5).map(|part| {
            let chosen: Vec<usize> = all.iter().copied().filter(|nth| deal[*nth] == part).collect();
            let name = format!("{}/5", part + 1);
            let written = serde_json::to_vec(&told(found(&fleet, &chosen, true), Some(name.clone()))).unwrap();
            (name, serde_json::from_slice(&written).unwrap())
        }).collect();
        parts.rotate_left(turn);
        let joined = join(parts).unwrap();
        prop_assert_eq!(Report { run: whole.run.clone(), ..joined }, whole);
    }
}
