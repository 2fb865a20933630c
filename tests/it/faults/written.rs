//! Files that cannot be written, or would be written twice, and what a run that was killed leaves behind.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Plain;
use crate::support::run;

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_full_disk_below_a_report_or_the_events_loses_nothing_else() {
    for flags in [["--report", "json=/dev/full"], ["--events", "/dev/full"]] {
        let plain = Plain::start();
        let ran = run(plain.verify().args(flags).args(["--report", "json=kept.json", "--format", "json"]));
        assert_eq!(ran.code, 6, "{}", ran.stderr);
        assert!(ran.stderr.contains("/dev/full: No space left"), "{}", ran.stderr);
        let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(read(&plain.path().join("kept.json")), printed);
        assert_eq!(printed["summary"]["verdicts"]["fresh"], 3);
    }
}

#[test]
fn an_error_names_the_report_and_not_what_stands_in_for_it() {
    let plain = Plain::start();
    let mut command = plain.verify();
    command.args(["--report", "json=out.json"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "-"]).arg(command.get_program());
    let ran = run(shell.args(command.get_args()).current_dir(plain.path()).env_remove("GITHUB_STEP_SUMMARY"));
    assert_eq!((ran.code, ran.stderr.trim_end()), (6, "error: out.json: File too large (os error 27)"));
    let ran = run(plain.verify().args(["--report", "json=regions.toml/out.json"]));
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--report regions.toml/out.json: Not a directory"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(".part"), "{}", ran.stderr);
}

#[test]
fn a_folder_that_must_not_be_written_to_ends_it_before_anything_is_sent() {
    let plain = Plain::start();
    let closed = plain.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::write(closed.join("old.json"), "old").unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    for flags in
        [["--report", "json=closed/new.json"], ["--report", "json=closed/old.json"], ["--events", "closed/events"]]
    {
        let verify = {
            let mut command = plain.verify();
            command.args(flags);
            command
        };
        // Root may write everywhere unless that is taken from it; whoever is not root has nothing to lose.
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set", "-dac_override", "--"]).arg(verify.get_program()).args(verify.get_args());
        let is_root = run(Command::new("id").arg("-u")).stdout.trim() == "0";
        let mut command = if is_root { command } else { verify };
        let ran = run(command.current_dir(plain.path()).env_remove("GITHUB_STEP_SUMMARY"));
        assert_eq!(ran.code, 2, "{flags:?}: {}", ran.stderr);
        let named = flags[1].trim_start_matches("json=");
        assert!(ran.stderr.contains(&format!("{} {named}: Permission denied", flags[0])), "{}", ran.stderr);
    }
    assert!(!plain.server.was_asked(), "something was sent");
    assert_eq!(fs::read_to_string(closed.join("old.json")).unwrap(), "old");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn one_file_is_not_written_by_two() {
    let plain = Plain::start();
    fs::write(plain.path().join("there"), "").unwrap();
    std::os::unix::fs::symlink("there", plain.path().join("link")).unwrap();
    for (events, report) in [("new", "new"), ("new", "./new"), ("there", "link"), ("link", "there")] {
        let ran = run(plain.verify().args(["--events", events, "--report", &format!("json={report}")]));
        assert_eq!(ran.code, 2, "{events} {report}: {}", ran.stderr);
        let named = format!("--events {events} and --report {report}: are one file, give each a file of its own");
        assert!(ran.stderr.contains(&named), "{}", ran.stderr);
    }
    let ran = run(plain.verify().args(["--report", "junit=new", "--report", "json=./new"]));
    assert!(ran.stderr.contains("--report ./new: stands twice"), "{}", ran.stderr);
    assert!(!plain.server.was_asked(), "something was sent");
    let ran = run(plain.verify().args(["--events", "/dev/null", "--report", "json=/dev/null"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn what_a_killed_run_leaves_harms_no_later_run() {
    let silent = crate::support::responder::Responder::start(|_| None);
    let plain = Plain::start();
    fs::write(plain.path().join("slow.toml"), super::regions(silent.address, silent.address)).unwrap();
    fs::write(plain.path().join("out.json"), "old").unwrap();
    let mut command = plain.verify();
    let mut killed =
        command.args(["--regions", "slow.toml", "--timeout", "10m", "--report", "json=out.json"]).spawn().unwrap();
    silent.wait_until_asked();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(fs::read_to_string(plain.path().join("out.json")).unwrap(), "old");
    let left = || {
        let names = fs::read_dir(plain.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".out.json.") && name.contains(".part")).count()
    };
    assert_eq!(left(), 1, "hidden, and named after its report");
    let ran = run(plain.verify().args(["--report", "json=out.json"]));
    assert_eq!((ran.code, &read(&plain.path().join("out.json"))["run"]["complete"]), (0, &true.into()));
    assert_eq!(left(), 1, "it might be another run's: nobody but its owner takes it away");
}

#[test]
fn too_few_descriptors_are_our_own_fault() {
    let plain = Plain::start();
    for limit in [6, 8, 12, 16, 23, 24, 32, 48] {
        let mut command = plain.verify();
        command.args(["--format", "json", "--edge-concurrency", "64"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {limit}; exec \"$@\""), "-"]).arg(command.get_program());
        let ran = run(shell.args(command.get_args()).current_dir(plain.path()).env_remove("GITHUB_STEP_SUMMARY"));
        match ran.code {
            // It made do.
            0 => {
                let report: Value = serde_json::from_str(&ran.stdout).unwrap();
                assert_eq!(report["summary"]["verdicts"]["fresh"], 3, "ulimit -n {limit}");
            }
            2 => {
                let said = format!("only {limit} file descriptors are allowed here (ulimit -n)");
                assert!(limit < 24 && ran.stderr.contains(&said), "ulimit -n {limit}: {}", ran.stderr);
            }
            code => panic!("ulimit -n {limit}: exit {code}: {}{}", ran.stdout, ran.stderr),
        }
    }
}
