use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::{Entry, Misread, Node, Value, duplicate};

/// Nodes that aliases may copy, whatever the size of the file; a bomb of a few lines ends here.
const COPIES: usize = 100_000;
/// Nodes that aliases may copy for each node that was written.
const COPIES_PER_NODE: usize = 16;
/// Keys that are kept to be shared.
const KEYS: usize = 1_000;
/// Levels of nesting, aliases included.
const DEPTH: usize = 100;
/// Bytes of a text that weigh as much as a node when an alias copies them.
const BYTES_PER_NODE: usize = 64;

/// YAML (one document, core schema, with anchors and merge keys) as a tree.
pub(super) fn parse(text: &str) -> Result<Node, Misread> {
    let roots = documents(text, Builder { most: 1, ..Builder::default() })?;
    Ok(roots.into_iter().next().unwrap_or(Node { line: 1, value: Value::Null }))
}

/// Each document of a stream; what aliases may copy is counted over all of them.
pub(super) fn parse_all(text: &str) -> Result<Vec<Node>, Misread> {
    documents(text, Builder { most: usize::MAX, ..Builder::default() })
}

/// The same where tags may be an application's own: `!reset` empties what it stands at, others are passed over.
pub(super) fn parse_tagged(text: &str) -> Result<Vec<Node>, Misread> {
    documents(text, Builder { most: usize::MAX, own_tags: true, ..Builder::default() })
}

fn documents(text: &str, mut builder: Builder) -> Result<Vec<Node>, Misread> {
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Misread {
            line: line_number(error.marker().line()),
            what: format!("{}, mend the YAML here", error.info()),
        })?;
        builder.event(event, line_number(span.start.line()))?;
    }
    Ok(builder.roots)
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line.max(1)).unwrap_or(u32::MAX)
}

#[derive(Default)]
struct Builder {
    roots: Vec<Node>,
    /// Documents that there may be.
    most: usize,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    keys: BTreeSet<Rc<str>>,
    documents: usize,
    written: usize,
    copied: usize,
    /// Whether tags beyond the core schema are an application's own.
    own_tags: bool,
}

/// A list or map whose end has not come.
struct Open {
    line: u32,
    anchor: usize,
    /// Tagged `!reset`.
    emptied: bool,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<Key>, merged: Vec<Entry> },
}

/// A key whose value has not come.
enum Key {
    Name(Rc<str>, u32),
    /// `<<`
    Merge,
}

/// What an application's own tag does to the value behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    /// `!reset`
    Empties,
    /// The value stays as it is.
    Says,
}

