//! What nginx-proxy reads of a container's environment; names of certificates (`LETSENCRYPT_HOST`) are no hosts to it.

use std::sync::Arc;

use super::file::entries;
use super::interpolate::Filled;
use super::names::{Seen, address, path, pattern};
use super::service::{Field, Service};
use super::variables::Variables;
use crate::inventory::InventoryError;
use crate::inventory::tree::{Node, Value, tagged_yaml};

const HOST: &str = "VIRTUAL_HOST";
const MULTIPORTS: &str = "VIRTUAL_HOST_MULTIPORTS";

/// The hosts that nginx-proxy routes to a service.
pub(super) fn seen(service: &Service, variables: &Variables<'_>, seen: &mut Vec<Seen>) -> Result<(), InventoryError> {
    if let Some(field) = service.variable(MULTIPORTS, variables) {
        let filled = field.filled(variables)?;
        if !filled.text.trim().is_empty() {
            return multiports(&field, &filled, seen);
        }
    }
    let Some(field) = service.variable(HOST, variables) else {
        missing(service, variables, seen);
        return Ok(());
    };
    let filled = field.filled(variables)?;
    let below = service.variable("VIRTUAL_PATH", variables).and_then(|field| field.filled(variables).ok());
    let below = below.and_then(|filled| path(&filled.text));
    for host in filled.text.split(',').map(str::trim).filter(|host| !host.is_empty()) {
        seen.extend(below_path(address(host, &field, &filled)?, below.as_ref()));
    }
    Ok(())
}

fn below_path(named: impl Iterator<Item = Seen>, below: Option<&Arc<str>>) -> impl Iterator<Item = Seen> {
    named.map(move |seen| Seen { path: seen.path.or_else(|| below.cloned()), ..seen })
}

/// `shop.example.com: { "/": { port: 8000 } }`, in YAML or JSON.
fn multiports(field: &Field, filled: &Filled, seen: &mut Vec<Seen>) -> Result<(), InventoryError> {
    let documents = tagged_yaml(&filled.text).map_err(|misread| {
        field.fail(format!("in line {} of its text: {}", misread.line, filled.fault(&misread.what)))
    })?;
    for root in &documents {
        if !matches!(root.value, Value::Map(_) | Value::Null) {
            return Err(field.fail("this is no map of hosts, write \"shop.example.com: { \\\"/\\\": { port: 80 } }\""));
        }
        for host in entries(root) {
            let paths = paths(&host.node);
            let named: Vec<_> = address(&host.key, field, filled)?.collect();
            for below in paths {
                let again = named.iter().map(|seen| Seen {
                    named: seen.named.clone(),
                    path: None,
                    source: Arc::clone(&seen.source),
                });
                seen.extend(below_path(again, below.as_ref()));
            }
        }
    }
    Ok(())
}

/// Where a host's ports are mounted: none for `/`, or where nothing is said.
fn paths(ports: &Node) -> Vec<Option<Arc<str>>> {
    let mounted = entries(ports).iter().filter(|entry| entry.key.starts_with(['/', '~']));
    let paths: Vec<_> = mounted.map(|entry| path(&entry.key)).collect();
    if paths.is_empty() || paths.contains(&None) { vec![None] } else { paths }
}

/// A port for nginx-proxy without a host for it, beside a file that might say one and is not there.
fn missing(service: &Service, variables: &Variables<'_>, seen: &mut Vec<Seen>) {
    let port = ["VIRTUAL_PORT", "VIRTUAL_PATH", "VIRTUAL_PROTO"];
    if let (true, Some(source)) = (port.iter().any(|name| service.sets(name)), service.missing(variables)) {
        let named = pattern(HOST, "its env_file is not there, which may say VIRTUAL_HOST");
        seen.push(Seen { named, path: None, source: Arc::clone(source) });
    }
}
