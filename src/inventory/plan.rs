//! What is asked of whom, numbered and never listed: an object is a number, a check is an edge and a number.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{InventoryError, Partition};
use crate::model::{Environment, Inventory, Place, Tenant, hex};

/// Every check of an inventory.
#[derive(Debug, Clone)]
pub struct Plan {
    inventory: Arc<Inventory>,
    /// For each environment, the number of each tenant's first object, and at the end the number of all.
    starts: Vec<Vec<u32>>,
    /// What it is a part of.
    whole: Option<Whole>,
}

#[derive(Debug, Clone)]
struct Whole {
    partition: Partition,
    hash: String,
    is_empty: bool,
}

/// What a check asks for, wherever it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'p> {
    /// Index into the inventory's tenants.
    pub tenant: usize,
    /// One of its hosts in the environment.
    pub host: &'p Arc<str>,
    /// One of its paths.
    pub path: &'p Arc<str>,
    /// Index into the inventory's variants.
    pub variant: usize,
}

/// An object at an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Check {
    /// Index into the inventory's environments.
    pub environment: usize,
    /// Index into the environment's edges.
    pub edge: usize,
    /// Number of the object within the environment.
    pub object: u32,
}

impl Plan {
    /// Numbers the objects of each environment.
    pub fn new(inventory: Arc<Inventory>) -> Result<Self, InventoryError> {
        let starts = inventory.environments.iter().map(|environment| starts(environment, &inventory.tenants));
        Ok(Self { starts: starts.collect::<Result<_, _>>()?, inventory, whole: None })
    }

    /// Numbers only what falls to that partition.
    pub fn part(mut inventory: Inventory, partition: Partition) -> Result<Self, InventoryError> {
        let there = |environment: &Environment| {
            let tenants = inventory.tenants.iter();
            let objects = tenants.filter(|tenant| tenant.hosts.contains_key(&environment.name));
            !environment.edges.is_empty() && objects.map(|tenant| of_tenant(environment, tenant)).sum::<u64>() > 0
        };
        let is_empty = !inventory.environments.iter().any(there);
        let whole = Whole { partition, hash: hash(&inventory), is_empty };
        partition.of_tenants(&mut inventory.tenants);
        if !partition.is_first() {
            inventory.unprobeable.clear();
        }
        Ok(Self { whole: Some(whole), ..Self::new(Arc::new(inventory))? })
    }

    /// Which part of the whole it is, where it is one.
    pub fn partition(&self) -> Option<Partition> {
        self.whole.as_ref().map(|whole| whole.partition)
    }

    /// Whether nothing of a whole that holds something falls to this partition.
    pub fn is_spared(&self) -> bool {
        self.is_empty() && self.whole.as_ref().is_some_and(|whole| !whole.is_empty)
    }

    /// What is planned over.
    pub fn inventory(&self) -> &Arc<Inventory> {
        &self.inventory
    }

    /// How many objects an environment has.
    pub fn objects(&self, environment: usize) -> u32 {
        self.starts.get(environment).and_then(|starts| starts.last()).copied().unwrap_or(0)
    }

    /// How many objects there are, over all environments.
    pub fn total_objects(&self) -> u64 {
        (0..self.starts.len()).map(|environment| u64::from(self.objects(environment))).sum()
    }

    /// How many checks there are.
    pub fn total_checks(&self) -> u64 {
        let environments = self.inventory.environments.iter().enumerate();
        environments.map(|(at, environment)| u64::from(self.objects(at)) * environment.edges.len() as u64).sum()
    }

    /// How many edges there are, over all environments.
    pub fn total_edges(&self) -> u64 {
        self.inventory.environments.iter().map(|environment| environment.edges.len() as u64).sum()
    }

    /// How many regions there are, over all environments.
    pub fn total_regions(&self) -> u64 {
        let chunks =
            |environment: &Environment| environment.edges.chunk_by(|a, b| a.id.region == b.id.region).count() as u64;
        self.inventory.environments.iter().map(chunks).sum()
    }

    /// The checks that names which nobody can ask for would have had.
    pub fn unprobeable_checks(&self) -> u64 {
        let names: BTreeSet<&str> = self.inventory.unprobeable.iter().map(|one| one.pattern.as_str()).collect();
        names.len() as u64 * self.inventory.objects_of_unprobeable * self.total_edges()
    }

    /// Whether there is nothing to check.
    pub fn is_empty(&self) -> bool {
        self.total_checks() == 0 && self.unprobeable_checks() == 0
    }

