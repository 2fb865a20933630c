//! What goes wrong on our own machine, what must not leave it, and what long use must not wear out.

mod clock;
mod confidence;
mod given;
mod lists;
mod names;
mod printed;
mod signals;
mod soak;
mod variables;
mod written;

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::purgeproof;
use crate::support::responder::{Responder, answer};

/// An edge and an origin over plain HTTP that agree, and the files that name them.
struct Plain {
    folder: TempDir,
    server: Responder,
}

impl Plain {
    fn start() -> Self {
        let server = Responder::start(|request| Some(answer(request, "200 OK", "etag: \"a\"\r\n", "a")));
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "regions.toml", regions(server.address, server.address));
        write(folder.path(), "tenants.yaml", tenants(3));
        Self { folder, server }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `verify`, in the folder.
    fn verify(&self) -> Command {
        let mut command = purgeproof();
        command.current_dir(self.path()).args(["verify", "--tenants", "tenants.yaml"]);
        command
    }
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), text).unwrap();
}

/// One edge, `fra`, and an origin, over plain HTTP.
fn regions(edge: SocketAddr, origin: impl Display) -> String {
    format!(
        "schema = 1\n[origin]\nurl = 'http://{origin}'\n[defaults]\nscheme = 'http'\n[regions.eu]\n\
         edges = [{{ name = 'fra', address = '{edge}' }}]\n"
    )
}

/// `t0` and so on, with a path each.
fn tenants(count: usize) -> String {
    let each = (0..count).map(|number| format!("  - {{ id: t{number}, host: t{number}.example }}\n"));
    format!("schema: 1\ndefaults: {{ paths: [/] }}\ntenants:\n{}", each.collect::<String>())
}

/// A shell that runs the command with some redirection.
fn redirected(command: &Command, how: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$@\" {how}"), "-"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}
