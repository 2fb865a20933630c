//! What real caches hold against what a real origin serves.

use std::collections::BTreeSet;

use super::cdn::{APP, Edge, HOST, LATER, LONG_AGO, Site, purge_nginx, purge_varnish, warm};
use super::nginx::{Nginx, Setup};
use super::plain;
use super::varnish::Varnish;
use crate::support::server::until;

struct Pair {
    site: Site,
    nginx: Nginx,
    varnish: Varnish,
}

impl Pair {
    /// Two edges that both hold the first content.
    fn warm() -> Self {
        let site = Site::new();
        let (nginx, varnish) = (site.nginx_tls("nginx"), site.varnish("varnish"));
        warm(nginx.plain);
        warm(varnish.plain);
        Self { site, nginx, varnish }
    }

    fn edges(&self) -> [Edge<'static>; 2] {
        [Edge::tls("nginx", &self.nginx), Edge::plain("varnish", self.varnish.plain)]
    }
}

#[test]
fn copies_of_the_current_content_are_fresh() {
    let pair = Pair::warm();
    let run = pair.site.verify(&pair.edges(), &["--purged-at", LONG_AGO]);
    run.assert(0, &[("nginx", "1 fresh"), ("varnish", "1 fresh")]);
}

#[test]
fn content_changed_and_nothing_purged_is_stale_everywhere() {
    let pair = Pair::warm();
    pair.site.publish("second", 2);
    let run = pair.site.verify(&pair.edges(), &[]);
    run.assert(1, &[("nginx", "1 stale"), ("varnish", "1 stale")]);
    assert_eq!(run.finding("nginx")["observed"]["last_modified"], "Wed, 15 Nov 2023 22:13:20 GMT");
    assert_eq!(run.finding("nginx")["reference"]["last_modified"], "Thu, 16 Nov 2023 22:13:20 GMT");
}

#[test]
fn a_purge_that_missed_varnish_leaves_exactly_varnish_stale() {
    let pair = Pair::warm();
    pair.site.publish("second", 2);
    purge_nginx(&pair.nginx);
    let run = pair.site.verify(&pair.edges(), &["--purged-at", LATER]);
    run.assert(1, &[("nginx", "1 fresh"), ("varnish", "1 stale")]);
    assert_eq!(run.finding("varnish")["cause"]["id"], "edge-not-purged");
    assert_eq!(run.finding("varnish")["layers"][0]["status"], "hit");
}

#[test]
fn a_purge_that_missed_nginx_leaves_exactly_nginx_stale() {
    let pair = Pair::warm();
    pair.site.publish("second", 2);
    purge_varnish(&pair.varnish);
    let run = pair.site.verify(&pair.edges(), &[]);
    run.assert(1, &[("nginx", "1 stale"), ("varnish", "1 fresh")]);
    assert_eq!(run.finding("nginx")["layers"][0]["status"], "hit");
}

#[test]
fn a_purge_that_reached_both_edges_leaves_them_fresh() {
    let pair = Pair::warm();
    pair.site.publish("second", 2);
    purge_nginx(&pair.nginx);
    purge_varnish(&pair.varnish);
    let run = pair.site.verify(&pair.edges(), &["--purged-at", "now"]);
    run.assert(0, &[("nginx", "1 fresh"), ("varnish", "1 fresh")]);
    assert_eq!(run.report["summary"]["parity_percent"], 100.0);
}

#[test]
fn content_of_the_same_length_and_date_is_told_apart_by_its_bytes() {
    // nginx makes its entity tags of length and date.
    let pair = Pair::warm();
    pair.site.publish("tsrif", 1);
    let run = pair.site.verify(&pair.edges(), &["--body", "always", "--purged-at", LATER]);
    // The one tells no age, but the other has the same bytes and does.
    run.assert(1, &[("nginx", "1 stale"), ("varnish", "1 stale")]);
    let alone = pair.site.verify(&pair.edges()[..1], &["--body", "always", "--purged-at", LATER]);
    alone.assert(1, &[("nginx", "1 divergent")]);
}

#[test]
fn a_copy_from_before_the_purge_with_the_same_content_is_unpurged_and_passes() {
    let pair = Pair::warm();
    let varnish = &pair.edges()[1..];
    let run = pair.site.verify(varnish, &["--purged-at", LATER]);
    run.assert(0, &[("varnish", "1 unpurged")]);
    let strict = pair.site.verify(varnish, &["--purged-at", LATER, "--fail-on", "stale,unpurged"]);
    strict.assert(1, &[("varnish", "1 unpurged")]);
}

