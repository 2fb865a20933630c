//! Loads an inventory from texts, and what an inventory or an error must be.

use std::path::Path;
use std::sync::Arc;

use purgeproof::dialect;
use purgeproof::inventory::{InventoryError, Overrides, Plan, Text, Texts, check_host, check_path, load_texts};
use purgeproof::model::{Inventory, Tenant};

/// An environment for texts that say nothing of any.
pub const REGIONS: &str = "schema = 1\nhost = '{id}.example.com'\n[origin]\nurl = 'https://origin.example'\n[regions.a]\n\
    edges = [{ name = 'm', address = '192.0.2.1' }, { name = 'n', hostname = 'n.example' }]\n";

/// Checks that a plan may have before it is only counted.
const WALKED: u64 = 10_000;

/// A text under the name of a file in a folder that is not there.
pub fn text<'t>(file: &'t str, text: &'t str) -> Text<'t> {
    Text { file: Path::new(file), text }
}

/// A few variables, one of them empty.
pub fn env(name: &str) -> Option<String> {
    match name {
        "A" | "USER" => Some(format!("{SECRET}-\x1b[31m")),
        "B" => Some("b.example".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

const SECRET: &str = "s3cret";

fn is_written(texts: &Texts<'_>, word: &str) -> bool {
    let Texts { regions, tenants, discover, expect } = texts;
    let files = discover.iter().flat_map(|(_, files)| files);
    regions.iter().chain(tenants).chain(files).chain(expect).any(|text| text.text.contains(word))
}

/// Loads them; `file` is the one whose text is arbitrary.
pub fn load(texts: &Texts<'_>, overrides: &Overrides, file: &str) -> Option<Arc<Inventory>> {
    let providers: Vec<&str> = dialect::ids().collect();
    match load_texts(texts, overrides, &env, &providers) {
        Ok(inventory) => Some(planned(inventory)),
        Err(error) => {
            names_a_place(&error, file, is_written(texts, SECRET));
            None
        }
    }
}

/// Errors say where: file and line, or the flag.
fn names_a_place(error: &InventoryError, file: &str, is_open: bool) {
    let told = error.to_string();
    // What stands in the file itself is no secret, though it be the same word.
    assert!(is_open || !told.contains(SECRET), "a secret is told: {told}");
    match error {
        InventoryError::Entry { at, what } => {
            assert!(!what.is_empty());
            let rest = at.strip_prefix(file).unwrap_or_else(|| panic!("the file is not named: {told}"));
            // Of the whole file it is where nothing stands that could be mended.
            let line = rest.split_once(':').map_or("1", |(_, line)| line.split(':').next().unwrap_or_default());
            assert!(line.parse::<u32>().is_ok_and(|line| line > 0), "no line: {told}");
        }
        InventoryError::Flag { flag, .. } => assert!(flag.starts_with('-') || flag.starts_with('"'), "{told}"),
        InventoryError::Unreadable { .. } => panic!("no file was to be read: {told}"),
        InventoryError::TooMany { .. } => {}
    }
}

/// What can be asked for is what a request may hold, each once, and the plan counts what it walks.
fn planned(inventory: Inventory) -> Arc<Inventory> {
    for environment in &inventory.environments {
        let edges: Vec<_> = environment.edges.iter().map(|edge| &edge.id).collect();
        assert!(edges.windows(2).all(|two| two[0] < two[1]), "sorted, each once: {edges:?}");
    }
    inventory.tenants.iter().for_each(can_be_asked);
    assert!(inventory.tenants.windows(2).all(|two| two[0].id < two[1].id));
    let Ok(plan) = Plan::new(Arc::new(inventory)) else { panic!("too many objects from so few bytes") };
    if plan.total_checks() <= WALKED {
        assert_eq!(plan.checks().count() as u64, plan.total_checks());
    }
    assert_eq!(plan.hash(), plan.hash());
    Arc::clone(plan.inventory())
}

fn can_be_asked(tenant: &Tenant) {
    for host in tenant.hosts.values().flatten() {
        assert_eq!(check_host(host), Ok(()));
    }
    for path in &tenant.paths {
        assert_eq!(check_path(path), Ok(()));
    }
    assert!(!tenant.id.is_empty());
}
