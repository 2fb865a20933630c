use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::proto::op::{Edns, Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::{ClientSubnet, EdnsCode, EdnsOption};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
use hickory_resolver::proto::rr::{Name, RData, Record};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::super::{Detours, Resolve, Resolvers};
use super::*;
use crate::model::{Addresses, Place};

const AMPLE: Duration = Duration::from_secs(30);

/// A resolver on loopback that knows a few names and counts the questions.
struct Zone {
    named: Arc<NameServer>,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Zone {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Zone {
    async fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let named = Arc::new(format!("udp://{}", socket.local_addr().unwrap()).parse().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            let mut packet = [0; 1500];
            loop {
                let (length, from) = socket.recv_from(&mut packet).await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                if let Some(answer) = answer(&Message::from_vec(&packet[..length]).unwrap()) {
                    socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
                }
            }
        });
        Self { named, asked, task }
    }

    fn place(&self, name: &str) -> Place {
        Place::Hostname { name: name.into(), lookup: self.lookup(None) }
    }

    fn lookup(&self, subnet: Option<&str>) -> Lookup {
        Lookup { resolver: Some(Arc::clone(&self.named)), subnet: subnet.map(|subnet| subnet.parse().unwrap()) }
    }
}

fn answer(question: &Message) -> Option<Message> {
    let query = question.queries[0].clone();
    let (name, kind) = (query.name().clone(), query.query_type());
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.metadata.recursion_available = true;
    answer.add_query(query);
    let record = |name: &Name, ttl, data| Record::from_rdata(name.clone(), ttl, data);
    match (name.to_string().as_str(), kind) {
        ("edge.example.", RecordType::A) => {
            for last in [9, 7, 9] {
                answer.add_answer(record(&name, 60, RData::A(A::new(192, 0, 2, last))));
            }
        }
        ("edge.example.", RecordType::AAAA) => {
            answer.add_answer(record(&name, 300, RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7))));
        }
        ("alias.example.", RecordType::A) => {
            let canonical = Name::from_ascii("pop.cdn.example.").unwrap();
            answer.add_answer(record(&name, 30, RData::CNAME(CNAME(canonical.clone()))));
            answer.add_answer(record(&canonical, 60, RData::A(A::new(192, 0, 2, 1))));
        }
        // Its target is in another zone, which is asked for on its own.
        ("abroad.example.", _) => {
            let canonical = Name::from_ascii("edge.example.").unwrap();
            answer.add_answer(record(&name, 45, RData::CNAME(CNAME(canonical))));
        }
        ("circle.example.", _) => {
            answer.add_answer(record(&name, 45, RData::CNAME(CNAME(name.clone()))));
        }
        ("near.example.", RecordType::A) => {
            let Some(EdnsOption::Subnet(subnet)) = question.edns.as_ref().unwrap().option(EdnsCode::Subnet) else {
                return Some(answer);
            };
            let IpAddr::V4(client) = subnet.addr() else { return Some(answer) };
            let scope = ClientSubnet::new(client.into(), subnet.source_prefix(), 20);
            answer.edns.get_or_insert_with(Edns::new).options_mut().insert(EdnsOption::Subnet(scope));
            let [_, _, third, _] = client.octets();
            answer.add_answer(record(&name, 60, RData::A(A::new(192, 0, 2, third))));
        }
        ("silent.example.", _) => return None,
        ("missing.example.", _) => answer.metadata.response_code = ResponseCode::NXDomain,
        ("broken.example.", _) => answer.metadata.response_code = ResponseCode::ServFail,
        ("refused.example.", _) => answer.metadata.response_code = ResponseCode::Refused,
        ("coded.example.", _) => answer.metadata.response_code = ResponseCode::Unknown(12),
        ("here.example.", _) => {
            let there = Name::from_ascii("there.example.").unwrap();
            answer.add_answer(record(&name, 45, RData::CNAME(CNAME(there))));
        }
        ("there.example.", _) => {
            let here = Name::from_ascii("here.example.").unwrap();
            answer.add_answer(record(&name, 45, RData::CNAME(CNAME(here))));
        }
        (further, _) if further.ends_with("further.example.") => {
            let next = Name::from_ascii(format!("x.{further}")).unwrap();
            answer.add_answer(record(&name, 45, RData::CNAME(CNAME(next))));
        }
        (many, RecordType::A) if many.ends_with(".many.example.") => {
            answer.add_answer(record(&name, 60, RData::A(A::new(192, 0, 2, 1))));
        }
        _ => {}
    }
    Some(answer)
}

