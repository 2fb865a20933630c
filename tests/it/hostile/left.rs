//! What a run through fire leaves behind: nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::inventory::{self, Files, Overrides, PaceOverrides, Plan};
use purgeproof::judge::Purge;
use purgeproof::model::{GatePolicy, Late, Method, Report, Verdict};
use purgeproof::probe::Http;
use purgeproof::verify::{self, Bodies, Job, Options, Progress, Stop, Wire};
use tokio::runtime::Builder;

use super::TIMEOUT;
use super::town::Town;
use crate::support::server::until;

#[test]
fn no_task_and_no_socket_is_left() {
    let town = Town::open(super::rows());
    let before = sockets_to(&town.open);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let report = runtime.block_on(verified(&town));
    assert!(report.run.complete && report.edges.len() == town.due.len());
    until("every task has ended", || (runtime.metrics().num_alive_tasks() == 0).then_some(()));
    until("every socket is closed", || sockets_to(&town.open).is_subset(&before).then_some(()));
}

async fn verified(town: &Town) -> Report {
    let files = Files {
        regions: vec![town.file("regions.toml")],
        tenants: vec![town.file("tenants.yaml")],
        ..Files::default()
    };
    let pace = PaceOverrides {
        timeout: Some(TIMEOUT),
        connect_timeout: Some(Duration::from_secs(4)),
        ..PaceOverrides::default()
    };
    let overrides = Overrides { pace, ..Overrides::default() };
    let providers: Vec<&str> = purgeproof::dialect::ids().collect();
    let inventory = Arc::new(inventory::load(&files, &overrides, &|_| None, &providers).unwrap());
    let clock = Clock::start();
    let wire = Wire::prepare(&inventory, Http::Auto, clock).unwrap();
    let (plan, progress) = (Arc::new(Plan::new(inventory).unwrap()), Arc::new(Progress::default()));
    let job = Job { plan, options: options(), clock, progress, stop: Stop::default(), events: None };
    verify::verify(job, wire).await
}

fn options() -> Options {
    Options {
        purge: Purge { at: None, skew: Duration::from_secs(2) },
        method: Method::Head,
        bodies: Bodies::Always,
        max_body: 256 << 10,
        max_concurrency: 1024,
        retry: 1,
        max_findings: 1_000,
        patience: None,
        deadline: Some(Duration::from_secs(120)),
        sweep: true,
        fail_fast: false,
        advise: false,
        gate: GatePolicy {
            fail_on: vec![Verdict::Stale],
            max_fail: None,
            min_coverage: 0.0,
            min_parity: None,
            late: Late::Ignore,
            service_levels_ms: BTreeMap::new(),
            allow_empty: false,
            fail_on_advice: false,
        },
        baseline: None,
        seed: 0,
        keep_all: false,
    }
}

/// Sockets that someone holds with one of those at the other end, by their inodes.
fn sockets_to(open: &[SocketAddr]) -> BTreeSet<String> {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let lines = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let to_them = lines.filter(|line| open.contains(&address(line[2])));
    // One that nobody holds any more, and that only the kernel waits for, has none.
    to_them.map(|line| line[9].to_owned()).filter(|inode| inode != "0").collect()
}

/// `0100007F:1F90` is 127.0.0.1:8080.
fn address(text: &str) -> SocketAddr {
    let (ip, port) = text.split_once(':').unwrap();
    let ip = Ipv4Addr::from(u32::from_str_radix(ip, 16).unwrap().swap_bytes());
    SocketAddrV4::new(ip, u16::from_str_radix(port, 16).unwrap()).into()
}
