//! The cause that real caches' behaviour leads to.

use super::cdn::{APP, Edge, HOST, LATER, Site, purge_nginx, purge_varnish, warm, warm_path};
use super::nginx::{Nginx, Setup};
use super::plain;
use super::varnish::Varnish;

#[test]
fn a_purge_of_the_bare_path_leaves_its_queries() {
    let site = Site::new();
    let nginx = site.nginx("nginx", &Setup::default());
    warm(nginx.plain);
    warm_path(nginx.plain, "/app.js?v=1");
    site.publish("second", 2);
    purge_nginx(&nginx);
    let edges = [Edge::plain("nginx", nginx.plain)];
    let run = site.verify_paths(&["/app.js?v=1"], &edges, &[]);
    run.assert(1, &[("nginx", "1 stale")]);
    assert_eq!(run.finding("nginx")["cause"]["id"], "query-key");
    let blind = site.verify_paths(&["/app.js?v=1"], &edges, &["--no-sweep"]);
    assert_ne!(blind.finding("nginx")["cause"]["id"], "query-key");
}

#[test]
fn a_purge_of_one_encoding_leaves_the_other() {
    let site = Site::new();
    let nginx = site.nginx("nginx", &Setup { by_encoding: true, ..Setup::default() });
    let edges = [Edge::plain("nginx", nginx.plain)];
    let both = ["--variant", "identity", "--variant", "gzip"];
    site.verify(&edges, &both).assert(0, &[("nginx", "2 fresh")]);
    site.publish("second", 2);
    purge_nginx(&nginx);
    let run = site.verify(&edges, &both);
    run.assert(1, &[("nginx", "1 fresh, 1 stale")]);
    assert_eq!(run.finding("nginx")["variant"], "gzip");
    assert_eq!(run.finding("nginx")["cause"]["id"], "variant-missed");
}

#[test]
fn other_tags_over_equal_bytes_are_fresh_with_a_note() {
    let site = Site::new();
    let elsewhere = site.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::copy(site.path("files").join("app.js"), elsewhere.join("app.js")).unwrap();
    let other = Nginx::origin(&site.path("other-origin"), &elsewhere, "");
    let nginx = Nginx::edge(&site.path("nginx"), other.plain, &Setup::default());
    warm(nginx.plain);
    let run = site.verify(&[Edge::plain("nginx", nginx.plain)], &[]);
    run.assert(0, &[("nginx", "1 fresh")]);
    let notes = run.report["notes"].as_array().unwrap();
    let note = notes.iter().find(|note| note["id"] == "etag-differs-content-same").unwrap();
    assert_eq!((&note["checks"], &note["examples"][0]["path"]), (&1.into(), &APP.into()));
}

#[test]
fn an_edge_that_refilled_from_its_shield_names_the_shield() {
    let site = Site::new();
    let shield = site.varnish("shield");
    let edge = Varnish::edge(&site.path("edge"), shield.plain);
    plain::request(edge.plain, "GET", HOST, APP);
    site.publish("second", 2);
    purge_varnish(&edge);
    let edges = [Edge::plain("edge", edge.plain)];
    let run = site.verify(&edges, &["--purged-at", LATER]);
    run.assert(1, &[("edge", "1 stale")]);
    let finding = run.finding("edge");
    assert_eq!(finding["cause"]["id"], "shield-refilled-stale", "{finding:#}");
    let layers = finding["layers"].as_array().unwrap();
    assert_eq!((layers.len(), &layers[0]["status"]), (2, &"hit".into()));
    purge_varnish(&shield);
    purge_varnish(&edge);
    site.verify(&edges, &[]).assert(0, &[("edge", "1 fresh")]);
}
