//! Real proxies: `tinyproxy` for CONNECT, `microsocks` for SOCKS5.

use std::net::SocketAddr;
use std::path::Path;

use crate::support::server::{Server, free_address};

const TINYPROXY: (&str, &str) = ("tinyproxy", "tinyproxy");
const MICROSOCKS: (&str, &str) = ("microsocks", "microsocks");

/// A running proxy.
pub(super) struct Proxy {
    pub(super) at: SocketAddr,
    _server: Server,
}

impl Proxy {
    /// With more lines of its configuration.
    pub(super) fn connect(folder: &Path, lines: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let at = free_address();
        let file = folder.join("tinyproxy.conf");
        let text = format!("Listen {}\nPort {}\nTimeout 60\nMaxClients 100\n{lines}\n", at.ip(), at.port());
        std::fs::write(&file, text).unwrap();
        let server = Server::start(TINYPROXY, folder, &["-d", "-c", &file.display().to_string()], at);
        Self { at, _server: server }
    }

    /// For whoever knows these words, or for everyone.
    pub(super) fn socks(folder: &Path, credentials: Option<(&str, &str)>) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let at = free_address();
        let (ip, port) = (at.ip().to_string(), at.port().to_string());
        let mut arguments = vec!["-i", &ip, "-p", &port];
        if let Some((user, password)) = credentials {
            arguments.extend(["-u", user, "-P", password]);
        }
        let server = Server::start(MICROSOCKS, folder, &arguments, at);
        Self { at, _server: server }
    }
}
