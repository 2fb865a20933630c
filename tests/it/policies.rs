//! Advice, and environments held against each other, by what servers of the test's own answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::responder::{Responder, answer};
use crate::support::{self, purgeproof, run};

/// What is answered for each path, beside the body.
const PATHS: [(&str, &str); 9] = [
    ("/fine.json", "etag: \"a\"\r\ncache-control: max-age=60, s-maxage=86400\r\n"),
    ("/app.js", "etag: \"a\"\r\ncache-control: max-age=86400\r\n"),
    ("/app.8e0d62a03e4b1c5d.js", "etag: \"a\"\r\ncache-control: max-age=31536000\r\n"),
    ("/cookie.json", "etag: \"a\"\r\ncache-control: max-age=60\r\nset-cookie: sid=s3cr3t\r\n"),
    ("/swr.json", "etag: \"a\"\r\ncache-control: max-age=60, stale-while-revalidate=600\r\n"),
    ("/any.json", "etag: \"a\"\r\ncache-control: max-age=60\r\nvary: *\r\n"),
    ("/agent.json", "etag: \"a\"\r\ncache-control: max-age=60\r\nvary: Accept-Encoding, User-Agent\r\n"),
    ("/two.json", "cache-control: max-age=60\r\n"),
    ("/none.json", "cache-control: max-age=60\r\n"),
];
const TENANTS: usize = 20;

fn field<'a>(request: &'a [String], name: &str) -> &'a str {
    let lines = request.iter().filter_map(|line| line.split_once(": "));
    lines.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
}

fn path(request: &[String]) -> &str {
    request[0].split(' ').nth(1).unwrap()
}

/// The same answer each time, but that two servers with tags of their own take turns at `/two.json`.
fn origin() -> Responder {
    let asked: Mutex<BTreeMap<String, usize>> = Mutex::default();
    Responder::start(move |request| {
        let path = path(request);
        let fields = PATHS.iter().find(|(known, _)| *known == path).unwrap().1;
        let tag = if path == "/two.json" {
            let mut asked = asked.lock().unwrap();
            let turn = asked.entry(field(request, "host").to_owned()).or_default();
            *turn += 1;
            if *turn % 2 == 1 { "etag: \"one\"\r\n" } else { "etag: \"two\"\r\n" }
        } else {
            ""
        };
        Some(answer(request, "200 OK", &format!("{fields}{tag}"), "content"))
    })
}

struct Site {
    folder: tempfile::TempDir,
    _servers: [Responder; 2],
}

impl Site {
    fn new() -> Self {
        let (origin, edge) = (origin(), origin());
        let folder = tempfile::tempdir().unwrap();
        let regions = format!(
            "schema = 1\n[origin]\nurl = \"http://{}\"\nsamples = 2\n[defaults]\nscheme = \"http\"\nedge_rate = \"none\"\n\
             [regions.here]\nedges = [{{ name = \"e\", address = \"{}\" }}]\n",
            origin.address, edge.address
        );
        std::fs::write(folder.path().join("regions.toml"), regions).unwrap();
        let paths: Vec<&str> = PATHS.iter().map(|(path, _)| *path).collect();
        let mut tenants = format!("schema: 1\ndefaults: {{ paths: {paths:?} }}\ntenants:\n");
        for nth in 1..=TENANTS {
            let priority = if nth == 7 { "critical" } else { "normal" };
            let _ = writeln!(tenants, "  - {{ id: t{nth:02}, host: t{nth:02}.test, priority: {priority} }}");
        }
        std::fs::write(folder.path().join("tenants.yaml"), tenants).unwrap();
        Self { folder, _servers: [origin, edge] }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn verify(&self) -> Command {
        let mut command = purgeproof();
        command.args(["verify", "--quiet", "--regions"]).arg(self.file("regions.toml"));
        command.arg("--tenants").arg(self.file("tenants.yaml"));
        command
    }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("no report ({error}): {text}"))
}

