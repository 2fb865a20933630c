//! Traffic Server tells by the codes in `Via`.

use std::net::SocketAddr;
use std::path::Path;

use super::origin::Did::{Confirmed, Dropped, Failed, Sent};
use super::origin::Mood;
use super::scene::{Scene, is_root, open_to_all};
use crate::support::server::{Server, free_address, until};

fn full(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, 3)
}

/// The codes' short form, as CDNs show it.
pub(super) fn short(folder: &Path, parent: SocketAddr) -> (Server, SocketAddr) {
    start(folder, parent, 2)
}

fn start(folder: &Path, parent: SocketAddr, via: u8) -> (Server, SocketAddr) {
    let at = free_address();
    for name in ["etc", "cache", "log", "run", "share"] {
        open_to_all(&folder.join(name));
    }
    let root = folder.display();
    let user = if is_root() { "CONFIG proxy.config.admin.user_id STRING nobody" } else { "" };
    let records = format!(
        "CONFIG proxy.config.http.server_ports STRING {}:ip-in={}
CONFIG proxy.config.http.insert_response_via_str INT {via}
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.crash_log_helper STRING NULL
CONFIG proxy.config.diags.output.note STRING E
CONFIG proxy.config.diags.output.error STRING E
CONFIG proxy.config.diags.output.fatal STRING E
{user}
",
        at.port(),
        at.ip()
    );
    let allowed = "ip_allow:\n  - apply: in\n    ip_addrs: 127.0.0.0/8\n    action: allow\n    methods: ALL\n";
    let places = format!(
        "prefix: {root}\nexec_prefix: /usr\nbindir: /usr/bin\nsbindir: /usr/bin\nsysconfdir: {root}/etc\n\
         datadir: {root}/share\nincludedir: /usr/include\nlibdir: /usr/lib\n\
         libexecdir: /usr/lib/trafficserver/modules\nlocalstatedir: {root}/run\nruntimedir: {root}/run\n\
         logdir: {root}/log\ncachedir: {root}/cache\n"
    );
    for (name, text) in [
        ("etc/records.config", records),
        ("etc/remap.config", format!("map / http://{parent}/\n")),
        ("etc/storage.config", format!("{root}/cache 32M\n")),
        ("etc/ip_allow.yaml", allowed.to_owned()),
        ("places.yaml", places),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let argument = format!("--run-root={root}/places.yaml");
    let server = Server::start(("traffic_server", "trafficserver"), folder, &[&argument], at);
    // Its store opens after its port, and what comes before is not looked up.
    until("the store is open", || {
        std::fs::read_to_string(folder.join("server.log")).unwrap().contains("cache enabled").then_some(())
    });
    (server, at)
}

#[test]
fn trafficserver_is_read_in_every_state() {
    for row in [full, short] {
        let scene = Scene::of(&[row]);
        scene.get("/kept").is_by(&[Sent]).reads("trafficserver", "miss");
        scene.get("/kept").is_by(&[]).reads("trafficserver", "hit");
        scene.send("HEAD", "/kept", &[]).is_by(&[]).reads("trafficserver", "hit");
        scene.get("/never").is_by(&[Sent]).reads("trafficserver", "miss");
        scene.send("PURGE", "/kept", &[]).is_by(&[]);
        scene.get("/kept").is_by(&[Sent]).reads("trafficserver", "miss");

        scene.get("/brief").is_by(&[Sent]).reads("trafficserver", "miss");
        scene.get_until("/brief", Confirmed, "trafficserver").reads("trafficserver", "revalidated");
        scene.origin.publish();
        scene.get_until("/brief", Sent, "trafficserver").reads("trafficserver", "expired");
        scene.origin.turn(Mood::Failing);
        // The codes are those of a copy fetched anew; Age gives it away.
        scene.get_until("/brief", Failed, "trafficserver").reads("trafficserver", "stale");
        scene.origin.turn(Mood::Silent);
        scene.get_until("/brief", Dropped, "trafficserver").reads("trafficserver", "stale");
    }
}
