//! What manifests tell, in the shapes in which teams have them.

mod files;
mod hostile;
mod traps;

use std::path::Path;

use super::super::super::InventoryError;
use super::super::super::tree::Env;
use super::{Given, Told, read};

const ENV: &Env<'static> = &|_: &str| None;

fn given<'g>(file: &'g str, text: &'g str, tenant_key: Option<&'g str>) -> Given<'g> {
    Given { file, folder: Path::new(""), text, env: ENV, tenant_key }
}

/// One line for each thing told, in order: `host`, `*.wildcard (sample)`, `? pattern`, `tenants`; then `=tenant`,
/// paths, and where.
fn shown(told: &[Told]) -> Vec<String> {
    let sighting = |sighting: &super::super::Sighting| {
        let tenant = sighting.tenant.as_ref().map_or(String::new(), |tenant| format!(" ={tenant}"));
        let sample = sighting.sample.as_ref().map_or(String::new(), |sample| format!(" ({sample})"));
        let paths: String = sighting.paths.iter().flat_map(|path| [" ", path]).collect();
        format!("{}{sample}{tenant}{paths} @{}", sighting.host, sighting.source)
    };
    let mut lines: Vec<_> = told
        .iter()
        .map(|told| match told {
            Told::Host(host) | Told::Listed(host, _) => {
                assert!(!host.host.starts_with('*') && host.sample.is_none());
                sighting(host)
            }
            Told::Wildcard(wildcard) => {
                assert!(wildcard.host.starts_with("*."));
                sighting(wildcard)
            }
            Told::Unprobeable { pattern, source, .. } => format!("? {pattern} @{source}"),
            Told::Tenants(document) => format!("tenants @{}", document.source(document.root().line)),
        })
        .collect();
    lines.sort();
    lines
}

fn told_with(text: &str, tenant_key: Option<&str>) -> Result<Vec<String>, InventoryError> {
    Ok(shown(&read(&[given("f", text, tenant_key)])?))
}

/// What a text tells, without where.
#[track_caller]
fn names(text: &str) -> String {
    match told_with(text, None) {
        Ok(lines) => lines.iter().map(|line| line.split(" @").next().unwrap()).collect::<Vec<_>>().join(", "),
        Err(error) => panic!("{error}"),
    }
}

/// The reasons of what cannot be probed.
fn reasons(text: &str) -> Vec<String> {
    let told = read(&[given("f", text, None)]).unwrap();
    let reasons = told.into_iter().filter_map(|told| match told {
        Told::Unprobeable { reason, .. } => Some(reason),
        _ => None,
    });
    reasons.collect()
}