fn wanted(place: &Place) -> Wanted<'_> {
    Wanted {
        place,
        host: None,
        port: 443,
        family: AddressFamily::Any,
        addresses: Addresses::All,
        timeout: AMPLE,
        tls: None,
    }
}

async fn found(place: &Place, family: AddressFamily, addresses: Addresses) -> Result<Found, Silence> {
    Resolvers::new().find(&Wanted { family, addresses, ..wanted(place) }).await
}

#[tokio::test]
async fn both_families_are_sorted_and_each_address_comes_once() {
    let zone = Zone::open().await;
    let place = zone.place("edge.example");
    let (v4, v6) = (["192.0.2.7:443", "192.0.2.9:443"], "[2001:db8::7]:443");
    for (family, which, expected) in [
        (AddressFamily::Any, Addresses::All, vec![v4[0], v4[1], v6]),
        (AddressFamily::Any, Addresses::First, vec![v4[0]]),
        (AddressFamily::V4, Addresses::All, v4.to_vec()),
        (AddressFamily::V6, Addresses::All, vec![v6]),
    ] {
        let found = found(&place, family, which).await.unwrap();
        let addresses: Vec<String> = found.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, expected);
        assert!(found.took.is_some());
    }
}

#[tokio::test]
async fn aliases_on_the_way_are_kept_with_the_shortest_ttl() {
    let zone = Zone::open().await;
    let found = found(&zone.place("alias.example"), AddressFamily::V4, Addresses::All).await.unwrap();
    assert_eq!(found.chain, ["pop.cdn.example"]);
    assert_eq!(found.ttl, Some(Duration::from_secs(30)));
}

#[tokio::test]
async fn failures_are_told_apart() {
    let zone = Zone::open().await;
    for (name, family, words) in [
        ("missing.example", AddressFamily::Any, "NXDOMAIN: there is no such name"),
        ("broken.example", AddressFamily::Any, "SERVFAIL: the resolver failed"),
        ("refused.example", AddressFamily::Any, "REFUSED: the resolver refused"),
        ("empty.example", AddressFamily::Any, "no A or AAAA records"),
        ("alias.example", AddressFamily::V6, "no AAAA records"),
        ("circle.example", AddressFamily::V4, "its aliases lead in a circle"),
        ("here.example", AddressFamily::V4, "its aliases lead in a circle"),
        ("further.example", AddressFamily::V4, "more than 12 aliases"),
        ("coded.example", AddressFamily::Any, "the resolver answered with the unknown code 12"),
    ] {
        let silence = found(&zone.place(name), family, Addresses::All).await.unwrap_err();
        assert_eq!(silence.to_string(), format!("dns {name}: {words}"));
    }
}

#[tokio::test]
async fn a_name_of_too_many_addresses_is_asked_at_the_first_alone_or_not_at_all() {
    let typed: Vec<String> = (0..129).map(|last| format!("192.0.2.{last}")).collect();
    let resolve = vec![Resolve::parse(&format!("crowd.example:443:{}", typed.join(","))).unwrap()];
    let resolvers = Resolvers::with(Detours { resolve, connect_to: Vec::new() });
    let place = Place::Hostname { name: "crowd.example".into(), lookup: Lookup::default() };
    let silence = resolvers.find(&wanted(&place)).await.unwrap_err();
    let words = "129 addresses, more than 128; addresses = \"first\" asks one of them";
    assert_eq!(silence.to_string(), format!("dns crowd.example: {words}"));
    let first = resolvers.find(&Wanted { addresses: Addresses::First, ..wanted(&place) }).await.unwrap();
    assert_eq!(first.addresses, ["192.0.2.0:443".parse().unwrap()]);
}

