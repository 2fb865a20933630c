//! A tenants file as tenants; it knows environments by name and no edge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::InventoryError;
use super::discover::{Discovered, Group};
use super::document::Document;
use super::expect::{self, Pinned};
use super::hosts::{self, Stage};
use super::layer::headers;
use super::paths::Known;
use super::place::name;
use super::reader::{Fields, Item};
use super::regions::PRODUCTION;
use super::select::Selection;
use super::template::{HOST, ID, check, fill_around, fill_id};
use super::variants::Catalogue;
use super::wire::{check_path, layered};
use crate::model::{Expect, Priority, Tenant};

/// What tenants are read against.
pub(super) struct Ground<'g> {
    pub(super) stages: Vec<Stage>,
    pub(super) selection: &'g Selection,
    /// Instead of the tenants' own, where there are any.
    pub(super) paths: Known,
    /// Whether a tenant without paths is an error: what is only listed needs none.
    pub(super) needs_paths: bool,
}

impl Ground<'_> {
    /// The environments by name; without regions files there is one.
    pub(super) fn environments(&self) -> Vec<Arc<str>> {
        match self.stages.as_slice() {
            [] => vec![PRODUCTION.into()],
            stages => stages.iter().map(|stage| Arc::clone(&stage.name)).collect(),
        }
    }
}

pub(super) const TOP: [&str; 5] = ["schema", "defaults", "variants", "service_levels", "tenants"];
pub(super) const TENANT: [&str; 11] =
    ["id", "host", "hosts", "aliases", "paths", "priority", "headers", "expect", "tags", "variants", "sample_host"];
pub(super) const DEFAULTS: [&str; 5] = ["paths", "priority", "variants", "headers", "expect"];

/// Takes in the variants that a tenants file writes; all files' come before any tenant is read.
pub(super) fn read_variants(doc: &Document, catalogue: &mut Catalogue) -> Result<(), InventoryError> {
    let top = Item::root(doc).fields(&TOP)?;
    top.schema()?;
    top.read("variants", |table| catalogue.read(table)).map(drop)
}

/// The tenants of one file, in its order, with what was found of them elsewhere.
pub(super) fn read(
    doc: &Document,
    ground: &Ground<'_>,
    catalogue: &Catalogue,
    found: &mut Discovered,
) -> Result<Vec<Tenant>, InventoryError> {
    let top = Item::root(doc).fields(&TOP)?;
    let defaults = Defaults::read(doc, catalogue)?.unwrap_or_default();
    let list = top.need("tenants", "a list of tenants, each with an id")?.list()?;
    let mut tenants = Vec::with_capacity(list.len());
    for (at, item) in list.enumerate() {
        let id = item.peek("id");
        let place = id.map_or_else(|| format!("tenant {}", at + 1), |id| format!("tenant \"{id}\""));
        let found = id.and_then(|id| found.take(id)).unwrap_or_default();
        tenants.extend(tenant(&item.placed(place), &defaults.shared, found, ground, catalogue)?);
    }
    Ok(tenants)
}

/// A file's `defaults`.
#[derive(Default)]
pub(super) struct Defaults {
    pub(super) shared: Shared,
    /// Values of the file whose braces are theirs.
    literal: Vec<String>,
}

impl Defaults {
    /// Those of that file, where it has any.
    pub(super) fn read(doc: &Document, catalogue: &Catalogue) -> Result<Option<Self>, InventoryError> {
        let top = Item::root(doc).fields(&TOP)?;
        top.read("defaults", |item| {
            let fields = item.clone().placed("defaults".to_owned()).fields(&DEFAULTS)?;
            let expect = fields.read("expect", expect::defaults)?.unwrap_or_default();
            let shared = Shared { expect, ..Shared::read(&fields, catalogue)? };
            Ok(Self { shared, literal: item.literal() })
        })
    }

    /// What is pinned for a tenant that no file names.
    pub(super) fn pinned(
        &self,
        paths: &[Arc<str>],
        id: &str,
    ) -> Result<BTreeMap<Arc<str>, Arc<Expect>>, InventoryError> {
        Pinned::default().resolved(&self.shared.expect, paths, id, false)
    }

    /// What is sent for a tenant that no file names.
    pub(super) fn headers(&self, id: &str) -> Result<HeaderMap, String> {
        filled_headers(self.shared.headers.clone(), id, &self.literal)
    }
}

/// What tenants may leave to the file's `defaults`.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) paths: Vec<Arc<str>>,
    pub(super) priority: Option<Priority>,
    pub(super) variants: Vec<usize>,
    headers: HeaderMap,
    expect: Expect,
}

