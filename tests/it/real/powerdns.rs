//! `pdns_server` with one zone.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::server::{Server, free_address};

const PDNS: (&str, &str) = ("pdns_server", "pdns-server, pdns-backend-bind and pdns-backend-geoip");

/// A running name server.
pub(super) struct PowerDns {
    pub(super) at: SocketAddr,
    folder: PathBuf,
    _server: Server,
}

impl PowerDns {
    /// Is the authority for `cdn.test` with these names below it.
    pub(super) fn start(folder: &Path, records: &[(&str, IpAddr)]) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let at = free_address();
        let mut zone = "$ORIGIN cdn.test.\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\n\
                        ns IN A 127.0.0.1\nalias IN CNAME pop\nempty IN TXT \"no address\"\n"
            .to_owned();
        for (name, address) in records {
            let kind = if address.is_ipv4() { "A" } else { "AAAA" };
            let _ = writeln!(zone, "{name} IN {kind} {address}");
        }
        let path = |name: &str| folder.join(name).display().to_string();
        std::fs::write(path("cdn.test.zone"), zone).unwrap();
        let abroad = "$ORIGIN abroad.test.\n$TTL 20\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\n\
                     ns IN A 127.0.0.1\nwww IN CNAME alias.cdn.test.\n";
        std::fs::write(path("abroad.test.zone"), abroad).unwrap();
        // A zone that cannot be read is answered for with SERVFAIL.
        std::fs::write(path("broken.test.zone"), "this is no zone\n").unwrap();
        let zone = |name| format!("zone \"{name}\" {{ type master; file \"{}\"; }};\n", path(&format!("{name}.zone")));
        let named = ["cdn.test", "abroad.test", "broken.test"].map(zone).concat();
        std::fs::write(path("named.conf"), named).unwrap();
        Self::serve(folder, at, &format!("launch=bind\nbind-config={}\n", path("named.conf")))
    }

    /// Is the authority for `site.test`, whose only host leads each of these subnets to an address of its own.
    pub(super) fn by_subnet(folder: &Path, subnets: &[(&str, IpAddr)]) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let mut records = String::new();
        let mut services = "    www.site.test:\n".to_owned();
        for (nth, (subnet, address)) in subnets.iter().enumerate() {
            let kind = if address.is_ipv4() { "a" } else { "aaaa" };
            let _ = writeln!(records, "    p{nth}.pop.site.test:\n      - {kind}: {address}");
            let _ = writeln!(services, "      {subnet}: ['p{nth}.pop.site.test']");
        }
        let many: Vec<String> = (1..=120).map(|last| format!("      - a: 127.0.9.{last}\n")).collect();
        let many = many.concat();
        let zone = format!(
            "domains:\n- domain: site.test\n  ttl: 30\n  records:\n    site.test:\n\
             \x20     - soa: ns.site.test hostmaster.site.test 1 7200 3600 1209600 3600\n      - ns: ns.site.test\n\
             \x20   many.site.test:\n{many}    flat.site.test:\n      - a: 127.0.1.9\n{records}  services:\n{services}"
        );
        let file = folder.join("zones.yaml");
        std::fs::write(&file, zone).unwrap();
        let settings = format!(
            "launch=geoip\ngeoip-zones-file={}\ngeoip-database-files=\nedns-subnet-processing=yes\n",
            file.display()
        );
        Self::serve(folder, free_address(), &settings)
    }

    /// Questions that came over UDP so far, by its own count.
    pub(super) fn asked(&self) -> u64 {
        let mut command = Command::new("pdns_control");
        command.arg(format!("--config-dir={}", self.folder.display())).args(["show", "udp-queries"]);
        let said = command.output().unwrap().stdout;
        String::from_utf8(said).unwrap().trim().parse().unwrap()
    }

    fn serve(folder: &Path, at: SocketAddr, backend: &str) -> Self {
        let settings = format!(
            "{backend}local-address={}\nlocal-port={}\nsocket-dir={}\n\
             daemon=no\nguardian=no\ndisable-syslog=yes\nwebserver=no\nsecurity-poll-suffix=\n",
            at.ip(),
            at.port(),
            folder.display()
        );
        std::fs::write(folder.join("pdns.conf"), settings).unwrap();
        let server = Server::start(PDNS, folder, &[&format!("--config-dir={}", folder.display())], at);
        Self { at, folder: folder.to_owned(), _server: server }
    }
}
