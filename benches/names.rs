//! What finding ten thousand tenants behind twelve client subnets costs: `cargo bench --bench names`. Each name must be
//! asked for once, however many edges want it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on has failed, and prints its figures"
)]

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use purgeproof::clock::Clock;
use purgeproof::model::{AddressFamily, Addresses, Lookup, NameServer, Place, Subnet};
use purgeproof::source::{Resolvers, Wanted};

const TENANTS: usize = 10_000;
const SUBNETS: usize = 12;
/// As many as one edge has under way.
const LANE: usize = 64;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (family, kinds) in [(AddressFamily::V4, 1), (AddressFamily::Any, 2)] {
        let server = Server::start();
        let (before, watch) = (resident_mb(), Clock::stopwatch());
        let resolvers = runtime.block_on(find_all(&server, family));
        let took = watch.elapsed();
        let names = TENANTS * SUBNETS;
        let asked = server.asked.load(Ordering::SeqCst);
        assert_eq!(asked, names as u64 * kinds, "each name is asked for once");
        let rate = names as u128 * 1_000 / took.as_millis().max(1);
        let kept = resident_mb().saturating_sub(before);
        println!("{family:?}: {names} names, {asked} questions in {took:.1?}: {rate} names/s; {kept} MB kept");
        drop(resolvers);
    }
}

/// Two edges for each subnet, each a lane of its own, want the same names at the same time.
async fn find_all(server: &Server, family: AddressFamily) -> Arc<Resolvers> {
    let resolvers = Arc::new(Resolvers::new());
    let hosts: Arc<[Arc<str>]> = (0..TENANTS).map(|nth| format!("tenant-{nth}.example.com").into()).collect();
    let lanes = (0..SUBNETS).flat_map(|nth| [nth, nth]).map(|nth| {
        let (resolvers, hosts, place) = (Arc::clone(&resolvers), Arc::clone(&hosts), server.place(nth));
        tokio::spawn(async move {
            let find = |nth: usize| find(Arc::clone(&resolvers), place.clone(), Arc::clone(&hosts[nth]), family);
            stream::iter((0..TENANTS).map(find)).buffer_unordered(LANE).fold(0, |sum, n| async move { sum + n }).await
        })
    });
    let lanes: Vec<_> = lanes.collect();
    let mut found = 0;
    for lane in lanes {
        found += lane.await.unwrap();
    }
    assert_eq!(found, TENANTS * SUBNETS * 2);
    resolvers
}

async fn find(resolvers: Arc<Resolvers>, place: Place, host: Arc<str>, family: AddressFamily) -> usize {
    let (addresses, timeout) = (Addresses::All, Duration::from_secs(3));
    let wanted = Wanted { place: &place, host: Some(&host), port: 443, family, addresses, timeout, tls: None };
    resolvers.find(&wanted).await.unwrap().addresses.len()
}

/// A name server on loopback that has one address for every name, and answers for the subnet it is asked about.
struct Server {
    named: Arc<NameServer>,
    asked: Arc<AtomicU64>,
}

impl Server {
    fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let named = Arc::new(format!("udp://{}", socket.local_addr().unwrap()).parse().unwrap());
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut packet = [0; 1_500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                count.fetch_add(1, Ordering::Relaxed);
                let _ = socket.send_to(&answer(&packet[..length]), from);
            }
        });
        Self { named, asked }
    }

    fn place(&self, nth: usize) -> Place {
        let subnet: Subnet = format!("198.51.{nth}.0/24").parse().unwrap();
        Place::Tenant(Lookup { resolver: Some(Arc::clone(&self.named)), subnet: Some(subnet) })
    }
}

/// RFC 1035 section 4.1, with the question's OPT record (RFC 6891) and client subnet (RFC 7871 section 6) given back.
fn answer(question: &[u8]) -> Vec<u8> {
    let name_end = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
    let (asked, opt) = question.split_at(name_end + 4);
    let is_ipv4 = asked[name_end..name_end + 2] == [0, 1];
    let mut answer = asked.to_vec();
    // An answer that recursion was asked for and had, and how many records it holds.
    answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_ipv4), 0, 0, 0, 1]);
    if is_ipv4 {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
    }
    let scope = answer.len() + opt.iter().rposition(|byte| *byte == 24).unwrap() + 1;
    answer.extend(opt);
    answer[scope] = 24;
    answer
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1_024
}
