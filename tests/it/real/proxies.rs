//! Edges behind real proxies.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::report;

use super::black_hole::BlackHole;
use super::cdn::{Edge, HOST, LATER, Site, warm};
use super::nginx::{Nginx, Setup};
use super::proxy::Proxy;
use crate::support::server::free_address;
use crate::support::{purgeproof, run};

const PASSWORD: &str = "s3cret-of-the-proxy";
const WRONG: &str = "wr0ng-for-the-proxy";

/// Leads the proxy to an edge in place of the tenant's own name.
fn to(edge: SocketAddr) -> String {
    format!("{HOST}:443:{}:{}", edge.ip(), edge.port())
}

fn told(proxy: SocketAddr, words: &str) -> String {
    format!("proxy {proxy}: {words}")
}

#[test]
fn edges_behind_each_kind_of_proxy_are_verified() {
    let site = Site::new();
    let nginx = site.nginx_tls("nginx");
    let tls = nginx.tls.unwrap();
    let open = Proxy::connect(&site.path("open"), "");
    let guarded = Proxy::connect(&site.path("guarded"), &format!("BasicAuth ada {PASSWORD}"));
    let socks = Proxy::socks(&site.path("socks"), None);
    let guarded_socks = Proxy::socks(&site.path("guarded-socks"), Some(("ada", PASSWORD)));
    let edges = || {
        [
            Edge::through("open", &format!("http://{}", open.at)),
            Edge::through("guarded", &format!("http://ada:{PASSWORD}@{}", guarded.at)),
            Edge::through("socks", &format!("socks5h://{}", socks.at)),
            Edge::through("socks-guarded", &format!("socks5h://ada:{PASSWORD}@{}", guarded_socks.at)),
        ]
    };
    let there = to(tls);
    let verdicts = |word| ["open", "guarded", "socks", "socks-guarded"].map(|edge| (edge, word));
    let ran = site.verify(&edges(), &["--connect-to", &there]);
    ran.assert(0, &verdicts("1 fresh"));
    assert_eq!(ran.report["edges"][1]["addresses"], serde_json::json!([open.at.to_string()]));
    let asked = nginx.asked();
    assert!(asked.len() >= 4 && asked.iter().all(|line| line.starts_with("HTTP/2.0 ")), "{asked:?}");

    site.publish("second", 2);
    let ran = site.verify(&edges(), &["--connect-to", &there, "--purged-at", LATER]);
    ran.assert(1, &verdicts("1 stale"));
    let finding = ran.finding("guarded");
    assert_eq!(finding["address"], guarded.at.to_string());
    let reproduce = finding["reproduce"].as_str().unwrap();
    let flags = format!("--proxy 'http://***@{}' --connect-to ::{tls} ", guarded.at);
    assert!(reproduce.contains(&flags), "{reproduce}");
    assert!(!ran.report.to_string().contains(PASSWORD));
}

/// An nginx where `localhost` leads.
fn at_localhost(site: &Site) -> Nginx {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = Some(SocketAddr::from(([127, 0, 0, 1], port)));
    site.nginx("nginx", &Setup { at, ..Setup::default() })
}

#[test]
fn who_answers_behind_a_proxy_is_asked_through_it() {
    let site = Site::new();
    let nginx = at_localhost(&site);
    let proxy = Proxy::connect(&site.path("proxy"), "");
    let regions = site.path("regions.toml");
    let edge =
        format!("name = \"a\", scheme = \"http\", port = {}, proxy = \"http://{}\"", nginx.plain.port(), proxy.at);
    std::fs::write(&regions, format!("schema = 1\n[regions.here]\nedges = [{{ {edge} }}]\n")).unwrap();
    let ran =
        run(purgeproof().args(["edges", "--format", "json", "--probe", "localhost/app.js", "--regions"]).arg(&regions));
    let listed: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let edge = &listed["edges"][0];
    assert_eq!((&edge["found"], &edge["addresses"][0]), (&"proxy".into(), &proxy.at.to_string().into()), "{edge}");
    assert_eq!(edge["seen"][0]["status"], 200, "{edge}");
    assert!(nginx.asked().iter().any(|line| line.starts_with("HTTP/1.1 HEAD /app.js 200")), "{:?}", nginx.asked());
}

