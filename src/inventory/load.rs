//! Files and flags as one sorted inventory; every rule that spans files is kept here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::discover::{self, Claims, Discover, Discovered, Told};
use super::document::Document;
use super::hosts::{self, Stage};
use super::levels::Levels;
use super::origin::OriginUrl;
use super::paths::{self, Known, PathsFrom};
use super::select::{Applied, Selection, sample};
use super::tenants::{self, Defaults, Ground};
use super::tree::{Env, Format};
use super::variants::Catalogue;
use super::{InventoryError, Overrides, expect, regions, urls};
use crate::model::{Inventory, LeftOut, Priority, Secrets, Tenant, Unprobeable, is_credential};

/// The files that a command line names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// `--regions`: one environment each.
    pub regions: Vec<PathBuf>,
    /// `--tenants`: together one list.
    pub tenants: Vec<PathBuf>,
    /// `--discover`: what a team already has.
    pub discover: Vec<Discover>,
    /// `--paths-from`: paths from what a team already has.
    pub paths: Vec<PathsFrom>,
    /// `--expect`: what a deploy pinned, laid over what the tenants files pin.
    pub expect: Option<PathBuf>,
}

/// What is to be checked, by files and flags. `env` looks up variables, `providers` are the ids that a regions file may
/// expect.
pub fn load(
    files: &Files,
    overrides: &Overrides,
    env: &Env<'_>,
    providers: &[&str],
) -> Result<Inventory, InventoryError> {
    let others = [("--tenants", files.tenants.is_empty()), ("--discover", files.discover.is_empty())];
    if let Some((other, _)) = others.iter().find(|(_, unused)| !overrides.urls.is_empty() && !unused) {
        return Err(InventoryError::flag("--url", format!("stands instead of tenants, leave out {other}")));
    }
    needs_discovery(files, overrides)?;
    let read = |path: &PathBuf| Document::read(path, "--regions", Some(Format::Toml), env);
    let regions = files.regions.iter().map(read).collect::<Result<_, _>>()?;
    let read = |path: &PathBuf| Document::read(path, "--tenants", None, env);
    let tenants = files.tenants.iter().map(read).collect::<Result<_, _>>()?;
    let read = |path: &PathBuf| Document::read(path, "--expect", None, env);
    let expect = files.expect.as_ref().map(read).transpose()?;
    let told = discover::told(&files.discover, overrides.tenant_key.as_deref(), env)?;
    // A tenants file may say whose each host is.
    if let Some(key) = overrides.tenant_key.as_deref().filter(|_| files.tenants.is_empty()) {
        discover::key_is_somewhere(key, &told)?;
    }
    let is_stdin_taken = files.discover.iter().any(Discover::is_stdin);
    let paths = paths::told(&files.paths, is_stdin_taken)?;
    assembled(Documents { regions, tenants, expect, told, paths }, overrides, providers)
}

/// Flags that say something of what is discovered.
fn needs_discovery(files: &Files, overrides: &Overrides) -> Result<(), InventoryError> {
    let flags = [("--tenant-key", overrides.tenant_key.is_some()), ("--sample-host", !overrides.samples.is_empty())];
    match flags.iter().find(|(_, is_given)| *is_given && files.discover.is_empty()) {
        Some((flag, _)) => {
            Err(InventoryError::flag(*flag, "says nothing without --discover, add it or leave this out"))
        }
        None => Ok(()),
    }
}

/// A credential is a secret however it was told: an edge may hand it back in a field of any name.
fn keep_credentials(inventory: &mut Inventory) {
    let Inventory { environments, tenants, variants, secrets, .. } = inventory;
    let edges = environments.iter().flat_map(|environment| environment.edges.iter().map(|edge| &edge.headers));
    let origins = environments.iter().filter_map(|environment| Some(&environment.origin.as_ref()?.headers));
    let tenants = tenants.iter().map(|tenant| &tenant.headers);
    let variants = variants.iter().map(|variant| &variant.headers);
    for (name, value) in edges.chain(origins).chain(tenants).chain(variants).flatten() {
        if is_credential(name.as_str()) {
            secrets.keep_credential(&String::from_utf8_lossy(value.as_bytes()));
        }
    }
}

/// What was read, file by file.
pub(super) struct Documents {
    pub(super) regions: Vec<Document>,
    pub(super) tenants: Vec<Document>,
    pub(super) expect: Option<Document>,
    pub(super) told: Vec<Told>,
    pub(super) paths: Vec<paths::Told>,
}

