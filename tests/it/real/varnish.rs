//! Varnish as edge: plain HTTP, PURGE behind an acl, expired copies kept in grace.

use std::net::SocketAddr;
use std::path::Path;

use crate::support::server::{Server, free_address};

const VARNISHD: (&str, &str) = ("varnishd", "varnish");

/// A running Varnish.
pub(super) struct Varnish {
    pub(super) plain: SocketAddr,
    _server: Server,
}

impl Varnish {
    /// Keeps what `parent` answers for as long as that says, or two minutes, and serves it for an hour after.
    pub(super) fn edge(folder: &Path, parent: SocketAddr) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let plain = free_address();
        let vcl = folder.join("edge.vcl");
        let text = format!(
            "vcl 4.1;
             backend default {{ .host = \"{}\"; .port = \"{}\"; }}
             acl purgers {{ \"127.0.0.0\"/8; }}
             sub vcl_recv {{
               if (req.method == \"PURGE\") {{
                 if (client.ip !~ purgers) {{ return (synth(405)); }}
                 return (purge);
               }}
             }}
             sub vcl_backend_response {{ set beresp.grace = 1h; }}",
            parent.ip(),
            parent.port()
        );
        std::fs::write(&vcl, text).unwrap();
        let (working, listen) = (folder.join("working"), plain.to_string());
        let working = working.to_str().unwrap();
        let arguments = [
            "-F",
            "-n",
            working,
            "-a",
            &listen,
            "-T",
            "none",
            "-f",
            vcl.to_str().unwrap(),
            "-s",
            "malloc,32m",
            "-j",
            "none",
        ];
        let server = Server::start(VARNISHD, folder, &arguments, plain);
        Self { plain, _server: server }
    }
}
