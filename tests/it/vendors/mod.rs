//! Edges that a vendor's machines ask for us, against doubles of the vendors' APIs.

mod double;
mod fastly;
mod globalping;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use purgeproof::report;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::responder::{Responder, answer};
use crate::support::{Ran, purgeproof, run};

const TOKEN: &str = "t0ken-of-the-vendor";
const NEW: &str = "Wed, 04 Nov 2026 10:00:00 GMT";
const OLD: &str = "Tue, 03 Nov 2026 10:00:00 GMT";

/// An origin with one content everywhere: `new`, tagged and dated.
fn origin() -> Responder {
    Responder::start(|request| {
        let fields = format!("etag: \"new\"\r\nlast-modified: {NEW}\r\ncontent-type: text/plain\r\n");
        Some(answer(request, "200 OK", &fields, "new"))
    })
}

/// An origin whose answers have a body and nothing to tell it by.
fn origin_without_validators() -> Responder {
    Responder::start(|request| Some(answer(request, "200 OK", "content-type: text/plain\r\n", "new")))
}

/// A regions file with one region `eu` of those keys, and a tenants file.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new(origin: &Responder, region: &str, tenants: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let regions = format!("schema = 1\n[origin]\nurl = 'http://{}'\n[regions.eu]\n{region}\n", origin.address);
        std::fs::write(folder.path().join("regions.toml"), regions).unwrap();
        std::fs::write(folder.path().join("tenants.yaml"), format!("schema: 1\n{tenants}\n")).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, more: &[&str]) -> Ran {
        let mut command = purgeproof();
        command.current_dir(self.path()).env("VENDOR_TOKEN", TOKEN).env("TENANT_SECRET", "s3cret-of-the-tenant");
        run(command.args(["verify", "--tenants", "tenants.yaml"]).args(more))
    }

    /// With the purge ten seconds ago.
    fn verify(&self, more: &[&str]) -> (Value, Ran) {
        let ran = self.run(&[&["--format", "json", "--purged-at", "-10s"], more].concat());
        let report = serde_json::from_str(&ran.stdout);
        let report = report.unwrap_or_else(|error| panic!("no report ({error}); exit {}; {}", ran.code, ran.stderr));
        (report, ran)
    }

    /// Every format, quiet and loud, dry and with events: the token is nowhere.
    fn tells_no_token(&self) {
        for verbosity in [&[][..], &["--verbose"], &["--dry-run"]] {
            for format in report::ALL {
                let report = format!("{}=out", format.id);
                let more = ["--format", format.id, "--events", "events", "--report", &report];
                let ran = self.run(&[&more, verbosity].concat());
                let mut texts = vec![ran.stdout, ran.stderr];
                if !verbosity.contains(&"--dry-run") {
                    texts
                        .extend(["events", "out"].map(|file| std::fs::read_to_string(self.path().join(file)).unwrap()));
                }
                assert!(texts.iter().all(|text| !text.contains(TOKEN)), "{texts:?}");
            }
        }
    }
}

/// One tenant with one path and no encodings.
const ONE: &str = "tenants: [{ id: a, host: a.example, paths: ['/x?v=1&w=%C3%A9'] }]";

fn summary(report: &Value) -> &str {
    report["findings"][0]["cause"]["summary"].as_str().unwrap()
}

/// Counts up from nothing.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Counter {
    fn next(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

#[test]
fn edges_that_a_vendor_asks_are_listed_and_not_spent_on() {
    let api = double::Api::start(|_| None);
    let region = format!(
        "fastly_edge_check = {{ token = '${{VENDOR_TOKEN}}', base_url = 'http://{0}' }}\n\
         globalping = {{ from = ['Tokyo'], base_url = 'http://{0}' }}",
        api.address
    );
    let files = Files::new(&origin(), &region, ONE);
    for more in [&["--dry-run"][..], &[], &["--probe", "a.example"]] {
        let mut command = purgeproof();
        command.current_dir(files.path()).env("VENDOR_TOKEN", TOKEN).args(["edges", "--format", "json"]).args(more);
        let ran = run(&mut command);
        let list: Value = serde_json::from_str(&ran.stdout).unwrap();
        let row = |nth: usize| (list["edges"][nth]["name"].as_str(), list["edges"][nth]["found"].as_str());
        assert_eq!(row(0), (Some("Tokyo"), Some("globalping")), "{list:#}");
        assert_eq!(row(1), (Some("fastly-edge-check"), Some("fastly_edge_check")));
        assert_eq!((ran.code, &list["edges"][1]["addresses"]), (0, &serde_json::json!([])));
    }
    let table = run(purgeproof().current_dir(files.path()).env("VENDOR_TOKEN", TOKEN).args(["edges", "--dry-run"]));
    assert!(table.stdout.contains("(known to Globalping)") && !table.stdout.contains(TOKEN), "{}", table.stdout);
    assert!(api.asked().is_empty());
}
