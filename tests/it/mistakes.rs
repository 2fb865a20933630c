//! Wrong input of each kind: one message that names what is wrong and what mends it, and nothing is sent.

use std::io::ErrorKind;
use std::net::TcpListener;

use crate::support::{Ran, purgeproof, run};

const REGIONS: &str = "schema = 1
[origin]
url = 'http://ADDRESS'
[defaults]
scheme = 'http'
[regions.eu]
edges = [{ name = 'fra', address = 'ADDRESS' }]
";
const TENANTS: &str = "schema: 1
defaults: { paths: [/] }
tenants:
  - { id: a, host: a.example }
  - { id: b, host: b.example }
";

/// What is other than it should be: a file's text with ADDRESS in it, flags, and what the message must hold.
#[derive(Default)]
struct Mistake {
    regions: Option<&'static str>,
    tenants: Option<&'static str>,
    flags: &'static [&'static str],
    says: &'static [&'static str],
}

/// Runs `verify` on edges and an origin that would notice.
fn verify(regions: &str, tenants: &str, flags: &[&str]) -> Ran {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for (name, text) in [("regions.toml", regions), ("tenants.yaml", tenants), ("broken.pem", "no certificate")] {
        std::fs::write(folder.path().join(name), text.replace("ADDRESS", &address)).unwrap();
    }
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let mut command = purgeproof();
    command.current_dir(folder.path()).args(["verify", "--regions", "regions.toml"]);
    if !flags.iter().any(|flag| ["--tenants", "--url", "--dry"].contains(flag)) {
        command.args(["--tenants", "tenants.yaml"]);
    }
    let ran = run(command.args(flags.iter().filter(|flag| **flag != "--dry")));
    let accepted = listener.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(accepted, Err(ErrorKind::WouldBlock), "{flags:?}: something was sent");
    ran
}

#[track_caller]
fn refused(mistake: &Mistake) {
    let Mistake { regions, tenants, flags, says } = mistake;
    let ran = verify(regions.unwrap_or(REGIONS), tenants.unwrap_or(TENANTS), flags);
    let what = format!("{flags:?}\n{}", ran.stderr);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{what}");
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.matches("error:").count() == 1, "{what}");
    for words in *says {
        assert!(ran.stderr.contains(words), "{words:?} is not said: {what}");
    }
}

