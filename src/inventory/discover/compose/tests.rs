use std::path::Path;

use super::*;

mod files;
mod hostile;
mod traps;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/discover/compose")
}

/// Everything that a text tells, as if it stood in that folder.
fn all(
    name: &str,
    folder: &Path,
    text: &str,
    set: &[(&str, &str)],
    tenant_key: Option<&str>,
) -> Result<Vec<Told>, String> {
    let env = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let given = Given { file: name, folder, text, env: &env, tenant_key };
    read(&given).map_err(|error| error.to_string())
}

/// `shop.example.com of acme by first.example.com at /x`, or `? pattern: reason`.
fn shown(told: &Told) -> String {
    match told {
        Told::Host(sighting) | Told::Wildcard(sighting) => {
            let tenant = sighting.tenant.as_ref().map(|tenant| format!(" of {tenant}"));
            let sample = sighting.sample.as_ref().map(|sample| format!(" by {sample}"));
            let paths = sighting.paths.iter().map(|path| format!(" at {path}"));
            let parts = tenant.into_iter().chain(sample).chain(paths);
            format!("{}{}", sighting.host, parts.collect::<String>())
        }
        Told::Unprobeable { pattern, reason, .. } => {
            format!("? {pattern}: {}", reason.split(';').next().unwrap())
        }
        Told::Tenants(_) => panic!("no Compose file holds a tenants file"),
    }
}

fn source(told: &Told) -> String {
    match told {
        Told::Host(sighting) | Told::Wildcard(sighting) => sighting.source.to_string(),
        Told::Unprobeable { source, .. } => source.to_string(),
        Told::Tenants(_) => panic!("no Compose file holds a tenants file"),
    }
}

/// A text by itself, sorted.
fn told(text: &str) -> Result<Vec<String>, String> {
    let mut lines: Vec<_> =
        all("compose.yaml", Path::new("/nowhere"), text, &[("SET", "set.example")], None)?.iter().map(shown).collect();
    lines.sort();
    Ok(lines)
}

/// One service with an image and these labels or variables, each a line of YAML.
fn service(below: &str, lines: &[&str]) -> Result<Vec<String>, String> {
    let lines: String = lines.iter().map(|line| format!("      {line}\n")).collect();
    told(&format!("services:\n  web:\n    image: nginx\n    {below}:\n{lines}"))
}
