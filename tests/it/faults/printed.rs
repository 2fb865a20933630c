//! Standard output: a reader that is gone, a disk that is full, nobody there at all.

use std::process::{Command, Stdio};

use super::{Plain, redirected, write};
use crate::support::stage::{Stage, missing, pair};
use crate::support::{Ran, purgeproof, run};

/// Every command that prints, with the code that it ends with.
fn commands(plain: &Plain) -> Vec<(Command, i32)> {
    let report = plain.path().join("report.json");
    if !report.exists() {
        let ran = run(plain.verify().args(["--report", "json=report.json"]));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        // https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
        write(plain.path(), "head.txt", "HTTP/1.1 200 OK\nage: 1\ndate: Sun, 06 Nov 1994 08:49:37 GMT\n");
    }
    let typed = |words: &str| {
        let mut command = purgeproof();
        command.current_dir(plain.path()).args(words.split(' '));
        command
    };
    [
        ("verify --tenants tenants.yaml", 0),
        ("verify --tenants tenants.yaml --format json", 0),
        ("verify --tenants tenants.yaml --dry-run", 0),
        ("verify --tenants tenants.yaml --dry-run --format json", 0),
        ("diagnose http://t0.example/", 0),
        ("edges", 0),
        ("edges --format json", 0),
        ("edges --dry-run", 0),
        ("tenants --tenants tenants.yaml", 0),
        ("tenants --tenants tenants.yaml --format json", 0),
        ("tenants --tenants tenants.yaml --format tenants", 0),
        ("inspect head.txt", 0),
        ("inspect head.txt --format json", 0),
        ("render report.json", 0),
        ("render report.json --format html", 0),
        ("schema", 0),
        ("schema events", 0),
        ("man", 0),
        ("completions bash", 0),
        ("completions zsh", 0),
        ("completions fish", 0),
        ("--help", 0),
        ("help verify", 0),
        ("--version", 0),
    ]
    .map(|(words, code)| (typed(words), code))
    .into()
}

fn told(command: &Command, ran: &Ran) -> String {
    format!("{:?}: exit {}: {}", command.get_args(), ran.code, ran.stderr)
}

#[test]
fn a_reader_that_is_gone_is_no_failure_of_any_command() {
    let plain = Plain::start();
    for (mut command, code) in commands(&plain) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.as_str()), (Some(code), ""), "{:?}", command.get_args());
    }
}

#[test]
fn a_reader_that_is_gone_hides_no_verdict() {
    let stage = Stage::purged(pair(2), &missing("fra"));
    for format in ["table", "json"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = stage.command().args(["--format", format]).stdout(writer).status().unwrap();
        assert_eq!(status.code(), Some(1), "{format}");
    }
}

#[test]
fn a_full_disk_below_standard_output_fails_every_command() {
    let plain = Plain::start();
    for (command, _) in commands(&plain) {
        let ran = run(&mut redirected(&command, ">/dev/full"));
        assert_eq!(ran.code, 6, "{}", told(&command, &ran));
        assert!(ran.stderr.contains("standard output: No space left"), "{}", told(&command, &ran));
    }
    let stage = Stage::purged(pair(2), &missing("fra"));
    let ran = run(&mut redirected(&stage.command(), ">/dev/full"));
    assert_eq!(ran.code, 1, "what was found outweighs that: {}", ran.stderr);
}

#[test]
fn a_closed_standard_output_is_told() {
    let plain = Plain::start();
    let printing = |(command, _): &(Command, i32)| {
        !command.get_args().any(|word| ["--help", "help", "--version"].iter().any(|asked| word == *asked))
    };
    for (command, code) in commands(&plain).into_iter().filter(printing) {
        let ran = run(&mut redirected(&command, ">&-"));
        assert_eq!(ran.code, code, "{}", told(&command, &ran));
        assert_eq!(ran.stderr.matches("standard output is closed").count(), 1, "{}", told(&command, &ran));
        let ran = run(&mut redirected(&command, ">/dev/null"));
        assert_eq!((ran.code, ran.stderr.as_str()), (code, ""), "{}", told(&command, &ran));
    }
    // The report is kept elsewhere, or nobody wants to hear.
    for flags in [&["--report", "json=kept.json"][..], &["--quiet"]] {
        let ran = run(&mut redirected(plain.verify().args(flags), ">&-"));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{flags:?}");
    }
}
