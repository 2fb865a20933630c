use std::path::Path;

use super::super::Sighting;
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
    read_all(&[given]).map_err(|error| error.to_string())
}

/// `shop.example.com of acme by first.example.com at /x`, or `? pattern: reason`.
fn shown(told: &Told) -> String {
    if let Told::Host(sighting) | Told::Wildcard(sighting) = told {
        let tenant = sighting.tenant.as_ref().map(|tenant| format!(" of {tenant}"));
        let sample = sighting.sample.as_ref().map(|sample| format!(" by {sample}"));
        let paths = sighting.paths.iter().map(|path| format!(" at {path}"));
        return format!("{}{}", sighting.host, tenant.into_iter().chain(sample).chain(paths).collect::<String>());
    }
    let Told::Unprobeable { pattern, reason, .. } = told else { panic!("what no Compose file tells") };
    format!("? {pattern}: {}", reason.split(';').next().unwrap())
}

fn source(told: &Told) -> &str {
    if let Told::Host(Sighting { source, .. })
    | Told::Wildcard(Sighting { source, .. })
    | Told::Unprobeable { source, .. } = told
    {
        return source;
    }
    panic!("what no Compose file tells")
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
    told(&format!("services:\n  web:\n    image: nginx\n    {below}:\n      {}\n", lines.join("\n      ")))
}
