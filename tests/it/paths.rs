//! `--paths-from` as users meet it: what `tenants` lists and `verify --dry-run` plans.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{purgeproof, run};

const REGIONS: &str = "schema = 1
[origin]
url = 'http://127.0.0.1:9'
[regions.eu]
edges = [{ name = 'fra', address = '127.0.0.1' }]
";
const TENANTS: &str = "schema: 1
defaults: { paths: [/own] }
tenants:
  - { id: docs, host: docs.example.com }
  - { id: shop, host: shop.example.com, aliases: [www.shop.example.com] }
";

/// A folder with those files and the fixtures.
fn world() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("regions.toml"), REGIONS).unwrap();
    fs::write(folder.path().join("tenants.yaml"), TENANTS).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/paths");
    std::os::unix::fs::symlink(fixtures, folder.path().join("paths")).unwrap();
    folder
}

fn command(world: &TempDir, args: &[&str]) -> Command {
    let mut command = purgeproof();
    command.args(args).current_dir(world.path());
    command
}

/// Ids, paths and sources, and what is left out.
fn listed(world: &TempDir, args: &[&str]) -> (Value, Value) {
    let ran = run(&mut command(world, &[&["tenants", "--format", "json"], args].concat()));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let list: Value = serde_json::from_str(&ran.stdout).unwrap();
    let row = |tenant: &Value| json!([tenant["id"], tenant["paths"]]);
    (list["tenants"].as_array().unwrap().iter().map(row).collect(), list["left_out"].clone())
}

#[test]
fn tenants_lists_what_each_source_gives_to_whom() {
    let world = world();
    let flags = ["--tenants", "tenants.yaml", "--path", "/{id}.js"];
    let sources =
        ["--paths-from", "sitemap=paths/sitemap/wordpress.xml", "--paths-from", "manifest=paths/manifest/vite.json@/s"];
    let built = [
        "/s/assets/shared-B7PI925R.js",
        "/s/assets/shared-ChJ_j-JJ.css",
        "/s/assets/logo-BGJCpWJ8.svg",
        "/s/assets/bar-gkvgaI9m.js",
        "/s/assets/inter-latin.woff2",
        "/s/assets/baz-B2H3sXNv.js",
    ];
    let (tenants, left_out) = listed(&world, &[&flags[..], &sources].concat());
    let pages = ["/", "/product/tea/?size=250g&colour=gr%C3%BCn", "/%C3%BCber-uns/"];
    let of = |first: &'static str, more: &[&'static str]| [&[first][..], &built, more].concat();
    let (docs, shop) = (of("/docs.js", &[]), of("/shop.js", &pages));
    let expected = json!([["docs", docs], ["shop", shop]]);
    assert_eq!(tenants, expected);
    let expected = json!([{
        "source": "paths/sitemap/wordpress.xml:19",
        "reason": "1 URL of 1 host that no tenant has, the first is old.example.org"
    }]);
    assert_eq!(left_out, expected);
}

#[test]
fn hosts_of_a_log_are_tenants_where_nothing_else_names_any() {
    let world = world();
    let (tenants, left_out) = listed(&world, &["--paths-from", "log=paths/log/vhosts.log", "--sample", "1"]);
    let expected = json!([
        ["docs.example.com", ["/guide/"]],
        ["intern.example.com", ["/server-status"]],
        ["shop.example.com", ["/a.css"]],
        ["www.shop.example.com", ["/b.css"]]
    ]);
    assert_eq!((tenants, left_out), (expected, Value::Null));
}

#[test]
fn a_plan_counts_them_and_tells_what_is_left_out() {
    let world = world();
    let args = ["verify", "--dry-run", "--tenants", "tenants.yaml", "--paths-from", "log=paths/log/combined.log"];
    let ran = run(&mut command(&world, &args));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    // Four paths at one host and at two.
    assert!(ran.stdout.starts_with("2 tenants, 1 edge in 1 region, 12 objects: 12 checks\n"), "{}", ran.stdout);
    let told = "left out: paths/log/combined.log: 2 lines of 13 in no known format, the first is line 12\n";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    let args = ["verify", "--dry-run", "--paths-from", "sitemap=paths/sitemap/sitemap_index.xml", "--sample", "1"];
    let ran = run(&mut command(&world, &args));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("2 tenants, 1 edge in 1 region, 2 objects: 2 checks\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("URLs are not fetched"), "{}", ran.stdout);
}

#[test]
fn a_variable_names_a_source_too_and_standard_input_may_be_one() {
    let world = world();
    let mut command = command(&world, &["verify", "--dry-run"]);
    command.env("PURGEPROOF_PATHS_FROM", "sitemap=-").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    running.stdin.take().unwrap().write_all(b"https://a.example/x\nhttps://b.example/\n").unwrap();
    let output = running.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("2 tenants, 1 edge in 1 region, 2 objects: 2 checks\n"), "{told}");
}

#[test]
fn a_tenants_file_that_is_written_says_the_same() {
    let world = world();
    let sources = ["--tenants", "tenants.yaml", "--paths-from", "sitemap=paths/sitemap/wordpress.xml"];
    let ran = run(&mut command(&world, &[&["tenants", "--format", "tenants"], &sources[..]].concat()));
    let left_out =
        "left out: paths/sitemap/wordpress.xml:19: 1 URL of 1 host that no tenant has, the first is old.example.org";
    assert_eq!((ran.code, ran.stderr.trim_end()), (0, left_out));
    assert!(ran.stdout.contains(&format!("# {left_out}\n")), "{}", ran.stdout);
    fs::write(world.path().join("written.yaml"), ran.stdout).unwrap();
    let (again, _) = listed(&world, &["--tenants", "written.yaml"]);
    assert_eq!(again, listed(&world, &sources).0);
}

#[test]
fn a_mistake_is_named_before_anything_is_sent() {
    let world = world();
    for (args, says) in [
        (&["--paths-from", "sitemap.xml"][..], &["--paths-from", "write KIND=PATH"][..]),
        (&["--paths-from", "sitemaps=x"], &["--paths-from", "did you mean \"sitemap\"?"]),
        (&["--paths-from", "log=gone.log"], &["--paths-from log=gone.log", "correct the path"]),
        (&["--paths-from", "manifest=paths/manifest/vite.json"], &["names no host", "--tenants"]),
        (&["--paths-from", "manifest=paths/sitemap/wordpress.xml"], &["paths/sitemap/wordpress.xml:1", "JSON"]),
        (&["--paths-from", "sitemap=paths"], &["paths", "cannot be read"]),
        (
            &["--tenants", "tenants.yaml", "--skip", "tenant=x", "--paths-from", "sitemap=-", "--paths-from", "log=-"],
            &["--paths-from log=-", "read once"],
        ),
    ] {
        for name in ["verify", "tenants"] {
            let ran = run(command(&world, &[&[name], args].concat()).stdin(Stdio::null()));
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}");
            assert!(says.iter().all(|words| ran.stderr.contains(words)), "{args:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn pins_of_paths_that_are_not_asked_for_are_no_mistake() {
    let world = world();
    fs::write(world.path().join("pins.yaml"), "/own: { etag: '\"a\"' }\n").unwrap();
    let args = ["verify", "--dry-run", "--tenants", "tenants.yaml", "--expect", "pins.yaml"];
    let ran = run(&mut command(&world, &[&args[..], &["--paths-from", "manifest=paths/manifest/vite.json"]].concat()));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}
