//! What was told in confidence is in no output, whatever an edge does with it.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use purgeproof::report;

use crate::support::responder::{Responder, answer};
use crate::support::{purgeproof, run};

const TOKEN: &str = "tok3n-from-the-environment";
const QUOTED: &str = "it's-a-s3cret";
const FROM_FILE: &str = "w0rd-from-a-file";
const FLAG: &str = "Bearer f1ag-in-clear";
const COOKIE: &str = "session=c00kie-in-clear";

/// Hands every header field of the request back in fields of its own, and sets a cookie.
fn echoing(content: &'static str) -> Responder {
    Responder::start(move |request| {
        let mut fields = String::from("set-cookie: sid=s3t-by-the-server\r\n");
        for (at, line) in request[1..].iter().enumerate() {
            let (_, value) = line.split_once(':').unwrap();
            let _ = write!(fields, "x-echo-{at}: {}\r\n", value.trim());
        }
        Some(answer(request, "200 OK", &fields, content))
    })
}

fn files(folder: &Path, edge: &Responder, origin: &Responder) {
    let (edge, origin) = (edge.address, origin.address);
    let regions = format!(
        "schema = 1
[origin]
url = 'http://{origin}/${{PURGE_TEST_TOKEN}}'
headers = {{ X-Origin-Auth = '${{PURGE_TEST_TOKEN}}' }}
[defaults]
scheme = 'http'
headers = {{ X-Edge-Auth = 'Key ${{PURGE_TEST_TOKEN}}', X-Quoted = \"${{PURGE_TEST_QUOTED}}\", X-File = {{ file = 'word.txt' }}, Cookie = '{COOKIE}' }}
[regions.eu]
edges = [{{ name = 'fra', address = '{edge}' }}]
"
    );
    let tenants = "schema: 1\ntenants: [{ id: a, host: '${PURGE_TEST_TOKEN}.example', paths: ['/?key=${PURGE_TEST_TOKEN}', /b] }]\n";
    for (name, text) in [("regions.toml", regions.as_str()), ("tenants.yaml", tenants), ("word.txt", FROM_FILE)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

fn command(folder: &Path) -> Command {
    let mut command = purgeproof();
    command.current_dir(folder).args(["verify", "--tenants", "tenants.yaml"]);
    command.env("PURGE_TEST_TOKEN", TOKEN).env("PURGE_TEST_QUOTED", QUOTED);
    command
}

#[test]
fn a_secret_that_turns_out_empty_is_missed_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let responder = echoing("x");
    files(folder.path(), &responder, &responder);
    let mistake = |command: &mut Command| {
        let ran = run(command);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        ran.stderr
    };
    let said = mistake(command(folder.path()).env("PURGE_TEST_QUOTED", ""));
    assert!(said.contains("regions.toml:7: the environment variable PURGE_TEST_QUOTED is empty, set it"), "{said}");
    let said = mistake(command(folder.path()).args(["-H", "X: ${NOBODYS}"]).env("NOBODYS", ""));
    assert!(said.contains("--header: the environment variable NOBODYS is empty, set it"), "{said}");
    std::fs::write(folder.path().join("word.txt"), " \n").unwrap();
    let said = mistake(&mut command(folder.path()));
    assert!(said.contains("regions.toml:7: "), "{said}");
    assert!(said.contains("\"X-File\": the file \"word.txt\" is empty, write what it stands for into it"), "{said}");
}

#[track_caller]
fn tells_nothing(text: &str) {
    let token = FLAG.split(' ').next_back().unwrap();
    let (_, cookie) = COOKIE.split_once('=').unwrap();
    // However it is quoted: the telling part of each.
    for secret in [TOKEN, "s-a-s3cret", FROM_FILE, token, cookie, "s3t-by-the-server"] {
        assert!(!text.contains(secret), "{secret} in:\n{text}");
    }
}

#[test]
fn no_format_and_no_verbosity_shows_them() {
    let (edge, origin) = (echoing("old"), echoing("new"));
    let folder = tempfile::tempdir().unwrap();
    files(folder.path(), &edge, &origin);
    for verbosity in [&[][..], &["--verbose"], &["--quiet"], &["--dry-run"]] {
        for format in report::ALL {
            let mut command = command(folder.path());
            command.args(["-H", &format!("Authorization: {FLAG}"), "--format", format.id]).args(verbosity);
            command.arg("--report").arg(format!("{}=out", format.id)).args(["--events", "events"]);
            let ran = run(&mut command);
            let dry = verbosity.contains(&"--dry-run");
            assert_eq!(ran.code, i32::from(!dry), "{}{}", ran.stdout, ran.stderr);
            tells_nothing(&ran.stdout);
            tells_nothing(&ran.stderr);
            if !dry {
                // Metrics name no host and no path.
                assert_eq!(ran.stdout.contains("***"), format.id != "openmetrics", "{}", ran.stdout);
                for file in ["out", "events"] {
                    tells_nothing(&std::fs::read_to_string(folder.path().join(file)).unwrap());
                }
            }
        }
    }
}

#[test]
fn they_are_sent_all_the_same() {
    let sent = |wanted: &'static str| {
        Responder::start(move |request| {
            let told = request.iter().any(|line| line.contains(wanted));
            Some(answer(request, if told { "200 OK" } else { "403 Forbidden" }, "etag: \"a\"\r\n", "new"))
        })
    };
    for (at_edge, at_origin) in [(TOKEN, TOKEN), (QUOTED, FLAG), (FROM_FILE, FLAG), (COOKIE, TOKEN), (FLAG, FLAG)] {
        let (edge, origin) = (sent(at_edge), sent(at_origin));
        let folder = tempfile::tempdir().unwrap();
        files(folder.path(), &edge, &origin);
        let ran = run(command(folder.path()).args(["--path", "/b", "-H", &format!("Authorization: {FLAG}")]));
        // The origin answers 403 where it was not told; then 403 at the edge would be the same.
        assert!(ran.stdout.contains("1 check") && !ran.stdout.contains("403"), "{at_edge}: {}", ran.stdout);
        assert_eq!(ran.code, 0, "{}", ran.stdout);
    }
}

#[test]
fn a_header_flag_may_name_a_variable() {
    let (edge, origin) = (echoing("old"), echoing("new"));
    let folder = tempfile::tempdir().unwrap();
    files(folder.path(), &edge, &origin);
    let ran = run(command(folder.path()).args(["--format", "json", "-H", "X-Key: ${PURGE_TEST_TOKEN}"]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(!ran.stdout.contains("PURGE_TEST_TOKEN"), "the variable is not filled: {}", ran.stdout);
    tells_nothing(&ran.stdout);
    let unset = run(command(folder.path()).args(["-H", "X-Key: ${PURGE_TEST_UNSET}"]));
    assert_eq!((unset.code, unset.stdout.as_str()), (2, ""));
    assert!(unset.stderr.contains("--header") && unset.stderr.contains("PURGE_TEST_UNSET"), "{}", unset.stderr);
}

#[test]
fn braces_in_a_secret_are_its_own_and_those_beside_it_are_filled() {
    let (token, sent) = ("k3y-{id}-{host}", "x-key: a.k3y-{id}-{host}");
    let server = Responder::start(move |request| {
        let told = request.iter().filter(|line| line.to_ascii_lowercase().contains(sent)).count() == 1;
        Some(answer(request, if told { "200 OK" } else { "403 Forbidden" }, "etag: \"a\"\r\n", "new"))
    });
    let folder = tempfile::tempdir().unwrap();
    let address = server.address;
    let regions = format!(
        "schema = 1\n[origin]\nurl = 'http://{address}'\n[defaults]\nscheme = 'http'\n[regions.eu]\n\
         edges = [{{ name = 'fra', address = '{address}' }}]\n"
    );
    std::fs::write(folder.path().join("regions.toml"), regions).unwrap();
    let verify = |tenant: &str, flags: &[&str]| {
        let tenants = format!("schema: 1\ntenants: [{{ id: a, host: a.example, paths: [/]{tenant} }}]\n");
        std::fs::write(folder.path().join("tenants.yaml"), tenants).unwrap();
        let mut command = purgeproof();
        command.current_dir(folder.path()).args(["verify", "--tenants", "tenants.yaml", "--format", "json"]);
        let ran = run(command.args(flags).env("PURGE_TEST_TOKEN", token));
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["origins"], serde_json::json!([]), "the origin was told as well: {}", ran.stdout);
    };
    verify(", headers: { X-Key: '{id}.${PURGE_TEST_TOKEN}' }", &[]);
    verify("", &["-H", "X-Key: {id}.${PURGE_TEST_TOKEN}"]);
}

#[test]
fn a_secret_that_is_a_common_word_uncovers_no_other() {
    let (edge, origin) = (echoing("old"), echoing("new"));
    let folder = tempfile::tempdir().unwrap();
    files(folder.path(), &edge, &origin);
    for word in ["divergent", "normal", "fail", "stale"] {
        let ran = run(command(folder.path()).args(["--format", "json"]).env("PURGE_TEST_QUOTED", word));
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((ran.code, &report["findings"][0]["verdict"]), (1, &"divergent".into()));
        tells_nothing(&ran.stdout);
    }
}

#[test]
fn an_error_does_not_quote_them() {
    let (edge, origin) = (echoing("old"), echoing("new"));
    let folder = tempfile::tempdir().unwrap();
    files(folder.path(), &edge, &origin);
    let duplicate = "schema: 1\ntenants: [{ id: '${PURGE_TEST_TOKEN}', host: a.example, paths: [/] }, { id: '${PURGE_TEST_TOKEN}', host: b.example, paths: [/] }]\n";
    std::fs::write(folder.path().join("tenants.yaml"), duplicate).unwrap();
    let ran = run(&mut command(folder.path()));
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("***"), "{}", ran.stderr);
    tells_nothing(&ran.stderr);
}
