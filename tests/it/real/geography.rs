//! Edges found by the tenant's own name, as clients elsewhere are led there.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use purgeproof::clock::Clock;
use serde_json::{Value, json};

use super::cdn::{Edge, HOST, Site, warm};
use super::dnsdist::Dnsdist;
use super::nginx::{Nginx, Setup};
use super::powerdns::PowerDns;
use crate::support;
use crate::support::server::{beside, four, free_address};

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

/// Four edges with one port, where clients in four networks of each family are led.
struct Four {
    site: Site,
    edges: [Nginx; 4],
    names: PowerDns,
}

const V4: [&str; 4] = [HERE, THERE, "192.0.2.0/24", "198.18.0.0/24"];
const V6: [&str; 4] = ["2001:db8:1::/48", "2001:db8:2::/48", "2001:db8:3::/48", "2001:db8:4::/48"];

impl Four {
    fn new() -> Self {
        let site = Site::new();
        let at = four(free_address());
        let edge = |nth: usize| site.nginx(&format!("edge{nth}"), &Setup { at: Some(at[nth]), ..Setup::default() });
        let edges = [edge(0), edge(1), edge(2), edge(3)];
        let leads: Vec<_> = [V4, V6].iter().flat_map(|of| of.iter().copied().zip(at.map(|at| at.ip()))).collect();
        let names = PowerDns::by_subnet(&site.path("names"), &leads);
        Self { site, edges, names }
    }

    /// Each of the eight networks is led to its own edge, whoever is asked.
    fn holds(&mut self, resolver: &str) {
        self.site.resolver = Some(resolver.to_owned());
        let port = self.edges[0].plain.port();
        let networks: Vec<_> = V4.into_iter().chain(V6).enumerate().collect();
        let names: Vec<String> = networks.iter().map(|(nth, _)| format!("edge{nth}")).collect();
        let edges: Vec<_> =
            networks.iter().map(|(nth, of)| Edge::by_tenant(&names[*nth], port).with(&subnet(of))).collect();
        let before = self.edges.each_ref().map(|edge| edge.asked().len());
        let run = self.site.verify(&edges, &[]);
        assert_eq!(run.code, 0, "{resolver}: {:#}", run.report);
        for (nth, of) in networks {
            let row = &run.report["edges"][nth];
            let (address, scope) = (self.edges[nth % 4].plain.to_string(), of.split_once('/').unwrap().1);
            assert_eq!((&row["name"], &row["addresses"]), (&json!(names[nth]), &json!([address])), "{resolver}");
            assert_eq!(row["scope"].to_string(), scope, "{resolver}");
        }
        for (edge, before) in self.edges.iter().zip(before) {
            assert!(edge.asked().len() > before, "{resolver}: {} was not asked", edge.plain);
        }
    }
}

#[test]
fn four_networks_are_led_to_four_edges_however_the_resolver_is_asked() {
    let mut four = Four::new();
    let pair = four.site.authority.certify("dns", &["dns.site.test", "127.0.0.1"]);
    let front = Dnsdist::start(&four.site.path("front"), four.names.at, &pair);
    four.holds(&format!("udp://{}", four.names.at));
    four.holds(&format!("tcp://{}", four.names.at));
    four.holds(&format!("tls://dns.site.test@{}", front.tls));
    four.holds(&format!("https://dns.site.test@{}/dns-query", front.https));
}

#[test]
fn a_name_is_asked_for_once_by_kind_and_subnet() {
    let mut four = Four::new();
    four.site.resolver = Some(format!("udp://{}", four.names.at));
    let port = four.edges[0].plain.port();
    let edge = |name, of: &str| Edge::by_tenant(name, port).with(&subnet(of));
    let flat = |name| Edge::named(name, "flat.site.test", 9);
    let edges = [edge("one", HERE), edge("same", HERE), edge("other", THERE), flat("flat"), flat("again")];
    let before = four.names.asked();
    four.site.verify_paths(&["/app.js", "/app.js?a", "/app.js?b"], &edges, &["--retry", "0"]);
    // Three names by subnet, each for A and AAAA, though seven ask.
    assert_eq!(four.names.asked() - before, 6);
}

