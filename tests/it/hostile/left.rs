//! What a run through fire leaves behind: nothing.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use purgeproof::inventory::{Overrides, PaceOverrides};
use purgeproof::model::Report;
use purgeproof::verify::{Bodies, Options};
use tokio::runtime::Builder;

use super::TIMEOUT;
use super::town::Town;
use crate::support::in_process;
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
    let pace = PaceOverrides {
        timeout: Some(TIMEOUT),
        connect_timeout: Some(Duration::from_secs(4)),
        ..PaceOverrides::default()
    };
    let options = Options {
        bodies: Bodies::Always,
        max_body: 256 << 10,
        deadline: Some(Duration::from_secs(120)),
        ..in_process::options()
    };
    let files = [town.file("regions.toml"), town.file("tenants.yaml")];
    in_process::verified(files, &Overrides { pace, ..Overrides::default() }, options).await
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
