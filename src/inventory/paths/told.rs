//! What one source tells: paths of every tenant, paths of hosts, requests that were counted, and what it could not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::PathsFrom;
use super::log::Requests;
use crate::model::LeftOut;

/// One source's word.
#[derive(Default)]
pub(in crate::inventory) struct Told {
    /// `--paths-from sitemap=public/sitemap.xml`
    pub(super) flag: String,
    /// Of any tenant.
    pub(super) everywhere: List,
    pub(super) hosts: BTreeMap<Arc<str>, OfHost>,
    pub(super) requests: Requests,
    pub(super) left_out: Vec<LeftOut>,
}

/// What is told of one host, and the first place that does.
#[derive(Default)]
pub(super) struct OfHost {
    pub(super) source: Arc<str>,
    pub(super) paths: List,
}

/// Paths in the order in which they were told, none twice.
#[derive(Default)]
pub(super) struct List {
    paths: Vec<Arc<str>>,
    seen: BTreeSet<Arc<str>>,
}

impl List {
    pub(super) fn add(&mut self, path: Arc<str>) {
        if self.seen.insert(Arc::clone(&path)) {
            self.paths.push(path);
        }
    }

    pub(super) fn paths(&self) -> &[Arc<str>] {
        &self.paths
    }

    pub(super) fn into_paths(self) -> Vec<Arc<str>> {
        self.paths
    }
}

impl Told {
    pub(super) fn of(source: &PathsFrom) -> Self {
        Self { flag: source.flag(), ..Self::default() }
    }

    pub(super) fn at_host(&mut self, (host, path): (Arc<str>, Arc<str>), source: impl FnOnce() -> Arc<str>) {
        let of_host = self.hosts.entry(host).or_insert_with(|| OfHost { source: source(), ..OfHost::default() });
        of_host.paths.add(path);
    }

    pub(super) fn leave_out(&mut self, source: Arc<str>, reason: String) {
        self.left_out.push(LeftOut { source, reason });
    }

    /// Hosts that it names, each with the first place, and how much it says of them.
    pub(super) fn named(&self) -> BTreeMap<Arc<str>, (Arc<str>, u64)> {
        let mut named: BTreeMap<Arc<str>, (Arc<str>, u64)> = BTreeMap::new();
        for (host, of_host) in &self.hosts {
            named.insert(Arc::clone(host), (Arc::clone(&of_host.source), of_host.paths.paths().len() as u64));
        }
        for (host, requests) in self.requests.hosts() {
            let entry = named.entry(Arc::clone(host)).or_insert_with(|| (Arc::clone(self.requests.source()), 0));
            entry.1 += requests;
        }
        named
    }

    /// Whether it tells paths that are nobody's own.
    pub(super) fn is_of_all(&self) -> bool {
        !self.everywhere.paths().is_empty() || self.requests.of(None).is_some()
    }
}