#[test]
fn plain_http_goes_through_a_tunnel_too_and_the_proxy_resolves_the_name() {
    let site = Site::new();
    let nginx = at_localhost(&site);
    warm(nginx.plain);
    let (http, socks) = (Proxy::connect(&site.path("http"), ""), Proxy::socks(&site.path("socks"), None));
    let edges = [
        Edge::through("http", &format!("http://{}", http.at)).with("scheme = \"http\""),
        Edge::through("socks", &format!("socks5h://{}", socks.at)).with("scheme = \"http\""),
    ];
    let there = format!("{HOST}:80:localhost:{}", nginx.plain.port());
    site.verify(&edges, &["--connect-to", &there]).assert(0, &[("http", "1 fresh"), ("socks", "1 fresh")]);
}

#[test]
fn what_a_proxy_refuses_is_told_apart() {
    let site = Site::new();
    let nginx = site.nginx_tls("nginx");
    let tls = nginx.tls.unwrap();
    let filter = site.path("filter");
    std::fs::write(&filter, "^127\n").unwrap();
    let guarded = Proxy::connect(&site.path("guarded"), &format!("BasicAuth ada {PASSWORD}"));
    let filtering = Proxy::connect(&site.path("filtering"), &format!("Filter \"{}\"", filter.display()));
    let ports = Proxy::connect(&site.path("ports"), "ConnectPort 443");
    let socks = Proxy::socks(&site.path("socks"), Some(("ada", PASSWORD)));
    let nobody = free_address();
    let http = |name, at| Edge::through(name, &format!("http://{at}"));
    let edges = [
        http("nothing-shown", guarded.at),
        Edge::through("wrong", &format!("http://ada:{WRONG}@{}", guarded.at)),
        http("filtered", filtering.at),
        http("port", ports.at),
        Edge::through("socks-nothing-shown", &format!("socks5h://{}", socks.at)),
        Edge::through("socks-wrong", &format!("socks5h://ada:{WRONG}@{}", socks.at)),
        http("dead", nobody),
        Edge::through("socks-dead", &format!("socks5h://{nobody}")),
    ];
    let ran = site.verify(&edges, &["--retry", "0", "--connect-to", &to(tls)]);
    let wanted = "the proxy wants credentials, write them into its URL";
    for (edge, at, words) in [
        ("nothing-shown", guarded.at, format!("407 Proxy Authentication Required: {wanted}")),
        ("wrong", guarded.at, "401 Unauthorized: the proxy refused the credentials".to_owned()),
        ("filtered", filtering.at, format!("403 Forbidden: the proxy may not connect to {tls}")),
        ("port", ports.at, format!("403 Forbidden: the proxy may not connect to {tls}")),
        ("socks-nothing-shown", socks.at, wanted.to_owned()),
        ("socks-wrong", socks.at, "the proxy refused the credentials".to_owned()),
        ("dead", nobody, "connection refused".to_owned()),
        ("socks-dead", nobody, "connection refused".to_owned()),
    ] {
        let finding = ran.finding(edge);
        assert_eq!(finding["cause"]["summary"], told(at, &words), "{edge}");
        assert_eq!((&finding["phase"], &finding["address"]), (&"proxy".into(), &at.to_string().into()), "{edge}");
    }
    assert_eq!(ran.code, 3);
}

#[test]
fn an_edge_that_the_proxy_cannot_reach_is_no_dead_proxy() {
    let site = Site::new();
    let nobody = free_address();
    let (http, socks) = (Proxy::connect(&site.path("http"), ""), Proxy::socks(&site.path("socks"), None));
    let edges = [
        Edge::through("http", &format!("http://{}", http.at)),
        Edge::through("socks", &format!("socks5h://{}", socks.at)),
    ];
    let ran = site.verify(&edges, &["--retry", "0", "--connect-to", &to(nobody)]);
    ran.assert(3, &[("http", "1 unreachable"), ("socks", "1 unreachable")]);
    let said = |edge: &str| ran.finding(edge)["cause"]["summary"].as_str().unwrap().to_owned();
    let unconnected = format!(": the proxy did not connect to {nobody}");
    assert!(said("http").starts_with(&told(http.at, "5")) && said("http").ends_with(&unconnected), "{}", said("http"));
    assert_eq!(said("socks"), told(socks.at, &format!("connection refused{unconnected}")));
}

