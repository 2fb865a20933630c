//! One site behind a CDN of real servers: what is published, warmed and purged, and what `verify` says of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use super::certificates::Authority;
use super::nginx::{Nginx, Setup};
use super::plain;
use super::varnish::Varnish;
use crate::support;

pub(super) const HOST: &str = "www.site.test";
pub(super) const APP: &str = "/app.js";
/// A purge that every copy is older than, and one that every copy is younger than.
pub(super) const LATER: &str = "2100-01-01T00:00:00Z";
pub(super) const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// A folder of files, their origin, an authority.
pub(super) struct Site {
    folder: TempDir,
    pub(super) authority: Authority,
    origin: Option<Nginx>,
    /// Who resolves the names of edges.
    pub(super) resolver: Option<String>,
    /// More keys of the origin.
    pub(super) origin_keys: &'static str,
    /// Where the origin is, or was.
    pub(super) origin_at: SocketAddr,
}

impl Site {
    pub(super) fn new() -> Self {
        Self::with_origin("")
    }

    /// With lines for the origin's only location.
    pub(super) fn with_origin(location: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let files = folder.path().join("files");
        std::fs::create_dir(&files).unwrap();
        let origin = Nginx::origin(&folder.path().join("origin"), &files, location);
        let authority = Authority::new(folder.path());
        let site =
            Self { authority, origin_at: origin.plain, origin: Some(origin), resolver: None, origin_keys: "", folder };
        site.publish("first", 1);
        site
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another origin of the same files.
    pub(super) fn second_origin(&self, location: &str) -> Nginx {
        Nginx::origin(&self.path("second-origin"), &self.path("files"), location)
    }

    pub(super) fn end_origin(&mut self) {
        self.origin = None;
    }

    /// Puts content at `/app.js`, last modified on that day.
    pub(super) fn publish(&self, content: &str, day: u64) {
        self.publish_at(APP, content, day);
    }

    pub(super) fn publish_at(&self, path: &str, content: &str, day: u64) {
        let (draft, place) = (self.path("draft"), self.path("files").join(path.trim_start_matches('/')));
        std::fs::write(&draft, content).unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + day * 86_400);
        File::options().write(true).open(&draft).unwrap().set_modified(modified).unwrap();
        std::fs::rename(&draft, place).unwrap();
    }

    pub(super) fn nginx(&self, name: &str, setup: &Setup) -> Nginx {
        Nginx::edge(&self.path(name), self.origin_at, setup)
    }

    /// With TLS, HTTP/2 and a certificate for the site.
    pub(super) fn nginx_tls(&self, name: &str) -> Nginx {
        let tls = Some(self.authority.certify(name, &[HOST]));
        self.nginx(name, &Setup { tls, ..Setup::default() })
    }

    pub(super) fn varnish(&self, name: &str) -> Varnish {
        Varnish::edge(&self.path(name), self.origin_at)
    }

    /// `verify` for `/app.js` at these edges.
    pub(super) fn verify(&self, edges: &[Edge<'_>], flags: &[&str]) -> Run {
        self.verify_paths(&[APP], edges, flags)
    }

    pub(super) fn verify_paths(&self, paths: &[&str], edges: &[Edge<'_>], flags: &[&str]) -> Run {
        let mut regions = format!(
            "schema = 1\nenvironment = \"test\"\n[origin]\nurl = \"http://{}\"\n{}\n\
             [defaults]\ntimeout = \"20s\"\nconnect_timeout = \"10s\"\nedge_rate = \"none\"\nca_file = \"ca.pem\"\n\
             [regions.here]\n",
            self.origin_at, self.origin_keys
        );
        if let Some(resolver) = &self.resolver {
            let _ = writeln!(regions, "resolver = \"{resolver}\"");
        }
        regions.push_str("edges = [\n");
        for Edge { name, place } in edges {
            let _ = writeln!(regions, "  {{ name = \"{name}\", {place} }},");
        }
        regions.push_str("]\n");
        let tenants = format!("schema: 1\ntenants:\n  - id: site\n    host: {HOST}\n    paths: {paths:?}\n");
        let run = |regions_file: &Path, tenants_file: &Path| {
            std::fs::write(regions_file, &regions).unwrap();
            std::fs::write(tenants_file, tenants).unwrap();
            support::verify(regions_file, tenants_file, flags)
        };
        let (report, ran) = run(&self.path("regions.toml"), &self.path("tenants.yaml"));
        assert_eq!(report["gate"]["exit_code"], ran.code, "{}", ran.stderr);
        Run { report, code: ran.code }
    }
}

/// A line of the regions file.
pub(super) struct Edge<'a> {
    name: &'a str,
    place: String,
}

impl<'a> Edge<'a> {
    pub(super) fn plain(name: &'a str, at: SocketAddr) -> Self {
        Self { name, place: format!("address = \"{at}\", scheme = \"http\"") }
    }

