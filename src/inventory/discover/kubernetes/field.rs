//! A value within an object, which knows its line and its path; it knows no kind.

use std::fmt::Display;
use std::rc::Rc;

use super::super::super::InventoryError;
use super::super::super::tree::{Node, Value};
use super::Given;

/// A value, and where it stands.
#[derive(Clone)]
pub(super) struct Field<'n> {
    pub(super) given: &'n Given<'n>,
    /// `Ingress "prod/web"`
    object: Rc<str>,
    /// `spec.rules[0].host`
    path: String,
    /// The key's own line, or an item's.
    pub(super) line: u32,
    pub(super) value: &'n Value,
}

impl<'n> Field<'n> {
    /// An object as a whole.
    pub(super) fn root(given: &'n Given<'n>, object: &str, node: &'n Node) -> Self {
        Self { given, object: object.into(), path: String::new(), line: node.line, value: &node.value }
    }

    /// The same, by the name of its object.
    pub(super) fn named(self, object: &str) -> Self {
        Self { object: object.into(), ..self }
    }

    /// The value of a key; one without a value is as one that is not there.
    pub(super) fn get(&self, key: &str) -> Result<Option<Self>, InventoryError> {
        let entries = match self.value {
            Value::Map(entries) => entries,
            Value::Null => return Ok(None),
            _ => return Err(self.not("a map")),
        };
        let entry = entries.iter().find(|entry| &*entry.key == key && entry.node.value != Value::Null);
        Ok(entry.map(|entry| self.inner(self.below(key), entry.line, &entry.node)))
    }

    /// The value at the end of several keys.
    pub(super) fn at(&self, keys: &[&str]) -> Result<Option<Self>, InventoryError> {
        let mut field = Some(self.clone());
        for key in keys {
            let Some(within) = field else { return Ok(None) };
            field = within.get(key)?;
        }
        Ok(field)
    }

    /// The items of the list at a key, none where there is none.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Self>, InventoryError> {
        let Some(field) = self.get(key)? else { return Ok(Vec::new()) };
        let Value::List(items) = field.value else { return Err(field.not("a list")) };
        let item = |(index, node): (usize, &'n Node)| field.inner(format!("{}[{index}]", field.path), node.line, node);
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// The texts of the list at a key, with their lines.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<(Self, &'n str)>, InventoryError> {
        let texts = self.list(key)?.into_iter().map(|item| item.text().map(|text| (item, text)));
        texts.collect()
    }

    pub(super) fn text(&self) -> Result<&'n str, InventoryError> {
        match self.value {
            Value::Str(text) => Ok(text),
            _ => Err(self.not("a string")),
        }
    }

    /// The text at a key.
    pub(super) fn word(&self, key: &str) -> Result<Option<&'n str>, InventoryError> {
        self.get(key)?.map(|field| field.text()).transpose()
    }

    /// The value at a key, where it is more than an empty text.
    pub(super) fn filled(&self, key: &str) -> Result<Option<Self>, InventoryError> {
        Ok(self.get(key)?.filter(|field| !matches!(field.value, Value::Str(text) if text.is_empty())))
    }

    /// `{file}:{line}: {object}: {path}: {what}`
    pub(super) fn fail(&self, what: impl Display) -> InventoryError {
        let (object, path) = (&self.object, &self.path);
        match &**path {
            "" => self.given.fail(self.line, format!("{object}: {what}")),
            _ => self.given.fail(self.line, format!("{object}: {path}: {what}")),
        }
    }

    fn not(&self, wanted: &str) -> InventoryError {
        let found = match self.value {
            Value::Null => "empty",
            Value::Bool(_) => "true or false",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Str(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        };
        self.fail(format_args!("this is {found}, write {wanted}"))
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn inner(&self, path: String, line: u32, node: &'n Node) -> Self {
        Self { given: self.given, object: Rc::clone(&self.object), path, line, value: &node.value }
    }
}
