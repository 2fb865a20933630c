//! Files in the shapes that tools write, and traps, each with exactly what it tells.

use std::io::Cursor;
use std::path::PathBuf;

use super::*;

mod hostile;
mod logs;
mod manifests;
mod sitemaps;
mod tenants;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/paths")
}

/// What a flag's value tells, its path below `fixtures/paths`.
fn source(flag: &str) -> Result<Told, String> {
    let (kind, path) = flag.split_once('=').unwrap();
    let source = format!("{kind}={}/{path}", folder().display()).parse::<PathsFrom>().unwrap();
    let mut all = told(&[source], false).map_err(|error| short(&error.to_string()))?;
    Ok(all.remove(0))
}

/// What bytes tell as a file of that name, without a folder.
fn of_bytes(kind: &str, file: &str, bytes: &[u8]) -> Result<Told, String> {
    let kind = ALL.iter().find(|known| known.id == kind).unwrap();
    let mut told = Told::default();
    let given = &mut Given { file, folder: None, prefix: None, bytes: &mut Cursor::new(bytes) };
    (kind.read)(given, &mut told).map(|()| told).map_err(|error| error.to_string())
}

fn short(text: &str) -> String {
    text.replace(&format!("{}/", folder().display()), "")
}

/// `host/path` of URLs, `/path` of what is of all, `host/path 3` and `/path 3` of requests; by host, then as told.
fn shown(told: &Told) -> Vec<String> {
    let mut lines: Vec<String> = told.everywhere.paths().iter().map(ToString::to_string).collect();
    for (host, of_host) in &told.hosts {
        lines.extend(of_host.paths.paths().iter().map(|path| format!("{host}{path}")));
    }
    let hosts: Vec<_> = told.requests.hosts().map(|(host, _)| Some(host)).collect();
    for host in std::iter::once(None).chain(hosts) {
        let counts = told.requests.of(host).into_iter().flatten().map(|(path, count)| (Arc::clone(path), *count));
        let most = log::most_requested(counts, usize::MAX);
        lines.extend(most.iter().map(|(path, count)| format!("{}{path} {count}", host.map_or("", |host| &**host))));
    }
    lines
}

fn lost(told: &Told) -> Vec<String> {
    told.left_out.iter().map(|lost| short(&format!("{}: {}", lost.source, lost.reason))).collect()
}