#[test]
fn the_files_are_right_but_for_the_mistakes() {
    let ran = verify(REGIONS, TENANTS, &["--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("2 checks"), "{}", ran.stdout);
}

#[test]
fn in_a_regions_file() {
    for (regions, says) in [
        (
            "schema = 1\n[regions.eu]\nedges = [\n  { name = 'fra', adress = 'ADDRESS' } ]\n",
            &["regions.toml:4", "\"adress\"", "did you mean \"address\"?"][..],
        ),
        ("schema = 1\n[regions.eu\n", &["regions.toml:2"]),
        ("schema = 2\n[regions.eu]\nedges = []\n", &["regions.toml:1", "schema"]),
        ("schema = 1\n", &["regions.toml", "regions"]),
        (
            "schema = 1\n[defaults]\ntimeout = '5'\n[regions.eu]\nedges = [{ name = 'fra', address = 'ADDRESS' }]\n",
            &["regions.toml:3", "timeout", "write \"5s\""],
        ),
        (
            "schema = 1\n[regions.eu]\nedges = [{ name = 'fra', address = 'ADDRESS' }]\n",
            &["regions.toml", "no origin", "--origin"],
        ),
        (
            "schema = 1\n[origin]\nurl = 'origin.example'\n[regions.eu]\nedges = [{ name = 'fra', address = 'ADDRESS' }]\n",
            &["regions.toml:3", "https://origin.example"],
        ),
        (
            "schema = 1\n[defaults]\nheaders = { X-Auth = '${PURGE_TEST_UNSET}' }\n[regions.eu]\nedges = [{ name = 'fra', address = 'ADDRESS' }]\n",
            &["regions.toml:3", "PURGE_TEST_UNSET", "set it"],
        ),
        (
            "schema = 1\n[defaults]\nca_file = 'gone.pem'\n[regions.eu]\nedges = [{ name = 'fra', address = 'ADDRESS' }]\n",
            &["regions.toml:3", "gone.pem"],
        ),
        (
            "schema = 1\n[defaults]\nca_file = 'broken.pem'\n[regions.eu]\nedges = [{ name = 'fra', address = 'ADDRESS' }]\n",
            &["regions.toml:3", "broken.pem"],
        ),
        (
            "schema = 1\n[regions.eu]\nedges = [\n{ name = 'fra', address = 'ADDRESS' },\n{ name = 'fra', address = 'ADDRESS' }]\n",
            &["regions.toml:5", "\"fra\"", "line 4", "rename"],
        ),
        (
            "schema = 1\n[regions.eu]\nedges = [{ name = 'fra', address = 'ADDRESS', provider = 'fastley' }]\n",
            &["regions.toml:3", "fastley", "did you mean \"fastly\"?"],
        ),
        (
            "schema = 1\n[regions.eu]\nedges = [{ name = 'fra', address = '300.0.0.1' }]\n",
            &["regions.toml:3", "300.0.0.1"],
        ),
    ] {
        refused(&Mistake { regions: Some(regions), says, ..Mistake::default() });
    }
}

#[test]
fn in_a_tenants_file() {
    for (tenants, says) in [
        ("schema: 1\ntenants:\n  - id: [a\n", &["tenants.yaml:"][..]),
        (
            "schema: 1\ntenants:\n  - { id: a, host: a.example, path: [/] }\n",
            &["tenants.yaml:3", "did you mean \"paths\"?"],
        ),
        (
            "schema: 1\ndefaults: { paths: [/] }\ntenants:\n  - { id: a, host: a.example }\n  - { id: a, host: b.example }\n",
            &["tenants.yaml:5", "\"a\"", "tenants.yaml:4", "choose another"],
        ),
        (
            "schema: 1\ndefaults: { paths: [/] }\ntenants:\n  - { id: a, host: a.example }\n  - { id: b, host: A.example }\n",
            &["tenants.yaml:5", "a.example", "tenants.yaml:4"],
        ),
        (
            "schema: 1\ntenants:\n  - { id: a, host: a.example, paths: [app.js] }\n",
            &["tenants.yaml:3", "\"app.js\"", "write \"/app.js\""],
        ),
        ("schema: 1\ntenants:\n  - { id: a, host: a.example }\n", &["tenants.yaml:3", "no paths", "--path"]),
        ("schema: 1\ntenants:\n  - { host: a.example, paths: [/] }\n", &["tenants.yaml:3", "\"id\""]),
        ("schema: 1\ntenants:\n  - { id: a, host: '*.example', paths: [/] }\n", &["tenants.yaml:3", "sample_host"]),
        (
            "schema: 1\ntenants:\n  - { id: a, host: a.example, paths: [/], variants: [gzp] }\n",
            &["tenants.yaml:3", "\"gzip\""],
        ),
        (
            "schema: 1\ntenants:\n  - { id: a, host: a.example, paths: [/], priority: urgent }\n",
            &["tenants.yaml:3", "urgent", "critical"],
        ),
        (
            "schema: 1\ntenants:\n  - { id: a, host: a.example, paths: [/], headers: { X-A: '${PURGE_TEST_UNSET}' } }\n",
            &["tenants.yaml:3", "PURGE_TEST_UNSET"],
        ),
    ] {
        refused(&Mistake { tenants: Some(tenants), says, ..Mistake::default() });
    }
}

#[test]
fn in_a_file_that_cannot_be_had() {
    for (flags, says) in [
        (&["--regions", "gone.toml"][..], &["gone.toml", "--regions"][..]),
        (&["--tenants", "gone.yaml"], &["gone.yaml", "--tenants"]),
        (&["--tenants", "folder"], &["folder", ".yaml"]),
        (&["--cacert", "gone.pem"], &["--cacert gone.pem"]),
        (&["--cacert", "broken.pem"], &["--cacert broken.pem"]),
        (&["--cacert", "folder"], &["--cacert folder"]),
        (&["--report", "json=gone/report.json"], &["--report gone/report.json"]),
        (&["--report", "json=one", "--report", "junit=one"], &["--report one: stands twice", "a file of its own"]),
        (&["--events", "gone/events"], &["--events gone/events"]),
        (&["--report", "json=folder"], &["--report folder", "is a folder"]),
    ] {
        refused(&Mistake { flags, says, ..Mistake::default() });
    }
}

#[test]
fn in_a_flag() {
    for (flags, says) in [
        (&["--tenant", "tenants.yaml"][..], &["'--tenant'", "'--tenants'"][..]),
        (&["--no-such-flag"], &["'--no-such-flag'"]),
        (&["--timeout", "5"], &["--timeout", "\"5\" has no unit, write \"5s\""]),
        (&["--timeout", "0s"], &["--timeout", "write one such as 5s"]),
        (&["--deadline", "soon"], &["--deadline", "\"20s\""]),
        (&["--skew=-1s"], &["--skew", "\"20s\""]),
        (&["--skew", "-1s"], &["--skew", "\"20s\""]),
        (&["--late", "fail"], &["--late fail", "add --within"]),
        (&["--http2"], &["--http2", "\"fra\"", "plain http"]),
        (&["-H", "Accept-Encoding: br"], &["--header", "\"accept-encoding\"", "\"identity\"", "--variant"]),
        (&["--purged-at", "yesterday"], &["--purged-at", "yesterday", "-90s"]),
        (&["--purged-at", "2026-13-01T00:00:00Z"], &["--purged-at", "2026-03-01T12:00:00Z"]),
        (&["--fail-on", "stail"], &["--fail-on", "stail", "stale"]),
        (&["--fail-on", ""], &["--fail-on", "stale"]),
        (&["--format", "xml"], &["--format", "xml", "json"]),
        (&["--report", "xml=a"], &["--report", "xml", "json"]),
        (&["--report", "report.json"], &["--report", "FORMAT=PATH"]),
        (&["--report", "json="], &["--report", "FORMAT=PATH"]),
        (&["--max-fail", "some"], &["--max-fail", "1%"]),
        (&["--min-coverage", "101%"], &["--min-coverage", "100%"]),
        (&["--min-parity", "x"], &["--min-parity", "100%"]),
        (&["--only", "tennant=a"], &["--only", "did you mean \"tenant\"?"]),
        (&["--skip", "tenant"], &["--skip", "tenant=acme-*"]),
        (&["--only", "tenant=["], &["--only", "correct the glob"]),
        (&["--origin", "origin.example"], &["--origin", "https://origin.example"]),
        (&["--origin", "ftp://origin.example"], &["--origin", "https://"]),
        (&["--path", "app.js"], &["--path", "write \"/app.js\""]),
        (&["--variant", "gzp"], &["--variant", "did you mean \"gzip\"?"]),
        (&["-H", "no colon"], &["--header", "Name: value"]),
        (&["-H", "Host: a.example"], &["--header", "Host"]),
        (&["--edge-rate", "0"], &["--edge-rate", "none"]),
        (&["--edge-concurrency", "0"], &["--edge-concurrency", "from 1 on"]),
        (&["--max-body", "0"], &["--max-body"]),
        (&["--sample", "none"], &["--sample", "from 1 on"]),
        (&["--http1.1", "--http2"], &["--http1.1", "--http2"]),
        (&["-4", "-6"], &["--ipv4", "--ipv6"]),
        (&["--url", "https://a.example/", "--tenants", "tenants.yaml"], &["--url", "--tenants"]),
        (&["--url", "a.example"], &["--url", "https://a.example"]),
        (&["--dry"], &["--tenants", "--url"]),
        (&["--quiet", "--verbose"], &["--quiet", "--verbose"]),
    ] {
        refused(&Mistake { flags, says, ..Mistake::default() });
    }
}

#[test]
fn in_what_is_given_to_inspect() {
    // All of it would be more than any memory.
    let ran = run(purgeproof().args(["inspect", "/dev/zero"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("/dev/zero: more than 64 MiB, give it less at once"), "{}", ran.stderr);
}

#[test]
fn in_a_variable_that_stands_for_a_flag() {
    let ran = run(purgeproof().args(["verify", "--tenants", "t.yaml"]).env("PURGEPROOF_TIMEOUT", "5"));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("--timeout") && ran.stderr.contains("write \"5s\""), "{}", ran.stderr);
}

#[test]
fn in_the_command() {
    for args in [&["verfy"][..], &["demo", "--tenants", "0"], &["demo", "--report", "json=/nowhere/at/all"]] {
        let ran = run(purgeproof().args(args));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.matches("error:").count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn nothing_left_to_check_is_a_report_of_its_own() {
    for (tenants, flags) in [
        ("schema: 1\ntenants: []\n", &[][..]),
        (TENANTS, &["--only", "tenant=nobody"]),
        (TENANTS, &["--skip", "edge=*"]),
        (TENANTS, &["--only", "environment=staging"]),
    ] {
        let ran = verify(REGIONS, tenants, &[flags, &["--format", "json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.code, &report["gate"]["outcome"]), (4, &"empty".into()), "{flags:?}");
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn no_word_of_a_file_steers_a_terminal_or_a_log_through_an_error() {
    let tenants = "schema: 1\n\"x\\e[31m\\n::error::y ##[group]z\\u202e\": 1\n";
    let ran = verify(REGIONS, tenants, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let line = ran.stderr.strip_suffix('\n').unwrap();
    assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}') && !line.contains("##["), "{line:?}");
    assert!(line.contains("tenants.yaml:2: unknown key \"x\\u{1b}[31m"), "nothing is lost: {line:?}");
}
