//! Which hosts a tenant has in which environment; it resolves none of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::InventoryError;
use super::error::near_miss;
use super::reader::{Fields, Item};
use super::regions::{PRODUCTION, Regions};
use super::template::{HOST, HOSTNAME, fill_id};
use super::wire::check_host;
use crate::model::{Environment, Hosts, Place, Tenant};

/// What an environment gives to a tenant that names no host there.
pub(super) struct Stage {
    pub(super) name: Arc<str>,
    /// Template of `{id}`.
    pub(super) template: Option<Arc<str>>,
    /// The host of tenants told apart by path alone: no request to an edge carries it.
    pub(super) shared: Option<Arc<str>>,
}

impl Stage {
    pub(super) fn of(regions: &Regions) -> Self {
        let Regions { environment, host } = regions;
        Self { name: Arc::clone(&environment.name), template: host.clone(), shared: shared_host(environment) }
    }
}

/// The origin's own name, or else an edge's, where no edge is asked for the tenant's host.
fn shared_host(environment: &Environment) -> Option<Arc<str>> {
    let asks_for_tenant =
        environment.edges.iter().any(|edge| edge.identity.host.contains(HOST) || edge.identity.sni.contains(HOST));
    if asks_for_tenant {
        return None;
    }
    match &environment.origin {
        Some(origin) => Some(Arc::clone(&origin.authority)).filter(|authority| !authority.contains('{')),
        None => environment.edges.iter().find_map(|edge| match &edge.place {
            Place::Hostname { name, .. } if &*edge.identity.host == HOSTNAME => Some(Arc::clone(name)),
            _ => None,
        }),
    }
}

/// A tenant's hosts in each environment of this run; those that were `found` elsewhere and are not written come last.
pub(super) fn read(
    fields: &Fields<'_>,
    id: &str,
    stages: &[Stage],
    found: &[Arc<str>],
) -> Result<Hosts, InventoryError> {
    let sample = fields.read("sample_host", host)?;
    let mut wildcards = 0;
    let mut concrete = |item: &Item<'_>| -> Result<Arc<str>, InventoryError> {
        let text = item.text()?;
        let Some(suffix) = text.strip_prefix('*') else { return host(item) };
        wildcards += 1;
        match &sample {
            Some(sample) if under(sample, suffix) => Ok(Arc::clone(sample)),
            Some(sample) => {
                Err(item.wrong(format_args!("\"sample_host\" \"{sample}\" is not under \"{text}\", correct one")))
            }
            None => Err(item.wrong(format_args!("\"{text}\" is a wildcard, add a \"sample_host\" that stands for it"))),
        }
    };
    let everywhere = fields.read("host", &mut concrete)?;
    let mut named: Vec<(&str, Vec<Arc<str>>)> = Vec::new();
    if let Some(table) = fields.get("hosts") {
        if everywhere.is_some() {
            return Err(table.fail("has \"host\" and \"hosts\", keep one of them"));
        }
        for (environment, item) in table.entries()? {
            let known = || stages.iter().map(|stage| &*stage.name);
            if !known().any(|name| name == environment) && near_miss(environment, known()).is_some() {
                return Err(item.unknown(environment, known().collect::<Vec<_>>()));
            }
            let hosts = if item.is_text() { vec![concrete(&item)?] } else { list(&item, &mut concrete)? };
            named.push((environment, hosts));
        }
    }
    let aliases = fields.read("aliases", |item| list(item, &mut concrete))?.unwrap_or_default();
    if let Some(item) = fields.get("sample_host").filter(|_| wildcards == 0) {
        return Err(item.fail("has a \"sample_host\" and no wildcard host, take it out"));
    }
    let mut written = Written { everywhere, named, aliases, found: Vec::new() };
    written.found = found.iter().filter(|host| !written.holds(host)).cloned().collect();
    let hosts = if stages.is_empty() { written.as_written() } else { written.staged(id, stages, fields)? };
    unique(&hosts, fields)?;
    Ok(hosts)
}

/// What a tenant says of its hosts.
struct Written<'d> {
    everywhere: Option<Arc<str>>,
    named: Vec<(&'d str, Vec<Arc<str>>)>,
    aliases: Vec<Arc<str>>,
    /// What discovery adds.
    found: Vec<Arc<str>>,
}