#[tokio::test]
async fn a_question_whose_connection_was_lost_is_asked_again() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let named = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
    let server = tokio::spawn(async move {
        for is_first in [true, false] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut question = vec![0; stream.read_u16().await.unwrap().into()];
            stream.read_exact(&mut question).await.unwrap();
            if is_first {
                stream.set_zero_linger().unwrap();
                continue;
            }
            let answer = answer(&Message::from_vec(&question).unwrap()).unwrap().to_vec().unwrap();
            stream.write_u16(answer.len().try_into().unwrap()).await.unwrap();
            stream.write_all(&answer).await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    let lookup = Lookup { resolver: Some(Arc::new(named)), subnet: None };
    let place = Place::Hostname { name: "one.many.example".into(), lookup };
    let found = found(&place, AddressFamily::V4, Addresses::All).await.unwrap();
    assert_eq!(found.addresses, ["192.0.2.1:443".parse().unwrap()]);
    server.abort();
}

#[tokio::test]
async fn silence_ends_at_the_limit() {
    let zone = Zone::open().await;
    let limit = Duration::from_millis(200);
    let find = |limit| async move {
        let place = zone.place("silent.example");
        Resolvers::new().find(&Wanted { timeout: limit, family: AddressFamily::V4, ..wanted(&place) }).await
    };
    assert_eq!(find(limit).await.unwrap_err().to_string(), "dns silent.example: timed out after 200 ms");
}

#[tokio::test]
async fn a_name_is_looked_up_once_however_many_ask_and_only_a_final_failure_is_kept() {
    let zone = Zone::open().await;
    let resolvers = Resolvers::new();
    let find = |place: Place| {
        let resolvers = &resolvers;
        async move { resolvers.find(&Wanted { family: AddressFamily::V4, ..wanted(&place) }).await }
    };
    let all = futures::future::join_all((0..20).map(|_| find(zone.place("edge.example")))).await;
    assert!(all.iter().all(Result::is_ok) && find(zone.place("edge.example")).await.is_ok());
    assert_eq!(zone.asked.load(Ordering::SeqCst), 1);
    for (name, questions) in [("missing.example", 1), ("empty.example", 1), ("refused.example", 2)] {
        zone.asked.store(0, Ordering::SeqCst);
        for _ in 0..2 {
            let all = futures::future::join_all((0..20).map(|_| find(zone.place(name)))).await;
            assert!(all.iter().all(Result::is_err));
        }
        assert_eq!(zone.asked.load(Ordering::SeqCst), questions, "{name}");
    }
}

#[tokio::test]
async fn an_alias_into_another_zone_is_asked_for_there() {
    let zone = Zone::open().await;
    let found = found(&zone.place("abroad.example"), AddressFamily::V4, Addresses::First).await.unwrap();
    assert_eq!(found.addresses, ["192.0.2.7:443".parse().unwrap()]);
    assert_eq!((found.chain, found.ttl), (vec!["edge.example".to_owned()], Some(Duration::from_secs(45))));
}

#[tokio::test]
async fn each_subnet_has_an_answer_of_its_own_with_its_scope() {
    let zone = Zone::open().await;
    let resolvers = Resolvers::new();
    for (subnet, address, scope) in [
        (Some("10.0.7.0/24"), "192.0.2.7:443", Some(20)),
        (Some("10.0.9.0/24"), "192.0.2.9:443", Some(20)),
        (Some("10.0.7.0/24"), "192.0.2.7:443", Some(20)),
    ] {
        let place = Place::Tenant(zone.lookup(subnet));
        let host = "near.example:8443".into();
        let wanted = Wanted { host: Some(&host), family: AddressFamily::V4, ..wanted(&place) };
        let found = resolvers.find(&wanted).await.unwrap();
        assert_eq!((found.addresses, found.scope), (vec![address.parse().unwrap()], scope), "{subnet:?}");
        assert_eq!(found.source, "tenant");
    }
    assert_eq!(zone.asked.load(Ordering::SeqCst), 2);
    let other = found(&zone.place("edge.example"), AddressFamily::V4, Addresses::All).await.unwrap();
    assert_eq!(other.scope, None);
}

#[tokio::test]
async fn ten_thousand_names_are_each_asked_for_once() {
    let zone = Zone::open().await;
    let resolvers = Resolvers::new();
    let places: Vec<Place> =
        (0..10_000).flat_map(|nth| [nth, nth]).map(|nth| zone.place(&format!("n{nth}.many.example"))).collect();
    let finds = places.iter().map(|place| {
        let resolvers = &resolvers;
        async move { resolvers.find(&Wanted { family: AddressFamily::V4, ..wanted(place) }).await }
    });
    let found = futures::future::join_all(finds).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(zone.asked.load(Ordering::SeqCst), 10_000);
}

#[tokio::test]
async fn localhost_needs_no_resolver_and_an_address_no_lookup() {
    let resolvers = Resolvers::new();
    for (name, expected) in [("localhost", "127.0.0.1:80"), ("192.0.2.1", "192.0.2.1:80")] {
        let place = Place::Hostname { name: name.into(), lookup: Lookup::default() };
        let wanted = Wanted { port: 80, family: AddressFamily::V4, ..wanted(&place) };
        let found = resolvers.find(&wanted).await.unwrap();
        assert_eq!(found.addresses, [expected.parse().unwrap()]);
    }
}
