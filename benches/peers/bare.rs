//! What cannot be beaten: loops that only send the same requests, over as many connections, streams and threads, and
//! look at nothing that comes back but the status.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use http::{Method, Request, Version};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::TlsConnector;

use super::stage::{host, path};

/// Requests under way on one connection.
pub(crate) const STREAMS: usize = 64;

pub(crate) struct Work {
    pub(crate) ports: Vec<u16>,
    pub(crate) tenants: usize,
    pub(crate) paths: usize,
    pub(crate) threads: usize,
    pub(crate) shared: bool,
}

pub(crate) fn run(work: &Work, ca: &Path) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(work.threads).enable_all().build().unwrap();
    let connector = connector(ca);
    runtime.block_on(async {
        let lanes = work.ports.iter().map(|port| {
            let (connector, address) = (connector.clone(), SocketAddr::from(([127, 0, 0, 1], *port)));
            let (tenants, paths) = (work.tenants, work.paths);
            if work.shared {
                tokio::spawn(shared(connector, address, tenants, paths))
            } else {
                tokio::spawn(each(connector, address, tenants, paths))
            }
        });
        let lanes: Vec<_> = lanes.collect();
        for lane in lanes {
            lane.await.unwrap();
        }
    });
}

fn connector(ca: &Path) -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

async fn dial(connector: &TlsConnector, address: SocketAddr, name: String) -> http2::SendRequest<Empty<Bytes>> {
    let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    let tls = connector.connect(ServerName::try_from(name).unwrap(), tcp).await.unwrap();
    let (sender, connection) = http2::Builder::new(TokioExecutor::new()).handshake(TokioIo::new(tls)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// One connection for everything.
async fn shared(connector: TlsConnector, address: SocketAddr, tenants: usize, paths: usize) {
    let sender = dial(&connector, address, host(0)).await;
    let next = AtomicUsize::new(0);
    let workers: FuturesUnordered<_> = (0..STREAMS)
        .map(|_| async {
            let mut sender = sender.clone();
            loop {
                let nth = next.fetch_add(1, Relaxed);
                if nth >= tenants * paths {
                    break;
                }
                ask(&mut sender, nth / paths, nth % paths).await;
            }
        })
        .collect();
    workers.collect::<()>().await;
}

/// A connection for each tenant.
async fn each(connector: TlsConnector, address: SocketAddr, tenants: usize, paths: usize) {
    let next = AtomicUsize::new(0);
    let workers: FuturesUnordered<_> = (0..STREAMS)
        .map(|_| async {
            loop {
                let tenant = next.fetch_add(1, Relaxed);
                if tenant >= tenants {
                    break;
                }
                let mut sender = dial(&connector, address, host(tenant)).await;
                for nth in 0..paths {
                    ask(&mut sender, tenant, nth).await;
                }
            }
        })
        .collect();
    workers.collect::<()>().await;
}

async fn ask(sender: &mut http2::SendRequest<Empty<Bytes>>, tenant: usize, nth: usize) {
    let uri = format!("https://{}{}", host(tenant), path(nth));
    let request = Request::builder()
        .method(Method::HEAD)
        .version(Version::HTTP_2)
        .uri(uri)
        .header("user-agent", "bare")
        .header("accept-encoding", "identity")
        .body(Empty::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
}