impl Written<'_> {
    /// Whether it is written anywhere, for whatever environment.
    fn holds(&self, host: &str) -> bool {
        let named = self.named.iter().flat_map(|(_, hosts)| hosts);
        self.everywhere.iter().chain(named).chain(&self.aliases).any(|known| known.eq_ignore_ascii_case(host))
    }

    fn everywhere_else(&self) -> impl Iterator<Item = Arc<str>> {
        self.aliases.iter().chain(&self.found).cloned()
    }

    fn staged(&self, id: &str, stages: &[Stage], fields: &Fields<'_>) -> Result<Hosts, InventoryError> {
        let mut hosts = Hosts::default();
        for stage in stages {
            let mut here = match self.named.iter().find(|(name, _)| *name == &*stage.name) {
                Some((_, named)) => named.clone(),
                None => self.everywhere.iter().cloned().collect(),
            };
            if let (true, Some(template)) = (here.is_empty(), &stage.template) {
                let filled = fill_id(template, id);
                check_host(&filled)
                    .map_err(|why| fields.fail(format_args!("the environment's host template: {why}")))?;
                here.push(filled.into());
            }
            if here.is_empty() && self.named.is_empty() && self.found.is_empty() {
                let Some(shared) = &stage.shared else {
                    return Err(fields.fail(format_args!(
                        "has no host in \"{}\", add \"host\" here or a \"host\" template to its regions file",
                        stage.name
                    )));
                };
                here.push(Arc::clone(shared));
            }
            if !here.is_empty() || (self.named.is_empty() && !self.found.is_empty()) {
                here.extend(self.aliases.iter().cloned());
                for found in &self.found {
                    // A template may have filled in the same.
                    if !here.iter().any(|known| known.eq_ignore_ascii_case(found)) {
                        here.push(Arc::clone(found));
                    }
                }
                hosts.insert(Arc::clone(&stage.name), here);
            }
        }
        if hosts.is_empty() {
            let named: Vec<_> = self.named.iter().map(|(name, _)| *name).collect();
            let known: Vec<_> = stages.iter().map(|stage| &*stage.name).collect();
            return Err(fields.fail(format_args!(
                "has hosts in {} alone, and this run knows {}, add a host there or leave the tenant out with --skip",
                named.join(", "),
                known.join(", ")
            )));
        }
        Ok(hosts)
    }

    /// Without regions files there is nothing to hold them against.
    fn as_written(&self) -> Hosts {
        let mut hosts = Hosts::default();
        for (environment, named) in &self.named {
            hosts.insert((*environment).into(), named.iter().cloned().chain(self.everywhere_else()).collect());
        }
        if self.everywhere.is_some() || (self.named.is_empty() && !self.found.is_empty()) {
            let all = self.everywhere.iter().cloned().chain(self.everywhere_else());
            hosts.insert(PRODUCTION.into(), all.collect());
        }
        hosts
    }
}

fn host(item: &Item<'_>) -> Result<Arc<str>, InventoryError> {
    let text = item.text()?;
    check_host(&text).map_err(|why| item.wrong(why))?;
    Ok(text.into())
}

fn list<'d, T>(
    item: &Item<'d>,
    read: &mut impl FnMut(&Item<'d>) -> Result<T, InventoryError>,
) -> Result<Vec<T>, InventoryError> {
    item.list()?.map(|item| read(&item)).collect()
}

/// An environment in which nobody has a host would pass with nothing looked at: a name may be misspelt.
pub(super) fn nowhere_missing(environments: &[Environment], tenants: &[Tenant]) -> Result<(), InventoryError> {
    let is_missing = |environment: &&Environment| {
        !tenants.is_empty() && !tenants.iter().any(|tenant| tenant.hosts.contains_key(&environment.name))
    };
    let Some(environment) = environments.iter().find(is_missing) else { return Ok(()) };
    let what = format!(
        "no tenant has a host in the environment \"{}\", give one of them a host there or leave this file out",
        environment.name
    );
    Err(InventoryError::Entry { at: Arc::clone(&environment.source), what })
}

/// Whether `shop.example.com` is under `.example.com`.
pub(super) fn under(sample: &str, suffix: &str) -> bool {
    suffix.starts_with('.')
        && sample.len() > suffix.len()
        && sample.is_char_boundary(sample.len() - suffix.len())
        && sample[sample.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
}

fn unique(hosts: &Hosts, fields: &Fields<'_>) -> Result<(), InventoryError> {
    for here in hosts.values() {
        let mut seen = BTreeSet::new();
        if let Some(host) = here.iter().find(|host| !seen.insert(host.to_ascii_lowercase())) {
            return Err(fields.fail(format_args!("the host \"{host}\" stands twice, keep one of them")));
        }
    }
    Ok(())
}
