use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, Method, Version};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::lab::*;

struct Answer {
    version: Version,
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn field(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn connector(lab: &Lab, protocols: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(lab.ca_pem().unwrap().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn ask(lab: &Lab, address: SocketAddr, method: Method, host: &str, protocols: &[&str]) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let stream = connector(lab, protocols).connect(name, stream).await.unwrap();
    let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let request = http::Request::builder().method(method);
    let response = if h2 {
        let (mut send, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let uri = format!("https://{host}/assets/app.js");
        send.send_request(request.uri(uri).body(Empty::<Bytes>::new()).unwrap()).await.unwrap()
    } else {
        let (mut send, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = request.uri("/assets/app.js").header("host", host);
        send.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap()
    };
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { version: head.version, status: head.status.as_u16(), headers: head.headers, body }
}

async fn get(lab: &Lab, address: SocketAddr, host: &str) -> Answer {
    ask(lab, address, Method::GET, host, &["h2", "http/1.1"]).await
}

fn small() -> Options {
    Options { tenants: 8, ..Options::default() }
}

#[tokio::test]
async fn http2_and_http1_give_the_same_answer_by_alpn() {
    let lab = Lab::start(small()).await.unwrap();
    let edge = lab.edges()[0].address;
    let two = ask(&lab, edge, Method::GET, "tenant-001.lab.example", &["h2"]).await;
    let one = ask(&lab, edge, Method::GET, "tenant-001.lab.example", &["http/1.1"]).await;
    assert_eq!((two.version, one.version), (Version::HTTP_2, Version::HTTP_11));
    assert_eq!((two.status, one.status), (200, 200));
    assert_eq!(two.body, one.body);
    assert_eq!(two.field("etag"), one.field("etag"));
}

#[tokio::test]
async fn a_lab_without_http2_does_not_offer_it() {
    let lab = Lab::start(Options { http1_only: true, ..small() }).await.unwrap();
    let answer = get(&lab, lab.edges()[0].address, "tenant-001.lab.example").await;
    assert_eq!(answer.version, Version::HTTP_11);
}

#[tokio::test]
async fn head_has_the_fields_of_get_and_no_body() {
    let lab = Lab::start(small()).await.unwrap();
    for protocols in [["h2"], ["http/1.1"]] {
        for address in [lab.origin(), lab.edges()[0].address] {
            let head = ask(&lab, address, Method::HEAD, "tenant-002.lab.example", &protocols).await;
            let get = ask(&lab, address, Method::GET, "tenant-002.lab.example", &protocols).await;
            assert!(head.body.is_empty());
            assert_eq!(get.body.len(), 2_048);
            for name in ["content-length", "etag", "last-modified", "cache-control", "vary", "content-type"] {
                assert_eq!(head.field(name), get.field(name), "{name}");
                assert_ne!(head.field(name), "", "{name}");
            }
        }
    }
}

#[tokio::test]
async fn each_tenant_has_content_of_its_own() {
    let lab = Lab::start(small()).await.unwrap();
    let edge = lab.edges()[3].address;
    let (one, two) = (get(&lab, edge, "tenant-001.lab.example").await, get(&lab, edge, "tenant-002.lab.example").await);
    assert_ne!(one.field("etag"), two.field("etag"));
    assert!(one.body.starts_with(b"// tenant-001.lab.example /assets/app.js version 1\n"));
}

#[tokio::test]
async fn a_host_that_the_edge_does_not_serve_is_misdirected() {
    let lab = Lab::start(small()).await.unwrap();
    assert_eq!(get(&lab, lab.edges()[0].address, "tenant-999.lab.example").await.status, 421);
    assert_eq!(get(&lab, lab.origin(), "tenant-999.lab.example").await.status, 404);
}

#[tokio::test]
async fn a_purge_misses_just_what_was_planted() {
    let lab = Lab::start(small()).await.unwrap();
    assert_eq!(lab.deploy(), 2);
    let planted = Planted::demo(lab.options());
    lab.purge(&planted);
    let mut stale = 0;
    for edge in lab.edges() {
        for tenant in lab.options().tenant_ids() {
            let host = host_of(&tenant);
            let reference = get(&lab, lab.origin(), &host).await;
            let answer = get(&lab, edge.address, &host).await;
            let old = answer.field("etag") != reference.field("etag");
            assert_eq!(
                old,
                planted.is_stale(lab.options(), edge.region, &edge.name, &tenant),
                "{host} at {}",
                edge.name
            );
            stale += u64::from(old);
        }
    }
    assert_eq!(stale, planted.expected(lab.options()).stale);
}

#[tokio::test]
async fn an_edge_behind_a_stale_shield_shows_the_shields_hit_and_age() {
    let lab = Lab::start(small()).await.unwrap();
    lab.deploy();
    lab.purge(&Planted::demo(lab.options()));
    let fra = lab.edges().iter().find(|edge| edge.name == "fra").unwrap().address;
    let first = get(&lab, fra, "tenant-001.lab.example").await;
    assert_eq!(first.field("x-cache"), "HIT, MISS");
    assert!(first.field("age").parse::<u32>().unwrap() > 20 * 60);
    let second = get(&lab, fra, "tenant-001.lab.example").await;
    assert_eq!(second.field("x-cache"), "HIT, HIT");
    assert!(second.field("age").parse::<u32>().unwrap() > 20 * 60);
}

#[tokio::test]
async fn nobody_answers_where_an_edge_was_closed() {
    let mut lab = Lab::start(small()).await.unwrap();
    let address = lab.edges()[1].address;
    assert!(lab.close("ewr").await);
    assert!(!lab.close("nowhere").await);
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn servers_of_one_edge_answer_in_turns() {
    let mut options = small();
    options.regions[0].edges[0].servers = 2;
    let lab = Lab::start(options).await.unwrap();
    lab.deploy();
    let second = lab.edges()[0].caches[1];
    lab.with(|cdn, now| cdn.purge(Purge::new(Scope::Everything, now).lost_for(second)));
    let mut last_modified = Vec::new();
    for _ in 0..4 {
        let answer = get(&lab, lab.edges()[0].address, "tenant-001.lab.example").await;
        last_modified.push(answer.field("last-modified").to_owned());
    }
    assert_ne!(last_modified[0], last_modified[1]);
    assert_eq!((&last_modified[0], &last_modified[1]), (&last_modified[2], &last_modified[3]));
}

#[tokio::test]
async fn a_certificate_for_one_tenant_covers_no_other() {
    let lab = Lab::start(Options { certificates: Certificates::PerTenant, ..small() }).await.unwrap();
    let address = lab.edges()[0].address;
    assert_eq!(get(&lab, address, "tenant-002.lab.example").await.status, 200);
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("tenant-999.lab.example").unwrap();
    assert!(connector(&lab, &["h2"]).connect(name, stream).await.is_err());
}

#[tokio::test]
async fn an_authority_that_nobody_was_told_of_is_not_trusted() {
    let (lab, other) = (Lab::start(small()).await.unwrap(), Lab::start(small()).await.unwrap());
    let stream = TcpStream::connect(lab.origin()).await.unwrap();
    let name = ServerName::try_from("tenant-001.lab.example").unwrap();
    assert!(connector(&other, &["h2"]).connect(name, stream).await.is_err());
}

#[tokio::test]
async fn an_edge_in_trouble_answers_with_its_own_words() {
    let lab = Lab::start(small()).await.unwrap();
    let address = lab.edges()[0].address;
    assert!(lab.fault("iad", Some(Fault::Status(429))));
    let answer = get(&lab, address, "tenant-001.lab.example").await;
    assert_eq!((answer.status, answer.field("x-cache")), (429, "Error from cloudfront"));
    assert!(lab.fault("iad", None));
    assert_eq!(get(&lab, address, "tenant-001.lab.example").await.status, 200);
    assert!(!lab.fault("nowhere", None));
}

#[tokio::test]
async fn a_broken_edge_ends_the_connection_and_a_stalled_one_keeps_it() {
    let lab = Lab::start(Options { tls: false, ..small() }).await.unwrap();
    let sent = async |fault| {
        lab.fault("iad", Some(fault));
        let stream = TcpStream::connect(lab.edges()[0].address).await.unwrap();
        let (mut send, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::get("/assets/app.js").header("host", "tenant-001.lab.example");
        let mut answer = Box::pin(send.send_request(request.body(Empty::<Bytes>::new()).unwrap()));
        // Another edge's whole answer is a moment in which this one could have come.
        tokio::select! {
            biased;
            answer = &mut answer => Some(answer.is_ok()),
            () = async { while plain_get(&lab, 1).await != 200 {} }, if fault == Fault::Stalled => None,
        }
    };
    assert_eq!(sent(Fault::Broken).await, Some(false));
    assert_eq!(sent(Fault::Stalled).await, None);
}

async fn plain_get(lab: &Lab, edge: usize) -> u16 {
    let stream = TcpStream::connect(lab.edges()[edge].address).await.unwrap();
    let (mut send, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("/assets/app.js").header("host", "tenant-001.lab.example:8080");
    send.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn nothing_listens_after_a_shutdown() {
    let lab = Lab::start(small()).await.unwrap();
    let addresses: Vec<SocketAddr> = lab.edges().iter().map(|edge| edge.address).chain([lab.origin()]).collect();
    lab.shutdown().await;
    for address in addresses {
        assert!(TcpStream::connect(address).await.is_err());
    }
}

#[tokio::test]
async fn every_arrangement_of_shields_is_stale_just_where_planted() {
    for shields in [Shields::None, Shields::One, Shields::PerRegion, Shields::Tiered] {
        let lab = Lab::start(Options { tls: false, shields, ..small() }).await.unwrap();
        let planted = Planted::demo(lab.options());
        lab.deploy();
        lab.purge(&planted);
        let headers = HeaderMap::new();
        let stale = lab.with(|cdn, now| {
            let mut stale = 0;
            for edge in lab.edges() {
                for tenant in lab.options().tenant_ids() {
                    let host = host_of(&tenant);
                    let answer = cdn.answer(edge.caches[0], &Request::head(&host, "/assets/app.js", &headers), now);
                    stale += u64::from(answer.version == 1);
                }
            }
            stale
        });
        assert_eq!(stale, planted.expected(lab.options()).stale, "{shields:?}");
        assert_ne!(stale, 0, "{shields:?}");
    }
}

#[tokio::test]
async fn no_task_outlives_a_lab() {
    let tasks = tokio::runtime::Handle::current().metrics();
    let lab = Lab::start(small()).await.unwrap();
    let stream = TcpStream::connect(lab.origin()).await.unwrap();
    let name = ServerName::try_from("tenant-001.lab.example").unwrap();
    let _open = connector(&lab, &["h2"]).connect(name, stream).await.unwrap();
    assert_eq!(tasks.num_alive_tasks(), 14);
    drop(lab);
    // Each aborted task ends at its next turn, and takes its connections with it.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(tasks.num_alive_tasks(), 0);
}

#[tokio::test]
async fn a_plain_lab_speaks_http() {
    let lab = Lab::start(Options { tls: false, ..small() }).await.unwrap();
    assert!(lab.ca_pem().is_none());
    assert!(lab.regions_toml().contains("scheme = \"http\""));
    assert_eq!(plain_get(&lab, 0).await, 200);
}

#[tokio::test]
async fn the_files_name_every_edge_and_tenant() {
    let lab = Lab::start(small()).await.unwrap();
    let regions: toml::Table = lab.regions_toml().parse().unwrap();
    assert_eq!(regions["origin"]["url"].as_str(), Some(format!("https://{}", lab.origin()).as_str()));
    assert_eq!(regions["defaults"]["edge_rate"].as_str(), Some("none"));
    let fra = &regions["regions"]["eu-central"]["edges"][0];
    assert_eq!(fra["pop"].as_str(), Some("FRA"));
    assert_eq!(fra["provider"].as_str(), Some("fastly"));
    assert_eq!(fra["address"].as_str(), Some(lab.edges()[3].address.to_string().as_str()));
    let tenants = lab.tenants_yaml();
    let (head, list) = tenants.split_once("tenants:\n").unwrap();
    assert_eq!(head, "schema: 1\ndefaults:\n  paths: [\"/assets/app.js\"]\n  variants: [identity]\n");
    assert_eq!(list.lines().count(), 2 * 8);
    assert!(list.ends_with("  - id: tenant-008\n    host: tenant-008.lab.example\n"));
}