#[test]
fn a_dead_resolver_costs_its_own_time_and_no_other_region() {
    let site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    let dead = std::net::UdpSocket::bind(free_address()).unwrap();
    let dead = format!("resolver = \"udp://{}\", connect_timeout = \"3s\"", dead.local_addr().unwrap());
    let edges = [Edge::plain("nginx", nginx.plain), Edge::by_tenant("dead", nginx.plain.port()).with(&dead)];
    let watch = Clock::stopwatch();
    let run = site.verify(&edges, &["--retry", "0"]);
    let took = watch.elapsed();
    run.assert(3, &[("nginx", "1 fresh"), ("dead", "1 unreachable")]);
    assert_eq!(run.finding("dead")["cause"]["summary"], format!("dns {HOST}: timed out after 3 s"));
    assert!(took >= Duration::from_secs(3) && took < Duration::from_secs(6), "{took:?}");
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
fn whoever_is_not_expected_ends_the_list_with_three() {
    let site = Site::new();
    let says = "add_header Server cloudflare always; add_header CF-Ray 8926f1e2ab3c4d5e-AMS always;";
    let ams = site.nginx("ams", &Setup { says, ..Setup::default() });
    let edge = |keys| [Edge::plain("edge", ams.plain).with(keys)];
    for (keys, code) in [("pop = \"ams\"", 0), ("pop = \"FRA\"", 3), ("provider = \"fastly\"", 3)] {
        site.verify(&edge(keys), &[]);
        let list = listed(&site, code, &["--probe", HOST]);
        let seen = &list["edges"][0]["seen"][0];
        assert_eq!((&seen["provider"], &seen["pop"]), (&json!("cloudflare"), &json!("AMS")));
        listed(&site, 0, &[]);
    }
    site.verify(&[Edge::plain("down", free_address())], &["--retry", "0"]);
    let list = listed(&site, 3, &["--probe", HOST]);
    assert!(list["edges"][0]["seen"][0]["error"].as_str().unwrap().ends_with("connection refused"));
}

#[test]
fn a_written_file_names_secrets_and_keeps_what_it_does_not_pin() {
    let site = Site::new();
    let names = PowerDns::start(&site.path("names"), &[("pop", [127, 0, 1, 1].into()), ("pop", [127, 0, 1, 2].into())]);
    let (from, to) = (site.path("from.toml"), site.path("to.toml"));
    let text = format!(
        "schema = 1\n[origin]\nurl = \"http://127.0.0.1:9\"\nheaders = {{ X-Auth = \"${{SITE_AUTH}}\" }}\n\
         [defaults]\nscheme = \"http\"\nport = 9\nedge_rate = 7\n[regions.here]\nname = \"Here\"\n\
         resolver = \"udp://{}\"\nedges = [{{ name = \"a\", hostname = \"alias.cdn.test\", pop = \"AMS\" }},\n\
         {{ name = \"gone\", hostname = \"gone.cdn.test\", headers = {{ X-Key = \"${{SITE_AUTH}}\" }} }}]\n",
        names.at
    );
    std::fs::write(&from, text).unwrap();
    let list = |file: &Path, flags: &[&str]| {
        let mut command = support::purgeproof();
        command.env("SITE_AUTH", "hunter2-hunter2").args(["edges", "--format", "json", "--regions"]).arg(file);
        let ran = support::run(command.args(flags));
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()
    };
    list(&from, &["--write", &to.display().to_string()]);
    let written = std::fs::read_to_string(&to).unwrap();
    assert!(!written.contains("hunter2") && written.matches("${SITE_AUTH}").count() == 2, "{written}");
    let kept: toml::Table = written.parse().unwrap();
    assert_eq!(kept["defaults"]["edge_rate"].as_integer(), Some(7));
    assert_eq!(kept["regions"]["here"]["name"].as_str(), Some("Here"));
    drop(names);
    let rows = list(&to, &["--connect-timeout", "1s"]);
    let row = |nth: usize| (rows["edges"][nth]["name"].clone(), rows["edges"][nth]["addresses"].clone());
    assert_eq!(row(0), (json!("a-1"), json!(["127.0.1.1:9"])));
    assert_eq!(row(1), (json!("a-2"), json!(["127.0.1.2:9"])));
    assert_eq!(row(2), (json!("gone"), json!([])));
    assert_eq!(rows["edges"][1]["pop"], "AMS");
}

#[test]
fn the_repositorys_own_file_lists() {
    let regions = concat!(env!("CARGO_MANIFEST_DIR"), "/regions.toml");
    let ran = support::run(support::purgeproof().args(["edges", "--dry-run", "--regions", regions]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("203.0.113.10:443"), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
}
