//! The client against small servers on loopback.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::{Client, Fetch, Http, Settings, tls};
use crate::clock::Clock;
use crate::model::{Ask, Authorities, Method, Observation, Scheme, Silence, Trust, Want};

mod ahead;
mod bodies;
mod failures;
mod proxies;
mod reuse;
mod sharing;

/// Long enough for any machine; nothing waits for it to pass.
const AMPLE: Duration = Duration::from_secs(30);

/// An authority of the test's own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        Self::named("Lab authority")
    }

    /// Two authorities of one name would be taken for each other.
    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A server's side of TLS, with a certificate for those names.
    fn server(&self, names: &[&str], alpn: &[&str]) -> Arc<ServerConfig> {
        self.server_until(names, alpn, 2100)
    }

    fn server_until(&self, names: &[&str], alpn: &[&str], year: i32) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    fn trust(&self) -> Trust {
        Trust {
            authorities: vec![Authorities { file: "ca.pem".into(), pem: Arc::from(self.pem.as_bytes()) }],
            ..Trust::default()
        }
    }
}

/// Something that listens on loopback until it is dropped.
struct Server {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Hands each connection to that function, with its number from 1.
    async fn raw<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, count.fetch_add(1, Ordering::SeqCst) + 1));
            }
        });
        Self { address, accepted, task }
    }

    /// Answers requests over TLS, or plainly; the function is told the connection's number.
    async fn http<F>(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(Request<Incoming>, usize) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        Self::raw(move |stream, number| {
            let (tls, answer) = (tls.clone(), answer.clone());
            async move {
                match tls {
                    None => speak(stream, number, answer).await,
                    Some(tls) => {
                        if let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await {
                            speak(stream, number, answer).await;
                        }
                    }
                }
            }
        })
        .await
    }

    /// Connections accepted so far.
    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    fn client(&self, trust: &Trust) -> Client {
        Client::new(self.address, settings(trust))
    }

    fn plain(&self) -> Client {
        Client::new(self.address, Settings { scheme: Scheme::Http, ..settings(&insecure()) })
    }
}

async fn speak<S, F>(stream: S, number: usize, answer: impl Fn(Request<Incoming>, usize) -> F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let service = service_fn(|request| {
        let response = answer(request, number);
        async move { Ok::<_, Infallible>(response.await) }
    });
    // A client that goes away is no failure of the server's.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

fn insecure() -> Trust {
    Trust { insecure: true, ..Trust::default() }
}

fn settings(trust: &Trust) -> Settings {
    let config = Arc::new(tls::config(trust, Http::Auto, Clock::start()).unwrap());
    Settings { connect_timeout: AMPLE, ..Settings::new(Scheme::Https, config, Clock::start()) }
}

/// HEAD of `/` at that host.
fn ask(host: &str) -> Ask {
    let name = host.split(':').next().unwrap();
    Ask {
        method: Method::Head,
        scheme: Scheme::Https,
        host: host.into(),
        sni: name.into(),
        path: "/".into(),
        headers: Arc::new(HeaderMap::new()),
        want: Want::Head,
        alone: false,
        through: None,
    }
}

/// GET of that path, read up to a mebibyte.
fn get(host: &str, path: &str) -> Ask {
    Ask { method: Method::Get, path: path.into(), want: Want::Digest { max: 1 << 20 }, ..ask(host) }
}

async fn fetch(client: &Client, ask: &Ask) -> Result<Observation, Silence> {
    client.fetch(ask, Clock::now() + AMPLE).await
}

fn ok(body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    Response::new(Full::new(body.into()))
}

fn status(code: u16) -> Response<Full<Bytes>> {
    Response::builder().status(code).body(Full::default()).unwrap()
}
