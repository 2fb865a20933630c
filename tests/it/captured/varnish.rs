//! Varnish tells a hit by a second id. Nothing but `Age` tells a copy in grace from a fresh one, and an expired copy
//! that it fetched anew, or had confirmed, shows as a miss.

use std::net::SocketAddr;
use std::path::Path;

use super::origin::Did::{Confirmed, Sent};
use super::origin::Mood;
use super::scene::Scene;
use crate::support::server::{Server, free_address, until};

pub(super) fn varnish(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, "set beresp.grace = 1h;")
}

fn without_grace(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, "set beresp.grace = 0s; set beresp.keep = 1h;")
}

fn start(folder: &Path, parent: SocketAddr, keeping: &str) -> (Server, SocketAddr) {
    let at = free_address();
    let vcl = folder.join("edge.vcl");
    let text = format!(
        "vcl 4.1;
         backend default {{ .host = \"{}\"; .port = \"{}\"; }}
         sub vcl_recv {{
           if (req.method == \"PURGE\") {{ return (purge); }}
           if (req.http.X-Pass) {{ return (pass); }}
         }}
         sub vcl_backend_response {{ {keeping} }}",
        parent.ip(),
        parent.port()
    );
    std::fs::write(&vcl, text).unwrap();
    let (working, listen) = (folder.join("working"), at.to_string());
    let (working, vcl) = (working.to_str().unwrap(), vcl.to_str().unwrap());
    let arguments = ["-F", "-n", working, "-a", &listen, "-T", "none", "-f", vcl, "-s", "malloc,32m", "-j", "none"];
    (Server::start(("varnishd", "varnish"), folder, &arguments, at), at)
}

#[test]
fn varnish_is_read_as_miss_and_hit_and_after_a_purge() {
    let scene = Scene::of(&[varnish]);
    scene.get("/kept").is_by(&[Sent]).reads("varnish", "miss");
    scene.get("/kept").is_by(&[]).reads("varnish", "hit");
    scene.send("HEAD", "/kept", &[]).is_by(&[]).reads("varnish", "hit");
    // One id, as of a miss.
    scene.send("GET", "/kept", &["X-Pass: 1"]).is_by(&[Sent]).reads("varnish", "miss");
    scene.send("PURGE", "/kept", &[]).is_by(&[]);
    // Until its expiry thread has come by, what was purged still serves to ask by, so an origin with the same would confirm.
    scene.origin.publish();
    scene.get("/kept").is_by(&[Sent]).reads("varnish", "miss");
}

#[test]
fn a_copy_that_varnish_keeps_in_grace_reads_as_a_hit_older_than_it_may_be() {
    let scene = Scene::of(&[varnish]);
    scene.get("/brief").is_by(&[Sent]).reads("varnish", "miss");
    scene.origin.turn(Mood::Holding);
    let age = until("the copy is in grace", || {
        let reading = scene.get("/brief").is_by(&[]).reads("varnish", "hit");
        reading.age_seconds.filter(|age| *age > 1)
    });
    assert!(age > 1);
}

#[test]
fn an_expired_copy_without_grace_reads_as_a_miss() {
    let scene = Scene::of(&[without_grace]);
    scene.get("/brief").is_by(&[Sent]).reads("varnish", "miss");
    scene.get_until("/brief", Confirmed, "varnish").reads("varnish", "miss");
    scene.origin.publish();
    scene.get_until("/brief", Sent, "varnish").reads("varnish", "miss");
}
