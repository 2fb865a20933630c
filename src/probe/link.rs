//! Open connections, and how a request is put on one. It neither opens nor chooses them.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::model::{Ask, TlsFacts, Tunnel};

/// No HTTP/1.1 request has a body.
pub(super) type NoBody = Empty<Bytes>;

/// One open connection.
pub(super) enum Link {
    /// HTTP/2.
    Multiplexed(Multiplexed),
    /// HTTP/1.1.
    Exclusive(Box<Exclusive>),
}

/// What a connection is dialled for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Goal {
    /// The name for TLS.
    pub(super) sni: Arc<str>,
    /// Through a proxy: another name may lead to another edge, whatever a certificate covers.
    pub(super) through: Option<Arc<Tunnel>>,
}

impl Goal {
    pub(super) fn of(ask: &Ask) -> Self {
        Self { sni: Arc::clone(&ask.sni), through: ask.through.clone() }
    }
}

/// What is known about a connection from the day it was made.
pub(super) struct Facts {
    /// Counts up with every connection of a client.
    pub(super) serial: u64,
    /// What it was dialled for.
    pub(super) goal: Goal,
    /// What the TLS session said.
    pub(super) tls: Option<Arc<TlsFacts>>,
    /// The leaf certificate.
    pub(super) certificate: Option<CertificateDer<'static>>,
    /// The DNS names in it, in lower case.
    pub(super) names: Box<[String]>,
}

impl Facts {
    /// The DNS names of a certificate, in lower case; none where it cannot be read.
    pub(super) fn names_of(certificate: Option<&CertificateDer<'_>>) -> Box<[String]> {
        let parsed = certificate.and_then(|certificate| webpki::EndEntityCert::try_from(certificate).ok());
        parsed.iter().flat_map(|parsed| parsed.valid_dns_names()).map(str::to_ascii_lowercase).collect()
    }

    /// Whether the certificate may cover that DNS name: reading it anew for every name would cost more than a handshake
    /// saves, where there are many.
    fn may_cover(&self, name: &str) -> bool {
        self.names.iter().any(|known| known.eq_ignore_ascii_case(name)) || self.wildcard_over(name).is_some()
    }

    /// What stands above a name, where the certificate has a wildcard there: as that name is, all beside it are covered.
    pub(super) fn wildcard_over<'n>(&self, name: &'n str) -> Option<&'n str> {
        let parent = parent(name)?;
        let is_above = |known: &String| known.strip_prefix("*.").is_some_and(|rest| rest.eq_ignore_ascii_case(parent));
        self.names.iter().any(is_above).then_some(parent)
    }
}

/// An HTTP/2 connection: many requests at once.
pub(super) struct Multiplexed {
    pub(super) facts: Facts,
    sender: h2::client::SendRequest<Bytes>,
    in_flight: AtomicUsize,
    peer_limit: Arc<AtomicUsize>,
    answered: AtomicU64,
    /// It takes no new requests, or has ended.
    retired: Arc<AtomicBool>,
    used: AtomicBool,
    freed: Arc<Freed>,
    driver: Task,
}

/// An HTTP/1.1 connection: one request at a time.
pub(super) struct Exclusive {
    pub(super) facts: Facts,
    pub(super) sender: http1::SendRequest<NoBody>,
    /// It has carried an answer.
    pub(super) used: bool,
    _driver: Task,
}

/// Room for one request on an HTTP/2 connection; given back on drop.
pub(super) struct Lease(Arc<Multiplexed>);

/// Tells those who wait for room that there may be some; costs next to nothing while nobody waits.
#[derive(Default)]
pub(super) struct Freed {
    notify: Notify,
    waiting: AtomicUsize,
}

impl Freed {
    /// There may be room.
    pub(super) fn tell(&self) {
        // Sequentially consistent with `wait`: either this sees who waits, or they see what was freed.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            self.notify.notify_waiters();
        }
    }

    /// Tries until it works out, again whenever there may be room.
    pub(super) async fn wait<T>(&self, mut attempt: impl FnMut() -> Option<T>) -> T {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _leaving = Leaving(&self.waiting);
        loop {
            let mut told = pin!(self.notify.notified());
            // From here on nothing that is told is missed.
            told.as_mut().enable();
            if let Some(done) = attempt() {
                return done;
            }
            told.await;
        }
    }
}

/// Counts a waiter out, however its wait ends.
struct Leaving<'w>(&'w AtomicUsize);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A task that ends with its owner.
pub(super) struct Task(AbortHandle);

