//! How kinds reach into a tree that others designed: unknown keys are passed by, and what is missing is nothing.

use super::name::name;
use super::{Given, Told};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Format, Node, Value};

pub(super) fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|entry| &*entry.key == key).map(|entry| &entry.node)
}

pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

pub(super) fn text_of<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    get(node, key).and_then(text)
}

pub(super) fn is_false(node: &Node, key: &str) -> bool {
    get(node, key).is_some_and(|node| node.value == Value::Bool(false))
}

/// Each item of a list.
pub(super) fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// Everything that a path leads to; `*` is each item of a list.
pub(super) fn all<'n>(node: &'n Node, path: &[&str]) -> Vec<&'n Node> {
    match path {
        [] => vec![node],
        ["*", rest @ ..] => items(Some(node)).iter().flat_map(|item| all(item, rest)).collect(),
        [key, rest @ ..] => get(node, key).into_iter().flat_map(|inner| all(inner, rest)).collect(),
    }
}

/// The JSON documents of a file, one behind the other, or in one list.
pub(super) fn documents(given: &Given<'_>) -> Result<Vec<Node>, InventoryError> {
    let text = given.text.strip_prefix('\u{feff}').unwrap_or(given.text);
    let documents = Format::Json.parse_all(text).map_err(|misread| given.misread(misread))?;
    if documents.is_empty() {
        return Err(given.fail(1, "is empty, write what the vendor's tool printed"));
    }
    let opened = documents.into_iter().flat_map(|node| match node.value {
        Value::List(items) => items,
        _ => vec![node],
    });
    Ok(opened.collect())
}

/// A name that stands in an object of somebody's tenant; what is no name is told, not asked.
pub(super) fn told(given: &Given<'_>, node: &Node, host: &str, object: &str, tenant: Option<&str>) -> Told {
    let source = given.object(node.line, object);
    let mut told = match name(host) {
        Ok(name) => name.told(source),
        Err(reason) => Told::Unprobeable { pattern: host.to_owned(), source, reason },
    };
    if let Told::Host(sighting) | Told::Wildcard(sighting) = &mut told {
        sighting.tenant = tenant.map(Into::into);
    }
    told
}

/// A name that is there and does not answer yet, or any more.
pub(super) fn waiting(given: &Given<'_>, node: &Node, host: &str, object: &str, why: &str) -> Told {
    let reason = format!("{why}, mend that there or leave it out with --skip 'tenant={host}'");
    Told::Unprobeable { pattern: host.to_owned(), source: given.object(node.line, object), reason }
}