    pub(super) fn tls(name: &'a str, nginx: &Nginx) -> Self {
        Self::secure(name, nginx.tls.unwrap())
    }

    pub(super) fn secure(name: &'a str, at: SocketAddr) -> Self {
        Self { name, place: format!("address = \"{at}\"") }
    }

    /// Plain, by its name.
    pub(super) fn named(name: &'a str, hostname: &str, port: u16) -> Self {
        Self { name, place: format!("hostname = \"{hostname}\", port = {port}, scheme = \"http\"") }
    }

    /// Plain, where the tenant's own name leads.
    pub(super) fn by_tenant(name: &'a str, port: u16) -> Self {
        Self { name, place: format!("port = {port}, scheme = \"http\"") }
    }

    /// Where the tenant's own name leads this proxy.
    pub(super) fn through(name: &'a str, proxy: &str) -> Self {
        Self { name, place: format!("proxy = \"{proxy}\"") }
    }

    /// With more keys.
    pub(super) fn with(mut self, keys: &str) -> Self {
        let _ = write!(self.place, ", {keys}");
        self
    }
}

/// What `verify` said.
pub(super) struct Run {
    pub(super) report: Value,
    pub(super) code: i32,
}

impl Run {
    /// By edge, the verdicts that there are: `{"fra": "2 fresh, 1 stale"}`.
    pub(super) fn verdicts(&self) -> BTreeMap<&str, String> {
        let edges = self.report["edges"].as_array().unwrap().iter();
        edges
            .map(|edge| {
                let counts = edge["verdicts"].as_object().unwrap().iter().filter(|(_, count)| **count != 0);
                let words: Vec<String> = counts.map(|(verdict, count)| format!("{count} {verdict}")).collect();
                (edge["name"].as_str().unwrap(), words.join(", "))
            })
            .collect()
    }

    pub(super) fn finding(&self, edge: &str) -> &Value {
        let findings = self.report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["edge"] == edge).unwrap_or_else(|| panic!("none: {:#}", self.report))
    }

    /// Fails with the whole report where the exit code or a verdict is another one.
    pub(super) fn assert(&self, code: i32, verdicts: &[(&str, &str)]) {
        let expected: BTreeMap<&str, String> =
            verdicts.iter().map(|(edge, words)| (*edge, (*words).to_owned())).collect();
        assert_eq!((self.code, self.verdicts()), (code, expected), "{:#}", self.report);
    }
}

/// Has the cache there store `/app.js`, and sees to it that it did.
pub(super) fn warm(at: SocketAddr) {
    warm_path(at, APP);
}

pub(super) fn warm_path(at: SocketAddr, path: &str) {
    assert_eq!(plain::request(at, "GET", HOST, path).status, 200);
    let second = plain::request(at, "GET", HOST, path);
    let hit = match second.field("x-cache-status") {
        Some(status) => status == "HIT",
        None => second.field("x-varnish").is_some_and(|ids| ids.contains(' ')),
    };
    assert!(hit, "not stored at {at}");
}

/// Purges `/app.js` in nginx.
pub(super) fn purge_nginx(nginx: &Nginx) {
    assert_eq!(plain::request(nginx.plain, "GET", HOST, &format!("/purge{APP}")).status, 200);
}

/// Purges `/app.js` in Varnish.
pub(super) fn purge_varnish(varnish: &Varnish) {
    assert_eq!(plain::request(varnish.plain, "PURGE", HOST, APP).status, 200);
}
