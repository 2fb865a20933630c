//! Which files are read: a file, a folder with all below it, a glob, standard input.

use std::process::Stdio;

use super::{folder, listed, refused, rows, tenants};
use crate::support::{purgeproof, run};

const TREE: [(&str, &str); 6] = [
    ("deploy/b.txt", "b.example\n"),
    ("deploy/a/deep/A.TXT", "a.example\n"),
    ("deploy/notes.md", "not a host\n"),
    ("deploy/.git/c.txt", "hidden.example\n"),
    ("deploy/.hidden.txt", "hidden.example\n"),
    ("other/d.txt", "d.example\n"),
];

#[test]
fn a_folder_is_read_with_all_below_it() {
    let list = listed(&TREE, &["--discover", "hosts=deploy"]);
    assert_eq!(rows(&list), ["a.example: a.example", "b.example: b.example"]);
    assert_eq!(list["tenants"][0]["source"], "deploy/a/deep/A.TXT:1");
}

#[test]
fn a_glob_names_files_and_folders() {
    for (glob, names) in [
        ("hosts=*/*.txt", &["b.example", "d.example"][..]),
        ("hosts=**/*.txt", &["b.example", "d.example"]),
        ("hosts=./deploy/*", &["a.example", "b.example"]),
        ("hosts={deploy/a,other}", &["a.example", "d.example"]),
        ("hosts=*/[db].txt", &["b.example", "d.example"]),
    ] {
        let ignored: Vec<(&str, &str)> = TREE.iter().filter(|(name, _)| *name != "deploy/notes.md").copied().collect();
        let list = listed(&ignored, &["--discover", glob]);
        assert_eq!(rows(&list), names.iter().map(|name| format!("{name}: {name}")).collect::<Vec<_>>(), "{glob}");
    }
}

#[test]
fn one_file_is_read_whatever_its_ending_and_once() {
    let args = ["--discover", "hosts=x[1]", "--discover", "hosts=x[1]"];
    let list = listed(&[("x[1]", "a.example\n")], &args);
    assert!(rows(&list) == ["a.example: a.example"] && list["tenants"][0].get("also").is_none(), "{list}");
}

#[test]
fn the_order_of_files_does_not_change_the_list() {
    let tables = [("x/1.csv", "host,id\nb.example,t\n"), ("x/2.csv", "host,id\na.example,t\n")];
    let list = listed(&tables, &["--discover", "csv=x"]);
    assert_eq!(rows(&list), ["t: b.example a.example"], "by name of the file, then by line");
}

#[test]
fn standard_input_is_read_once() {
    let input = folder(&[("in", "a.example\n")]);
    let stdin = || Stdio::from(std::fs::File::open(input.path().join("in")).unwrap());
    let ran = run(purgeproof().args(["tenants", "--format", "json", "--discover", "hosts=-"]).stdin(stdin()));
    assert!(ran.stdout.contains("\"source\":\"standard input:1\""), "{}", ran.stdout);
    let twice = ["tenants", "--discover", "hosts=-", "--discover", "csv=-"];
    let ran = run(purgeproof().args(twice).stdin(stdin()));
    assert_eq!(ran.stderr, "error: --discover csv=-: standard input is read once, name a file here\n");
    assert_eq!(ran.code, 2);
}

#[test]
fn a_path_that_matches_nothing_is_an_error() {
    for (source, message) in [
        ("hosts=gone.txt", "cannot be read (No such file or directory (os error 2)), correct the path"),
        ("hosts=gone/*.txt", "there is no folder \"gone\", correct the path"),
        ("hosts=deploy/*.xyz", "no file is there that ends in .txt, .hosts, .list, correct the path or name one file"),
        ("csv=deploy", "no file is there that ends in .csv, .tsv, correct the path or name one file"),
    ] {
        refused(&TREE, &["--discover", source], &format!("--discover {source}: {message}"));
    }
}

#[test]
fn a_kind_that_is_not_there_names_the_near_miss() {
    let folder = folder(&[]);
    let ran = tenants(folder.path(), &["--discover", "terrafrom=x"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("unknown kind \"terrafrom\", did you mean \"terraform\"?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn bytes_that_are_no_text_are_an_error_at_their_line() {
    let folder = folder(&[]);
    std::fs::write(folder.path().join("x.txt"), b"a.example\n\xff\xfe\n").unwrap();
    let ran = tenants(folder.path(), &["--discover", "hosts=."]);
    assert_eq!((ran.code, ran.stderr.as_str()), (2, "error: ./x.txt:2: is no UTF-8, save it as such\n"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_circles_are_an_error() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("real/a.txt", "a.example\n"), ("deploy/keep.md", "")]);
    let at = |path: &str| folder.path().join(path);
    symlink(at("real"), at("deploy/one")).unwrap();
    symlink(at("real"), at("deploy/two")).unwrap();
    let ran = tenants(folder.path(), &["--discover", "hosts=deploy", "--format", "json"]);
    assert!(ran.code == 0 && ran.stdout.contains("\"source\":\"deploy/one/a.txt:1\"}"), "{}{}", ran.stdout, ran.stderr);
    symlink(at("deploy"), at("real/back")).unwrap();
    let ran = tenants(folder.path(), &["--discover", "hosts=deploy"]);
    let message = "error: --discover hosts=deploy: the link deploy/one/back leads back to deploy, take it out or name folders below\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (2, message));
    std::fs::remove_file(at("real/back")).unwrap();
    symlink(at("nowhere.txt"), at("real/dangling.txt")).unwrap();
    let ran = tenants(folder.path(), &["--discover", "hosts=deploy"]);
    assert!(ran.code == 2 && ran.stderr.contains("deploy/one/dangling.txt: cannot be read"), "{}", ran.stderr);
}

#[test]
fn flags_that_say_nothing_alone_are_refused() {
    let file = [("t.yaml", "schema: 1\ntenants: []\n")];
    for (flag, value) in [("--tenant-key", "x"), ("--sample-host", "*.a=b.a")] {
        let message = format!("{flag}: says nothing without --discover, add it or leave this out");
        refused(&file, &["--tenants", "t.yaml", flag, value], &message);
    }
    let message = "nothing says which tenants there are, name a tenants file with --tenants, or what to --discover tenants from, or a sitemap with --paths-from";
    refused(&file, &[], message);
}
