//! `diagnose URL`: one object on every edge, as somebody on call reads it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};

use purgeproof::lab::{EdgePlan, Fault, Lab, Options, Planted, RegionPlan, Voice};
use serde_json::Value;

use crate::support::{Ran, purgeproof, run};

const URL: &str = "https://tenant-001.lab.example/assets/app.js";
const VARIANTS: [&str; 3] = ["br", "gzip", "identity"];

/// A lab of three edges, of which the purge missed `ams`.
struct Scene {
    lab: Lab,
    folder: tempfile::TempDir,
    purged_at: String,
}

impl Scene {
    async fn open() -> Self {
        let region = |key, edges: &[(&'static str, Voice)]| RegionPlan {
            key,
            title: key,
            edges: edges.iter().map(|(pop, voice)| EdgePlan::new(pop, *voice)).collect(),
        };
        let regions = vec![
            region("eu", &[("AMS", Voice::Fastly), ("FRA", Voice::Fastly)]),
            region("us", &[("IAD", Voice::Akamai)]),
        ];
        let lab = Lab::start(Options { tenants: 2, regions, ..Options::default() }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        lab.write_files(folder.path()).unwrap();
        lab.deploy();
        let purged_at = lab.purge(&Planted { missed_edge: Some("ams".to_owned()), ..Planted::default() }).to_string();
        Self { lab, folder, purged_at }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `diagnose` in a folder without a regions file.
    fn command(&self, more: &[&str]) -> Command {
        let mut command = purgeproof();
        command.args(["diagnose", URL, "--purged-at", &self.purged_at]).args(more);
        command.arg("--regions").arg(self.file("regions.toml"));
        command.current_dir(std::env::temp_dir());
        command
    }

    fn diagnose(&self, more: &[&str]) -> Ran {
        run(&mut self.command(more))
    }

    fn report(&self, more: &[&str]) -> Value {
        json(&self.diagnose(&[&["--format", "json"], more].concat()))
    }
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

/// What stands below `# edge (region) [variant]: verdict`.
fn command_of(text: &str, row: &str) -> String {
    let (_, from) = text.split_once(&format!("  # {row}\n")).unwrap_or_else(|| panic!("no {row:?} in {text}"));
    let lines: Vec<&str> = from.lines().take_while(|line| !line.trim_start().starts_with('#')).collect();
    lines.join("\n")
}

fn by_a_shell(command: &str) -> String {
    let ran = Command::new("sh").arg("-c").arg(command.trim_start()).output().unwrap();
    assert!(ran.status.success(), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

fn etag(head: &str) -> &str {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("etag:"));
    line.unwrap_or_else(|| panic!("no ETag in {head}")).split_once(':').unwrap().1.trim()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stale_edge_is_named_with_its_cause_beside_the_fresh_ones() {
    let scene = Scene::open().await;
    let ran = scene.diagnose(&[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let text = &ran.stdout;
    assert!(text.contains("\n  [br, identity]  200, asked "), "{text}");
    for variant in VARIANTS {
        for (edge, verdict) in [("ams (eu)", "stale"), ("fra (eu)", "fresh"), ("iad (us)", "fresh")] {
            assert!(text.contains(&format!("# {edge} [{variant}]: {verdict}\n")), "{text}");
        }
    }
    let ams = &text[text.find("\n  ams (eu)  127.0.0.1:").unwrap()..text.find("\n  fra (eu)  ").unwrap()];
    for told in ["! STALE", "POP AMS", "! predates the purge by ", "! etag \"", "! last-modified ", "! fastly AMS hit"]
    {
        assert_eq!(ams.matches(told).count(), VARIANTS.len() - usize::from(told.contains("etag")), "{told}: {ams}");
    }
    let fresh = &text[text.find("\n  fra (eu)  ").unwrap()..text.find("\nASK AGAIN\n").unwrap()];
    assert!(!fresh.contains('!') && fresh.contains("akamai"), "{fresh}");
    let cause = &text[text.find("\nSTALE  ").unwrap()..text.find("\nEDGES  ").unwrap()];
    assert!(cause.contains("ams") && cause.contains("\n  at:   ams (eu) [br, gzip, identity]\n"), "{cause}");
    assert!(cause.contains("\n  seen: ") && cause.contains("\n  why:  ") && cause.contains("\n  fix:  "), "{cause}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_curl_line_shows_what_was_seen() {
    let scene = Scene::open().await;
    let report = scene.report(&[]);
    let text = scene.diagnose(&[]).stdout;
    for row in report["rows"].as_array().unwrap() {
        let word = |key: &str| row[key].as_str().unwrap();
        let name = format!("{} ({}) [{}]: {}", word("edge"), word("region"), word("variant"), word("verdict"));
        let head = by_a_shell(&command_of(&text, &name));
        assert_eq!(etag(&head), row["observed"]["etag"].as_str().unwrap(), "{name}");
        let as_at_the_origin = etag(&head) == row["reference"]["etag"].as_str().unwrap();
        assert_eq!(as_at_the_origin, word("edge") != "ams", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_has_a_row_for_every_check_and_findings_for_the_bad_ones() {
    let scene = Scene::open().await;
    let report = scene.report(&["--max-findings", "1"]);
    let rows = report["rows"].as_array().unwrap();
    let names: Vec<String> =
        rows.iter().map(|row| ["region", "edge", "variant"].map(|key| row[key].as_str().unwrap()).join("/")).collect();
    let edges = ["eu/ams", "eu/fra", "us/iad"];
    let expected: Vec<String> =
        edges.iter().flat_map(|edge| VARIANTS.iter().map(move |variant| format!("{edge}/{variant}"))).collect();
    assert_eq!(names, expected);
    let bad = rows.iter().filter(|row| row["verdict"] != "fresh");
    assert!(bad.clone().count() == 3 && bad.clone().all(|row| row["cause"]["id"] != ""), "{report:#}");
    assert!(rows.iter().filter(|row| row["verdict"] == "fresh").all(|row| row["cause"]["id"] == ""));
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["asked"].as_array().unwrap().len(), 3);
    assert!(report["asked"].as_array().unwrap().iter().all(|row| row["samples"].as_u64() >= Some(3)));
    let tenants = scene.file("tenants.yaml");
    let (verified, _) =
        crate::support::verify(&scene.file("regions.toml"), &tenants, &["--purged-at", &scene.purged_at]);
    assert_eq!(verified["findings"].as_array().unwrap().len(), 2);
    assert!(verified.get("rows").is_none() && verified.get("asked").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tenant_with_the_host_gives_headers_and_variants() {
    let scene = Scene::open().await;
    let tenants = "schema: 1
defaults: { paths: [/other] }
variants: { mobile: { headers: { User-Agent: Mobile/1.0 } } }
tenants:
  - { id: one, host: tenant-001.lab.example, headers: { X-Tenant: one }, variants: [mobile], priority: high }
  - { id: two, host: tenant-002.lab.example }
";
    std::fs::write(scene.file("own.yaml"), tenants).unwrap();
    let own = scene.file("own.yaml").display().to_string();
    let report = scene.report(&["--tenants", &own]);
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let shape = ["tenant", "variant", "priority", "path"].map(|key| row[key].as_str().unwrap());
        assert_eq!(shape, ["one", "mobile", "high", "/assets/app.js"]);
        let command = row["reproduce"].as_str().unwrap();
        assert!(command.contains("'x-tenant: one'") && command.contains("'user-agent: Mobile/1.0'"), "{command}");
    }
    let other = ["diagnose", "https://localhost/x", "--dry-run", "--tenants", &own, "--regions"];
    let ran = run(purgeproof().args(other).arg(scene.file("regions.toml")));
    assert!(ran.code == 0 && ran.stderr.starts_with("warning: no tenant has this URL's host"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn caches_are_asked_to_say_more_unless_told_otherwise() {
    let scene = Scene::open().await;
    let commands = |report: &Value, edge: &str| {
        let rows = report["rows"].as_array().unwrap().iter().filter(|row| row["edge"] == edge);
        rows.map(|row| row["reproduce"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
    };
    let told = |flags: &[&str]| {
        let report = scene.report(flags);
        (commands(&report, "fra"), commands(&report, "iad"))
    };
    let (fastly, akamai) = told(&[]);
    assert!(fastly.contains("'fastly-debug: 1'") && !fastly.contains("pragma"), "{fastly}");
    assert!(akamai.contains("'pragma: akamai-x-cache-on") && !akamai.contains("fastly"), "{akamai}");
    let (fastly, akamai) = told(&["--no-debug-headers"]);
    assert!(!fastly.contains("fastly-debug") && !akamai.contains("pragma"), "{fastly}{akamai}");
    let (fastly, _) = told(&["--header", "Fastly-Debug: 7"]);
    assert!(fastly.contains("'fastly-debug: 7'") && !fastly.contains("'fastly-debug: 1'"), "{fastly}");
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_asks_caches_to_say_more_where_the_regions_file_says_so() {
    let scene = Scene::open().await;
    let written = scene.lab.regions_toml().replace("[defaults]\n", "[defaults]\ndebug_headers = true\n");
    std::fs::write(scene.file("debug.toml"), written).unwrap();
    let commands = |regions: &Path| {
        let flags = ["--purged-at", &scene.purged_at, "--only", "edge=ams"];
        let (report, _) = crate::support::verify(regions, &scene.file("tenants.yaml"), &flags);
        let findings = report["findings"].as_array().unwrap().clone();
        assert_eq!(findings.len(), 2);
        findings.iter().map(|finding| finding["reproduce"].as_str().unwrap().to_owned()).collect::<String>()
    };
    assert!(commands(&scene.file("debug.toml")).contains("'fastly-debug: 1'"));
    assert!(!commands(&scene.file("regions.toml")).contains("fastly-debug"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_origin_the_caches_are_asked_all_the_same() {
    let scene = Scene::open().await;
    let whole = scene.lab.regions_toml();
    let (before, after) = (whole.find("[origin]").unwrap(), whole.find("[defaults]").unwrap());
    std::fs::write(scene.file("regions.toml"), format!("{}{}", &whole[..before], &whole[after..])).unwrap();
    let ran = scene.diagnose(&[]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    let text = &ran.stdout;
    assert!(text.contains("REFERENCE  none\n") && text.contains("UNVERIFIABLE  no-origin (9 checks)"), "{text}");
    assert!(text.contains("\n  no origin named; give --origin"), "{text}");
    let ams = &text[text.find("\n  ams (eu)").unwrap()..text.find("\n  fra (eu)").unwrap()];
    for told in ["! UNVERIFIABLE", "! predates the purge", "etag \"", "fastly AMS hit"] {
        assert!(ams.contains(told), "{told}: {ams}");
    }
    assert!(!ams.contains("! etag"), "{ams}");
    let ran = scene.diagnose(&["--origin", &format!("https://{}", scene.lab.origin()), "--insecure"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_that_fail_or_are_silent_have_rows_too() {
    let mut scene = Scene::open().await;
    assert!(scene.lab.fault("fra", Some(Fault::Status(503))) && scene.lab.close("iad").await);
    let text = scene.diagnose(&["--retry", "0"]).stdout;
    let fra = &text[text.find("\n  fra (eu)  ").unwrap()..text.find("\n  iad (us)  ").unwrap()];
    assert_eq!((fra.matches("! FAILING").count(), fra.matches("! 503").count()), (3, 3), "{fra}");
    let iad = &text[text.find("\n  iad (us)  ").unwrap()..text.find("\nASK AGAIN\n").unwrap()];
    assert_eq!((iad.matches("! UNREACHABLE").count(), iad.matches("connect 127.0.0.1:").count()), (3, 3), "{iad}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

/// Answers every request with that head until the test ends; says when somebody asks.
fn server(head: String) -> (SocketAddr, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, seen) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, head, asked) = (stream.unwrap(), head.clone(), asked.clone());
            std::thread::spawn(move || answer(&stream, &head, &asked));
        }
    });
    (address, seen)
}

fn answer(mut stream: &TcpStream, head: &str, asked: &Sender<()>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        if line == "\r\n" {
            let _ = asked.send(());
            let _ = stream.write_all(head.as_bytes());
        }
        line.clear();
    }
}

/// `diagnose` where there is no regions file.
fn bare(url: &str, more: &[&str]) -> Ran {
    run(purgeproof().args(["diagnose", url]).args(more).current_dir(std::env::temp_dir()))
}

fn head(etag: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\ncache-control: max-age=60\r\nage: 7\r\n{etag}\r\n")
}

#[test]
fn without_a_regions_file_the_urls_own_addresses_are_the_edges() {
    let (edge, _) = server(head("etag: \"a\"\r\n"));
    let url = format!("http://{edge}/x?y=1");
    let ran = bare(&url, &[]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(&format!("\n  127.0.0.1 (addresses)  {edge}\n")), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("200  etag \"a\"").count(), 3, "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("  age 7 s  ").count(), 3, "{}", ran.stdout);
    // Whose cache it is nobody said, so all are asked to say more.
    assert!(ran.stdout.contains("fastly-debug: 1") && ran.stdout.contains("akamai-x-cache-on"), "{}", ran.stdout);

    let (origin, _) = server(head("etag: \"a\"\r\n"));
    let ran = bare(&url, &["--origin", &format!("http://{origin}")]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(&format!("REFERENCE  http://{origin}/x?y=1\n")), "{}", ran.stdout);
    let (origin, _) = server(head("etag: \"b\"\r\nlast-modified: Fri, 20 Nov 2020 01:17:23 GMT\r\n"));
    let ran = bare(&url, &["--origin", &format!("http://{origin}"), "--body", "never"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("! DIVERGENT") && ran.stdout.contains("! no last-modified"), "{}", ran.stdout);
}

#[test]
fn without_a_regions_file_names_lead_where_was_typed() {
    let (edge, _) = server(head("etag: \"a\"\r\n"));
    let port = edge.port();
    let resolved = bare(
        &format!("http://www.example.test:{port}/x"),
        &["--resolve", &format!("www.example.test:{port}:127.0.0.1")],
    );
    assert!(resolved.stdout.contains(&format!("\n  127.0.0.1 (addresses)  {edge}\n")), "{}", resolved.stdout);
    let to = format!("www.example.test:80:127.0.0.1:{port}");
    let connected = bare("http://www.example.test/x", &["--connect-to", &to]);
    assert!(connected.stdout.contains(&format!("\n  {edge} (addresses)  {edge}\n")), "{}", connected.stdout);
    for ran in [resolved, connected] {
        assert_eq!(ran.stdout.matches("200  etag \"a\"").count(), 3, "{}", ran.stdout);
    }
}

#[test]
fn what_an_edge_sends_steers_no_terminal() {
    let word = "\u{9b}31m\u{202e}\u{2066}".repeat(200);
    let hostile = format!("etag: \"{word}\"\r\nserver: cloudflare\r\ncf-ray: 1-{word}\r\ncf-cache-status: HIT\r\n");
    let (edge, _) = server(head(&hostile));
    let (origin, _) = server(head(&hostile));
    let ran = bare(&format!("http://{edge}/"), &["--origin", &format!("http://{origin}")]);
    assert!(ran.stdout.contains("\\u{9b}31m"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(['\u{9b}', '\u{202e}', '\u{2066}', '\u{1b}']), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().find(|line| line.chars().count() > 100), None);
}

#[test]
fn a_host_that_does_not_resolve_is_unreachable() {
    let ran = bare("https://nothing.invalid/x", &["--connect-timeout", "1s", "--retry", "0"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("! UNREACHABLE") && ran.stdout.contains("dns nothing.invalid: "), "{}", ran.stdout);
}

#[test]
fn what_is_no_url_is_a_usage_error() {
    for (url, told) in [
        ("a.example/x", "error: URL: \"a.example/x\" has no scheme, write \"https://a.example/x\"\n"),
        ("ftp://a.example/x", "error: URL: the scheme \"ftp\" is not spoken here, write https:// or http://\n"),
    ] {
        let ran = bare(url, &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (2, told), "{}", ran.stdout);
    }
    let ran = bare("https://a.example/", &["--format", "tabel"]);
    assert!(ran.code == 2 && ran.stderr.contains("tabel"), "{}", ran.stderr);
}

#[test]
fn flags_are_variables_too() {
    let (edge, _) = server(head("etag: \"a\"\r\n"));
    let mut command = purgeproof();
    command.args(["diagnose", &format!("http://{edge}/")]).current_dir(std::env::temp_dir());
    let ran = run(command.env("PURGEPROOF_ORIGIN", format!("http://{edge}")).env("PURGEPROOF_FORMAT", "table"));
    assert!(ran.code == 0 && ran.stdout.starts_with("PASS  "), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn interrupted_it_shows_what_it_has() {
    let (origin, _) = server(head("etag: \"a\"\r\n"));
    let (edge, asked) = server(String::new());
    let mut child = purgeproof()
        .args(["diagnose", &format!("http://{edge}/"), "--origin", &format!("http://{origin}"), "--timeout", "60s"])
        .current_dir(std::env::temp_dir())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    asked.recv().unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{text}");
    assert!(text.contains("the run ended before every check was made"), "{text}");
    assert_eq!(text.matches("! UNREACHABLE").count(), 3, "{text}");
    assert!(text.contains("200, asked 2 times, consistent"), "{text}");
}
