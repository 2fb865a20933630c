//! A strict typed view of the tree: every key is known or an error, every value has its type; it knows no meaning.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use super::InventoryError;
use super::document::Document;
use super::error::near_miss;
use super::tree::{Entry, Node, Value};
use crate::model::parse_duration;

/// A value, and where it stands.
#[derive(Clone)]
pub(super) struct Item<'d> {
    doc: &'d Document,
    place: Rc<str>,
    key: &'d str,
    pub(super) line: u32,
    node: &'d Node,
}

impl<'d> Item<'d> {
    /// The whole document.
    pub(super) fn root(doc: &'d Document) -> Self {
        Self { doc, place: "".into(), key: "", line: doc.root().line, node: doc.root() }
    }

    /// The same value, said to stand elsewhere: `region "apac"`.
    pub(super) fn placed(mut self, place: String) -> Self {
        self.place = place.into();
        self
    }

    /// `{file}:{line}: {place}: {what}`
    pub(super) fn fail(&self, what: impl Display) -> InventoryError {
        fail(self.doc, self.line, &self.place, what)
    }

    /// As [`Self::fail`], about this key's value.
    pub(super) fn wrong(&self, what: impl Display) -> InventoryError {
        self.fail(format_args!("\"{}\": {what}", self.key))
    }

    fn not(&self, wanted: impl Display) -> InventoryError {
        let found = match &self.node.value {
            Value::Null => "empty",
            Value::Bool(_) => "true or false",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Str(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a table",
        };
        match self.key {
            "" => self.fail(format_args!("this is {found}, write {wanted}")),
            key => self.fail(format_args!("\"{key}\" is {found}, write {wanted}")),
        }
    }

    /// The string, or what the file holds that `{ file = "…" }` names.
    pub(super) fn text(&self) -> Result<Cow<'d, str>, InventoryError> {
        match &self.node.value {
            Value::Str(text) => Ok(Cow::Borrowed(text)),
            Value::Map(entries) => match entries.as_slice() {
                [Entry { key, node: Node { value: Value::Str(path), .. }, .. }] if &**key == "file" => {
                    self.secret_file(path).map(Cow::Owned)
                }
                _ => Err(self.not("a string or { file = \"…\" }")),
            },
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => Err(self.not("a string: put it in quotes")),
            Value::Null | Value::List(_) => Err(self.not("a string")),
        }
    }

