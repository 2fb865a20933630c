//! `dnsdist` in front of a name server: DNS over TLS and over HTTPS.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::support::server::{Server, free_address};

const DNSDIST: (&str, &str) = ("dnsdist", "dnsdist");

/// A running front.
pub(super) struct Dnsdist {
    pub(super) tls: SocketAddr,
    pub(super) https: SocketAddr,
    _server: Server,
}

impl Dnsdist {
    /// Passes on whatever comes, the client subnet too.
    pub(super) fn start(folder: &Path, behind: SocketAddr, (chain, key): &(PathBuf, PathBuf)) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let (tls, https) = (free_address(), free_address());
        let (chain, key) = (chain.display(), key.display());
        let settings = format!(
            "setACL(\"127.0.0.0/8\")\nsetSecurityPollSuffix(\"\")\nsetLocal(\"{}\")\n\
             addTLSLocal(\"{tls}\", \"{chain}\", \"{key}\")\n\
             addDOHLocal(\"{https}\", \"{chain}\", \"{key}\", \"/dns-query\")\n\
             newServer({{address=\"{behind}\", checkName=\"flat.site.test.\"}})\n",
            free_address()
        );
        let file = folder.join("dnsdist.conf");
        std::fs::write(&file, settings).unwrap();
        let server = Server::start(DNSDIST, folder, &["-C", &file.display().to_string(), "--supervised"], https);
        Self { tls, https, _server: server }
    }
}
