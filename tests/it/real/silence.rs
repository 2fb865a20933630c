//! Servers that do not answer, or not as themselves.

use std::time::Duration;

use purgeproof::clock::Clock;

use super::black_hole::BlackHole;
use super::cdn::{Edge, Site, warm};
use super::nginx::Setup;
use crate::support::server::free_address;

#[test]
fn no_edge_is_blamed_for_an_origin_that_is_down() {
    let mut site = Site::new();
    let (nginx, varnish) = (site.nginx_tls("nginx"), site.varnish("varnish"));
    warm(nginx.plain);
    warm(varnish.plain);
    site.end_origin();
    let before = nginx.asked().len();
    let run = site.verify(&[Edge::tls("nginx", &nginx), Edge::plain("varnish", varnish.plain)], &[]);
    run.assert(3, &[("nginx", "1 unverifiable"), ("varnish", "1 unverifiable")]);
    for edge in ["nginx", "varnish"] {
        assert_eq!(run.finding(edge)["cause"]["id"], "origin-unreachable");
    }
    assert_eq!(nginx.asked().len(), before, "edges need not be asked");
}

#[test]
fn an_origin_that_fails_is_no_reference() {
    let site = Site::with_origin("return 503;");
    let nginx = site.nginx("nginx", &Setup::default());
    let run = site.verify(&[Edge::plain("nginx", nginx.plain)], &[]);
    run.assert(3, &[("nginx", "1 unverifiable")]);
    assert_eq!(run.finding("nginx")["cause"]["id"], "origin-failing");
}

#[test]
fn an_edge_that_is_down_is_unreachable_and_the_other_is_still_judged() {
    let site = Site::new();
    let varnish = site.varnish("varnish");
    warm(varnish.plain);
    site.publish("second", 2);
    let down = free_address();
    let up = Edge::plain("varnish", varnish.plain);
    let run = site.verify(&[Edge::plain("down", down), up], &["--retry", "0"]);
    run.assert(1, &[("down", "1 unreachable"), ("varnish", "1 stale")]);

    site.publish("first", 1);
    let up = Edge::plain("varnish", varnish.plain);
    let run = site.verify(&[Edge::plain("down", down), up], &["--retry", "0"]);
    run.assert(3, &[("down", "1 unreachable"), ("varnish", "1 fresh")]);
    let finding = run.finding("down");
    assert_eq!(finding["phase"], "connect");
    assert_eq!(finding["cause"]["summary"], format!("connect {down}: connection refused"));
}

#[test]
fn a_certificate_for_another_name_is_a_host_not_served() {
    let site = Site::new();
    let tls = Some(site.authority.certify("other", &["other.test"]));
    let nginx = site.nginx("other", &Setup { tls, ..Setup::default() });
    let run = site.verify(&[Edge::tls("other", &nginx)], &[]);
    run.assert(3, &[("other", "1 unreachable")]);
    let finding = run.finding("other");
    assert_eq!((&finding["phase"], &finding["cause"]["id"]), (&"tls".into(), &"host-not-served".into()));
    let summary = finding["cause"]["summary"].as_str().unwrap();
    assert!(summary.starts_with(&format!("tls {}: ", nginx.tls.unwrap())), "{summary}");
    assert!(summary.contains("other.test"), "{summary}");
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let (site, stranger) = (Site::new(), Site::new());
    let tls = Some(stranger.authority.certify("strange", &[super::cdn::HOST]));
    let nginx = site.nginx("strange", &Setup { tls, ..Setup::default() });
    let run = site.verify(&[Edge::tls("strange", &nginx)], &[]);
    run.assert(3, &[("strange", "1 unreachable")]);
    assert_eq!(run.finding("strange")["phase"], "tls");
    let insecure = site.verify(&[Edge::tls("strange", &nginx)], &["--insecure"]);
    insecure.assert(0, &[("strange", "1 fresh")]);
    assert_eq!(insecure.report["run"]["insecure"], true);
}

#[test]
fn a_black_hole_ends_at_its_timeout() {
    let site = Site::new();
    let hole = BlackHole::new();
    let watch = Clock::stopwatch();
    let edges = [Edge::plain("hole", hole.at).with("timeout = \"300ms\"")];
    let run = site.verify(&edges, &["--retry", "0"]);
    let took = watch.elapsed();
    run.assert(3, &[("hole", "1 unreachable")]);
    assert_eq!(run.finding("hole")["cause"]["summary"], format!("timeout {}: no answer within 300 ms", hole.at));
    assert!(took >= Duration::from_millis(300), "{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_black_hole_instead_of_tls_ends_at_the_connections_timeout() {
    let site = Site::new();
    let hole = BlackHole::new();
    let edges = [Edge::secure("hole", hole.at).with("connect_timeout = \"300ms\"")];
    let watch = Clock::stopwatch();
    let run = site.verify(&edges, &["--retry", "0"]);
    let took = watch.elapsed();
    run.assert(3, &[("hole", "1 unreachable")]);
    assert_eq!(run.finding("hole")["cause"]["summary"], format!("tls {}: timed out after 300 ms", hole.at));
    assert!(took < Duration::from_secs(10), "{took:?}");
}
