//! Files that users name and that never end, never begin, or change while they are read.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::{Plain, regions, tenants, write};
use crate::support::{purgeproof, run};

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// How each file is named on a command line; FILE stands for it.
const NAMED: [&str; 9] = [
    "verify --tenants tenants.yaml --regions FILE",
    "verify --tenants FILE",
    "verify --tenants tenants.yaml --expect FILE",
    "verify --tenants tenants.yaml --baseline FILE",
    "verify --tenants tenants.yaml --cacert FILE",
    "tenants --discover hosts=FILE",
    "edges --regions FILE",
    "render FILE",
    "merge FILE",
];

/// Each with its file, which must be refused: with code 2, one line, and these words.
fn refused(plain: &Plain, file: &str, says: &str) {
    let folder = plain.path();
    std::thread::scope(|scope| {
        for words in NAMED {
            scope.spawn(move || {
                let mut command = purgeproof();
                command.current_dir(folder).args(words.replace("FILE", file).split(' '));
                let ran = run(&mut command);
                assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words}: {}", ran.stderr);
                assert!(ran.stderr.contains(file) && ran.stderr.contains(says), "{words}: {}", ran.stderr);
                assert_eq!(ran.stderr.lines().count(), 1, "{words}: {}", ran.stderr);
            });
        }
    });
    assert!(!plain.server.was_asked(), "something was sent");
}

#[test]
fn a_device_without_end_is_refused() {
    let plain = Plain::start();
    std::os::unix::fs::symlink("/dev/zero", plain.path().join("zero.yaml")).unwrap();
    refused(&plain, "zero.yaml", "is a device");
}

#[test]
fn a_pipe_that_nobody_writes_to_is_refused() {
    let plain = Plain::start();
    pipe(&plain.path().join("pipe.yaml"));
    refused(&plain, "pipe.yaml", "is a pipe that nobody opened within 5s");
}

#[test]
fn a_folder_is_no_file() {
    let plain = Plain::start();
    fs::create_dir(plain.path().join("folder.yaml")).unwrap();
    // What tenants are discovered from may be a folder.
    for words in NAMED.iter().filter(|words| !words.contains("--discover")) {
        let mut command = purgeproof();
        let ran = run(command.current_dir(plain.path()).args(words.replace("FILE", "folder.yaml").split(' ')));
        assert_eq!(ran.code, 2, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains("folder.yaml: cannot be read (is a folder)"), "{words}: {}", ran.stderr);
    }
}

#[test]
fn a_pipe_that_is_written_to_is_a_file_as_any() {
    let plain = Plain::start();
    for (name, words, text) in [
        (
            "r.toml",
            "verify --tenants tenants.yaml --regions r.toml",
            regions(plain.server.address, plain.server.address),
        ),
        ("t.yaml", "verify --tenants t.yaml", tenants(2)),
    ] {
        let path = plain.path().join(name);
        pipe(&path);
        let writing = std::thread::spawn(move || fs::write(path, text).unwrap());
        let ran = run(purgeproof().current_dir(plain.path()).args(words.split(' ')));
        assert_eq!(ran.code, 0, "{words}: {}", ran.stderr);
        writing.join().unwrap();
    }
}

#[test]
fn a_file_that_is_replaced_again_and_again_is_always_one_of_its_versions() {
    let folder = tempfile::tempdir().unwrap();
    let version = |name: &str| {
        let edge = |n| format!("  {{ name = '{name}{n}', address = '192.0.2.1' }},\n");
        let edges = (0..2_000).map(edge).collect::<Vec<_>>().concat();
        format!("schema = 1\n[regions.eu]\nedges = [\n{edges}]\n")
    };
    let versions = ["a", "b"].map(version);
    write(folder.path(), "regions.toml", &versions[0]);
    let done = AtomicBool::new(false);
    let listed = std::thread::scope(|scope| {
        scope.spawn(|| {
            for version in versions.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                write(folder.path(), "beside", version);
                fs::rename(folder.path().join("beside"), folder.path().join("regions.toml")).unwrap();
            }
        });
        let list = || run(purgeproof().current_dir(folder.path()).args(["edges", "--dry-run", "--format", "json"]));
        let listed: Vec<_> = (0..12).map(|_| list()).collect();
        done.store(true, Ordering::Relaxed);
        listed
    });
    for ran in listed {
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let listed: Value = serde_json::from_str(&ran.stdout).unwrap();
        let names: Vec<&str> =
            listed["edges"].as_array().unwrap().iter().filter_map(|edge| edge["name"].as_str()).collect();
        let of = |version: &str| names.iter().filter(|name| name.starts_with(version)).count();
        assert!([(2_000, 0), (0, 2_000)].contains(&(of("a"), of("b"))), "{} and {}", of("a"), of("b"));
    }
}

#[test]
fn a_file_cut_short_is_an_error_or_less() {
    let plain = Plain::start();
    let whole = regions(plain.server.address, plain.server.address);
    for length in (0..whole.len()).step_by(3) {
        write(plain.path(), "cut.toml", &whole[..length]);
        let ran = run(purgeproof().current_dir(plain.path()).args(["edges", "--dry-run", "--regions", "cut.toml"]));
        let is_told = ran.code == 2 && ran.stderr.starts_with("error: cut.toml:");
        let is_whole = ran.code == 0 && ran.stdout.contains("fra");
        assert!(is_told || is_whole, "{length}: exit {}: {}{}", ran.code, ran.stdout, ran.stderr);
    }
}
