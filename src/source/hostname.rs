//! A name that is resolved, once for the run however many edges bear it. It asks the resolver that the edge names.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use tokio::sync::OnceCell;

use super::resolver::{self, Records};
use super::{Found, Source, address, silence};
use crate::clock::Clock;
use crate::model::{AddressFamily, Silence};

pub(super) const SOURCE: Source = Source { key: "hostname", title: "a name, resolved when the run starts" };

type Resolver = Option<Arc<str>>;
type Answer = Result<(Records, Duration), (String, Duration)>;
type Key = (Resolver, Arc<str>, u8);

/// What was asked, by resolver, name and family.
#[derive(Default)]
pub(super) struct Names {
    answers: Mutex<HashMap<Key, Arc<OnceCell<Answer>>>>,
    resolvers: Mutex<HashMap<(Resolver, Duration), TokioResolver>>,
}

impl Names {
    pub(super) async fn find(
        &self,
        name: &Arc<str>,
        resolver: Option<&Arc<str>>,
        port: u16,
        family: AddressFamily,
        timeout: Duration,
    ) -> Result<Found, Silence> {
        if let Ok(ip) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
            let found = address::find(ip, port, family).map_err(|words| silence(name, words.to_owned(), None))?;
            return Ok(Found { source: SOURCE.key, ..found });
        }
        let key = (resolver.cloned(), Arc::clone(name), family as u8);
        let cell = Arc::clone(locked(&self.answers).entry(key.clone()).or_default());
        let answer = cell.get_or_init(|| self.ask(name, resolver, family, timeout)).await;
        match answer {
            Ok((records, took)) => Ok(Found {
                addresses: records.addresses.iter().map(|&ip| SocketAddr::new(ip, port)).collect(),
                took: Some(*took),
                chain: records.chain.clone(),
                ttl: records.ttl,
                source: SOURCE.key,
            }),
            Err((words, took)) => {
                let mut answers = locked(&self.answers);
                if answers.get(&key).is_some_and(|kept| Arc::ptr_eq(kept, &cell)) {
                    answers.remove(&key);
                }
                Err(silence(name, words.clone(), Some(*took)))
            }
        }
    }

    async fn ask(&self, name: &str, named: Option<&Arc<str>>, family: AddressFamily, timeout: Duration) -> Answer {
        let started = Clock::now();
        let answer = match self.resolver(named, timeout) {
            Ok(resolver) => resolver::ask(&resolver, name, family, timeout).await,
            Err(words) => Err(words),
        };
        let took = Clock::now().saturating_duration_since(started);
        answer.map(|records| (records, took)).map_err(|words| (words, took))
    }

    fn resolver(&self, named: Option<&Arc<str>>, timeout: Duration) -> Result<TokioResolver, String> {
        let mut resolvers = locked(&self.resolvers);
        let key = (named.cloned(), timeout);
        if let Some(open) = resolvers.get(&key) {
            return Ok(open.clone());
        }
        let open = resolver::open(named.map(AsRef::as_ref), timeout)?;
        resolvers.insert(key, open.clone());
        Ok(open)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
    use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
    use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
    use tokio::net::UdpSocket;
    use tokio::task::JoinHandle;

    use super::super::Resolvers;
    use super::*;
    use crate::model::{Addresses, Place};

    const AMPLE: Duration = Duration::from_secs(30);

    /// A resolver on loopback that knows a few names and counts the questions.
    struct Zone {
        named: Arc<str>,
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
            let named = format!("udp://{}", socket.local_addr().unwrap()).into();
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
            Place::Hostname { name: name.into(), resolver: Some(Arc::clone(&self.named)) }
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
            ("silent.example.", _) => return None,
            ("missing.example.", _) => answer.metadata.response_code = ResponseCode::NXDomain,
            ("broken.example.", _) => answer.metadata.response_code = ResponseCode::ServFail,
            ("refused.example.", _) => answer.metadata.response_code = ResponseCode::Refused,
            _ => {}
        }
        Some(answer)
    }

    async fn found(place: &Place, family: AddressFamily, addresses: Addresses) -> Result<Found, Silence> {
        Resolvers::new().find(place, 443, family, addresses, AMPLE).await
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
        ] {
            let silence = found(&zone.place(name), family, Addresses::All).await.unwrap_err();
            assert_eq!(silence.to_string(), format!("dns {name}: {words}"));
        }
    }

    #[tokio::test]
    async fn silence_ends_at_the_limit() {
        let zone = Zone::open().await;
        let limit = Duration::from_millis(200);
        let find = |limit| async move {
            let place = zone.place("silent.example");
            Resolvers::new().find(&place, 443, AddressFamily::V4, Addresses::All, limit).await
        };
        assert_eq!(find(limit).await.unwrap_err().to_string(), "dns silent.example: timed out after 200 ms");
    }

    #[tokio::test]
    async fn a_name_is_looked_up_once_however_many_ask_and_a_failure_is_not_kept() {
        let zone = Zone::open().await;
        let resolvers = Resolvers::new();
        let find = |place: Place| {
            let resolvers = &resolvers;
            async move { resolvers.find(&place, 443, AddressFamily::V4, Addresses::All, AMPLE).await }
        };
        let all = futures::future::join_all((0..20).map(|_| find(zone.place("edge.example")))).await;
        assert!(all.iter().all(Result::is_ok) && find(zone.place("edge.example")).await.is_ok());
        assert_eq!(zone.asked.load(Ordering::SeqCst), 1);
        for _ in 0..2 {
            let all = futures::future::join_all((0..20).map(|_| find(zone.place("missing.example")))).await;
            assert!(all.iter().all(Result::is_err));
        }
    }

    #[tokio::test]
    async fn localhost_needs_no_resolver_and_an_address_no_lookup() {
        let resolvers = Resolvers::new();
        for (name, expected) in [("localhost", "127.0.0.1:80"), ("192.0.2.1", "192.0.2.1:80")] {
            let place = Place::Hostname { name: name.into(), resolver: None };
            let found = resolvers.find(&place, 80, AddressFamily::V4, Addresses::All, AMPLE).await.unwrap();
            assert_eq!(found.addresses, [expected.parse().unwrap()]);
        }
    }

    #[tokio::test]
    async fn a_resolver_that_cannot_be_asked_is_named() {
        let place = Place::Hostname { name: "a.example".into(), resolver: Some("tls://192.0.2.53".into()) };
        let silence = found(&place, AddressFamily::Any, Addresses::All).await.unwrap_err();
        assert_eq!(silence.to_string(), "dns a.example: not a resolver that can be asked: tls://192.0.2.53");
    }
}