struct Anchored {
    node: Node,
    size: usize,
    depth: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, line: u32) -> Result<(), Misread> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                // An anchor ends with its document, so nothing of it need be kept.
                self.anchors.clear();
                if self.documents > self.most {
                    return Err(misread(line, "a second document begins here, keep one for each file"));
                }
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let own = self.own(tag.as_deref());
                let tag = tag.filter(|_| own.is_none());
                let plain = style == ScalarStyle::Plain && tag.is_none();
                if self.wants_key() && anchor == 0 {
                    let merge = plain && text == "<<";
                    let key = if merge { Key::Merge } else { Key::Name(self.shared(&text), line) };
                    self.key(key);
                    return Ok(());
                }
                let value = match own {
                    Some(Own::Empties) => Value::Null,
                    _ => scalar(&text, plain, tag.as_deref(), line)?,
                };
                self.close(Node { line, value }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => self.begin(line, anchor, tag.as_deref(), Content::List(Vec::new())),
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Map { entries: Vec::new(), key: None, merged: Vec::new() };
                self.begin(line, anchor, tag.as_deref(), content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, line),
            _ => Ok(()),
        }
    }

    fn own(&self, tag: Option<&Tag>) -> Option<Own> {
        let tag = tag.filter(|tag| self.own_tags && tag.core_suffix().is_none() && tag.original() != "!")?;
        Some(if tag.original() == "!reset" { Own::Empties } else { Own::Says })
    }

    fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }))
    }

    fn shared(&mut self, key: &str) -> Rc<str> {
        if let Some(known) = self.keys.get(key) {
            return Rc::clone(known);
        }
        let key: Rc<str> = key.into();
        if self.keys.len() < KEYS {
            self.keys.insert(Rc::clone(&key));
        }
        key
    }

    fn key(&mut self, name: Key) {
        if let Some(Open { content: Content::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(name);
        }
    }

    fn begin(&mut self, line: u32, anchor: usize, tag: Option<&Tag>, content: Content) -> Result<(), Misread> {
        if self.wants_key() {
            return Err(misread(line, "a list or map stands where a key belongs, write a plain word"));
        }
        if self.open.len() >= DEPTH {
            return Err(too_deep(line));
        }
        let own = self.own(tag);
        match tag.map(Tag::core_suffix) {
            None | Some(Some("seq" | "map")) => {}
            Some(_) if own.is_some() => {}
            Some(_) => return Err(misread(line, "this tag has no meaning here, leave it out")),
        }
        self.open.push(Open { line, anchor, emptied: own == Some(Own::Empties), content });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Misread> {
        let Some(Open { line, anchor, emptied, content }) = self.open.pop() else { return Ok(()) };
        let value = match content {
            _ if emptied => Value::Null,
            Content::List(items) => Value::List(items),
            Content::Map { mut entries, merged, .. } => {
                if let Some(twice) = duplicate(&entries) {
                    return Err(twice);
                }
                if !merged.is_empty() {
                    let mut seen: BTreeSet<Rc<str>> = entries.iter().map(|entry| Rc::clone(&entry.key)).collect();
                    entries.extend(merged.into_iter().filter(|entry| seen.insert(Rc::clone(&entry.key))));
                }
                entries.shrink_to_fit();
                Value::Map(entries)
            }
        };
        self.close(Node { line, value }, anchor)
    }

    fn alias(&mut self, anchor: usize, line: u32) -> Result<(), Misread> {
        let Some(target) = self.anchors.get(&anchor) else {
            return Err(misread(line, "this alias stands inside what it names, write it out"));
        };
        if self.open.len() + target.depth > DEPTH {
            return Err(too_deep(line));
        }
        self.copied = self.copied.saturating_add(target.size);
        if self.copied > COPIES + COPIES_PER_NODE * self.written {
            return Err(misread(line, "aliases blow this file up beyond measure, write it out"));
        }
        let node = Node { line, value: target.node.value.clone() };
        self.add(node)
    }

    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Misread> {
        self.written += 1;
        if anchor != 0 {
            let (size, depth) = measure(&node);
            self.anchors.insert(anchor, Anchored { node: node.clone(), size, depth });
        }
        self.add(node)
    }

    fn add(&mut self, node: Node) -> Result<(), Misread> {
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.roots.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key, merged }) => match key.take() {
                Some(Key::Name(name, line)) => entries.push(Entry { key: name, line, node }),
                Some(Key::Merge) => merge(merged, node)?,
                None => match node.value {
                    Value::Str(name) => *key = Some(Key::Name(name.into(), node.line)),
                    _ => return Err(misread(node.line, "this is no key, write a plain word")),
                },
            },
        }
        Ok(())
    }
}

/// What `<<` brings: a map, or maps of which the earlier win.
fn merge(merged: &mut Vec<Entry>, node: Node) -> Result<(), Misread> {
    match node.value {
        Value::Map(entries) => {
            merged.extend(entries);
            Ok(())
        }
        Value::List(maps) if maps.iter().all(|map| matches!(map.value, Value::Map(_))) => {
            maps.into_iter().try_for_each(|map| merge(merged, map))
        }
        _ => Err(misread(node.line, "\"<<\" takes in a map or a list of maps, write an alias of one")),
    }
}

fn measure(node: &Node) -> (usize, usize) {
    let within = |parts: &mut dyn Iterator<Item = &Node>| {
        parts.map(measure).fold((1, 1), |(size, depth), (inner, below)| (size + inner, depth.max(below + 1)))
    };
    match &node.value {
        Value::List(items) => within(&mut items.iter()),
        Value::Map(entries) => within(&mut entries.iter().map(|entry| &entry.node)),
        Value::Str(text) => (1 + text.len() / BYTES_PER_NODE, 1),
        _ => (1, 1),
    }
}

/// YAML 1.2.2 section 10.3: so `no` is a word, and `0o17` a number.
fn scalar(text: &str, plain: bool, tag: Option<&Tag>, line: u32) -> Result<Value, Misread> {
    match tag.map(|tag| (tag.core_suffix(), tag.original())) {
        None if plain => Ok(resolved(text)),
        None | Some((Some("str"), _)) => Ok(Value::Str(text.into())),
        Some((None, tag)) if tag == "!" => Ok(Value::Str(text.into())),
        Some((Some("int" | "float" | "bool" | "null"), _)) => Ok(resolved(text)),
        Some((_, tag)) => Err(misread(line, &format!("the tag {tag} has no meaning here, leave it out"))),
    }
}

fn resolved(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let radix = |prefix, radix| text.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, radix).ok());
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| text.parse().ok()) {
        return Value::Int(number);
    }
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match text.parse() {
        Ok(number) if numeric => Value::Float(number),
        _ => Value::Str(text.into()),
    }
}

fn misread(line: u32, what: &str) -> Misread {
    Misread { line, what: what.to_owned() }
}

fn too_deep(line: u32) -> Misread {
    misread(line, "this is nested too deep, flatten it")
}

#[cfg(test)]
mod tests;
