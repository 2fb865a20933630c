//! `pdns_server` with one zone.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use crate::support::server::{Server, free_address};

const PDNS: (&str, &str) = ("pdns_server", "pdns-server and pdns-backend-bind");

/// A running name server.
pub(super) struct PowerDns {
    pub(super) at: SocketAddr,
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
        let named = format!("zone \"cdn.test\" {{ type master; file \"{}\"; }};\n", path("cdn.test.zone"));
        std::fs::write(path("named.conf"), named).unwrap();
        let settings = format!(
            "launch=bind\nbind-config={}\nlocal-address={}\nlocal-port={}\nsocket-dir={}\n\
             daemon=no\nguardian=no\ndisable-syslog=yes\nwebserver=no\nsecurity-poll-suffix=\n",
            path("named.conf"),
            at.ip(),
            at.port(),
            folder.display()
        );
        std::fs::write(path("pdns.conf"), settings).unwrap();
        let server = Server::start(PDNS, folder, &[&format!("--config-dir={}", folder.display())], at);
        Self { at, _server: server }
    }
}
