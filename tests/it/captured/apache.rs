//! Apache httpd's `mod_cache`, where `CacheHeader` is on. A copy fetched anew shows as a miss, and a stale one as a hit
//! with a warning. It cannot be purged by a request.

use std::net::SocketAddr;
use std::path::Path;

use super::origin::Did::{Confirmed, Dropped, Failed, Sent};
use super::origin::Mood;
use super::scene::{Scene, is_root, open_to_all};
use crate::support::server::{Server, free_address};

const MODULES: [&str; 6] = ["mpm_event", "authz_core", "proxy", "proxy_http", "cache", "cache_disk"];

fn detailed(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, "on")
}

fn brief(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, "off")
}

fn start(folder: &Path, parent: SocketAddr, details: &str) -> (Server, SocketAddr) {
    let at = free_address();
    let (root, cache) = (folder.display(), folder.join("cache"));
    open_to_all(&cache);
    let modules: String = MODULES
        .iter()
        .flat_map(|name| ["LoadModule ", name, "_module /usr/lib/apache2/modules/mod_", name, ".so\n"])
        .collect();
    let user = if is_root() { "User nobody\nGroup nogroup" } else { "" };
    let text = format!(
        "{modules}ServerRoot {root}
DefaultRuntimeDir {root}
PidFile {root}/httpd.pid
ErrorLog {root}/error.log
Listen {at}
ServerName edge.example
{user}
StartServers 1
CacheRoot {}
CacheEnable disk /
CacheHeader on
CacheDetailHeader {details}
ProxyPass / http://{parent}/ disablereuse=on
",
        cache.display()
    );
    let file = folder.join("httpd.conf");
    std::fs::write(&file, text).unwrap();
    let arguments = ["-DFOREGROUND", "-f", file.to_str().unwrap()];
    (Server::start(("apache2", "apache2"), folder, &arguments, at), at)
}

#[test]
fn apache_is_read_in_every_state_that_it_shows() {
    let scene = Scene::of(&[detailed]);
    scene.get("/kept").is_by(&[Sent]).reads("apache", "miss");
    scene.get("/kept").is_by(&[]).reads("apache", "hit");
    scene.send("HEAD", "/kept", &[]).is_by(&[]).reads("apache", "hit");
    scene.get("/never").is_by(&[Sent]).reads("apache", "miss");

    scene.get("/brief").is_by(&[Sent]).reads("apache", "miss");
    scene.get_until("/brief", Confirmed, "apache").reads("apache", "revalidated");
    scene.origin.publish();
    scene.get_until("/brief", Sent, "apache").reads("apache", "miss");
    scene.origin.turn(Mood::Failing);
    scene.get_until("/brief", Failed, "apache").reads("apache", "stale");
    scene.origin.turn(Mood::Silent);
    scene.get_until("/brief", Dropped, "apache").reads("apache", "stale");
}

#[test]
fn without_details_a_miss_of_apaches_bears_the_origins_name_alone() {
    let scene = Scene::of(&[brief]);
    scene.get("/brief").is_by(&[Sent]).reads("unknown", "miss");
    scene.get_until("/brief", Confirmed, "apache").reads("apache", "revalidated");
    scene.origin.turn(Mood::Failing);
    scene.get_until("/brief", Failed, "apache").reads("apache", "stale");
}
