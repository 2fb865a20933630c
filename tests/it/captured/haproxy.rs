//! `HAProxy` says nothing of its cache but `Age`; an operator adds the rest. It keeps no copy past its time, so that
//! there is none to confirm or to serve stale, and it cannot be purged.

use std::net::SocketAddr;
use std::path::Path;

use super::origin::Did::Sent;
use super::scene::Scene;
use crate::support::server::{Server, free_address};

const OWN_FIELD: &str = "
  http-after-response set-header X-HAProxy-Cache HIT if { res.cache_hit }
  http-after-response set-header X-HAProxy-Cache MISS unless { res.cache_hit }";

const CACHE_STATUS: &str = "
  http-after-response set-header Cache-Status \"haproxy; hit\" if { res.cache_hit }
  http-after-response set-header Cache-Status \"haproxy; fwd=miss\" unless { res.cache_hit }";

pub(super) fn own_field(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, OWN_FIELD)
}

fn cache_status(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, CACHE_STATUS)
}

fn without_any(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, "")
}

fn start(folder: &Path, parent: SocketAddr, says: &str) -> (Server, SocketAddr) {
    let at = free_address();
    let text = format!(
        "defaults
  mode http
  timeout connect 10s
  timeout client 30s
  timeout server 30s
cache store
  total-max-size 16
  max-age 600
frontend edge
  bind {at}
  default_backend origin{says}
backend origin
  http-request cache-use store
  http-response cache-store store
  server origin {parent}
"
    );
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, text).unwrap();
    (Server::start(("haproxy", "haproxy"), folder, &["-db", "-f", file.to_str().unwrap()], at), at)
}

#[test]
fn haproxy_is_read_as_its_operator_makes_it_speak() {
    for row in [own_field, cache_status] {
        let scene = Scene::of(&[row]);
        scene.get("/kept").is_by(&[Sent]).reads("haproxy", "miss");
        scene.get("/kept").is_by(&[]).reads("haproxy", "hit");
        scene.get("/brief").is_by(&[Sent]).reads("haproxy", "miss");
        scene.origin.publish();
        scene.get_until("/brief", Sent, "haproxy").reads("haproxy", "miss");
    }
}

#[test]
fn a_haproxy_that_was_not_made_to_speak_is_unknown() {
    let scene = Scene::of(&[without_any]);
    scene.get("/kept").is_by(&[Sent]).reads("unknown", "unknown");
    let reading = scene.get("/kept").is_by(&[]).reads("unknown", "unknown");
    assert!(reading.age_seconds.is_some());
}
