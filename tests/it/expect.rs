//! `--expect` and `--baseline` against the lab.

use std::path::{Path, PathBuf};

use http::HeaderMap;
use purgeproof::lab::{
    EdgePlan, Lab, Options, Page, Planted, RegionPlan, Request, Shields, Tags, Validators, Voice, host_of,
};
use purgeproof::model::hex;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{self, Ran};

const PATH: &str = "/assets/app.js";
const TENANT: &str = "tenant-001";

/// A lab of one tenant and two edges, of which a purge misses the second.
struct Site {
    lab: Lab,
    folder: TempDir,
}

impl Site {
    async fn start(change: impl FnOnce(&mut Options)) -> Self {
        let edges = ["FRA", "AMS"].map(|pop| EdgePlan::new(pop, Voice::Nginx)).to_vec();
        let mut options = Options {
            tenants: 1,
            regions: vec![RegionPlan { key: "eu", title: "Europe", edges }],
            shields: Shields::None,
            tls: false,
            validators: Validators::EtagOnly,
            ..Options::default()
        };
        change(&mut options);
        let site = Self { lab: Lab::start(options).await.unwrap(), folder: tempfile::tempdir().unwrap() };
        site.lab.write_files(site.folder.path()).unwrap();
        site
    }

    fn deploy(&self) {
        self.lab.deploy();
        self.lab.purge(&Planted { missed_edge: Some("ams".to_owned()), ..Planted::nothing() });
    }

    /// What the origin has now: a header, and the hash of its body.
    fn header(&self, name: &str) -> String {
        let none = HeaderMap::new();
        let answer = self.lab.with(|cdn, now| cdn.ask_origin(&Request::get(&host_of(TENANT), PATH, &none), now));
        answer.headers[name].to_str().unwrap().to_owned()
    }

    fn hash(&self) -> String {
        let none = HeaderMap::new();
        let answer = self.lab.with(|cdn, now| cdn.ask_origin(&Request::get(&host_of(TENANT), PATH, &none), now));
        hex(&Sha256::digest(&answer.body))
    }

    fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(file);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A file that pins one thing of the one object.
    fn pins(&self, pins: &str) -> String {
        self.write("pins.yaml", &format!("{PATH}: {{ {pins} }}\n")).display().to_string()
    }

    /// The regions file without any origin.
    fn without_origin(&self) -> PathBuf {
        let all = self.lab.regions_toml();
        let (before, rest) = all.split_once("[origin]").unwrap();
        let (_, after) = rest.split_once("[defaults]").unwrap();
        self.write("no-origin.toml", &format!("{before}[defaults]{after}"))
    }

    fn verify(&self, more: &[&str]) -> (Value, Ran) {
        self.verify_with(&self.folder.path().join("regions.toml"), more)
    }

    fn verify_with(&self, regions: &Path, more: &[&str]) -> (Value, Ran) {
        let more: Vec<&str> = more.iter().copied().chain(["--retry", "0"]).collect();
        support::verify(regions, &self.folder.path().join("tenants.yaml"), &more)
    }

    /// The words on standard error of a run that must not begin.
    fn refused(&self, regions: &Path, more: &[&str]) -> String {
        let tenants = self.folder.path().join("tenants.yaml");
        let ran = support::run(
            support::purgeproof().args(["verify", "--regions"]).arg(regions).arg("--tenants").arg(tenants).args(more),
        );
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        ran.stderr.replace(&self.folder.path().display().to_string(), "")
    }
}

fn verdicts(report: &Value) -> [u64; 5] {
    let counts = &report["summary"]["verdicts"];
    ["fresh", "stale", "divergent", "unverifiable", "failing"].map(|verdict| counts[verdict].as_u64().unwrap())
}