#[test]
fn each_piece_of_advice_is_told_once_for_all_tenants_that_it_is_for() {
    let site = Site::new();
    let ran = run(site.verify().args(["--advise", "--format", "json"]));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let report = read(&ran.stdout);
    let rows: Vec<_> = report["advice"].as_array().unwrap().iter().collect();
    let told: Vec<(&str, &str, usize, &str, &str)> = rows
        .iter()
        .map(|row| {
            let word = |key: &str| row[key].as_str().unwrap();
            (word("id"), word("path"), row["tenants"].as_array().unwrap().len(), word("tenant"), word("seen"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("cookie-is-cached", "/cookie.json", TENANTS, "t01", "set-cookie"),
            ("browsers-keep-it", "/app.js", TENANTS, "t01", "cache-control: max-age=86400"),
            ("critical-served-stale", "/swr.json", 1, "t07", "cache-control: max-age=60, stale-while-revalidate=600"),
            ("varies-by-everything", "/any.json", TENANTS, "t01", "vary: *"),
            ("varies-by-user-agent", "/agent.json", TENANTS, "t01", "vary: Accept-Encoding, User-Agent"),
            ("etags-by-server", "/two.json", TENANTS, "t01", "etag: \"one\" and \"two\""),
            ("no-validator", "/none.json", TENANTS, "t01", "neither etag nor last-modified"),
        ]
    );
    for row in rows {
        assert_eq!(row["environments"], json!(["production"]));
        assert!(["summary", "why", "fix", "source"].iter().all(|key| !row[*key].as_str().unwrap().is_empty()), "{row}");
    }
}

#[test]
fn advice_is_given_only_where_asked_and_gates_only_where_asked() {
    let site = Site::new();
    let code = |flags: &[&str], variable: Option<&str>| {
        let mut command = site.verify();
        if let Some(value) = variable {
            command.env("PURGEPROOF_ADVISE", value);
        }
        let ran = run(command.args(["--format", "json"]).args(flags));
        let report = read(&ran.stdout);
        let reasons = report["gate"]["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].to_string());
        (ran.code, report["advice"].as_array().map_or(0, Vec::len), reasons.collect::<String>())
    };
    let none = || String::new();
    assert_eq!(code(&[], None), (0, 0, none()));
    assert_eq!(code(&["--advise"], None), (0, 7, none()));
    assert_eq!(code(&[], Some("true")), (0, 7, none()));
    assert_eq!(code(&[], Some("0")), (0, 0, none()));
    assert_eq!(code(&["--advise=no"], Some("1")), (0, 0, none()));
    assert_eq!(code(&["--advise=fail"], None), (1, 7, "\"advice\"".to_owned()));
    assert_eq!(code(&["--advise=fail", "--only", "path=/fine.json"], None), (0, 0, none()));
    assert_eq!(run(site.verify().arg("--advise=maybe")).code, 2);
}

#[test]
fn formats_for_people_tell_advice_with_its_fix_and_its_source() {
    let site = Site::new();
    let formats = ["table", "markdown", "html", "junit", "github"];
    let mut command = site.verify();
    for format in formats {
        command.arg("--report").arg(format!("{format}={}", site.file(format).display()));
    }
    let summary = site.file("summary.md");
    assert_eq!(run(command.arg("--advise").env("GITHUB_STEP_SUMMARY", &summary)).code, 0);
    for format in ["table", "markdown", "html", "junit", "summary.md"] {
        let text = std::fs::read_to_string(site.file(format)).unwrap();
        assert!(text.contains("browsers-keep-it") && text.contains("20 tenants"), "{format}: {text}");
        assert!(!text.contains("s3cr3t"), "{format}");
        if format != "junit" {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains("Put a hash of the content into the name"), "{format}: {text}");
            assert!(words.contains("RFC 9111 section 4.2"), "{format}: {text}");
        }
    }
    let url = "http://t07.test/swr.json";
    let ran = run(purgeproof()
        .args(["diagnose", url, "--advise", "--regions"])
        .arg(site.file("regions.toml"))
        .arg("--tenants")
        .arg(site.file("tenants.yaml")));
    assert!(ran.stdout.contains("\nADVICE  1 piece\n  critical-served-stale: "), "{}", ran.stdout);
}

/// Answers with this build at every path.
fn built(fields: &'static str) -> Responder {
    Responder::start(move |request| Some(answer(request, "200 OK", &format!("x-build: 7\r\n{fields}"), "content")))
}

fn regions(folder: &Path, name: &str, edges: &[&Responder], origin: &str) -> PathBuf {
    let path = folder.join(format!("{name}.toml"));
    let edges = edges.iter().enumerate();
    let edges = edges.map(|(nth, edge)| format!("{{ name = \"{name}-{nth}\", address = \"{}\" }}", edge.address));
    let edges = edges.collect::<Vec<_>>().join(", ");
    let text = format!(
        "schema = 1\nenvironment = \"{name}\"\nhost = \"{{id}}.{name}.test\"\n{origin}[defaults]\nscheme = \"http\"\n\
         [regions.here]\nedges = [{edges}]\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn of_several_environments_advice_says_in_which() {
    let folder = tempfile::tempdir().unwrap();
    let fine = built("etag: \"x\"\r\ncache-control: max-age=60, s-maxage=86400\r\n");
    let varied = built("etag: \"x\"\r\ncache-control: max-age=60\r\nvary: User-Agent, X-Device\r\n");
    let origin = |server: &Responder| format!("[origin]\nurl = \"http://{}\"\n", server.address);
    let dev = regions(folder.path(), "dev", &[&varied], &origin(&varied));
    let production = regions(folder.path(), "production", &[&fine], &origin(&fine)).display().to_string();
    let tenants = folder.path().join("tenants.yaml");
    std::fs::write(&tenants, "schema: 1\ntenants:\n  - { id: a, paths: [/x] }\n").unwrap();
    let table = |more: &[&str]| {
        let (report, _) = support::verify(&dev, &tenants, &[more, &["--advise"]].concat());
        let saved = folder.path().join("report.json");
        std::fs::write(&saved, report.to_string()).unwrap();
        (report, run(purgeproof().args(["render", "--format", "table"]).arg(&saved)).stdout)
    };
    let (report, shown) = table(&["--regions", &production]);
    let note = report["notes"].as_array().unwrap().iter().find(|note| note["id"] == "vary-not-asked").unwrap();
    assert_eq!(
        note["summary"],
        "the origin's answer varies by request headers that the variants do not cover: user-agent, x-device"
    );
    assert!(shown.contains("/x, tenant a, in dev: vary: User-Agent, X-Device"), "{shown}");
    let (_, shown) = table(&[]);
    assert!(shown.contains("/x, tenant a: vary: User-Agent, X-Device"), "{shown}");
}

#[test]
fn an_environment_without_an_origin_is_compared_and_its_odd_edge_makes_no_noise() {
    let folder = tempfile::tempdir().unwrap();
    let short = "etag: \"x\"\r\ncache-control: max-age=60\r\nvary: origin\r\n";
    let (dev, odd) = (built(short), built("etag: \"x\"\r\ncache-control: max-age=5\r\n"));
    let long = built("etag: \"x\"\r\ncache-control: max-age=600\r\nvary: Origin\r\n");
    let origin = format!("[origin]\nurl = \"http://{}\"\n", long.address);
    let dev = regions(folder.path(), "dev", &[&dev, &dev, &odd], "");
    let production = regions(folder.path(), "production", &[&long], &origin);
    let tenants = folder.path().join("tenants.yaml");
    let paths = "paths: [\"/{id}/app.js\"], expect: { headers: { X-Build: \"7\" } }";
    std::fs::write(&tenants, format!("schema: 1\ntenants:\n  - {{ id: a, {paths} }}\n  - {{ id: b, {paths} }}\n"))
        .unwrap();
    let production = production.display().to_string();
    let (report, ran) = support::verify(&dev, &tenants, &["--regions", &production]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let values = json!({ "dev": "max-age=60", "production": "max-age=600" });
    let differs = json!([{ "header": "cache-control", "values": values, "variants": ["identity"] }]);
    let row = json!({ "path": "/{id}/app.js", "tenants": ["a", "b"], "tenant": "a", "differs": differs });
    assert_eq!(report["parity"], json!([row]));
}

#[test]
fn words_of_servers_are_text_in_differences_and_in_advice() {
    let site = Site::new();
    let mut report = read(&run(site.verify().args(["--advise", "--format", "json"])).stdout);
    let hostile = "<script>x</script>\u{1b}[31m\r\n::error::x|`*\u{202e}";
    report["advice"][0]["seen"] = hostile.into();
    let differs = json!([{ "header": hostile, "values": { hostile: hostile, "b": null }, "variants": [hostile] }]);
    report["parity"] = json!([{ "path": hostile, "tenants": [hostile], "tenant": hostile, "differs": differs }]);
    let saved = site.file("hostile.json");
    std::fs::write(&saved, report.to_string()).unwrap();
    for format in ["table", "markdown", "html", "junit"] {
        let ran = run(purgeproof().args(["render", "--format", format]).arg(&saved));
        assert!(
            ran.stdout.contains("[31m") && !ran.stdout.contains(['\u{1b}', '\u{202e}', '\r']),
            "{format}: {}",
            ran.stdout
        );
        assert!(ran.stdout.lines().all(|line| !line.trim_start().starts_with("::error")), "{format}: {}", ran.stdout);
        let raw = ran.stdout.matches("<script>").count();
        // In markdown, code is as it is.
        assert!(
            raw == 0 || format == "table" || ran.stdout.matches("`<script>").count() == raw,
            "{format}: {}",
            ran.stdout
        );
    }
}