#[cfg(test)]
pub(super) fn assemble(
    regions: Vec<Document>,
    tenants: Vec<Document>,
    overrides: &Overrides,
    providers: &[&str],
) -> Result<Inventory, InventoryError> {
    let documents = Documents { regions, tenants, expect: None, told: Vec::new(), paths: Vec::new() };
    assembled(documents, overrides, providers)
}

pub(super) fn assembled(
    documents: Documents,
    overrides: &Overrides,
    providers: &[&str],
) -> Result<Inventory, InventoryError> {
    let mut secrets = Secrets::default();
    // A file's own errors hide its own secrets; here one file's may stand in an error about another.
    let gathered = gather(documents, overrides, providers, &mut secrets);
    let mut inventory = gathered.map_err(|error| error.masked(&secrets))?;
    inventory.secrets = secrets;
    keep_credentials(&mut inventory);
    Ok(inventory)
}

fn gather(
    Documents { regions, mut tenants, expect, mut told, mut paths }: Documents,
    overrides: &Overrides,
    providers: &[&str],
    secrets: &mut Secrets,
) -> Result<Inventory, InventoryError> {
    let origin = overrides.origin.as_deref().map(OriginUrl::parse).transpose();
    let origin = origin.map_err(|why| InventoryError::flag("--origin", why))?;
    let (selection, applied) = (Selection::of(overrides)?, Applied::of(overrides)?);
    let read = regions.iter().map(|doc| regions::read(doc, origin.as_ref(), providers));
    let mut read = read.collect::<Result<Vec<_>, _>>()?;
    if let (Some(one), []) = (&overrides.one, read.as_slice()) {
        read.push(one.regions(origin)?);
    }
    for doc in regions {
        secrets.extend(doc.into_secrets());
    }
    different_environments(&read)?;

    let stages: Vec<Stage> = read.iter().map(Stage::of).collect();
    tenants.extend(discover::take_tenants(&mut told));
    let is_told = !(tenants.is_empty() && told.is_empty() && overrides.urls.is_empty()) || overrides.one.is_some();
    let claims = if told.is_empty() && paths.is_empty() { Claims::default() } else { Claims::of(&tenants, &stages) };
    let mut discovered = Discovered::of(told, &overrides.samples, &claims)?;
    let left_out = left_out(&mut paths, is_told, &claims, &discovered, overrides)?;
    let needs_paths = !overrides.only_listed && overrides.one.is_none();
    let paths = Known::of(urls::flagged_paths(overrides)?, paths, overrides.sample);
    let ground = Ground { stages, selection: &selection, paths, needs_paths };
    let mut catalogue = Catalogue::built_in();
    tenants.iter().try_for_each(|doc| tenants::read_variants(doc, &mut catalogue))?;
    let mut levels = Levels::default();
    tenants.iter().try_for_each(|doc| levels.read(doc))?;
    let mut found = if is_told {
        urls::from_urls(&overrides.urls, &ground, &catalogue)?
    } else {
        urls::from_paths(&ground, &catalogue)?
    };
    let mut defaults = None;
    for doc in tenants {
        found.extend(tenants::read(&doc, &ground, &catalogue, &mut discovered)?);
        if defaults.is_none() {
            defaults = Defaults::read(&doc, &catalogue)?;
        }
        secrets.extend(doc.into_secrets());
    }
    let unprobeable = unprobeable(&mut discovered, overrides, &selection);
    let defaults = defaults.unwrap_or_default();
    let objects_of_unprobeable = objects_of_unprobeable(&defaults, &ground, overrides);
    let others = discover::tenants(discovered, &defaults, &ground, &catalogue)?;
    // A million of them are not held twice.
    if found.is_empty() {
        found = others;
    } else {
        found.extend(others);
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    different_ids(&found)?;
    ground.stages.iter().try_for_each(|stage| different_hosts(&found, stage))?;
    if let Some(one) = &overrides.one {
        found = vec![one.tenant(&found, &ground, &catalogue)?];
    }
    if let Some(doc) = expect {
        let narrowed = selection.narrows_tenants() || !ground.paths.is_empty() || overrides.one.is_some();
        expect::apply(&doc, &mut found, narrowed)?;
        secrets.extend(doc.into_secrets());
    }

    let mut environments: Vec<_> = read.into_iter().map(|regions| regions.environment).collect();
    environments.sort_by(|one, other| one.name.cmp(&other.name));
    for environment in &mut environments {
        applied.on(environment);
    }
    selection.keep_environments(&mut environments);
    let known = |name: &str| ground.stages.is_empty() || environments.iter().any(|known| &*known.name == name);
    selection.keep_tenants(&mut found, known, overrides.only_listed);
    if !overrides.only_listed && overrides.one.is_none() && !selection.narrows_tenants() {
        hosts::nowhere_missing(&environments, &found)?;
    }

    let flagged = catalogue.flagged(&overrides.variants)?;
    for tenant in &mut found {
        if !flagged.is_empty() {
            tenant.variants.clone_from(&flagged);
        }
        if let Some(count) = overrides.sample {
            sample(tenant, count, overrides.seed);
        }
    }
    let variants = catalogue.used(&mut found);
    applied.leaves_variants_alone(&variants)?;
    let levels = levels.under(overrides);
    Ok(Inventory {
        environments,
        variants,
        tenants: found,
        unprobeable,
        objects_of_unprobeable,
        left_out,
        levels,
        secrets: Secrets::default(),
    })
}

/// What sources of paths tell of nobody. Where nothing else says which tenants there are, their hosts are.
fn left_out(
    sources: &mut [paths::Told],
    is_told: bool,
    claims: &Claims,
    discovered: &Discovered,
    overrides: &Overrides,
) -> Result<Vec<LeftOut>, InventoryError> {
    if !is_told {
        paths::need_hosts(sources)?;
        return paths::left_out(sources, |_| true);
    }
    let mut hosts: BTreeSet<Arc<str>> = discovered.hosts().cloned().collect();
    for url in &overrides.urls {
        hosts.extend(urls::url_parts(url).map(|(host, _)| host));
    }
    paths::left_out(sources, |host| claims.hold(host) || hosts.contains(host))
}

/// Those that are selected; one object has nothing to do with them.
fn unprobeable(found: &mut Discovered, overrides: &Overrides, selection: &Selection) -> Vec<Unprobeable> {
    if overrides.one.is_some() {
        return Vec::new();
    }
    let all = std::mem::take(&mut found.unprobeable).into_iter();
    let taken = all.filter(|(id, _)| selection.takes_tenant(id, Priority::default()));
    taken.map(|(_, unprobeable)| unprobeable).collect()
}

/// Paths times variants of a tenant that names none; one of each where nothing else is known.
fn objects_of_unprobeable(defaults: &Defaults, ground: &Ground<'_>, overrides: &Overrides) -> u64 {
    let paths = [ground.paths.shared(), &defaults.shared.paths].into_iter().find(|paths| !paths.is_empty());
    let paths = paths.unwrap_or_default();
    let paths = paths.len().clamp(1, overrides.sample.unwrap_or(usize::MAX));
    let variants = [overrides.variants.len(), defaults.shared.variants.len()].into_iter().find(|many| *many > 0);
    paths as u64 * variants.unwrap_or(1) as u64
}

fn different_environments(read: &[regions::Regions]) -> Result<(), InventoryError> {
    let mut seen = BTreeMap::new();
    for regions::Regions { environment, .. } in read {
        if let Some(first) = seen.insert(&environment.name, &environment.source) {
            let name = &environment.name;
            let what =
                format!("is the environment \"{name}\", as is {first}, give one of them another \"environment\"");
            return Err(InventoryError::Entry { at: Arc::clone(&environment.source), what });
        }
    }
    Ok(())
}

/// Tenants are sorted by id, those of one id as they were read.
fn different_ids(tenants: &[Tenant]) -> Result<(), InventoryError> {
    match tenants.windows(2).find(|pair| pair[0].id == pair[1].id) {
        Some([first, second]) => {
            let what = format!("tenant \"{}\": this id is taken at {}, choose another", second.id, first.source);
            Err(InventoryError::Entry { at: Arc::clone(&second.source), what })
        }
        _ => Ok(()),
    }
}

fn different_hosts(tenants: &[Tenant], stage: &Stage) -> Result<(), InventoryError> {
    let is_shared = |host: &Arc<str>| stage.shared.as_ref().is_some_and(|shared| Arc::ptr_eq(shared, host));
    let mut all: Vec<(Cow<'_, str>, usize)> = Vec::new();
    for (index, tenant) in tenants.iter().enumerate() {
        let hosts = tenant.hosts.get(&stage.name).into_iter().flatten();
        all.extend(hosts.filter(|host| !is_shared(host)).map(|host| (lower(host), index)));
    }
    all.sort();
    let Some([(host, first), (_, second)]) = all.windows(2).find(|pair| pair[0].0 == pair[1].0) else { return Ok(()) };
    let (first, second) = (&tenants[*first], &tenants[*second]);
    let what = format!(
        "tenant \"{}\": the host \"{host}\" is tenant \"{}\"'s at {}, give it to one of them",
        second.id, first.id, first.source
    );
    Err(InventoryError::Entry { at: Arc::clone(&second.source), what })
}

fn lower(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests;
