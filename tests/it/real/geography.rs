//! Edges found by the tenant's own name, as clients elsewhere are led there.

use std::net::{IpAddr, SocketAddr};

use serde_json::{Value, json};

use super::cdn::{Edge, HOST, Site, warm};
use super::dnsdist::Dnsdist;
use super::nginx::Setup;
use super::powerdns::PowerDns;
use crate::support;
use crate::support::server::{beside, free_address};

const HERE: &str = "198.51.100.0/24";
const THERE: &str = "203.0.113.0/24";

fn subnet(subnet: &str) -> String {
    format!("client_subnet = \"{subnet}\"")
}

/// What `edges` lists of the file that the site last wrote.
fn listed(site: &Site, code: i32, flags: &[&str]) -> Value {
    let (regions, tenants) = (site.path("regions.toml"), site.path("tenants.yaml"));
    let mut command = support::purgeproof();
    command.args(["edges", "--format", "json", "--regions"]).arg(regions).arg("--tenants").arg(tenants).args(flags);
    let ran = support::run(&mut command);
    assert_eq!(ran.code, code, "{} {}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn each_subnet_is_led_to_an_edge_of_its_own() {
    let mut site = Site::new();
    let (one, other) = {
        let one = free_address();
        (one, beside(one))
    };
    let fresh = site.nginx("fresh", &Setup { at: Some(one), ..Setup::default() });
    let stale = site.nginx("stale", &Setup { at: Some(other), ..Setup::default() });
    warm(stale.plain);
    site.publish("second", 2);
    warm(fresh.plain);
    let (v6, far) = ("2001:db8:1::/48", "2001:db8:2::/48");
    let leads = [(HERE, one.ip()), (THERE, other.ip()), (v6, one.ip()), (far, other.ip())];
    let names = PowerDns::by_subnet(&site.path("names"), &leads);
    site.resolver = Some(format!("udp://{}", names.at));
    let port = one.port();
    let edge = |name, of: &str| Edge::by_tenant(name, port).with(&subnet(of));
    let edges = [edge("here", HERE), edge("there", THERE), edge("six", v6), edge("far", far)];
    let run = site.verify(&edges, &[]);
    run.assert(1, &[("here", "1 fresh"), ("there", "1 stale"), ("six", "1 fresh"), ("far", "1 stale")]);
    let rows = run.report["edges"].as_array().unwrap();
    let of = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(of("there")["addresses"], json!([other.to_string()]));
    assert_eq!((&of("here")["scope"], &of("six")["scope"]), (&json!(24), &json!(48)));

    let pinned = site.path("pinned.toml");
    let list = listed(&site, 0, &["--write", &pinned.display().to_string()]);
    let here = list["edges"].as_array().unwrap().iter().find(|row| row["name"] == "here").unwrap();
    assert_eq!(here["addresses"], json!([one.to_string()]));
    assert_eq!((&here["found"], &here["tenant"], &here["scope"]), (&json!("tenant"), &json!("site"), &json!(24)));
    assert_eq!((&here["client_subnet"], &here["ttl"]), (&json!(HERE), &json!(30)));
    drop(names);
    let (report, ran) = support::verify(&pinned, &site.path("tenants.yaml"), &[]);
    assert_eq!((ran.code, &report["summary"]["verdicts"]["fresh"]), (1, &json!(2)), "{}", ran.stderr);
}

#[test]
fn a_resolver_is_asked_over_tls_and_https_and_its_certificate_is_checked() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let names = PowerDns::by_subnet(&site.path("names"), &[(HERE, nginx.plain.ip())]);
    let pair = site.authority.certify("dns", &["dns.site.test", "127.0.0.1"]);
    let front = Dnsdist::start(&site.path("front"), names.at, &pair);
    let edges = || [Edge::by_tenant("edge", nginx.plain.port()).with(&subnet(HERE))];
    for resolver in
        [format!("tls://dns.site.test@{}", front.tls), format!("https://dns.site.test@{}/dns-query", front.https)]
    {
        site.resolver = Some(resolver.clone());
        let run = site.verify(&edges(), &[]);
        assert_eq!((run.code, &run.report["edges"][0]["scope"]), (0, &json!(24)), "{resolver}: {:#}", run.report);
    }
    for resolver in [format!("tls://other.test@{}", front.tls), format!("https://other.test@{}", front.https)] {
        site.resolver = Some(resolver);
        let run = site.verify(&edges(), &["--retry", "0"]);
        run.assert(3, &[("edge", "1 unreachable")]);
        assert_eq!(run.finding("edge")["phase"], "dns");
    }
}

#[test]
fn a_subnet_that_is_ignored_is_told_and_a_dead_resolver_leaves_others_alone() {
    let mut site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let flat = PowerDns::start(&site.path("names"), &[("pop", nginx.plain.ip())]);
    let port = nginx.plain.port();
    let dead = std::net::UdpSocket::bind(free_address()).unwrap();
    let dead = format!("resolver = \"udp://{}\", connect_timeout = \"500ms\"", dead.local_addr().unwrap());
    site.resolver = Some(format!("udp://{}", flat.at));
    let edges =
        [Edge::named("flat", "pop.cdn.test", port).with(&subnet(HERE)), Edge::by_tenant("dead", port).with(&dead)];
    let run = site.verify(&edges, &["--retry", "0"]);
    run.assert(3, &[("flat", "1 fresh"), ("dead", "1 unreachable")]);
    assert_eq!(run.finding("dead")["phase"], "dns");
    let list = listed(&site, 3, &[]);
    let rows = list["edges"].as_array().unwrap();
    assert_eq!(rows.iter().find(|row| row["name"] == "flat").unwrap()["client_subnet_ignored"], true);
    let error = rows.iter().find(|row| row["name"] == "dead").unwrap()["error"].as_str().unwrap();
    assert_eq!(error, format!("dns {HOST}: timed out after 500 ms"));
}

#[test]
fn an_answer_that_does_not_fit_is_fetched_over_tcp() {
    let mut site = Site::new();
    let ip: IpAddr = [127, 0, 1, 1].into();
    let names = PowerDns::by_subnet(&site.path("names"), &[(HERE, ip)]);
    site.resolver = Some(format!("udp://{}", names.at));
    let edges = [Edge::named("many", "many.site.test", 9).with("connect_timeout = \"5s\"")];
    site.verify(&edges, &["--retry", "0", "--connect-timeout", "1s"]);
    let list = listed(&site, 0, &[]);
    let addresses = list["edges"][0]["addresses"].as_array().unwrap();
    assert_eq!(addresses.len(), 120);
    assert!(addresses.iter().all(|address| address.as_str().unwrap().parse::<SocketAddr>().is_ok()));
}

#[test]
fn the_list_says_who_answers() {
    let site = Site::new();
    let nginx = site.nginx_tls("nginx");
    site.verify(&[Edge::tls("nginx", &nginx)], &[]);
    let list = listed(&site, 0, &["--probe", HOST]);
    let seen = &list["edges"][0]["seen"][0];
    assert_eq!((&seen["protocol"], &seen["certificate"]["names"]), (&json!("h2"), &json!([HOST])));
    assert_eq!(seen["certificate"]["issuer"], "purgeproof tests");
}

#[test]
fn the_repositorys_own_file_lists() {
    let regions = concat!(env!("CARGO_MANIFEST_DIR"), "/regions.toml");
    let ran = support::run(support::purgeproof().args(["edges", "--dry-run", "--regions", regions]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("203.0.113.10:443"), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
}
