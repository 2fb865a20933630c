//! `--url`, hosts of sitemaps and logs, and `--path`: what is checked without any tenants file, or instead of what one says.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::HeaderMap;

use super::origin::split_scheme;
use super::tenants::{Ground, filled, path_template};
use super::variants::Catalogue;
use super::wire::{check_host, check_path};
use super::{InventoryError, Overrides};
use crate::model::{Hosts, Priority, Tenant};

/// `--path`, each of them.
pub(super) fn flagged_paths(overrides: &Overrides) -> Result<Vec<Arc<str>>, InventoryError> {
    let path = |path: &String| path_template(path).map_err(|why| InventoryError::flag("--path", why));
    overrides.paths.iter().map(path).collect()
}

/// `--url`, each of them: the host is a tenant, and what follows is its path.
pub(super) fn from_urls(
    urls: &[String],
    ground: &Ground<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<Tenant>, InventoryError> {
    let mut by_host: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
    for url in urls {
        let (host, path) = url_parts(url).map_err(|why| InventoryError::flag("--url", why))?;
        let paths = by_host.entry(host).or_default();
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    of_hosts(by_host.into_iter().map(|(host, paths)| (host, "--url".into(), paths)), ground, catalogue)
}

/// Hosts that sources of paths name: each is a tenant.
pub(super) fn from_paths(ground: &Ground<'_>, catalogue: &Catalogue) -> Result<Vec<Tenant>, InventoryError> {
    let named = ground.paths.named().map(|(host, source)| (Arc::clone(host), Arc::clone(source), Vec::new()));
    of_hosts(named, ground, catalogue)
}

/// Each host, where it was told, and its paths unless others stand in their place.
fn of_hosts(
    hosts: impl Iterator<Item = (Arc<str>, Arc<str>, Vec<Arc<str>>)>,
    ground: &Ground<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<Tenant>, InventoryError> {
    let environments = ground.environments();
    let mut tenants = Vec::new();
    for (host, source, paths) in hosts {
        let hosts: Hosts = environments.iter().map(|name| (Arc::clone(name), vec![Arc::clone(&host)])).collect();
        let given = ground.paths.of_tenant(&hosts, &ground.stages);
        let templates = if given.is_empty() { &paths } else { &*given };
        tenants.push(Tenant {
            paths: filled(templates, &host).map_err(|why| InventoryError::flag("--path", why))?,
            variants: catalogue.otherwise(),
            priority: Priority::default(),
            headers: HeaderMap::new(),
            expect: BTreeMap::new(),
            tags: Vec::new(),
            source,
            also: Vec::new(),
            prefixes: Vec::new(),
            hosts,
            id: host,
        });
    }
    tenants.retain(|tenant| ground.selection.takes_tenant(&tenant.id, tenant.priority));
    Ok(tenants)
}

/// Host in lower case, and path with query; a fragment is never sent, so it is dropped.
pub(super) fn url_parts(url: &str) -> Result<(Arc<str>, Arc<str>), String> {
    let (_, rest) = split_scheme(url)?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("a URL with credentials would show them to everyone, send a header with -H instead".to_owned());
    }
    check_host(authority)?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    check_path(&path)?;
    Ok((authority.to_ascii_lowercase().into(), path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_host_and_a_path() {
        for (url, host, path) in [
            ("https://A.example/x?y=z#top", "a.example", "/x?y=z"),
            ("http://a.example:8080", "a.example:8080", "/"),
            ("https://[::1]:8443?q", "[::1]:8443", "/?q"),
        ] {
            assert_eq!(url_parts(url), Ok((host.into(), path.into())), "{url}");
        }
        for (url, mend) in [
            ("a.example/x", "write \"https://a.example/x\""),
            ("https://u:p@a.example/", "send a header with -H"),
            ("https:///x", "is no host name"),
            ("https://a.example/ä", "percent-encode"),
        ] {
            let error = url_parts(url).unwrap_err();
            assert!(error.contains(mend), "{url}: {error}");
        }
    }
}