    /// The string, which is masked wherever it came from.
    pub(super) fn secret(&self) -> Result<Cow<'d, str>, InventoryError> {
        let text = self.text()?;
        self.doc.keep(&text);
        Ok(text)
    }

    fn secret_file(&self, path: &str) -> Result<String, InventoryError> {
        let bytes = self.doc.beside(path).map_err(|error| self.unread(path, error))?;
        let text = String::from_utf8(bytes).map_err(|_| self.unread(path, "it is no text"))?;
        let text = text.trim();
        if text.is_empty() {
            return Err(self.wrong(format_args!("the file \"{path}\" is empty, write what it stands for into it")));
        }
        self.doc.keep(text);
        Ok(text.to_owned())
    }

    /// What must not be printed, though it stands in the file.
    pub(super) fn keep_secret(&self, secret: &str) {
        self.doc.keep(secret);
    }

    fn unread(&self, path: &str, why: impl Display) -> InventoryError {
        self.wrong(format_args!("the file \"{path}\" cannot be read ({why}), correct its path or its rights"))
    }

    /// What the file holds whose path this is.
    pub(super) fn bytes_beside(&self) -> Result<Vec<u8>, InventoryError> {
        let path = self.text()?;
        self.doc.beside(&path).map_err(|error| self.unread(&path, error))
    }

    /// Where the file is whose path this is.
    pub(super) fn path_beside(&self) -> Result<std::path::PathBuf, InventoryError> {
        Ok(self.doc.path_beside(&self.text()?))
    }

    pub(super) fn flag(&self) -> Result<bool, InventoryError> {
        match self.node.value {
            Value::Bool(value) => Ok(value),
            _ => Err(self.not("true or false")),
        }
    }

    /// A whole number within a range.
    pub(super) fn whole<N: TryFrom<i64>>(&self, range: RangeInclusive<i64>) -> Result<N, InventoryError> {
        let wanted = || match *range.end() {
            i64::MAX => format!("a whole number from {} on", range.start()),
            end => format!("a whole number from {} to {end}", range.start()),
        };
        match self.node.value {
            Value::Int(number) => match N::try_from(number) {
                Ok(fitting) if range.contains(&number) => Ok(fitting),
                _ => Err(self.wrong(format_args!("{number} does not do, write {}", wanted()))),
            },
            _ => Err(self.not(wanted())),
        }
    }

    /// A duration longer than nothing.
    pub(super) fn duration(&self) -> Result<Duration, InventoryError> {
        if let Value::Int(number) = self.node.value {
            return Err(self.wrong(format_args!("{number} has no unit, write \"{number}s\"")));
        }
        let duration = parse_duration(&self.text()?).map_err(|error| self.wrong(error))?;
        if duration.is_zero() { Err(self.wrong("nothing ends in no time, write \"5s\"")) } else { Ok(duration) }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Result<T, InventoryError> {
        let text = self.text()?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(*value);
        }
        Err(self.unknown(&text, words.iter().map(|(word, _)| *word)))
    }

    /// `"provider": unknown "cloudfrnt", did you mean "cloudfront"?`
    pub(super) fn unknown<'k>(&self, word: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> InventoryError {
        self.wrong(format_args!("unknown \"{word}\", {}", super::error::suggestion(word, known)))
    }

    pub(super) const fn is_text(&self) -> bool {
        matches!(self.node.value, Value::Str(_))
    }

    /// Each item of a list.
    pub(super) fn list(&self) -> Result<impl ExactSizeIterator<Item = Self> + use<'d>, InventoryError> {
        let Value::List(items) = &self.node.value else { return Err(self.not("a list")) };
        let (doc, place, key) = (self.doc, Rc::clone(&self.place), self.key);
        Ok(items.iter().map(move |node| Item { doc, place: Rc::clone(&place), key, line: node.line, node }))
    }

    /// Each key of a table whose keys are the user's own.
    pub(super) fn entries(&self) -> Result<impl ExactSizeIterator<Item = (&'d str, Self)> + use<'d>, InventoryError> {
        let Value::Map(entries) = &self.node.value else { return Err(self.not("a table")) };
        let (doc, place) = (self.doc, Rc::clone(&self.place));
        Ok(entries.iter().map(move |entry| (&*entry.key, item(doc, &place, entry))))
    }

    /// A table of which every key is known.
    pub(super) fn fields(&self, known: &[&str]) -> Result<Fields<'d>, InventoryError> {
        let Value::Map(entries) = &self.node.value else { return Err(self.not("a table")) };
        if let Some(entry) = entries.iter().find(|entry| !known.contains(&&*entry.key)) {
            let key = &entry.key;
            let mend = match near_miss(key, known.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("known here: {}", known.join(", ")),
            };
            return Err(fail(self.doc, entry.line, &self.place, format_args!("unknown key \"{key}\", {mend}")));
        }
        Ok(Fields { doc: self.doc, place: Rc::clone(&self.place), line: self.line, entries })
    }

    /// What a key of this table says, where it is a plain string: names a place before the table is read.
    pub(super) fn peek(&self, key: &str) -> Option<&'d str> {
        let Value::Map(entries) = &self.node.value else { return None };
        entries.iter().find(|entry| &*entry.key == key).and_then(|entry| match &entry.node.value {
            Value::Str(text) => Some(&**text),
            _ => None,
        })
    }

    /// The version that a file is written for.
    pub(super) fn schema(&self) -> Result<(), InventoryError> {
        match self.node.value {
            Value::Int(1) => Ok(()),
            _ => Err(self.wrong("this version reads schema 1 alone, write 1")),
        }
    }

    /// `tenants.yaml:12`
    pub(super) fn source(&self) -> std::sync::Arc<str> {
        self.doc.source(self.line)
    }

    /// Values of the document whose braces are theirs.
    pub(super) fn literal(&self) -> Vec<String> {
        self.doc.literal()
    }
}

/// A table of which every key is known.
pub(super) struct Fields<'d> {
    doc: &'d Document,
    place: Rc<str>,
    line: u32,
    entries: &'d [Entry],
}

impl<'d> Fields<'d> {
    /// The same table, said to stand elsewhere: `region "apac", edge "nrt"`.
    pub(super) fn placed(mut self, place: String) -> Self {
        self.place = place.into();
        self
    }

    /// The value of a key, where it is given.
    pub(super) fn get(&self, key: &str) -> Option<Item<'d>> {
        let entry = self.entries.iter().find(|entry| &*entry.key == key)?;
        Some(item(self.doc, &self.place, entry))
    }

    /// The value of a key that must be given.
    pub(super) fn need(&self, key: &str, example: &str) -> Result<Item<'d>, InventoryError> {
        self.get(key).ok_or_else(|| self.fail(format_args!("needs \"{key}\", write {example}")))
    }

    /// The value of a key, read, where it is given.
    pub(super) fn read<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Item<'d>) -> Result<T, InventoryError>,
    ) -> Result<Option<T>, InventoryError> {
        self.get(key).map(|item| read(&item)).transpose()
    }

    /// `{file}:{line}: {place}: {what}`
    pub(super) fn fail(&self, what: impl Display) -> InventoryError {
        fail(self.doc, self.line, &self.place, what)
    }

    /// The file must be written for this version.
    pub(super) fn schema(&self) -> Result<(), InventoryError> {
        self.need("schema", "schema = 1 (schema: 1 in YAML)")?.schema()
    }
}

fn item<'d>(doc: &'d Document, place: &Rc<str>, entry: &'d Entry) -> Item<'d> {
    Item { doc, place: Rc::clone(place), key: &entry.key, line: entry.line, node: &entry.node }
}

fn fail(doc: &Document, line: u32, place: &str, what: impl Display) -> InventoryError {
    match place {
        "" => doc.fail(line, what),
        _ => doc.fail(line, format_args!("{place}: {what}")),
    }
}
