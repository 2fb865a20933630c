//! Docker Compose files: the hosts that labels and variables of their services name for Traefik, nginx-proxy and Caddy;
//! it runs no Compose and merges no files.

mod beside;
mod caddy;
mod dotenv;
mod file;
mod interpolate;
mod names;
mod nginx_proxy;
mod routers;
mod service;
#[cfg(test)]
mod tests;
mod variables;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::{Given, Kind, Told};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Entry, Node};
use file::{File, get, text, texts};
use routers::Redirects;
use service::Service;
use variables::Variables;

pub(super) const COMPOSE: Kind =
    Kind { id: "compose", endings: &["yaml", "yml", "json"], read: |given| read_all(given) };

/// Services that extend one another, or projects within projects.
const DEPTH: usize = 16;
/// Labels and variables that services take over from those that they extend.
const TAKEN: usize = 100_000;

/// What files tell. One that another includes counts as a part of that one, whose variables it may need.
fn read_all(given: &[Given<'_>]) -> Result<Vec<Told>, InventoryError> {
    let places: Vec<_> = given.iter().map(|given| Path::new(given.file).canonicalize().ok()).collect();
    let mut read: Vec<_> = given.iter().map(read_with_includes).collect();
    let parts: Vec<BTreeSet<PathBuf>> = read.iter_mut().map(|(_, included)| std::mem::take(included)).collect();
    let includes = |one: usize, other: usize| places[other].as_ref().is_some_and(|place| parts[one].contains(place));
    let mut all = Vec::new();
    for (nth, (told, _)) in read.into_iter().enumerate() {
        let is_a_part = (0..given.len()).any(|other| includes(other, nth) && !includes(nth, other));
        if !is_a_part {
            all.extend(told?);
        }
    }
    Ok(all)
}

/// What one file tells, and those that it includes, with their places.
fn read_with_includes(given: &Given<'_>) -> (Result<Vec<Told>, InventoryError>, BTreeSet<PathBuf>) {
    let mut included = BTreeSet::new();
    (read(given, &mut included), included)
}

fn read(given: &Given<'_>, included: &mut BTreeSet<PathBuf>) -> Result<Vec<Told>, InventoryError> {
    let file = File::parse(given.file.to_owned(), given.folder.to_owned(), given.text)?;
    let reading = Reading {
        given,
        files: RefCell::default(),
        included: RefCell::default(),
        bases: RefCell::default(),
        taken: Cell::new(0),
    };
    let mut told = Vec::new();
    let done = reading.project(&Rc::new(file), &Variables::of(given.env, given.folder), 0, &mut told);
    *included = reading.included.into_inner();
    done.map(|()| told)
}

struct Reading<'g> {
    given: &'g Given<'g>,
    /// Others that were named so far.
    files: RefCell<BTreeMap<PathBuf, Rc<File>>>,
    included: RefCell<BTreeSet<PathBuf>>,
    /// Services of the project at hand that others extend, by their file and name.
    bases: RefCell<BTreeMap<(String, String), Service>>,
    taken: Cell<usize>,
}

