//! Squid shows whether it used a copy and whether it had one. A copy that the origin confirmed shows as a hit like any
//! other.

use std::net::SocketAddr;
use std::path::Path;

use super::origin::Did::{Confirmed, Dropped, Sent};
use super::origin::Mood;
use super::scene::{Scene, is_root};
use crate::support::server::{Server, free_address, until};

pub(super) fn squid(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    let at = free_address();
    let folder_name = folder.display();
    let user = if is_root() { "cache_effective_user nobody" } else { "" };
    let text = format!(
        "http_port {at} accel no-vhost defaultsite=www.example
cache_peer {} parent {} 0 no-query no-digest no-netdb-exchange originserver
acl purge method PURGE
http_access allow purge localhost
http_access deny purge
http_access allow all
cache_mem 16 MB
visible_hostname edge.example
pid_filename {folder_name}/squid.pid
cache_log {folder_name}/error.log
coredump_dir {folder_name}
access_log none
digest_generation off
pinger_enable off
shutdown_lifetime 0 seconds
{user}
",
        parent.ip(),
        parent.port()
    );
    let file = folder.join("squid.conf");
    std::fs::write(&file, text).unwrap();
    // Names its shared memory, of which there is one for the whole machine.
    let name = format!("p{}x{}", std::process::id(), at.port());
    let arguments = ["-N", "-n", &name, "-f", file.to_str().unwrap()];
    (Server::start(("squid", "squid"), folder, &arguments, at), at)
}

#[test]
fn squid_is_read_in_every_state_that_it_shows() {
    let scene = Scene::of(&[squid]);
    scene.get("/kept").is_by(&[Sent]).reads("squid", "miss");
    scene.get("/kept").is_by(&[]).reads("squid", "hit");
    scene.send("HEAD", "/kept", &[]).is_by(&[]).reads("squid", "hit");
    scene.send("GET", "/kept", &["Cache-Control: no-cache"]).is_by(&[Sent]).reads("squid", "miss");
    scene.get("/never").is_by(&[Sent]).reads("squid", "miss");

    scene.get("/brief").is_by(&[Sent]).reads("squid", "miss");
    scene.get_until("/brief", Confirmed, "squid").reads("squid", "hit");
    scene.origin.publish();
    scene.get_until("/brief", Sent, "squid").reads("squid", "expired");
    scene.origin.turn(Mood::Silent);
    scene.get_until("/brief", Dropped, "squid").reads("squid", "stale");
    scene.get("/never").reads("squid", "error");
}

#[test]
fn a_stale_copy_that_squid_serves_to_who_asks_for_it_is_read() {
    let scene = Scene::of(&[squid]);
    scene.get("/brief").is_by(&[Sent]);
    let stale = until("the copy is stale", || {
        let answer = scene.send("GET", "/brief", &["Cache-Control: max-stale=600"]);
        answer.is_by(&[]).reading().age_seconds.filter(|age| *age > 1).map(|_| answer)
    });
    stale.reads("squid", "stale");
}

#[test]
fn squid_is_read_after_a_purge() {
    let scene = Scene::of(&[squid]);
    scene.get("/kept").is_by(&[Sent]);
    scene.get("/kept").is_by(&[]);
    scene.send("PURGE", "/kept", &[]).is_by(&[]);
    scene.get("/kept").is_by(&[Sent]).reads("squid", "miss");
}
