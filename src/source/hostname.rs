//! A name that is resolved, once for the run however many edges and checks need it. It asks whom the edge names.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_resolver::proto::rr::RecordType;
use rustls::ClientConfig;
use tokio::sync::OnceCell;

use super::resolver::{Failure, Records, Resolver, said};
use super::{Found, Source, Wanted, address, silence};
use crate::clock::Clock;
use crate::model::{AddressFamily, Lookup, NameServer, Silence};

pub(super) const SOURCE: Source = Source { key: "hostname", title: "a name, resolved when the run starts" };

type Answer = Result<(Records, Duration), (Failure, Duration)>;

/// One question to one resolver.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    lookup: Lookup,
    name: Arc<str>,
    kind: RecordType,
}

/// A resolver, within which time it is asked, and whom TLS to it trusts.
type Desk = (Option<Arc<NameServer>>, bool, Duration, usize);

/// What was asked, and of whom.
#[derive(Default)]
pub(super) struct Names {
    answers: Mutex<HashMap<Question, Arc<OnceCell<Answer>>>>,
    resolvers: Mutex<HashMap<Desk, Arc<OnceCell<Resolver>>>>,
}

impl Names {
    pub(super) async fn find(
        &self,
        name: &Arc<str>,
        port: u16,
        lookup: &Lookup,
        wanted: &Wanted<'_>,
    ) -> Result<Found, Silence> {
        if let Ok(ip) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
            return address::find(ip, port, wanted.family).map_err(|words| silence(name, words.to_owned(), None));
        }
        let kinds: &[RecordType] = match wanted.family {
            AddressFamily::V4 => &[RecordType::A],
            AddressFamily::V6 => &[RecordType::AAAA],
            AddressFamily::Any => &[RecordType::A, RecordType::AAAA],
        };
        let questions = kinds.iter().map(|kind| {
            let question = Question { lookup: lookup.clone(), name: Arc::clone(name), kind: *kind };
            self.answer(question, wanted.timeout, wanted.tls)
        });
        let answers = futures::future::join_all(questions).await;
        let took = answers.iter().map(|answer| answer.as_ref().map_or_else(|(_, took)| *took, |(_, took)| *took)).max();
        let mut found = Found { took, source: SOURCE.key, ..Found::default() };
        let mut failures = Vec::new();
        for answer in answers {
            match answer {
                Ok((records, _)) => found.add(records, port),
                Err((failure, _)) => failures.push(failure),
            }
        }
        if found.addresses.is_empty() { Err(silence(name, words(failures, wanted.family), took)) } else { Ok(found) }
    }

    /// Asked once; what may be otherwise the next time is forgotten.
    async fn answer(&self, question: Question, limit: Duration, tls: Option<&Arc<ClientConfig>>) -> Answer {
        let cell = Arc::clone(locked(&self.answers).entry(question.clone()).or_default());
        let answer = cell.get_or_init(|| self.ask(&question, limit, tls)).await.clone();
        if let Err((failure, _)) = &answer
            && !failure.is_final()
        {
            let mut answers = locked(&self.answers);
            if answers.get(&question).is_some_and(|kept| Arc::ptr_eq(kept, &cell)) {
                answers.remove(&question);
            }
        }
        answer
    }

    async fn ask(&self, question: &Question, limit: Duration, tls: Option<&Arc<ClientConfig>>) -> Answer {
        let started = Clock::now();
        let Question { lookup: Lookup { resolver, subnet }, name, kind } = question;
        let desk = (resolver.clone(), subnet.is_some(), limit, tls.map_or(0, |tls| Arc::as_ptr(tls).addr()));
        let cell = Arc::clone(locked(&self.resolvers).entry(desk).or_default());
        let open = || Resolver::open(resolver.as_deref(), subnet.is_some(), limit, tls);
        let answer = match cell.get_or_try_init(open).await {
            Ok(resolver) => resolver.ask(name, *kind, *subnet).await,
            Err(failure) => Err(failure),
        };
        let took = Clock::now().saturating_duration_since(started);
        answer.map(|records| (records, took)).map_err(|failure| (failure, took))
    }
}

impl Found {
    fn add(&mut self, records: Records, port: u16) {
        let addresses = records.addresses.into_iter().map(|ip| SocketAddr::new(ip, port));
        self.addresses.extend(addresses);
        for alias in records.chain {
            if !self.chain.contains(&alias) {
                self.chain.push(alias);
            }
        }
        self.ttl = [self.ttl, records.ttl].into_iter().flatten().min();
        self.scope = self.scope.max(records.scope);
    }
}

/// A family without records is no failure beside one that failed.
fn words(failures: Vec<Failure>, family: AddressFamily) -> String {
    let worst = failures.into_iter().reduce(|one, other| if one == Failure::Empty { other } else { one });
    match (worst.unwrap_or(Failure::Empty), family) {
        (Failure::Empty, AddressFamily::V4) => "no A records".to_owned(),
        (Failure::Empty, AddressFamily::V6) => "no AAAA records".to_owned(),
        (failure, _) => said(failure),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
