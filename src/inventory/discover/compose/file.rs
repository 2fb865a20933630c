//! One Compose file as it is written: its services and what they extend or include; it fills in nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::{clipped, shortened};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Entry, Format, Misread, Node, Value, tagged_yaml};

/// A file and where it stands.
pub(super) struct File {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    /// Of all its documents, in their order.
    services: Vec<Entry>,
    index: BTreeMap<Rc<str>, usize>,
    includes: Vec<Node>,
}

impl File {
    /// YAML with Compose's own tags, or JSON as `docker compose config` prints it.
    pub(super) fn parse(name: String, folder: PathBuf, text: &str) -> Result<Self, InventoryError> {
        let fail = |Misread { line, what }| InventoryError::Entry {
            at: format!("{name}:{line}").into(),
            what: shortened(&what).into_owned(),
        };
        let ends_so = Path::new(&name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let begins_so = || text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace()).starts_with('{');
        let json = if ends_so || begins_so() { Some(Format::Json.parse_all(text)) } else { None };
        let documents = match json {
            Some(Ok(documents)) => documents,
            Some(Err(misread)) if ends_so => return Err(fail(misread)),
            _ => tagged_yaml(text).map_err(fail)?,
        };
        let mut file = Self { name, folder, services: Vec::new(), index: BTreeMap::new(), includes: Vec::new() };
        documents.into_iter().try_for_each(|document| file.take(document))?;
        file.index = (0..).zip(&file.services).map(|(at, entry)| (Rc::clone(&entry.key), at)).collect();
        Ok(file)
    }

    fn take(&mut self, document: Node) -> Result<(), InventoryError> {
        let entries = match document.value {
            Value::Map(entries) => entries,
            Value::List(_) | Value::Null => return Ok(()),
            _ => {
                let at = format!("{}:{}", self.name, document.line).into();
                return Err(InventoryError::Entry {
                    at,
                    what: "this is no Compose file, write \"services:\"".to_owned(),
                });
            }
        };
        for Entry { key, node, .. } in entries {
            match (&*key, node.value) {
                ("services", Value::Map(services)) => self.services.extend(services),
                ("include", Value::List(includes)) => self.includes.extend(includes),
                _ => {}
            }
        }
        Ok(())
    }

    /// In the file's order; none where it is no Compose file at all.
    pub(super) fn services(&self) -> impl Iterator<Item = &Entry> {
        self.services.iter()
    }

    pub(super) fn service(&self, name: &str) -> Option<&Entry> {
        self.services.get(*self.index.get(name)?)
    }

    /// The projects that this one takes in.
    pub(super) fn includes(&self) -> impl Iterator<Item = &Node> {
        self.includes.iter()
    }

    /// `compose.yaml:12: service "web"`
    pub(super) fn object(&self, line: u32, object: &str) -> Arc<str> {
        format!("{}:{line}: {object}", self.name).into()
    }

    /// `compose.yaml:12: service "web"`
    pub(super) fn place(&self, line: u32, service: &str) -> Arc<str> {
        self.object(line, &format!("service \"{}\"", clipped(service)))
    }
}

pub(super) fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    entries(node).iter().find(|entry| &*entry.key == key).map(|entry| &entry.node)
}

pub(super) fn entries(node: &Node) -> &[Entry] {
    if let Value::Map(entries) = &node.value { entries } else { &[] }
}

pub(super) fn items(node: &Node) -> &[Node] {
    if let Value::List(items) = &node.value { items } else { &[] }
}

pub(super) fn text(node: &Node) -> Option<&str> {
    if let Value::Str(text) = &node.value { Some(text) } else { None }
}

/// One text or a list of them, each with its line.
pub(super) fn texts(node: &Node) -> Vec<(&str, u32)> {
    let one = std::slice::from_ref(node);
    let all = if matches!(node.value, Value::List(_)) { items(node) } else { one };
    all.iter().filter_map(|node| Some((text(node)?, node.line))).collect()
}