#[test]
fn a_tag_that_nginx_weakened_by_compressing_is_fresh() {
    let site = Site::new();
    site.publish(&"compress me ".repeat(100), 1);
    let nginx = site.nginx("nginx", &Setup { gzip: true, ..Setup::default() });
    warm(nginx.plain);
    let edges = [Edge::plain("nginx", nginx.plain)];
    let run = site.verify(&edges, &["--variant", "gzip", "--method", "get", "--body", "never"]);
    run.assert(0, &[("nginx", "1 fresh")]);
    let bodies = site.verify(&edges, &["--variant", "gzip", "--body", "always"]);
    bodies.assert(0, &[("nginx", "1 fresh")]);
    site.publish(&"COMPRESS ME ".repeat(100), 2);
    let changed = site.verify(&edges, &["--variant", "gzip", "--method", "get"]);
    changed.assert(1, &[("nginx", "1 stale")]);
    let etag = changed.finding("nginx")["observed"]["etag"].as_str().unwrap();
    assert!(etag.starts_with("W/"), "nginx did not weaken {etag}");
}

#[test]
fn an_expired_copy_that_varnish_serves_in_grace_is_stale() {
    // Varnish loses its way to the origin, so the copy stays; it was modified later than the origin's content, which
    // was rolled back, so that its age alone gives it away.
    let site = Site::new();
    site.publish("second", 2);
    let behind = site.second_origin("add_header Cache-Control max-age=1;");
    let varnish = Varnish::edge(&site.path("varnish"), behind.plain);
    warm(varnish.plain);
    drop(behind);
    site.publish("first", 1);
    until("the copy is in grace", || {
        let age = plain::request(varnish.plain, "GET", HOST, APP).field("age")?.parse::<u32>().ok()?;
        (age > 1).then_some(())
    });
    let run = site.verify(&[Edge::plain("varnish", varnish.plain)], &[]);
    run.assert(1, &[("varnish", "1 stale")]);
    assert_eq!(run.finding("varnish")["layers"][0]["status"], "hit");
    assert_eq!(run.finding("varnish")["cause"]["id"], "stale-while-revalidate");
}

#[test]
fn a_shield_that_kept_the_old_copy_makes_the_purged_edge_before_it_stale() {
    let site = Site::new();
    let shield = site.varnish("shield");
    let nginx = Nginx::edge(&site.path("nginx"), shield.plain, &Setup::default());
    warm(nginx.plain);
    site.publish("second", 2);
    purge_nginx(&nginx);
    let run = site.verify(&[Edge::plain("nginx", nginx.plain)], &["--purged-at", LATER]);
    run.assert(1, &[("nginx", "1 stale")]);
    // nginx signs no Via, so which of the two stands in front is not to be seen.
    let layers = run.finding("nginx")["layers"].as_array().unwrap();
    let layers: BTreeSet<_> = layers.iter().map(|layer| layer["provider"].as_str().unwrap()).collect();
    assert_eq!(layers, BTreeSet::from(["nginx", "varnish"]));
}

#[test]
fn an_edge_that_only_passes_on_is_not_stale() {
    let site = Site::new();
    let nginx = site.nginx("nginx", &Setup { without_cache: true, ..Setup::default() });
    site.publish("second", 2);
    let run = site.verify(&[Edge::plain("nginx", nginx.plain)], &["--purged-at", LATER]);
    run.assert(0, &[("nginx", "1 fresh")]);
}

#[test]
fn a_copy_of_a_page_that_the_origin_has_removed_is_told() {
    let pair = Pair::warm();
    std::fs::remove_file(pair.site.path("files").join("app.js")).unwrap();
    let run = pair.site.verify(&pair.edges()[1..], &["--purged-at", LATER]);
    run.assert(1, &[("varnish", "1 stale")]);
    assert_eq!(run.finding("varnish")["reference"]["status"], 404);
}

#[test]
fn a_missing_page_that_varnish_remembers_is_told_when_the_origin_has_it() {
    let site = Site::new();
    let varnish = site.varnish("varnish");
    assert_eq!(plain::request(varnish.plain, "GET", HOST, "/late.js").status, 404);
    site.publish_at("/late.js", "here", 1);
    let edges = [Edge::plain("varnish", varnish.plain)];
    let run = site.verify_paths(&["/late.js"], &edges, &["--purged-at", LATER]);
    run.assert(1, &[("varnish", "1 stale")]);
    assert_eq!(run.finding("varnish")["cause"]["id"], "negative-cached");
    site.verify_paths(&["/late.js"], &edges, &[]).assert(1, &[("varnish", "1 failing")]);
}