    /// The object of a number below [`objects`](Self::objects); others are out of bounds.
    pub fn object(&self, environment: usize, number: u32) -> Object<'_> {
        let starts = &self.starts[environment];
        let tenant = tenant_of(starts, number);
        let content = &self.inventory.tenants[tenant];
        let hosts = &content.hosts[&*self.inventory.environments[environment].name];
        let rest = (number - starts[tenant]) as usize;
        let (rest, variant) = (rest / content.variants.len(), rest % content.variants.len());
        let (host, path) = (rest / content.paths.len(), rest % content.paths.len());
        Object { tenant, host: &hosts[host], path: &content.paths[path], variant: content.variants[variant] }
    }

    /// The number of that object.
    pub fn number(&self, environment: usize, object: &Object<'_>) -> Option<u32> {
        let start = *self.starts.get(environment)?.get(object.tenant)?;
        let content = self.inventory.tenants.get(object.tenant)?;
        let hosts = content.hosts.get(&self.inventory.environments[environment].name)?;
        let host = hosts.iter().position(|host| host == object.host)?;
        let path = content.paths.iter().position(|path| path == object.path)?;
        let variant = content.variants.iter().position(|variant| *variant == object.variant)?;
        let offset = (host * content.paths.len() + path) * content.variants.len() + variant;
        Some(start + u32::try_from(offset).ok()?)
    }

    /// Every check: by environment, edge, object.
    pub fn checks(&self) -> impl Iterator<Item = Check> + '_ {
        self.inventory.environments.iter().enumerate().flat_map(move |(environment, content)| {
            (0..content.edges.len()).flat_map(move |edge| {
                (0..self.objects(environment)).map(move |object| Check { environment, edge, object })
            })
        })
    }

    /// SHA-256 in hexadecimal of what is planned, whatever the order in which files and lists say it. A partition has
    /// that of the whole.
    pub fn hash(&self) -> String {
        self.whole.as_ref().map_or_else(|| hash(&self.inventory), |whole| whole.hash.clone())
    }
}

fn hash(inventory: &Inventory) -> String {
    let mut sum = Sum(Sha256::new());
    for environment in &inventory.environments {
        sum.word(&environment.name);
        if let Some(origin) = &environment.origin {
            sum.word(&origin.authority);
            sum.word(&origin.base_path);
        }
        sum.count(environment.edges.len());
        for edge in &environment.edges {
            sum.word(&edge.id.region);
            sum.word(&edge.id.edge);
            sum.word(edge.scheme.id());
            sum.count(edge.port.into());
            sum.word(&place(&edge.place));
        }
        let there = |tenant: &&Tenant| tenant.hosts.contains_key(&environment.name);
        sum.count(inventory.tenants.iter().filter(there).count());
        for tenant in inventory.tenants.iter().filter(there) {
            sum.word(&tenant.id);
            sum.sorted(tenant.hosts[&*environment.name].iter().map(|host| &**host));
            sum.sorted(tenant.paths.iter().map(|path| &**path));
            sum.sorted(tenant.variants.iter().map(|variant| &*inventory.variants[*variant].name));
        }
    }
    if !inventory.unprobeable.is_empty() {
        sum.sorted(inventory.unprobeable.iter().map(|one| one.pattern.as_str()));
    }
    hex(&sum.0.finalize())
}

/// Where an edge is, as far as that is written down and no secret.
fn place(place: &Place) -> String {
    match place {
        Place::Address(ip, port) => format!("{ip} {port:?}"),
        Place::Hostname { name, .. } => name.to_string(),
        Place::Tenant(lookup) => format!("{:?}", lookup.subnet),
        Place::Proxy(proxy) => format!("{} {}", proxy.name, proxy.port),
        Place::Vantage(vantage) => vantage.key().to_owned(),
    }
}

/// How many objects one tenant has.
fn of_tenant(environment: &Environment, tenant: &Tenant) -> u64 {
    let hosts = tenant.hosts.get(&environment.name).map_or(0, Vec::len);
    hosts as u64 * tenant.paths.len() as u64 * tenant.variants.len() as u64
}

fn starts(environment: &Environment, tenants: &[Tenant]) -> Result<Vec<u32>, InventoryError> {
    let objects = |tenant: &Tenant| of_tenant(environment, tenant);
    let all: u64 = tenants.iter().map(objects).sum();
    if u32::try_from(all).is_err() {
        return Err(InventoryError::TooMany { environment: Arc::clone(&environment.name), objects: all });
    }
    let mut next = 0;
    let mut starts = Vec::with_capacity(tenants.len() + 1);
    for tenant in tenants {
        starts.push(next);
        next += u32::try_from(objects(tenant)).unwrap_or(u32::MAX);
    }
    starts.push(next);
    Ok(starts)
}

/// The tenant of an object: where all have as many, at once.
fn tenant_of(starts: &[u32], number: u32) -> usize {
    let (tenants, objects) = (starts.len().saturating_sub(1), starts.last().copied().unwrap_or(0));
    let likely = (u64::from(number) * tenants as u64).checked_div(u64::from(objects));
    let likely = likely.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    match starts.get(likely..likely + 2) {
        Some([start, next]) if (*start..*next).contains(&number) => likely,
        _ => starts.partition_point(|start| *start <= number).saturating_sub(1),
    }
}

/// Words and counts with their length before them, so that no two plans read alike.
struct Sum(Sha256);

impl Sum {
    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_be_bytes());
    }

    fn word(&mut self, word: &str) {
        self.count(word.len());
        self.0.update(word);
    }

    fn sorted<'w>(&mut self, words: impl Iterator<Item = &'w str>) {
        let mut words: Vec<_> = words.collect();
        words.sort_unstable();
        self.count(words.len());
        for word in words {
            self.word(word);
        }
    }
}

#[cfg(test)]
mod tests;