#[test]
fn a_proxy_that_is_a_black_hole_ends_at_the_connections_timeout() {
    let site = Site::new();
    let hole = BlackHole::new();
    let limit = "connect_timeout = \"300ms\"";
    let edges = [
        Edge::through("http", &format!("http://{}", hole.at)).with(limit),
        Edge::through("socks", &format!("socks5h://{}", hole.at)).with(limit),
    ];
    let watch = Clock::stopwatch();
    let ran = site.verify(&edges, &["--retry", "0"]);
    let took = watch.elapsed();
    ran.assert(3, &[("http", "1 unreachable"), ("socks", "1 unreachable")]);
    for edge in ["http", "socks"] {
        assert_eq!(ran.finding(edge)["cause"]["summary"], told(hole.at, "no answer within 300 ms"));
    }
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_certificate_is_checked_through_a_proxy() {
    let site = Site::new();
    let tls = Some(site.authority.certify("strange", &["other.test"]));
    let nginx = site.nginx("nginx", &Setup { tls, ..Setup::default() });
    let proxy = Proxy::connect(&site.path("proxy"), "");
    let edges = [Edge::through("strange", &format!("http://{}", proxy.at))];
    let ran = site.verify(&edges, &["--retry", "0", "--connect-to", &to(nginx.tls.unwrap())]);
    ran.assert(3, &[("strange", "1 unreachable")]);
    assert_eq!(
        (&ran.finding("strange")["phase"], &ran.finding("strange")["cause"]["id"]),
        (&"tls".into(), &"host-not-served".into())
    );
}

#[test]
fn credentials_are_in_no_output() {
    let site = Site::new();
    let nginx = site.nginx_tls("nginx");
    let tls = nginx.tls.unwrap();
    let guarded = Proxy::connect(&site.path("guarded"), &format!("BasicAuth ada {PASSWORD}"));
    let socks = Proxy::socks(&site.path("socks"), Some(("ada", PASSWORD)));
    let edges = [
        Edge::through("good", &format!("http://ada:{PASSWORD}@{}", guarded.at)),
        Edge::through("wrong", &format!("http://ada-l:{WRONG}@{}", guarded.at)),
        Edge::through("socks", &format!("socks5h://ada-l:{WRONG}@{}", socks.at)),
    ];
    let there = to(tls);
    let flags = ["--connect-to", there.as_str()];
    site.verify(&edges, &[&flags[..], &["--retry", "0"]].concat())
        .assert(3, &[("good", "1 fresh"), ("wrong", "1 unreachable"), ("socks", "1 unreachable")]);
    let (regions, tenants) = (site.path("regions.toml"), site.path("tenants.yaml"));
    let show = |arguments: &[&str]| {
        let mut command = purgeproof();
        command
            .args(&arguments[..1])
            .arg("--regions")
            .arg(&regions)
            .arg("--tenants")
            .arg(&tenants)
            .args(&arguments[1..]);
        let ran = run(&mut command);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        for secret in [PASSWORD, WRONG, "ada-l:", "ada:"] {
            assert!(!all.contains(secret), "{arguments:?} shows {secret}:\n{all}");
        }
        all
    };
    for format in report::ALL {
        show(&[&["verify", "--format", format.id, "--verbose", "--retry", "0"], &flags[..]].concat());
    }
    let masked = format!("http://***@{}", guarded.at);
    for arguments in [&["verify", "--dry-run"][..], &["edges"], &["edges", "--dry-run"], &["edges", "--format", "json"]]
    {
        let shown = show(arguments);
        assert!(shown.contains(&masked), "{arguments:?}: {shown}");
    }
    show(&["edges", "--probe", HOST, "--format", "json"]);

    let broken = std::fs::read_to_string(&regions).unwrap().replace("socks5h://", "socks5://");
    std::fs::write(&regions, broken).unwrap();
    let error = show(&["verify"]);
    assert!(
        error.contains("regions.toml:15: region \"here\"") && error.contains("did you mean \"socks5h://\"?"),
        "{error}"
    );
}
