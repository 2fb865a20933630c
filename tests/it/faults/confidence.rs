//! What was told in confidence reaches those it is for and nobody else, and nobody switches off a check in silence.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use purgeproof::lab::Planted;
use purgeproof::report;
use serde_json::Value;

use super::{Plain, regions, tenants, write};
use crate::support::responder::{Responder, answer};
use crate::support::stage::{Stage, pair};
use crate::support::{Ran, purgeproof, run};

const TOKEN: &str = "tok3n-in-confidence";
const PASSWORD: &str = "passw0rd-of-the-proxy";

/// Heads that a server got, in lower case.
type Heads = Arc<Mutex<Vec<String>>>;

fn listening(fields: &'static str) -> (Responder, Heads) {
    let heads = Heads::default();
    let kept = Arc::clone(&heads);
    let responder = Responder::start(move |request| {
        kept.lock().unwrap().push(request.join("\n").to_ascii_lowercase());
        Some(answer(request, "200 OK", fields, "a"))
    });
    (responder, heads)
}

/// A proxy that leads every tunnel to this address.
fn proxy(to: SocketAddr) -> (SocketAddr, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (at, heads) = (listener.local_addr().unwrap(), Heads::default());
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || tunnel(stream, to, &kept));
        }
    });
    (at, heads)
}

fn tunnel(mut client: TcpStream, to: SocketAddr, kept: &Heads) {
    let mut lines = BufReader::new(client.try_clone().unwrap());
    let mut connect = String::new();
    while !connect.ends_with("\r\n\r\n") {
        if lines.read_line(&mut connect).unwrap_or(0) == 0 {
            return;
        }
    }
    kept.lock().unwrap().push(connect.to_ascii_lowercase());
    let mut server = TcpStream::connect(to).unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut back, mut there) = (client, server.try_clone().unwrap());
    std::thread::spawn(move || std::io::copy(&mut server, &mut back));
    let _ = std::io::copy(&mut lines, &mut there);
    let _ = there.shutdown(std::net::Shutdown::Both);
}

#[test]
fn each_header_goes_to_those_it_is_for_alone() {
    const FRESH: &str = "etag: \"a\"\r\n";
    let ((edge, at_edge), (behind, at_behind), (origin, at_origin)) =
        (listening(FRESH), listening(FRESH), listening(FRESH));
    let (proxy, at_proxy) = proxy(behind.address);
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "schema = 1
[origin]
url = 'http://{}'
headers = {{ X-Origin-Key = '${{PURGE_TEST_TOKEN}}' }}
[defaults]
scheme = 'http'
headers = {{ X-Edge-Key = 'edge' }}
[regions.eu]
edges = [
  {{ name = 'direct', address = '{}' }},
  {{ name = 'proxied', proxy = 'http://ada:${{PURGE_TEST_PASSWORD}}@{proxy}' }},
]
",
        origin.address, edge.address
    );
    write(folder.path(), "regions.toml", text);
    let text = "schema: 1
defaults: { paths: [/] }
tenants:
  - { id: a, host: a.example, headers: { X-Tenant-Key: key-of-a } }
  - { id: b, host: b.example, headers: { X-Tenant-Key: key-of-b } }
";
    write(folder.path(), "tenants.yaml", text);
    let mut command = purgeproof();
    command.current_dir(folder.path()).args(["verify", "--tenants", "tenants.yaml"]);
    let ran = run(command.env("PURGE_TEST_TOKEN", TOKEN).env("PURGE_TEST_PASSWORD", PASSWORD));
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    // RFC 7617 section 2: the base64 of user, colon and password.
    let of_proxy = "proxy-authorization: basic ";
    for (who, heads, has, has_not) in [
        ("the proxy", &at_proxy, &[of_proxy][..], &["x-tenant-key", "x-edge-key", "x-origin-key", TOKEN][..]),
        (
            "the edge behind it",
            &at_behind,
            &["x-tenant-key", "x-edge-key"],
            &["proxy-", "x-origin-key", TOKEN, PASSWORD],
        ),
        ("the edge", &at_edge, &["x-tenant-key", "x-edge-key"], &["proxy-", "x-origin-key", TOKEN, PASSWORD]),
        ("the origin", &at_origin, &["x-tenant-key", "x-origin-key", TOKEN], &["proxy-", "x-edge-key", PASSWORD]),
    ] {
        let heads = heads.lock().unwrap();
        assert!(!heads.is_empty(), "{who} was not asked");
        for head in heads.iter() {
            assert!(has.iter().all(|word| head.contains(word)), "{who} lacks one of {has:?}:\n{head}");
            assert!(!has_not.iter().any(|word| head.contains(word)), "{who} got one of {has_not:?}:\n{head}");
            for (tenant, other) in [("a", "b"), ("b", "a")] {
                let is_theirs = head.contains(&format!("host: {tenant}.example"));
                assert!(!(is_theirs && head.contains(&format!("key-of-{other}"))), "{who}:\n{head}");
            }
        }
    }
}

