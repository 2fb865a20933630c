//! dev, staging and production, each a real origin behind a real cache: what was planted is told, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use purgeproof::clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::nginx::{Nginx, Setup};
use crate::support::{self, Ran, purgeproof, run};

const PATHS: [&str; 7] =
    ["/app.json", "/same.json", "/vary.json", "/zip.js", "/pass.json", "/gone.json", "/stale.json"];
const TENANTS: usize = 9;

/// What each origin says beside the files.
const ORIGINS: [(&str, &str); 3] = [
    (
        "dev",
        "location = /app.json { add_header Cache-Control no-store; }
         location = /same.json { add_header Cache-Control 'public, max-age=60'; add_header Vary 'Accept, Origin'; }
         location = /gone.json { return 404; }
         location = /stale.json { add_header Cache-Control max-age=60; }",
    ),
    (
        "production",
        "location = /app.json { add_header Cache-Control 'public, max-age=3600'; }
         location = /same.json { add_header Cache-Control 'Max-Age=60,public,s-maxage=60'; add_header Vary 'origin,accept'; }
         location = /vary.json { add_header Vary 'Origin, Accept-Language'; }
         location = /stale.json { add_header Cache-Control 'max-age=60, stale-while-revalidate=30'; }",
    ),
    (
        "staging",
        "location = /app.json { add_header Cache-Control max-age=60; }
         location = /same.json { add_header Cache-Control 'max-age=60, s-maxage=60'; add_header Vary Origin; add_header Vary Accept; }
         location = /vary.json { add_header Vary Origin; }
         location = /stale.json { add_header Cache-Control 'max-age=60, stale-while-revalidate=0'; }",
    ),
];

struct Environments {
    folder: TempDir,
    regions: Vec<PathBuf>,
    tenants: PathBuf,
    _servers: Vec<Nginx>,
}

