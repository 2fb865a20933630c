//! nginx names each state, and sends no `Age`.

use std::net::SocketAddr;
use std::path::Path;
use std::thread::scope;

use super::origin::Did::{Confirmed, Failed, Sent};
use super::origin::Mood;
use super::scene::{Scene, is_root};
use crate::support::server::{Server, free_address, until};

const PURGE_MODULE: &str = "/usr/lib/nginx/modules/ngx_http_cache_purge_module.so";

pub(super) fn nginx(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, "")
}

fn updating(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, "proxy_cache_background_update on;")
}

fn start(folder: &Path, parent: SocketAddr, more: &str) -> (Server, SocketAddr) {
    assert!(
        Path::new(PURGE_MODULE).is_file(),
        "{PURGE_MODULE} is missing: install the Debian package libnginx-mod-http-cache-purge (tests/run does)"
    );
    let at = free_address();
    let user = if is_root() { "user root;" } else { "" };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path temp-{kind};"))
        .concat();
    let text = format!(
        "daemon off; pid nginx.pid; error_log error.log info; {user} load_module {PURGE_MODULE};
         events {{ worker_connections 64; }}
         http {{
           access_log off; {temporary}
           proxy_cache_path cache keys_zone=edge:1m use_temp_path=off;
           server {{
             listen {at};
             location / {{
               proxy_pass http://{parent}; proxy_cache edge; proxy_cache_key $host$uri;
               proxy_cache_revalidate on; proxy_cache_use_stale error http_503 updating;
               proxy_cache_bypass $http_x_bypass; {more}
               add_header X-Cache-Status $upstream_cache_status always;
             }}
             location ~ ^/purge(/.*) {{ proxy_cache_purge edge $host$1; }}
           }}
         }}"
    );
    std::fs::write(folder.join("nginx.conf"), text).unwrap();
    let prefix = format!("{}/", folder.display());
    let arguments = ["-p", &prefix, "-e", "error.log", "-c", "nginx.conf"];
    (Server::start(("nginx", "nginx"), folder, &arguments, at), at)
}

#[test]
fn nginx_is_read_in_every_state() {
    let scene = Scene::of(&[nginx]);
    scene.get("/kept").is_by(&[Sent]).reads("nginx", "miss");
    scene.get("/kept").is_by(&[]).reads("nginx", "hit");
    scene.send("HEAD", "/kept", &[]).is_by(&[]).reads("nginx", "hit");
    scene.send("GET", "/kept", &["X-Bypass: 1"]).is_by(&[Sent]).reads("nginx", "bypass");
    scene.get("/never").is_by(&[Sent]).reads("nginx", "miss");

    scene.get("/brief").is_by(&[Sent]).reads("nginx", "miss");
    scene.get_until("/brief", Confirmed, "nginx").reads("nginx", "revalidated");
    scene.origin.publish();
    scene.get_until("/brief", Sent, "nginx").reads("nginx", "expired");
    scene.origin.turn(Mood::Failing);
    scene.get_until("/brief", Failed, "nginx").reads("nginx", "stale");
}

/// With an update in the background who triggers it is told STALE, though the origin works.
#[test]
fn a_copy_that_nginx_updates_in_the_background_reads_as_stale() {
    let scene = Scene::of(&[updating]);
    scene.get("/brief").is_by(&[Sent]).reads("nginx", "miss");
    let stale = until("the copy has expired", || {
        let answer = scene.get("/brief");
        (answer.reading().status.id() == "stale").then_some(answer)
    });
    assert!(!stale.reads("nginx", "stale").refresh_failed);
}

#[test]
fn nginx_is_read_after_a_purge() {
    let scene = Scene::of(&[nginx]);
    scene.get("/kept").is_by(&[Sent]);
    scene.origin.publish();
    scene.get("/kept").is_by(&[]).reads("nginx", "hit");
    assert!(scene.get("/purge/kept").body.contains("Successful purge"));
    let refilled = scene.get("/kept");
    refilled.is_by(&[Sent]).reads("nginx", "miss");
    assert_eq!(refilled.body, scene.origin.body());
}

#[test]
fn nginx_is_read_while_another_request_updates_the_copy() {
    let scene = Scene::of(&[nginx]);
    scene.get("/brief").is_by(&[Sent]);
    scene.get_until("/brief", Confirmed, "nginx");
    scene.origin.turn(Mood::Holding);
    scope(|threads| {
        let updating = threads.spawn(|| {
            until("the copy has expired", || Some(scene.get("/brief")).filter(|capture| !capture.did.is_empty()))
        });
        until("the origin is asked for an update", || (scene.origin.waiting() > 0).then_some(()));
        scene.get("/brief").is_by(&[]).reads("nginx", "updating");
        scene.origin.turn(Mood::Well);
        updating.join().unwrap().is_by(&[Confirmed]).reads("nginx", "revalidated");
    });
}
