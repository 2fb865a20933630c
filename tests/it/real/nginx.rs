//! nginx as origin (files of a folder) and as edge (`proxy_cache`, TLS with HTTP/2, plain HTTP/1.1 beside it).

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::support::server::{Server, free_address};

const NGINX: (&str, &str) = ("nginx", "nginx");
const PURGE_MODULE: &str = "/usr/lib/nginx/modules/ngx_http_cache_purge_module.so";

/// How an edge is set up.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(super) struct Setup {
    /// Where plain HTTP/1.1 is spoken, where that matters.
    pub(super) at: Option<SocketAddr>,
    /// Listens with TLS, with this certificate and key.
    pub(super) tls: Option<(PathBuf, PathBuf)>,
    /// Offers HTTP/1.1 alone over TLS.
    pub(super) without_h2: bool,
    /// Compresses text, which makes its entity tags weak.
    pub(super) gzip: bool,
    /// Keeps a copy for each value of Accept-Encoding, of which a purge finds one.
    pub(super) by_encoding: bool,
    /// Passes everything on, and stores nothing.
    pub(super) without_cache: bool,
    /// More lines of its location.
    pub(super) says: &'static str,
}

/// A running nginx.
pub(super) struct Nginx {
    folder: PathBuf,
    /// Plain HTTP/1.1.
    pub(super) plain: SocketAddr,
    /// TLS, where there is any.
    pub(super) tls: Option<SocketAddr>,
    _server: Server,
}

impl Nginx {
    /// Serves the files of `files`, with entity tags and dates of modification.
    pub(super) fn origin(folder: &Path, files: &Path, location: &str) -> Self {
        let plain = free_address();
        let server = format!(
            "server {{ listen {plain}; root {}; etag on; types {{ text/plain js; }} location / {{ {location} }} }}",
            files.display()
        );
        Self::start(folder, plain, None, &server)
    }

    /// Keeps what `parent` answers for an hour.
    pub(super) fn edge(folder: &Path, parent: SocketAddr, setup: &Setup) -> Self {
        assert!(
            Path::new(PURGE_MODULE).is_file(),
            "{PURGE_MODULE} is missing: install the Debian package libnginx-mod-http-cache-purge (tests/run does)"
        );
        let plain = setup.at.unwrap_or_else(free_address);
        let tls = setup.tls.as_ref().map(|_| free_address());
        let mut server = format!(
            "proxy_cache_path {} keys_zone=edge:1m use_temp_path=off; server {{ listen {plain};",
            folder.join("cache").display()
        );
        if let (Some(at), Some((certificate, key))) = (tls, &setup.tls) {
            let h2 = if setup.without_h2 { "" } else { "http2" };
            let (certificate, key) = (certificate.display(), key.display());
            let _ = write!(server, "listen {at} ssl {h2}; ssl_certificate {certificate}; ssl_certificate_key {key};");
        }
        if setup.gzip {
            server.push_str("gzip on; gzip_types text/plain; gzip_min_length 1;");
        }
        let _ = write!(
            server,
            "location / {{ proxy_pass http://{parent}; proxy_http_version 1.1; proxy_set_header Host $host; \
             proxy_set_header Connection ''; {} proxy_cache_key $host$request_uri{}; proxy_cache_valid 200 1h; \
             add_header X-Cache-Status $upstream_cache_status always; {} }} \
             location ~ ^/purge(/.*) {{ proxy_cache_purge edge $host$1{}; }} }}",
            if setup.without_cache { "" } else { "proxy_cache edge;" },
            if setup.by_encoding { "$http_accept_encoding" } else { "" },
            setup.says,
            if setup.by_encoding { "identity" } else { "" },
        );
        Self::start(folder, plain, tls, &server)
    }

    fn start(folder: &Path, plain: SocketAddr, tls: Option<SocketAddr>, server: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let mut text = "daemon off; pid nginx.pid; worker_processes 1; error_log error.log info;\n".to_owned();
        if Path::new(PURGE_MODULE).is_file() {
            let _ = writeln!(text, "load_module {PURGE_MODULE};");
        }
        // Temporary folders are closed to the user that root's workers would become.
        if std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0) {
            text.push_str("user root;\n");
        }
        text.push_str(
            "events { worker_connections 512; }\nhttp { server_tokens off;\n\
             log_format asked '$server_protocol $request_method $request_uri $status $msec'; access_log access.log asked;\n",
        );
        for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
            let _ = writeln!(text, "{kind}_temp_path temp-{kind};");
        }
        let _ = writeln!(text, "{server}\n}}");
        std::fs::write(folder.join("nginx.conf"), text).unwrap();
        let prefix = format!("{}/", folder.display());
        let arguments = ["-p", &prefix, "-e", "error.log", "-c", "nginx.conf"];
        let server = Server::start(NGINX, folder, &arguments, tls.unwrap_or(plain));
        Self { folder: folder.to_owned(), plain, tls, _server: server }
    }

    /// Requests so far, as `HTTP/2.0 HEAD /app.js 200 1700000000.123`.
    pub(super) fn asked(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder.join("access.log")).unwrap();
        log.lines().map(ToOwned::to_owned).collect()
    }
}