impl Shared {
    fn read(fields: &Fields<'_>, catalogue: &Catalogue) -> Result<Self, InventoryError> {
        let priorities = Priority::ALL.map(|priority| (priority.id(), priority));
        Ok(Self {
            paths: fields.read("paths", paths)?.unwrap_or_default(),
            priority: fields.read("priority", |item| item.word(&priorities))?,
            variants: fields.read("variants", |list| catalogue.chosen(list))?.unwrap_or_default(),
            headers: fields.read("headers", headers)?.unwrap_or_default(),
            expect: Expect::default(),
        })
    }
}

/// Absent where the selection leaves it out.
fn tenant(
    item: &Item<'_>,
    defaults: &Shared,
    found: Group,
    ground: &Ground<'_>,
    catalogue: &Catalogue,
) -> Result<Option<Tenant>, InventoryError> {
    let fields = item.fields(&TENANT)?;
    let id = name(&fields.need("id", "id: tenant-abc")?)?;
    let own = Shared::read(&fields, catalogue)?;
    let tags = fields.read("tags", |list| list.list()?.map(|tag| Ok(name(&tag)?.to_string())).collect())?;
    let listed = found.listing.map(|listed| listed.listing).unwrap_or_default();
    let priority = own.priority.or(listed.priority).or(defaults.priority).unwrap_or_default();
    if !ground.selection.takes_tenant(&id, priority) {
        return Ok(None);
    }
    let hosts = hosts::read(&fields, &id, &ground.stages, &found.hosts)?;
    let given = ground.paths.of_tenant(&hosts, &ground.stages);
    let templates = [&*given, &own.paths, &listed.paths, &defaults.paths];
    let templates = templates.into_iter().find(|paths| !paths.is_empty()).unwrap_or_default();
    if templates.is_empty() && ground.needs_paths {
        return Err(fields.fail("has no paths, add \"paths\" here or to \"defaults\", or use --path"));
    }
    let paths = filled(templates, &id).map_err(|why| fields.fail(why))?;
    let pinned = fields.read("expect", Pinned::read)?.unwrap_or_default();
    let variants = [own.variants, defaults.variants.clone(), catalogue.otherwise()];
    Ok(Some(Tenant {
        hosts,
        expect: pinned.resolved(&defaults.expect, &paths, &id, ground.paths.is_empty())?,
        paths,
        variants: variants.into_iter().find(|chosen| !chosen.is_empty()).unwrap_or_default(),
        priority,
        headers: filled_headers(layered(&own.headers, &defaults.headers), &id, &item.literal())
            .map_err(|why| fields.fail(why))?,
        tags: tags.unwrap_or(listed.tags),
        source: item.source(),
        also: std::iter::once(found.source).filter(|place| !place.is_empty()).chain(found.also).collect(),
        prefixes: found.prefixes,
        id,
    }))
}

fn paths(list: &Item<'_>) -> Result<Vec<Arc<str>>, InventoryError> {
    list.list()?.map(|item| path_template(&item.text()?).map_err(|why| item.fail(why))).collect()
}

/// A path that may hold `{id}` and `{host}`.
pub(super) fn path_template(text: &str) -> Result<Arc<str>, String> {
    check_path(text)?;
    check(text, &[ID, HOST]).map_err(|why| format!("the path \"{text}\": {why}"))?;
    Ok(text.into())
}

/// The tenant's paths, none twice; a path without a placeholder is shared with every other tenant that has it.
pub(super) fn filled(templates: &[Arc<str>], id: &str) -> Result<Vec<Arc<str>>, String> {
    let (mut paths, mut seen) = (Vec::with_capacity(templates.len()), BTreeSet::new());
    for template in templates {
        let path = if template.contains(ID) {
            let path = fill_id(template, id);
            check_path(&path)?;
            path.into()
        } else {
            Arc::clone(template)
        };
        if seen.insert(Arc::clone(&path)) {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn filled_headers(mut lines: HeaderMap, id: &str, literal: &[String]) -> Result<HeaderMap, String> {
    for (name, value) in &mut lines {
        if let Some(template) = value.to_str().ok().filter(|text| text.contains(ID)) {
            let filled = fill_around(template, literal, |part| fill_id(part, id).into_owned());
            *value = HeaderValue::from_str(&filled).map_err(|_| {
                format!("the header \"{name}\" cannot hold this tenant's id, write ids in visible ASCII")
            })?;
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests;
