//! How soon 847 tenants on twelve edges far away are seen fresh after a purge, over warm connections. The distance is a
//! relay's: each edge is 20 to 250 ms there and back, and one piece in a hundred comes late by a retransmission. It
//! drops no packet, and handshakes of TCP take no time.
//!
//! `cargo bench --bench distance`, or with another interval in milliseconds `cargo bench --bench distance -- 1000`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on has failed")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::lab::{Lab, Options, Planted};
use purgeproof::model::stamp;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

const TENANTS: usize = 847;
/// What TCP waits at least before it sends again (RFC 6298 says a second; Linux 200 ms).
const RETRANSMISSION: Duration = Duration::from_millis(200);

fn main() {
    let interval = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(500);
    tokio::runtime::Runtime::new().unwrap().block_on(measure(interval));
}

async fn measure(interval: u64) {
    let lab = Lab::start(Options { tenants: TENANTS, ..Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    lab.write_files(folder.path()).unwrap();
    let regions = folder.path().join("regions.toml");
    let mut text = std::fs::read_to_string(&regions).unwrap();
    let edges = u64::try_from(lab.edges().len()).unwrap();
    let mut slowest = Duration::ZERO;
    for (nth, edge) in (0_u64..).zip(lab.edges()) {
        let round_trip = Duration::from_millis(20 + nth * 230 / (edges - 1));
        slowest = slowest.max(round_trip);
        let relay = relay(edge.address, round_trip).await;
        text = text.replace(&edge.address.to_string(), &relay.to_string());
    }
    std::fs::write(&regions, text).unwrap();
    lab.deploy();
    let start = Clock::start().wall();
    let events = folder.path().join("events");
    std::fs::write(&events, "").unwrap();
    let verify = verify(folder.path(), &stamp(start), interval);
    let checks = TENANTS * lab.edges().len();
    while std::fs::read_to_string(&events).unwrap().matches("\"verdict\":\"stale\"").count() < checks {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let purged = lab.purge(&Planted::nothing()).duration_since(start);
    let output = tokio::task::spawn_blocking(move || verify.wait_with_output().unwrap()).await.unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fresh = &report["convergence"]["fresh_ms"];
    let since = |ms: &Value| i128::from(ms.as_u64().unwrap()) - purged.as_millis();
    println!("{checks} checks, {} requests in {} ms", report["summary"]["requests"], report["run"]["duration_ms"]);
    println!("verdicts {}", report["summary"]["verdicts"]);
    println!(
        "fresh after the purge: 50% {} ms, 95% {} ms, last {} ms",
        since(&fresh["p50"]),
        since(&fresh["p95"]),
        since(&fresh["last"])
    );
    println!("three round trips of the slowest edge and a second are {:?}", slowest * 3 + Duration::from_secs(1));
}

fn verify(folder: &Path, purged_at: &str, interval: u64) -> Child {
    let interval = format!("{interval}ms");
    Command::new(env!("CARGO_BIN_EXE_purgeproof"))
        .args(["verify", "--format", "json", "--within", "120s", "--edge-rate", "none", "--edge-concurrency", "400"])
        .args(["--max-concurrency", "4800", "--purged-at", purged_at, "--interval", &interval])
        .arg("--regions")
        .arg(folder.join("regions.toml"))
        .arg("--tenants")
        .arg(folder.join("tenants.yaml"))
        .arg("--events")
        .arg(folder.join("events"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// An address that leads to another one, further away.
async fn relay(to: SocketAddr, round_trip: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for nth in 0_u64.. {
            let (near, _) = listener.accept().await.unwrap();
            let far = TcpStream::connect(to).await.unwrap();
            for stream in [&near, &far] {
                stream.set_nodelay(true).unwrap();
            }
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::spawn(carry(near_in, far_out, round_trip, nth * 2));
            tokio::spawn(carry(far_in, near_out, round_trip, nth * 2 + 1));
        }
    });
    at
}

/// One direction of one connection.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, round_trip: Duration, mut state: u64) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(1_000);
    tokio::spawn(async move {
        while let Some((due, piece)) = pieces.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
    });
    let mut due = Clock::now();
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lost = (state >> 33).is_multiple_of(100);
        let late = if lost { RETRANSMISSION + round_trip } else { Duration::ZERO };
        // What comes after a lost piece waits for it.
        due = due.max(Clock::now() + round_trip / 2 + late);
        if sender.send((due, buffer[..read].to_vec())).await.is_err() {
            return;
        }
    }
}