impl Reading<'_> {
    fn project(
        &self,
        file: &Rc<File>,
        variables: &Variables<'_>,
        depth: usize,
        told: &mut Vec<Told>,
    ) -> Result<(), InventoryError> {
        self.bases.borrow_mut().clear();
        let services = file.services().map(|entry| self.service(file, entry, variables, 0));
        let services = services.collect::<Result<Vec<_>, _>>()?;
        let redirects = Redirects::of(&services);
        services.iter().try_for_each(|service| self.tell(service, &redirects, variables, told))?;
        file.includes().try_for_each(|include| self.include(file, include, variables, depth, told))
    }

    /// A service with what it takes over from those that it extends.
    fn service(
        &self,
        file: &Rc<File>,
        entry: &Entry,
        variables: &Variables<'_>,
        depth: usize,
    ) -> Result<Service, InventoryError> {
        let own = Service::own(file, entry, self.given.tenant_key, variables)?;
        let Some(extends) = get(&entry.node, "extends") else { return Ok(own) };
        let fail = |what: String| fail(&file.place(extends.line, &entry.key), what);
        let Some(name) = text(extends).or_else(|| get(extends, "service").and_then(text)) else { return Ok(own) };
        if depth >= DEPTH {
            return Err(fail("\"extends\" leads in a circle or too far, take it out".to_owned()));
        }
        let from = match get(extends, "file").and_then(text) {
            None => Rc::clone(file),
            Some(written) => {
                let path = file.folder.join(variables.fill(written).map_err(&fail)?.text);
                self.other(&path).map_err(|why| match why {
                    Unread::Error(error) => error,
                    Unread::File(why) => fail(format!("the file \"{}\" that it extends {why}", clipped(written))),
                })?
            }
        };
        let key = (from.name.clone(), name.to_owned());
        let known = self.bases.borrow().get(&key).cloned();
        let base = match (known, from.service(name)) {
            (Some(known), _) => known,
            (None, Some(base)) => self.service(&from, base, variables, depth + 1)?,
            (None, None) => {
                let what = format!("{} has no service \"{}\" to extend, correct its name", from.name, clipped(name));
                return Err(fail(what));
            }
        };
        self.taken.set(self.taken.get() + base.size());
        if self.taken.get() > TAKEN {
            return Err(fail("\"extends\" blows this file up beyond measure, write it out".to_owned()));
        }
        self.bases.borrow_mut().entry(key).or_insert_with(|| base.clone());
        Ok(own.over(base))
    }

    /// A file that another one names.
    fn other(&self, path: &Path) -> Result<Rc<File>, Unread> {
        if let Some(known) = self.files.borrow().get(path) {
            return Ok(Rc::clone(known));
        }
        let text = match beside::text_at(path) {
            Ok(Some(text)) => text,
            Ok(None) => return Err(Unread::File("is not there, correct its path".to_owned())),
            Err(why) => return Err(Unread::File(format!("cannot be read ({why}), correct its path or its rights"))),
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let file = File::parse(path.display().to_string(), folder.to_owned(), &text).map_err(Unread::Error)?;
        let file = Rc::new(file);
        self.files.borrow_mut().insert(path.to_owned(), Rc::clone(&file));
        Ok(file)
    }

    /// What a service's labels and variables name, and whose that is.
    fn tell(
        &self,
        service: &Service,
        redirects: &Redirects,
        variables: &Variables<'_>,
        told: &mut Vec<Told>,
    ) -> Result<(), InventoryError> {
        let enable = service.label("purgeproof.enable");
        if enable.map(|label| label.is_false(variables)).transpose()? == Some(true) {
            return Ok(());
        }
        let mut seen = Vec::new();
        routers::seen(service, redirects, variables, &mut seen)?;
        nginx_proxy::seen(service, variables, &mut seen)?;
        for labels in [&service.labels, &service.deploy_labels] {
            caddy::seen(labels, variables, &mut seen)?;
        }
        if seen.is_empty() {
            return Ok(());
        }
        let tenant = self.given.tenant_key.and_then(|key| service.label(key));
        let tenant = tenant.map(|label| match label.filled(variables)?.text.trim() {
            "" => Err(label.fail("is empty, write the tenant's id or take it out")),
            id => Ok(Arc::from(id)),
        });
        names::tell(service, &seen, tenant.transpose()?.as_ref(), variables, told)
    }

    /// A project within this one: with a folder and an `.env` of its own, over which this one's variables win.
    fn include(
        &self,
        file: &Rc<File>,
        include: &Node,
        variables: &Variables<'_>,
        depth: usize,
        told: &mut Vec<Told>,
    ) -> Result<(), InventoryError> {
        let source = file.object(include.line, "include");
        let filled = |text: &str| variables.fill(text).map(|filled| filled.text).map_err(|why| fail(&source, why));
        let paths = get(include, "path").map_or_else(|| texts(include), texts);
        let own = |key| get(include, key).map(texts).unwrap_or_default();
        for (written, _) in paths {
            let path = filled(written)?;
            if path.contains("://") || path.starts_with("oci:") || path.starts_with("git@") {
                told.push(Told::Unprobeable {
                    pattern: written.to_owned(),
                    source: Arc::clone(&source),
                    reason: "a project elsewhere, which is not fetched; give what \"docker compose config\" prints"
                        .into(),
                });
                continue;
            }
            let path = file.folder.join(&path);
            if depth >= DEPTH {
                return Err(fail(&source, "projects include one another too deep, flatten them".to_owned()));
            }
            let real = path.canonicalize().unwrap_or_else(|_| path.clone());
            if !self.included.borrow_mut().insert(real) {
                continue;
            }
            let inner = self.other(&path).map_err(|why| match why {
                Unread::Error(error) => error,
                Unread::File(why) => fail(&source, format!("the file \"{}\" {why}", clipped(written))),
            })?;
            let folder = own("project_directory").first().map(|(folder, _)| filled(folder)).transpose()?;
            let folder = folder.map_or_else(|| inner.folder.clone(), |folder| file.folder.join(folder));
            let env_files = own("env_file").into_iter().map(|(path, _)| Ok(file.folder.join(filled(path)?)));
            let mut env_files = env_files.collect::<Result<Vec<_>, InventoryError>>()?;
            if env_files.is_empty() {
                env_files.push(folder.join(".env"));
            }
            self.project(&inner, &variables.within(&env_files), depth + 1, told)?;
        }
        Ok(())
    }
}

/// Why another file could not be taken in.
enum Unread {
    /// Itself is wrong.
    Error(InventoryError),
    /// It cannot be had.
    File(String),
}

fn fail(source: &Arc<str>, what: String) -> InventoryError {
    InventoryError::Entry { at: Arc::clone(source), what }
}

/// A text of which no message is blown up.
fn clipped(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// A message without the middle of what is too long in it.
fn shortened(message: &str) -> Cow<'_, str> {
    const LONGEST: usize = 400;
    const HEAD: usize = 150;
    let length = message.chars().count();
    if length <= LONGEST {
        return message.into();
    }
    let head: String = message.chars().take(HEAD).collect();
    let tail: String = message.chars().skip(length - HEAD).collect();
    format!("{head}…{tail}").into()
}
