//! What tests share: running the program, and reading what it wrote.

pub(crate) mod in_process;
pub(crate) mod responder;
pub(crate) mod server;
#[cfg(feature = "lab")]
pub(crate) mod stage;
pub(crate) mod validator;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The built program, with no variable of its own in the environment.
pub(crate) fn purgeproof() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purgeproof"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PURGEPROOF_") {
            command.env_remove(name);
        }
    }
    command.env_remove("NO_COLOR").env_remove("GITHUB_STEP_SUMMARY").env_remove("GITHUB_WORKSPACE");
    command
}

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn run(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// `verify --format json` on those files, and its report.
pub(crate) fn verify(regions: &Path, tenants: &Path, more: &[&str]) -> (Value, Ran) {
    let ran = run(purgeproof()
        .args(["verify", "--format", "json", "--regions"])
        .arg(regions)
        .arg("--tenants")
        .arg(tenants)
        .args(more));
    let report = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("no report ({error}); exit {}; {}", ran.code, ran.stderr));
    (report, ran)
}