fn evidence<'r>(report: &'r Value, rung: &str) -> Vec<&'r Value> {
    let rows = report["findings"][0]["evidence"].as_array().unwrap();
    rows.iter().filter(|row| row["rung"] == rung).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_tag_stands_in_for_an_origin_that_is_down() {
    let mut site = Site::start(|_| {}).await;
    site.deploy();
    let (tag, pins) = (site.header("etag"), site.pins(&format!("etag: '{}'", site.header("etag"))));
    site.lab.close_origin().await;
    let (report, ran) = site.verify(&[]);
    assert_eq!((verdicts(&report), ran.code), ([0, 0, 0, 2, 0], 3));
    let (report, ran) = site.verify(&["--expect", &pins]);
    assert_eq!((verdicts(&report), ran.code), ([1, 0, 1, 0, 0], 1));
    let finding = &report["findings"][0];
    assert_eq!((&finding["edge"], &finding["reference"]["etag"]), (&"ams".into(), &tag.as_str().into()));
    let pinned = evidence(&report, "pinned");
    assert_eq!((pinned.len(), &pinned[0]["says"]), (1, &"different".into()));
    assert_eq!(pinned[0]["reference"], format!("etag: {tag}"));
    assert_eq!(report["origins"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_modified_before_the_pinned_date_is_stale() {
    let mut site = Site::start(|options| options.validators = Validators::LastModifiedOnly).await;
    site.deploy();
    let pins = site.pins(&format!("last_modified: '{}'", site.header("last-modified")));
    site.lab.close_origin().await;
    let (report, ran) = site.verify(&["--expect", &pins]);
    assert_eq!((verdicts(&report), ran.code), ([1, 1, 0, 0, 0], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everything_is_pinned_no_origin_need_be_named() {
    // A header that tells versions apart, as a build id does.
    let site = Site::start(|options| options.page = Page { location: Some("{version}"), ..Page::default() }).await;
    let regions = site.without_origin();
    let pins = site.pins("headers: { Location: '1' }");
    let (report, ran) = site.verify_with(&regions, &["--expect", &pins]);
    assert_eq!((verdicts(&report), ran.code), ([2, 0, 0, 0, 0], 0));
    assert_eq!((report["origins"].as_array().unwrap().len(), report["references"].as_array().unwrap().len()), (0, 0));
    site.deploy();
    let pins = site.pins("headers: { Location: '2' }");
    let (report, ran) = site.verify_with(&regions, &["--expect", &pins]);
    assert_eq!((verdicts(&report), ran.code), ([1, 0, 1, 0, 0], 1));
    assert_eq!(evidence(&report, "pinned")[0]["edge"], "location: 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_redirect_is_held_against_its_pins_alone() {
    let moved = Page { status: 302, location: Some("/v{version}"), ..Page::default() };
    let site = Site::start(|options| options.page = moved).await;
    let pins = site.pins(&format!("etag: '{}'", site.header("etag")));
    let (report, ran) = site.verify_with(&site.without_origin(), &["--expect", &pins]);
    assert_eq!((verdicts(&report), ran.code), ([2, 0, 0, 0, 0], 0));
    let status = site.pins("status: 200, headers: { Location: /v1 }");
    let (report, ran) = site.verify_with(&site.without_origin(), &["--expect", &status]);
    assert_eq!((verdicts(&report), ran.code), ([0, 0, 2, 0, 0], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_file_pins_as_well() {
    let site = Site::start(|options| options.page = Page { location: Some("{version}"), ..Page::default() }).await;
    let tenants = site.lab.tenants_yaml();
    site.write("tenants.yaml", &format!("{tenants}    expect: {{ headers: {{ Location: '2' }} }}\n"));
    site.deploy();
    let (report, ran) = site.verify_with(&site.without_origin(), &[]);
    assert_eq!((verdicts(&report), ran.code), ([1, 0, 1, 0, 0], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_hash_takes_the_body() {
    let mut site = Site::start(|options| options.validators = Validators::Neither).await;
    site.deploy();
    let pins = site.pins(&format!("sha256: {}", site.hash()));
    site.lab.close_origin().await;
    let (report, ran) = site.verify(&["--expect", &pins]);
    assert_eq!((verdicts(&report), ran.code), ([1, 0, 1, 0, 0], 1));
    let words = site.refused(&site.folder.path().join("regions.toml"), &["--expect", &pins, "--body", "never"]);
    let message = "--body never: a sha256 is pinned for tenant \"tenant-001\", /assets/app.js, which takes the body, leave the flag out";
    assert_eq!(words, format!("error: {message}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_contradicts_itself_blames_nobody_for_what_is_pinned() {
    let site = Site::start(|options| options.tags = Tags::ByServer).await;
    let pins = site.pins("headers: { Content-Type: text/javascript; charset=utf-8 }");
    let (report, ran) = site.verify(&["--expect", &pins, "--body", "never"]);
    assert_eq!((verdicts(&report), ran.code), ([2, 0, 0, 0, 0], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_equals_the_baseline_is_old() {
    let site = Site::start(|_| {}).await;
    let before = site.folder.path().join("before.json").display().to_string();
    let (report, ran) = site.verify(&["--report", &format!("json={before}")]);
    assert_eq!((verdicts(&report), ran.code), ([2, 0, 0, 0, 0], 0));
    let old = site.header("etag");
    let reference = &report["references"][0];
    assert_eq!((&reference["environment"], &reference["tenant"]), (&"lab".into(), &TENANT.into()));
    assert_eq!((&reference["host"], &reference["path"]), (&host_of(TENANT).into(), &PATH.into()));
    assert_eq!((&reference["variant"], &reference["status"]), (&"identity".into(), &200.into()));
    assert_eq!(reference["etag"], old);
    site.deploy();
    let (report, ran) = site.verify(&[]);
    assert_eq!((verdicts(&report), ran.code), ([1, 0, 1, 0, 0], 1));
    let (report, ran) = site.verify(&["--baseline", &before]);
    assert_eq!((verdicts(&report), ran.code), ([1, 1, 0, 0, 0], 1));
    let rows = evidence(&report, "baseline");
    assert_eq!((rows.len(), &rows[0]["says"]), (1, &"same".into()));
    assert_eq!((&rows[0]["edge"], &rows[0]["reference"]), (&old.as_str().into(), &old.as_str().into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pins_nothing_is_refused_before_anything_is_sent() {
    let site = Site::start(|_| {}).await;
    let regions = site.folder.path().join("regions.toml");
    let pins = site.write("pins.yaml", "/assets/ap.js: { status: 404 }\n").display().to_string();
    let words = site.refused(&regions, &["--expect", &pins]);
    let message = "no tenant has the path \"/assets/ap.js\", did you mean \"/assets/app.js\"?";
    assert_eq!(words, format!("error: /pins.yaml:1: {message}\n"));
    let status = site.pins("status: 200");
    let words = site.refused(&site.without_origin(), &["--expect", &status]);
    let message = "no origin to compare with, and no content pinned for tenant \"tenant-001\", /assets/app.js: add [origin] with a url, or give --origin";
    assert_eq!(words, format!("error: /no-origin.toml: {message}\n"));
    let words = site.refused(&site.without_origin(), &[]);
    let message = "no origin to compare with, add [origin] with a url, or give --origin";
    assert_eq!(words, format!("error: /no-origin.toml: {message}\n"));
    let words = site.refused(&regions, &["--baseline", &pins]);
    let message = "is no JSON (expected value at line 1 column 1), name a report saved with --report json=PATH";
    assert_eq!(words, format!("error: --baseline /pins.yaml: {message}\n"));
    let words = site.refused(&regions, &["--expect", "/nowhere/pins.yaml"]);
    assert!(words.ends_with(", name a file of pins with --expect\n"), "{words}");
}