impl Task {
    pub(super) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work).abort_handle())
    }

    fn end(&self) {
        self.0.abort();
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.end();
    }
}

impl Multiplexed {
    pub(super) fn new<T>(
        facts: Facts,
        (sender, mut connection): (h2::client::SendRequest<Bytes>, h2::client::Connection<T, Bytes>),
        freed: Arc<Freed>,
    ) -> Self
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let peer_limit = Arc::new(AtomicUsize::new(connection.max_concurrent_send_streams()));
        let retired = Arc::new(AtomicBool::new(false));
        let (limit, raised, ended) = (Arc::clone(&peer_limit), Arc::clone(&freed), Arc::clone(&retired));
        let driver = Task::spawn(async move {
            // What went wrong is told to the requests under way.
            let _ = std::future::poll_fn(|cx| {
                let polled = Pin::new(&mut connection).poll(cx);
                let now = connection.max_concurrent_send_streams();
                if limit.swap(now, Ordering::Relaxed) < now {
                    raised.tell();
                }
                polled
            })
            .await;
            ended.store(true, Ordering::Relaxed);
        });
        Self {
            facts,
            sender,
            in_flight: AtomicUsize::new(0),
            peer_limit,
            answered: AtomicU64::new(0),
            retired,
            used: AtomicBool::new(false),
            freed,
            driver,
        }
    }

    /// Whether new requests may be put on it.
    pub(super) fn is_open(&self) -> bool {
        !self.retired.load(Ordering::Relaxed)
    }

    /// Whether any request was ever put on it.
    pub(super) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// Requests under way.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Requests that the server takes at once, as far as it has said so.
    pub(super) fn peer_limit(&self) -> usize {
        self.peer_limit.load(Ordering::Relaxed).max(1)
    }

    /// Whether its certificate covers that name.
    pub(super) fn covers(&self, name: &str) -> bool {
        let (Some(certificate), Ok(server)) = (&self.facts.certificate, server_name(name)) else { return false };
        if matches!(server, ServerName::DnsName(_)) && !self.facts.may_cover(name) {
            return false;
        }
        webpki::EndEntityCert::try_from(certificate)
            .is_ok_and(|certificate| certificate.verify_is_valid_for_subject_name(&server).is_ok())
    }

    /// Room for one more request.
    pub(super) fn lease(self: &Arc<Self>) -> Lease {
        self.used.store(true, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Lease(Arc::clone(self))
    }
}

impl Lease {
    pub(super) fn facts(&self) -> &Facts {
        &self.0.facts
    }

    pub(super) fn sender(&self) -> h2::client::SendRequest<Bytes> {
        self.0.sender.clone()
    }

    /// Answers so far.
    pub(super) fn answered(&self) -> u64 {
        self.0.answered.load(Ordering::Relaxed)
    }

    /// An answer came.
    pub(super) fn note_answer(&self) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// No new requests on this one; those under way go on.
    pub(super) fn retire(&self) {
        self.0.retired.store(true, Ordering::Relaxed);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let is_last = self.0.in_flight.fetch_sub(1, Ordering::SeqCst) == 1;
        if is_last && !self.0.is_open() {
            // Nobody will use it again, and who is at the other end may go on talking.
            self.0.driver.end();
        }
        self.0.freed.tell();
    }
}

impl Exclusive {
    pub(super) fn new<T>(
        facts: Facts,
        (sender, connection): (http1::SendRequest<NoBody>, http1::Connection<T, NoBody>),
    ) -> Self
    where
        T: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    {
        let driver = Task::spawn(async move {
            // What went wrong is told to the request under way.
            let _ = connection.await;
        });
        Self { facts, sender, used: false, _driver: driver }
    }
}

/// What a name stands below.
pub(super) fn parent(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, parent)| parent)
}

/// The name for SNI and for the certificate: a DNS name, or an IP address with or without brackets.
pub(super) fn server_name(name: &str) -> Result<ServerName<'_>, rustls::pki_types::InvalidDnsNameError> {
    let bare = name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(name);
    ServerName::try_from(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_server_name_with_brackets_or_without() {
        assert!(matches!(server_name("192.0.2.1"), Ok(ServerName::IpAddress(_))));
        assert!(matches!(server_name("[2001:db8::1]"), Ok(ServerName::IpAddress(_))));
        assert!(matches!(server_name("a.example"), Ok(ServerName::DnsName(_))));
        assert!(server_name("a b").is_err());
    }
}
