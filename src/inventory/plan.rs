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
        let tenant = starts.partition_point(|start| *start <= number).saturating_sub(1);
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
mod tests {
    use proptest::prelude::*;

    use super::super::document::Document;
    use super::super::load::assemble;
    use super::super::{Overrides, Share};
    use std::fmt::Write as _;

    use super::*;

    /// An inventory of one environment with edges, and one with a single edge and every second tenant.
    fn inventory(edges: usize, tenants: &[(usize, usize, usize)]) -> Arc<Inventory> {
        let regions = |name: &str, edges: usize| {
            let edges: Vec<_> =
                (0..edges).map(|edge| format!("{{ name = 'e{edge}', address = '192.0.2.1' }}")).collect();
            let text = format!("schema = 1\nenvironment = '{name}'\n[regions.r]\nedges = [{}]\n", edges.join(", "));
            Document::inline("regions.toml", &text).unwrap()
        };
        let mut text = "schema: 1\ntenants:\n".to_owned();
        for (id, (hosts, paths, variants)) in tenants.iter().enumerate() {
            let words =
                |count: &usize, make: &dyn Fn(usize) -> String| (0..*count).map(make).collect::<Vec<_>>().join(", ");
            let blue = words(hosts, &|host| format!("h{host}.t{id}.example"));
            let green = if id % 2 == 0 { format!(", green: t{id}.test") } else { String::new() };
            let paths = words(paths, &|path| format!("/{path}"));
            let variants = ["identity", "gzip", "br"][..*variants].join(", ");
            let hosts = format!("{{blue: [{blue}]{green}}}");
            let _ = writeln!(text, "- {{id: t{id:04}, hosts: {hosts}, paths: [{paths}], variants: [{variants}]}}");
        }
        let tenants = vec![Document::inline("tenants.yaml", &text).unwrap()];
        assemble(vec![regions("blue", edges), regions("green", 1)], tenants, &Overrides::default(), &[]).unwrap().into()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_number_is_an_object_is_the_number(
            tenants in prop::collection::vec((1_usize..4, 1_usize..5, 1_usize..4), 1..12),
        ) {
            let plan = Plan::new(inventory(1, &tenants)).unwrap();
            for environment in 0..2 {
                let mut seen = BTreeSet::new();
                for number in 0..plan.objects(environment) {
                    let object = plan.object(environment, number);
                    prop_assert_eq!(plan.number(environment, &object), Some(number));
                    prop_assert!(seen.insert((object.tenant, object.host.clone(), object.path.clone(), object.variant)));
                }
            }
            let objects: usize = tenants.iter().map(|(hosts, paths, variants)| hosts * paths * variants).sum();
            prop_assert_eq!(plan.objects(0) as usize, objects);
        }

        #[test]
        fn every_check_comes_exactly_once(
            edges in 1_usize..5,
            tenants in prop::collection::vec((1_usize..3, 1_usize..3, 1_usize..3), 1..6),
        ) {
            let plan = Plan::new(inventory(edges, &tenants)).unwrap();
            let checks: Vec<_> = plan.checks().collect();
            prop_assert!(checks.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(checks.len() as u64, plan.total_checks());
            prop_assert_eq!(plan.total_checks(), u64::from(plan.objects(0)) * edges as u64 + u64::from(plan.objects(1)));
            let known = |check: &Check| check.object < plan.objects(check.environment);
            prop_assert!(checks.iter().all(known));
        }
    }

    #[test]
    fn a_hundred_million_checks_take_no_memory() {
        let plan = Plan::new(inventory(300, &vec![(3, 40, 3); 1_000])).unwrap();
        assert_eq!(plan.total_checks(), 300 * 1_000 * 3 * 40 * 3 + 500 * 40 * 3);
        assert_eq!(plan.starts.iter().map(Vec::len).sum::<usize>(), 2 * 1_001);
        let mut checks = plan.checks();
        let size = size_of_val(&checks);
        assert_eq!(checks.nth(1_000_000), Some(Check { environment: 0, edge: 2, object: 1_000_000 - 2 * 360_000 }));
        assert!(size < 256, "{size}");
    }

    #[test]
    fn counts_are_of_what_is_planned() {
        let plan = Plan::new(inventory(3, &[(1, 2, 1), (2, 1, 2)])).unwrap();
        assert_eq!((plan.objects(0), plan.objects(1), plan.objects(2)), (6, 2, 0));
        assert_eq!(
            (plan.total_objects(), plan.total_checks(), plan.total_edges(), plan.total_regions()),
            (8, 20, 4, 2)
        );
        assert!(!plan.is_empty());
    }

    #[test]
    fn more_objects_than_numbers_are_an_error() {
        let mut inventory = Arc::unwrap_or_clone(inventory(1, &[(1, 1, 1)]));
        let tenant = &mut inventory.tenants[0];
        tenant.paths = vec!["/".into(); 70_000];
        tenant.hosts.insert("blue".into(), vec!["a".into(); 70_000]);
        let error = Plan::new(inventory.into()).unwrap_err().to_string();
        let message = "environment \"blue\": 4900000000 objects are more than one run can number, take fewer with --only or --sample";
        assert_eq!(error, message);
    }

    #[test]
    fn the_hash_follows_content_and_no_order() {
        let regions = |edges: &str| {
            Document::inline("regions.toml", &format!("schema = 1\n[regions.r]\nedges = [{edges}]")).unwrap()
        };
        let hash = |edges: &str, tenants: &str| {
            let text = format!("schema: 1\ntenants: [{tenants}]\n");
            let tenants = vec![Document::inline("tenants.yaml", &text).unwrap()];
            let inventory = assemble(vec![regions(edges)], tenants, &Overrides::default(), &[]).unwrap();
            Plan::new(inventory.into()).unwrap().hash()
        };
        let (m, n) = ("{ name = 'm', address = '192.0.2.1' }", "{ name = 'n', address = '192.0.2.2' }");
        let a = "{id: a, host: a.example, aliases: [b.example], paths: [/x, /y], variants: [gzip, br]}";
        let one = hash(&format!("{m}, {n}"), &format!("{a}, {{id: b, host: c.example, paths: [/]}}"));
        let turned = "{id: a, host: b.example, aliases: [a.example], paths: [/y, /x], variants: [br, gzip]}";
        assert_eq!(one, hash(&format!("{n}, {m}"), &format!("{{id: b, host: c.example, paths: [/]}}, {turned}")));
        assert_ne!(one, hash(m, &format!("{a}, {{id: b, host: c.example, paths: [/]}}")));
        assert_ne!(one, hash(&format!("{m}, {n}"), a));
        // The same names, and another machine behind one of them.
        let moved = m.replace("192.0.2.1", "192.0.2.9");
        assert_ne!(hash(m, a), hash(&moved, a));
        assert_eq!((one.len(), one.bytes().all(|byte| byte.is_ascii_hexdigit())), (64, true));
    }

    /// Their ids, by partition.
    fn dealt(whole: &Inventory, by: &str, of: u32) -> Vec<Vec<String>> {
        let hash = Plan::new(Arc::new(whole.clone())).unwrap().hash();
        let part = |nth| {
            let share: Share = format!("{by}:{nth}/{of}").parse().unwrap();
            let plan = Plan::part(whole.clone(), share.partition(None).unwrap()).unwrap();
            assert_eq!((plan.hash(), plan.partition().unwrap().to_string()), (hash.clone(), format!("{nth}/{of}")));
            assert_eq!(plan.is_spared(), plan.is_empty());
            plan.inventory().tenants.iter().map(|tenant| tenant.id.to_string()).collect()
        };
        (1..=of).map(part).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn partitions_are_disjoint_and_complete_whatever_the_order(
            ids in prop::collection::btree_set("[a-z0-9-]{1,12}", 1..40),
            of in 1_u32..25,
            turn in any::<prop::sample::Index>(),
        ) {
            let inventory = |ids: &[&String]| {
                let regions = Document::inline("regions.toml", "schema = 1\n[regions.r]\nedges = [{ name = 'e', address = '192.0.2.1' }]");
                let row = |id: &&String| format!("- {{id: \"{id}\", host: \"h-{id}.example\", paths: [/]}}\n");
                let text = format!("schema: 1\ntenants:\n{}", ids.iter().map(row).collect::<String>());
                let tenants = vec![Document::inline("tenants.yaml", &text).unwrap()];
                assemble(vec![regions.unwrap()], tenants, &Overrides::default(), &[]).unwrap()
            };
            let mut order: Vec<&String> = ids.iter().collect();
            let whole = inventory(&order);
            order.rotate_left(turn.index(ids.len()));
            order.reverse();
            let turned = inventory(&order);
            for by in ["hash", "slice"] {
                let parts = dealt(&whole, by, of);
                prop_assert_eq!(&parts, &dealt(&turned, by, of));
                let mut all: Vec<&String> = parts.iter().flatten().collect();
                all.sort();
                prop_assert_eq!(all, ids.iter().collect::<Vec<_>>());
                let sizes = parts.iter().map(Vec::len);
                prop_assert!(by == "hash" || sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1);
            }
        }
    }
}