#[test]
fn no_redirect_is_followed() {
    let elsewhere = Responder::start(|request| Some(answer(request, "200 OK", "etag: \"a\"\r\n", "a")));
    for (at_edge, code) in [("x", 0), ("y", 1)] {
        let redirect = |to: String| {
            let fields = format!("location: http://{}/{to}\r\n", elsewhere.address);
            Responder::start(move |request| Some(answer(request, "302 Found", &fields, "")))
        };
        let (edge, origin) = (redirect(at_edge.to_owned()), redirect("x".to_owned()));
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "regions.toml", regions(edge.address, origin.address));
        let secret = tenants(1).replace("host: t0.example", "host: t0.example, headers: { X-Tenant-Key: key }");
        write(folder.path(), "tenants.yaml", secret);
        for words in [
            "verify --tenants tenants.yaml",
            "verify --tenants tenants.yaml --method get --body always",
            "verify --url http://t0.example/ -H X-Key:key",
            "diagnose http://t0.example/ --tenants tenants.yaml",
        ] {
            let ran = run(purgeproof().current_dir(folder.path()).args(words.split(' ')));
            assert_eq!(ran.code, code, "{words}: {}{}", ran.stdout, ran.stderr);
        }
        run(purgeproof().current_dir(folder.path()).args(["edges", "--probe", "t0.example"]));
    }
    assert!(!elsewhere.was_asked(), "a redirect was followed");
}

#[test]
fn no_file_can_switch_off_the_check_of_certificates() {
    let plain = Plain::start();
    let address = plain.server.address;
    for text in [
        regions(address, address).replace("[defaults]", "[defaults]\ninsecure = true"),
        regions(address, address).replace("[origin]", "[origin]\ninsecure = true"),
        regions(address, address).replace("name = 'fra'", "name = 'fra', insecure = true"),
        format!("insecure = true\n{}", regions(address, address)),
    ] {
        write(plain.path(), "regions.toml", text);
        let ran = run(&mut plain.verify());
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("unknown key \"insecure\""), "{}", ran.stderr);
    }
}

#[test]
fn a_report_says_that_certificates_were_not_checked() {
    let stage = Stage::purged(pair(1), &Planted::nothing());
    let trusting = std::fs::read_to_string(stage.file("regions.toml")).unwrap();
    let strange: String = trusting.split_inclusive('\n').filter(|line| !line.contains("ca_file")).collect();
    assert_ne!(strange, trusting);
    write(stage.folder.path(), "regions.toml", strange);
    let strict = run(&mut stage.command());
    assert!(strict.code == 3 && !strict.stdout.contains("NOT checked"), "{}", strict.stdout);
    for format in report::ALL {
        for by_flag in [true, false] {
            let mut command = stage.command();
            command.args(["--format", format.id]);
            let ran = run(if by_flag { command.arg("-k") } else { command.env("PURGEPROOF_INSECURE", "1") });
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            assert!(ran.stderr.contains("certificates are NOT checked"), "{}", ran.stderr);
            let says = match format.id {
                "json" => serde_json::from_str::<Value>(&ran.stdout).unwrap()["run"]["insecure"] == true,
                "openmetrics" => ran.stdout.contains("\npurgeproof_insecure 1\n"),
                // Findings alone, and there are none.
                "ndjson" => ran.stdout.is_empty(),
                _ => ran.stdout.replace("**", "").to_ascii_lowercase().contains("certificates were not checked"),
            };
            assert!(says, "{}: {}", format.id, ran.stdout);
        }
    }
    let edges = |flags: &[&str]| {
        run(purgeproof().args(["edges", "--format", "json", "--regions"]).arg(stage.file("regions.toml")).args(flags))
    };
    let ran = edges(&["-k"]);
    assert!(ran.stderr.contains("certificates of edges are NOT checked"), "{}", ran.stderr);
    let said = |ran: &Ran| serde_json::from_str::<Value>(&ran.stdout).unwrap()["insecure"].clone();
    assert_eq!((said(&ran), said(&edges(&[]))), (true.into(), false.into()));
}

