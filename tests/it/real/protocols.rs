//! The same content over each version of HTTP that a server speaks.

use super::cdn::{Edge, Site, warm};
use super::nginx::{Nginx, Setup};

fn spoken(nginx: &Nginx) -> Vec<String> {
    let asked = nginx.asked();
    let of_verify = asked.iter().filter(|line| line.contains(" HEAD "));
    let mut spoken: Vec<String> = of_verify.filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect();
    spoken.dedup();
    spoken
}

#[test]
fn over_tls_http_2_is_spoken_where_the_edge_offers_it() {
    let site = Site::new();
    let nginx = site.nginx_tls("nginx");
    let run = site.verify(&[Edge::tls("nginx", &nginx)], &[]);
    run.assert(0, &[("nginx", "1 fresh")]);
    assert_eq!(spoken(&nginx), ["HTTP/2.0"]);
}

#[test]
fn http_1_1_is_spoken_where_nothing_else_is_wanted() {
    let site = Site::new();
    let nginx = site.nginx_tls("nginx");
    warm(nginx.plain);
    site.publish("second", 2);
    let run = site.verify(&[Edge::tls("nginx", &nginx)], &["--http1.1"]);
    run.assert(1, &[("nginx", "1 stale")]);
    assert_eq!(spoken(&nginx), ["HTTP/1.1"]);
}

#[test]
fn http_1_1_is_spoken_where_the_edge_offers_nothing_else() {
    let site = Site::new();
    let tls = Some(site.authority.certify("old", &[super::cdn::HOST]));
    let nginx = site.nginx("old", &Setup { tls, without_h2: true, ..Setup::default() });
    let run = site.verify(&[Edge::tls("old", &nginx)], &[]);
    run.assert(0, &[("old", "1 fresh")]);
    assert_eq!(spoken(&nginx), ["HTTP/1.1"]);
    let h2_only = site.verify(&[Edge::tls("old", &nginx)], &["--http2"]);
    h2_only.assert(3, &[("old", "1 unreachable")]);
    assert_eq!(h2_only.finding("old")["phase"], "tls");
}

#[test]
fn plain_http_is_http_1_1() {
    let site = Site::new();
    let nginx = site.nginx("plain", &Setup::default());
    let run = site.verify(&[Edge::plain("plain", nginx.plain)], &[]);
    run.assert(0, &[("plain", "1 fresh")]);
    assert_eq!(spoken(&nginx), ["HTTP/1.1"]);
}

#[test]
fn a_varnish_behind_tls_of_nginx_is_seen_through_it() {
    let site = Site::new();
    let varnish = site.varnish("varnish");
    warm(varnish.plain);
    let tls = Some(site.authority.certify("front", &[super::cdn::HOST]));
    let setup = Setup { tls, without_cache: true, ..Setup::default() };
    let front = Nginx::edge(&site.path("front"), varnish.plain, &setup);
    site.publish("second", 2);
    let run = site.verify(&[Edge::tls("front", &front)], &[]);
    run.assert(1, &[("front", "1 stale")]);
    assert_eq!(run.finding("front")["provider_seen"], "varnish");
    assert_eq!(spoken(&front), ["HTTP/2.0"]);
}
