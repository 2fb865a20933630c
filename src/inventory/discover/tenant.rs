//! Tenants that no tenants file names: each is read as though the first tenants file that has `defaults` listed it with
//! its hosts and nothing else.

use std::sync::Arc;

use super::Discovered;
use super::merge::Group;
use crate::inventory::InventoryError;
use crate::inventory::tenants::{Defaults, Ground, filled};
use crate::inventory::variants::Catalogue;
use crate::model::{Hosts, Priority, Tenant};

/// All that were discovered and no tenants file took, in the order of their ids, as far as they are selected.
pub(in crate::inventory) fn tenants(
    found: Discovered,
    defaults: &Defaults,
    ground: &Ground<'_>,
    catalogue: &Catalogue,
) -> Result<Vec<Tenant>, InventoryError> {
    let environments = ground.environments();
    let variants =
        if defaults.shared.variants.is_empty() { catalogue.otherwise() } else { defaults.shared.variants.clone() };
    let mut tenants = Vec::with_capacity(found.len());
    for (id, group) in found.rest() {
        let Group { hosts, source, also, prefixes, listing } = group;
        let listing = listing.map(|listed| listed.listing).unwrap_or_default();
        let priority = listing.priority.or(defaults.shared.priority).unwrap_or_else(Priority::default);
        if !ground.selection.takes_tenant(&id, priority) {
            continue;
        }
        let fail =
            |what: String| InventoryError::Entry { at: Arc::clone(&source), what: format!("tenant \"{id}\": {what}") };
        let hosts: Hosts = environments.iter().map(|name| (Arc::clone(name), hosts.clone())).collect();
        let given = ground.paths.of_tenant(&hosts, &ground.stages);
        let templates = [&*given, &listing.paths, &defaults.shared.paths];
        let templates = templates.into_iter().find(|paths| !paths.is_empty()).unwrap_or_default();
        if templates.is_empty() && ground.needs_paths {
            let mend = "name them with --path, or in \"defaults\" of a tenants file as \"paths\"";
            return Err(fail(format!("has no paths, {mend}")));
        }
        let paths = filled(templates, &id).map_err(fail)?;
        tenants.push(Tenant {
            expect: defaults.pinned(&paths, &id)?,
            headers: defaults.headers(&id).map_err(fail)?,
            hosts,
            paths,
            variants: variants.clone(),
            priority,
            tags: listing.tags,
            source,
            also,
            prefixes,
            id,
        });
    }
    Ok(tenants)
}