/// Names, headers, paths and proxies that hold secrets.
fn secretive(plain: &Plain) {
    let address = plain.server.address;
    let text = format!(
        "{}[regions.us]\nedges = [{{ name = 'iad', proxy = 'http://ada:${{PURGE_TEST_PASSWORD}}@127.0.0.1:1', headers = {{ X-Key = '${{PURGE_TEST_TOKEN}}' }} }}]\n",
        regions(address, format!("{address}/${{PURGE_TEST_TOKEN}}"))
    );
    write(plain.path(), "regions.toml", text);
    let text = "schema: 1\ntenants:\n  - { id: a, host: 'a.${PURGE_TEST_TOKEN}.example', paths: ['/?${PURGE_TEST_TOKEN}'], headers: { X-Key: '${PURGE_TEST_TOKEN}' } }\n";
    write(plain.path(), "tenants.yaml", text);
}

#[test]
fn no_command_shows_a_secret() {
    let plain = Plain::start();
    secretive(&plain);
    for words in [
        "verify --tenants tenants.yaml --verbose --events events",
        "verify --tenants tenants.yaml --dry-run",
        "verify --tenants tenants.yaml --dry-run --format json",
        "verify --tenants tenants.yaml --format json",
        "verify --tenants tenants.yaml --only tenant=b --format json",
        "diagnose http://a.tok3n-in-confidence.example/ --tenants tenants.yaml",
        "edges --tenants tenants.yaml",
        "edges --tenants tenants.yaml --dry-run",
        "edges --tenants tenants.yaml --format json",
        "edges --tenants tenants.yaml --write pinned.toml",
        "tenants --tenants tenants.yaml",
        "tenants --tenants tenants.yaml --format json",
        "tenants --tenants tenants.yaml --format tenants",
    ] {
        let mut command = purgeproof();
        command.current_dir(plain.path()).args(words.split(' '));
        let ran = run(command.env("PURGE_TEST_TOKEN", TOKEN).env("PURGE_TEST_PASSWORD", PASSWORD));
        assert!([0, 1, 2, 3, 4].contains(&ran.code), "{words}: {}", ran.stderr);
        let written =
            ["events", "pinned.toml"].map(|file| std::fs::read_to_string(plain.path().join(file)).unwrap_or_default());
        for (where_, text) in
            [("out", &ran.stdout), ("err", &ran.stderr), ("events", &written[0]), ("pinned", &written[1])]
        {
            assert!(!text.contains(TOKEN) && !text.contains(PASSWORD), "{words}, {where_}: {text}");
        }
    }
}

#[test]
fn whoever_lists_processes_sees_no_secret() {
    let silent = Responder::start(|_| None);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "regions.toml", regions(silent.address, silent.address));
    let mut command: Command = purgeproof();
    command.current_dir(folder.path()).args([
        "verify",
        "--url",
        "http://a.example/",
        "-H",
        "X-Key: ${PURGE_TEST_TOKEN}",
    ]);
    let mut child = command.env("PURGE_TEST_TOKEN", TOKEN).spawn().unwrap();
    silent.wait_until_asked();
    let typed = std::fs::read_to_string(format!("/proc/{}/cmdline", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(typed.contains("${PURGE_TEST_TOKEN}") && !typed.contains(TOKEN), "{typed}");
}
