//! An origin, an edge for every behaviour, and a hundred that are well; what `verify` says of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::certificates::{Authorities, Shown};
use super::content::{self, FIELDS};
use super::edge::{self, Deaf};
use super::row::{Act, Due, FRESH, Row, judged};
use super::{HOST, http1, names};
use crate::support::purgeproof;

/// Edges beside the hostile ones.
pub(super) const WELL: usize = 100;

pub(super) struct Town {
    folder: TempDir,
    /// By edge.
    pub(super) due: BTreeMap<String, Due>,
    /// How many are asked for.
    pub(super) objects: usize,
    /// Where servers listen.
    pub(super) open: Vec<SocketAddr>,
    _deaf: Vec<Deaf>,
    /// Nobody accepts from these.
    _dead: Vec<TcpListener>,
    /// Where they run.
    _runtime: Runtime,
}

/// What a run came to.
pub(super) struct Ran {
    pub(super) report: Value,
    pub(super) code: i32,
    pub(super) stderr: String,
    /// The most memory that it had at once.
    pub(super) peak_kib: u64,
    /// When each edge was through with, from the start of the run.
    pub(super) took: BTreeMap<String, Duration>,
}

impl Town {
    /// With those behaviours, and edges that are well beside them.
    pub(super) fn open(rows: Vec<Row>) -> Self {
        Self::with(rows, 1)
    }

    /// The same, asked for so many objects.
    pub(super) fn with(rows: Vec<Row>, objects: usize) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut founding = Founding::default();
        founding.authorities.write(&folder.path().join("ca.pem"));
        let regions = runtime.block_on(founding.found(rows));
        std::fs::write(folder.path().join("regions.toml"), regions).unwrap();
        let paths: Vec<String> = (0..objects).map(|nth| format!("/{nth}.js")).collect();
        let tenants = format!("schema: 1\ntenants:\n  - id: site\n    host: {HOST}\n    paths: {paths:?}\n");
        std::fs::write(folder.path().join("tenants.yaml"), tenants).unwrap();
        let Founding { due, open, deaf, dead, .. } = founding;
        Self { folder, due, objects, open, _deaf: deaf, _dead: dead, _runtime: runtime }
    }

    /// `verify` with those flags.
    pub(super) fn verify(&self, flags: &[&str]) -> Ran {
        let (errors, events) = (self.file("errors"), self.file("events"));
        let mut command = purgeproof();
        command.current_dir(&self.folder).args(["verify", "--tenants", "tenants.yaml", "--format", "json"]);
        command.arg("--events").arg(&events).args(flags).env("TMPDIR", self.folder.path());
        let errors_to = std::fs::File::create(&errors).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(errors_to).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut report = vec![0];
        stdout.read_exact(&mut report).unwrap();
        // The rest is more than a pipe holds, so it is still there.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        stdout.read_to_end(&mut report).unwrap();
        let code = child.wait().unwrap().code().unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        Ran {
            code,
            stderr: std::fs::read_to_string(errors).unwrap(),
            peak_kib: peak.trim().trim_end_matches(" kB").parse().unwrap(),
            took: took(&std::fs::read_to_string(events).unwrap(), &report),
            report,
        }
    }

    /// Everything in the folder that it runs in, which is for temporary files too.
    pub(super) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// By the last event of each edge.
fn took(events: &str, report: &Value) -> BTreeMap<String, Duration> {
    let time = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    let started = time(&report["run"]["started_at"]);
    let mut took = BTreeMap::new();
    for line in events.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let since = time(&event["at"]).duration_since(started).unsigned_abs();
        took.insert(event["edge"].as_str().unwrap().to_owned(), since);
    }
    took
}

/// What is built up edge by edge.
struct Founding {
    authorities: Authorities,
    due: BTreeMap<String, Due>,
    open: Vec<SocketAddr>,
    deaf: Vec<Deaf>,
    dead: Vec<TcpListener>,
    /// Of the regions file: edges by address, regions of one edge by name.
    lines: [String; 2],
}

impl Default for Founding {
    fn default() -> Self {
        let authorities = Authorities::new();
        Self {
            authorities,
            due: BTreeMap::new(),
            open: Vec::new(),
            deaf: Vec::new(),
            dead: Vec::new(),
            lines: Default::default(),
        }
    }
}

impl Founding {
    /// The regions file.
    async fn found(&mut self, rows: Vec<Row>) -> String {
        let sound = self.authorities.acceptor(Shown::Sound, b"http/1.1");
        let named = edge::well_over_http1(sound, edge::whole()).await;
        self.dead.extend(names::dead().map(|at| TcpListener::bind((at, named.port())).unwrap()));
        for Row { name, act, due } in rows {
            if let Act::Named(lie) = act {
                let resolver = names::serve(lie, named).await;
                let _ = writeln!(
                    self.lines[1],
                    "[regions.{name}]\nresolver = \"udp://{resolver}\"\nip = \"v4\"\n\
                     edges = [{{ name = \"{name}\", hostname = \"edge.lies.test\", port = {} }}]",
                    named.port()
                );
                self.due.insert(name, due);
                continue;
            }
            let (at, deaf) = edge::open(act, &self.authorities).await;
            self.deaf.extend(deaf);
            self.settle(&name, at, due);
        }
        for nth in 0..WELL {
            let (at, due) = self.well(nth).await;
            self.settle(&format!("well-{nth}"), at, due);
        }
        let origin = edge::well_in_plain(edge::whole()).await;
        self.open.extend([named, origin]);
        let [placed, named] = &self.lines;
        format!(
            "schema = 1\n[origin]\nurl = \"http://{origin}\"\n[defaults]\nca_file = \"ca.pem\"\nedge_rate = \"none\"\n\
             [regions.placed]\nedges = [\n{placed}]\n{named}"
        )
    }

    fn settle(&mut self, name: &str, at: SocketAddr, due: Due) {
        let _ = writeln!(self.lines[0], "  {{ name = \"{name}\", address = \"{at}\" }},");
        self.due.insert(name.to_owned(), due);
        self.open.push(at);
    }

    /// Edges as they are everywhere: most have the new content, some the old one, some an error.
    async fn well(&self, nth: usize) -> (SocketAddr, Due) {
        let old = FIELDS.replace("v2", "v1").replace("14 Nov 2023 22", "14 Nov 2023 21");
        let body = content::body().into_bytes();
        let sound = |alpn| self.authorities.acceptor(Shown::Sound, alpn);
        let over_http1 = async |answer| edge::well_over_http1(sound(b"http/1.1"), answer).await;
        let over_http2 = async |status, fields, body| edge::well_over_http2(sound(b"h2"), status, fields, body).await;
        match nth % 5 {
            0 => (over_http1(edge::whole()).await, FRESH),
            1 => (over_http2("200", FIELDS.to_owned(), body).await, FRESH),
            2 => (over_http1(http1::plain("200 OK", &old, b"old\n")).await, judged("stale", "", "")),
            3 => (over_http2("200", old, b"old\n".to_vec()).await, judged("stale", "", "")),
            _ => (over_http2("503", String::new(), Vec::new()).await, judged("failing", "edge-error", "503")),
        }
    }
}