impl Environments {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let files = folder.path().join("files");
        std::fs::create_dir(&files).unwrap();
        for path in PATHS {
            std::fs::write(files.join(&path[1..]), "content ".repeat(50)).unwrap();
        }
        let (mut servers, mut regions) = (Vec::new(), Vec::new());
        for (name, says) in ORIGINS {
            let place = |what: &str| folder.path().join(format!("{name}-{what}"));
            let origin = Nginx::origin(&place("origin"), &files, &format!("default_type application/json; {says}"));
            let is_production = name == "production";
            let setup = Setup {
                gzip: is_production,
                says: if is_production {
                    "set $skip 0; if ($uri = /pass.json) { set $skip 1; } proxy_cache_bypass $skip; proxy_no_cache $skip;"
                } else {
                    ""
                },
                ..Setup::default()
            };
            let edges: Vec<Nginx> = ["a", "b"].map(|edge| Nginx::edge(&place(edge), origin.plain, &setup)).into();
            let mut text = format!(
                "schema = 1\nenvironment = \"{name}\"\nhost = \"{{id}}.{name}.test\"\n[origin]\nurl = \"http://{}\"\n\
                 [defaults]\nscheme = \"http\"\nedge_rate = \"none\"\n[regions.here]\nedges = [\n",
                origin.plain
            );
            for (edge, nginx) in ["a", "b"].iter().zip(&edges) {
                let _ = writeln!(text, "{{ name = \"{name}-{edge}\", address = \"{}\" }},", nginx.plain);
            }
            text.push_str("]\n");
            regions.push(place("regions.toml"));
            std::fs::write(place("regions.toml"), text).unwrap();
            servers.push(origin);
            servers.extend(edges);
        }
        let mut text = format!("schema: 1\ndefaults:\n  paths: {PATHS:?}\n  variants: [identity, gzip]\ntenants:\n");
        for nth in 1..=TENANTS {
            let _ = writeln!(text, "  - id: t{nth}");
        }
        let tenants = folder.path().join("tenants.yaml");
        std::fs::write(&tenants, text).unwrap();
        Self { folder, regions, tenants, _servers: servers }
    }

    fn verify(&self, more: &[&str]) -> Ran {
        let mut command = purgeproof();
        command.arg("verify").arg("--quiet").arg("--tenants").arg(&self.tenants).args(more);
        for regions in &self.regions {
            command.arg("--regions").arg(regions);
        }
        run(&mut command)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn ids() -> Vec<String> {
    (1..=TENANTS).map(|nth| format!("t{nth}")).collect()
}

/// What was planted, and nothing else.
fn planted() -> Value {
    let row =
        |path: &str, differs: Value| json!({ "path": path, "tenants": ids(), "tenant": "t1", "differs": differs });
    let both = json!(["gzip", "identity"]);
    let one = |header: &str, [dev, production, staging]: [Option<&str>; 3], variants: &Value| {
        let values = json!({ "dev": dev, "production": production, "staging": staging });
        json!({ "header": header, "values": values, "variants": variants })
    };
    json!([
        row(
            "/app.json",
            json!([one("cache-control", [Some("no-store"), Some("public, max-age=3600"), Some("max-age=60")], &both)])
        ),
        row(
            "/gone.json",
            json!([
                one("content-type", [Some("text/html"), Some("application/json"), Some("application/json")], &both),
                one("status", [Some("404"), Some("200"), Some("200")], &both)
            ])
        ),
        row("/pass.json", json!([one("cacheability", [Some("cached"), Some("not cached"), Some("cached")], &both)])),
        row(
            "/stale.json",
            json!([one(
                "cache-control",
                [
                    Some("max-age=60"),
                    Some("max-age=60, stale-while-revalidate=30"),
                    Some("max-age=60, stale-while-revalidate=0")
                ],
                &both
            )])
        ),
        row("/vary.json", json!([one("vary", [None, Some("Origin, Accept-Language"), Some("Origin")], &both)])),
        row("/zip.js", json!([one("content-encoding", [None, Some("gzip"), None], &json!(["gzip"]))])),
    ])
}

#[test]
fn three_environments_are_verified_at_once_and_exactly_what_was_planted_is_told() {
    let environments = Environments::new();
    let formats = ["json", "html", "markdown", "junit", "table"];
    let targets: BTreeMap<&str, PathBuf> =
        formats.iter().map(|format| (*format, environments.file(&format!("report.{format}")))).collect();
    let flags: Vec<String> = targets
        .iter()
        .flat_map(|(format, path)| ["--report".to_owned(), format!("{format}={}", path.display())])
        .collect();
    let plan = environments.verify(&["--dry-run"]).stdout;
    let most = TENANTS * PATHS.len() * 2 * 2 * 3;
    assert!(plan.contains(&format!("at most {most} GETs on top")), "{plan}");
    let watch = Clock::stopwatch();
    let ran = environments.verify(&flags.iter().map(String::as_str).collect::<Vec<_>>());
    let took = watch.elapsed();
    let report = read(&targets["json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(took < Duration::from_secs(6), "{took:?}");
    assert_eq!(report["parity"], planted(), "{:#}", report["parity"]);
    let names: Vec<&str> =
        report["environments"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["dev", "production", "staging"]);
    let checks = TENANTS * PATHS.len() * 2 * 2 * 3;
    assert_eq!(report["summary"]["checks"], checks, "{:#}", report["summary"]);
    assert!(ran.stdout.contains("\nBETWEEN ENVIRONMENTS  7 differences"), "{}", ran.stdout);
    for (format, path) in targets {
        let text = std::fs::read_to_string(path).unwrap();
        for told in ["production", "Accept-Language", "stale-while-revalidate=30", "content-encoding", "cacheability"] {
            assert!(text.contains(told), "{format} does not tell {told}: {text}");
        }
    }
}

#[test]
fn partitions_merged_tell_the_same_of_environments_as_one_run() {
    let environments = Environments::new();
    let part = |nth: usize| {
        let path = environments.file(&format!("{nth}.json"));
        let ran = environments.verify(&[
            "--partition",
            &format!("hash:{nth}/3"),
            "--report",
            &format!("json={}", path.display()),
            "--advise",
        ]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        path
    };
    let parts: Vec<PathBuf> = (1..=3).map(part).collect();
    let merged = run(purgeproof().args(["merge", "--format", "json"]).args(&parts));
    let merged: Value = serde_json::from_str(&merged.stdout).unwrap();
    assert_eq!(merged["parity"], planted());
    let whole = environments.file("whole.json");
    let ran = environments.verify(&["--advise", "--report", &format!("json={}", whole.display())]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let advice = &read(&whole)["advice"];
    assert_eq!((&merged["advice"], advice[0]["path"].as_str()), (advice, Some("/app.json")), "{advice:#}");
}

#[test]
fn of_one_environment_nothing_is_compared() {
    let environments = Environments::new();
    let (report, ran) = support::verify(&environments.regions[0], &environments.tenants, &[]);
    assert_eq!((ran.code, &report["parity"]), (0, &json!([])), "{}", ran.stderr);
}
