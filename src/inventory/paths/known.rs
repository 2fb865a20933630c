//! What `--path` and all sources tell, as the paths of a tenant with its hosts; and what of it is nobody's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::log::{Requests, most_requested};
use super::told::Told;
use crate::inventory::InventoryError;
use crate::inventory::hosts::Stage;
use crate::model::{Hosts, LeftOut, counted};

/// So many requested paths of each tenant, where `--sample` does not say how many.
const REQUESTED: usize = 20;

/// What stands instead of the tenants' own paths.
#[derive(Default)]
pub(in crate::inventory) struct Known {
    /// Of any tenant: `--path`, then manifests.
    everywhere: Vec<Arc<str>>,
    /// Of sitemaps.
    hosts: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    requests: Requests,
    /// Of logs that name no virtual host, the most requested.
    requested: Vec<(Arc<str>, u64)>,
    many: usize,
    /// `everywhere` and `requested`, as a tenant has them for whose hosts nothing more is told.
    shared: Vec<Arc<str>>,
    /// Hosts that sources name, and the first place of each.
    named: BTreeMap<Arc<str>, Arc<str>>,
}

impl Known {
    /// One list of all, in the order in which they are told; `left_out` is told of each before.
    pub(in crate::inventory) fn of(paths: Vec<Arc<str>>, sources: Vec<Told>, sample: Option<usize>) -> Self {
        let many = sample.unwrap_or(REQUESTED);
        let mut known = Self { everywhere: paths, many, ..Self::default() };
        for told in sources {
            for (host, (source, _)) in told.named() {
                known.named.entry(host).or_insert(source);
            }
            known.everywhere.extend(told.everywhere.into_paths());
            for (host, of_host) in told.hosts {
                known.hosts.entry(host).or_default().extend(of_host.paths.into_paths());
            }
            known.requests.join(told.requests);
        }
        let of_all = known.requests.of(None).into_iter().flatten();
        known.requested = most_requested(of_all.map(|(path, requests)| (Arc::clone(path), *requests)), many);
        let requested = known.requested.iter().map(|(path, _)| path);
        known.shared = known.everywhere.iter().chain(requested).cloned().collect();
        known
    }

    /// Those of any tenant, whatever its hosts.
    pub(in crate::inventory) fn shared(&self) -> &[Arc<str>] {
        &self.shared
    }

    /// Whether any tenant's own paths may be replaced.
    pub(in crate::inventory) fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.named.is_empty()
    }

    /// Hosts that sources name, and where.
    pub(in crate::inventory) fn named(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.named.iter()
    }

    /// What is told of a tenant with those hosts, possibly nothing. A host that tenants share is nobody's own.
    pub(in crate::inventory) fn of_tenant(&self, hosts: &Hosts, stages: &[Stage]) -> Cow<'_, [Arc<str>]> {
        if self.named.is_empty() {
            return Cow::Borrowed(&self.shared);
        }
        let shared: Vec<&Arc<str>> = stages.iter().filter_map(|stage| stage.shared.as_ref()).collect();
        let mut own: Vec<Arc<str>> = Vec::new();
        for host in hosts.values().flatten().filter(|host| !shared.iter().any(|shared| Arc::ptr_eq(shared, host))) {
            let host = plain(host);
            if !own.contains(&host) {
                own.push(host);
            }
        }
        let listed = own.iter().filter_map(|host| self.hosts.get(host)).flatten();
        let requested = self.requested(&own);
        Cow::Owned(self.everywhere.iter().chain(listed).chain(&requested).cloned().collect())
    }

    /// The most requested of hosts and of all; what is asked for under several hosts counts together.
    fn requested(&self, hosts: &[Arc<str>]) -> Vec<Arc<str>> {
        let mut counts: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for (path, requests) in hosts.iter().filter_map(|host| self.requests.of(Some(host))).flatten() {
            *counts.entry(Arc::clone(path)).or_default() += requests;
        }
        let of_all = self.requests.of(None);
        for (path, requests) in &mut counts {
            *requests += of_all.and_then(|of_all| of_all.get(path)).unwrap_or(&0);
        }
        for (path, requests) in &self.requested {
            counts.entry(Arc::clone(path)).or_insert(*requests);
        }
        most_requested(counts, self.many).into_iter().map(|(path, _)| path).collect()
    }
}

/// In lower case, without a scheme's usual port.
fn plain(host: &str) -> Arc<str> {
    let name = [":443", ":80"].iter().find_map(|port| host.strip_suffix(port)).unwrap_or(host);
    name.to_ascii_lowercase().into()
}

/// What sources told and is not asked for, hosts among it that nobody `owns`; a source of which nothing is left is an
/// error.
pub(in crate::inventory) fn left_out(
    sources: &mut [Told],
    owns: impl Fn(&str) -> bool,
) -> Result<Vec<LeftOut>, InventoryError> {
    let mut all = Vec::new();
    for told in sources {
        let named = told.named();
        let lost: Vec<_> = named.iter().filter(|(host, _)| !owns(host)).collect();
        if let Some((host, (source, _))) = lost.first() {
            if lost.len() == named.len() && !told.is_of_all() {
                let what = format!(
                    "none of its hosts is a tenant's, the first is \"{host}\" ({source}): name tenants with these hosts, or \
                     correct the path"
                );
                return Err(InventoryError::flag(told.flag.clone(), what));
            }
            let (many, hosts) = (lost.iter().map(|(_, (_, many))| many).sum(), counted(lost.len() as u64, "host"));
            let many = counted(many, if told.requests.is_empty() { "URL" } else { "request" });
            let reason = format!("{many} of {hosts} that no tenant has, the first is {host}");
            all.push(LeftOut { source: Arc::clone(source), reason });
        }
        all.append(&mut told.left_out);
    }
    Ok(all)
}

/// Where nothing says which tenants there are, some source has to name a host.
pub(in crate::inventory) fn need_hosts(sources: &[Told]) -> Result<(), InventoryError> {
    match sources.first() {
        Some(first) if sources.iter().all(|told| told.named().is_empty()) => {
            let what = "names no host: say whose paths these are, with --tenants, --discover or --url";
            Err(InventoryError::flag(first.flag.clone(), what))
        }
        _ => Ok(()),
    }
}
