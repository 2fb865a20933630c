//! Edges known by name, resolved by a real name server.

use std::net::{SocketAddr, TcpListener, TcpStream};

use super::cdn::{Edge, Site, warm};
use super::nginx::Setup;
use super::powerdns::PowerDns;
use crate::support::server::{beside, free_address};

/// A name of two addresses, of which the second holds the old content.
#[test]
fn each_address_of_a_name_is_asked_and_the_worst_counts() {
    let mut site = Site::new();
    let one = free_address();
    let other = beside(one);
    let fresh = site.nginx("fresh", &Setup { at: Some(one), ..Setup::default() });
    let stale = site.nginx("stale", &Setup { at: Some(other), ..Setup::default() });
    warm(stale.plain);
    site.publish("second", 2);
    warm(fresh.plain);
    let names = PowerDns::start(&site.path("names"), &[("pop", one.ip()), ("pop", other.ip()), ("one", one.ip())]);
    site.resolver = Some(format!("udp://{}", names.at));

    let run = site.verify(&[Edge::named("pop", "pop.cdn.test", one.port())], &[]);
    run.assert(1, &[("pop", "1 stale")]);
    assert_eq!(run.finding("pop")["address"], other.to_string());
    assert_eq!(run.report["edges"][0]["addresses"], serde_json::json!([one.to_string(), other.to_string()]));

    let run = site.verify(&[Edge::named("one", "one.cdn.test", one.port())], &[]);
    run.assert(0, &[("one", "1 fresh")]);

    let first = Edge::named("pop", "pop.cdn.test", one.port()).with("addresses = \"first\"");
    site.verify(&[first], &[]).assert(0, &[("pop", "1 fresh")]);
}

#[test]
fn an_alias_is_followed() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let names = PowerDns::start(&site.path("names"), &[("pop", nginx.plain.ip())]);
    site.resolver = Some(format!("udp://{}", names.at));
    let edges = [Edge::named("alias", "alias.cdn.test", nginx.plain.port())];
    site.verify(&edges, &[]).assert(0, &[("alias", "1 fresh")]);
}

#[test]
fn an_alias_across_zones_is_followed_and_shown_where_another_provider_answers() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let names = PowerDns::start(&site.path("names"), &[("pop", nginx.plain.ip())]);
    site.resolver = Some(format!("udp://{}", names.at));
    let edge = || Edge::named("abroad", "www.abroad.test", nginx.plain.port());
    site.verify(&[edge()], &[]).assert(0, &[("abroad", "1 fresh")]);

    let run = site.verify(&[edge().with("provider = \"fastly\"")], &[]);
    run.assert(3, &[("abroad", "1 unverifiable")]);
    let fix = run.finding("abroad")["cause"]["fix"].as_str().unwrap();
    assert!(fix.contains("www.abroad.test -> alias.cdn.test -> pop.cdn.test, TTL 20 s"), "{fix}");
}

#[test]
fn failures_of_a_real_name_server_are_told_apart() {
    let mut site = Site::new();
    let names = PowerDns::start(&site.path("names"), &[]);
    site.resolver = Some(format!("udp://{}", names.at));
    let closed = format!("resolver = \"tcp://{}\"", free_address());
    let told = [
        ("broken", "www.broken.test", "SERVFAIL: the resolver failed"),
        ("closed", "pop.cdn.test", "the resolver cannot be reached"),
        ("empty", "empty.cdn.test", "no A or AAAA records"),
        ("foreign", "www.example.com", "REFUSED: the resolver refused"),
        ("missing", "missing.cdn.test", "NXDOMAIN: there is no such name"),
    ];
    let edge = |name, hostname| match name {
        "closed" => Edge::named(name, hostname, 9).with(&closed),
        _ => Edge::named(name, hostname, 9),
    };
    let edges = told.map(|(name, hostname, _)| edge(name, hostname));
    let run = site.verify(&edges, &["--retry", "0"]);
    assert_eq!(run.code, 3);
    for (name, hostname, words) in told {
        assert_eq!(run.finding(name)["cause"]["summary"], format!("dns {hostname}: {words}"));
    }
}

#[test]
fn a_resolver_behind_tcp_alone_is_asked_over_tcp() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let names = PowerDns::start(&site.path("names"), &[("pop", nginx.plain.ip())]);
    let gate = forwarding_tcp(names.at);
    let edges = [Edge::named("pop", "pop.cdn.test", nginx.plain.port()).with("connect_timeout = \"2s\"")];
    site.resolver = Some(format!("tcp://{gate}"));
    site.verify(&edges, &[]).assert(0, &[("pop", "1 fresh")]);
    site.resolver = Some(format!("udp://{gate}"));
    site.verify(&edges, &["--retry", "0"]).assert(3, &[("pop", "1 unreachable")]);
}

/// Passes on what comes over TCP; nothing answers UDP there.
fn forwarding_tcp(to: SocketAddr) -> SocketAddr {
    let at = free_address();
    let listener = TcpListener::bind(at).unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(to).unwrap();
            let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut up, &mut &server));
            std::thread::spawn(move || std::io::copy(&mut down, &mut &client));
        }
    });
    at
}

#[test]
fn names_that_lead_nowhere_are_unreachable_in_the_phase_dns() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let names = PowerDns::start(&site.path("names"), &[("pop", nginx.plain.ip())]);
    site.resolver = Some(format!("udp://{}", names.at));
    let port = nginx.plain.port();
    let edges = [
        Edge::named("good", "pop.cdn.test", port),
        Edge::named("missing", "missing.cdn.test", port),
        Edge::named("empty", "empty.cdn.test", port),
        Edge::named("foreign", "edge.other.test", port),
    ];
    let run = site.verify(&edges, &["--retry", "0"]);
    let lost = "1 unreachable";
    run.assert(3, &[("good", "1 fresh"), ("missing", lost), ("empty", lost), ("foreign", lost)]);
    for (edge, summary) in [
        ("missing", "dns missing.cdn.test: NXDOMAIN: there is no such name"),
        ("empty", "dns empty.cdn.test: no A or AAAA records"),
        ("foreign", "dns edge.other.test: REFUSED: the resolver refused"),
    ] {
        assert_eq!(run.finding(edge)["phase"], "dns");
        assert_eq!(run.finding(edge)["cause"]["summary"], summary);
    }
}

#[test]
fn a_resolver_that_is_down_is_no_verdict_on_the_edge() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    site.resolver = Some(format!("udp://{}", free_address()));
    let named = Edge::named("named", "pop.cdn.test", nginx.plain.port()).with("connect_timeout = \"500ms\"");
    let run = site.verify(&[named, Edge::plain("plain", nginx.plain)], &["--retry", "0"]);
    run.assert(3, &[("named", "1 unreachable"), ("plain", "1 fresh")]);
    assert_eq!(run.finding("named")["phase"], "dns");
}

#[test]
fn typed_addresses_and_destinations_stand_before_any_resolver() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let (ip, port) = (nginx.plain.ip(), nginx.plain.port());
    site.resolver = Some(format!("udp://{}", free_address()));
    let edges = || [Edge::named("pop", "pop.cdn.test", 81)];
    let there = format!("pop.cdn.test:81:{ip}:{port}");
    site.verify(&edges(), &["--connect-to", &there]).assert(0, &[("pop", "1 fresh")]);
    let (there, resolved) = (format!("pop.cdn.test::other.test:{port}"), format!("other.test:{port}:{ip}"));
    let flags = ["--connect-to", &there, "--resolve", &resolved];
    site.verify(&edges(), &flags).assert(0, &[("pop", "1 fresh")]);
}
