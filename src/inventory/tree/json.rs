use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Entry, Misread, Node, Value, duplicate};

/// JSON (RFC 8259) as a tree.
pub(super) fn parse(text: &str) -> Result<Node, Misread> {
    let line = Cell::new(1);
    let mut json = serde_json::Deserializer::from_reader(Counted { rest: text.as_bytes(), line: &line, broke: false });
    let read = Tree(&line).deserialize(&mut json).and_then(|node| json.end().map(|()| node));
    let node = read.map_err(|error| misread(&error))?;
    unique(&node)?;
    Ok(node)
}

/// JSON values one after the other, with or without blanks between.
pub(super) fn parse_all(text: &str) -> Result<Vec<Node>, Misread> {
    let (line, mut nodes) = (Cell::new(1), Vec::new());
    let mut json = serde_json::Deserializer::from_reader(Counted { rest: text.as_bytes(), line: &line, broke: false });
    while json.end().is_err() {
        let node = Tree(&line).deserialize(&mut json).map_err(|error| misread(&error))?;
        unique(&node)?;
        nodes.push(node);
    }
    Ok(nodes)
}

fn misread(error: &serde_json::Error) -> Misread {
    let shown = error.to_string();
    let what = shown.split(" at line ").next().unwrap_or_default();
    let mend = if error.is_data() { "" } else { ", mend the JSON here" };
    Misread { line: u32::try_from(error.line().max(1)).unwrap_or(u32::MAX), what: format!("{what}{mend}") }
}

/// No key stands twice, at any depth.
fn unique(node: &Node) -> Result<(), Misread> {
    match &node.value {
        Value::List(items) => items.iter().try_for_each(unique),
        Value::Map(entries) => match duplicate(entries) {
            Some(twice) => Err(twice),
            None => entries.iter().try_for_each(|entry| unique(&entry.node)),
        },
        _ => Ok(()),
    }
}

/// Gives out one byte at a time and counts the lines before the last one given: the reader looks one byte ahead behind
/// a number, and a line break seen that way does not move the number to the next line.
struct Counted<'t> {
    rest: &'t [u8],
    line: &'t Cell<u32>,
    broke: bool,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some((first, rest)), Some(slot)) = (self.rest.split_first(), buffer.first_mut()) else { return Ok(0) };
        if self.broke {
            self.line.set(self.line.get().saturating_add(1));
        }
        (*slot, self.rest, self.broke) = (*first, rest, *first == b'\n');
        Ok(1)
    }
}

#[derive(Clone, Copy)]
struct Tree<'l>(&'l Cell<u32>);

impl Tree<'_> {
    #[expect(clippy::unnecessary_wraps, reason = "what a visitor returns")]
    fn leaf<E>(self, value: Value) -> Result<Node, E> {
        Ok(Node { line: self.0.get(), value })
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        self.leaf(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        self.leaf(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        self.leaf(Value::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        let number = i64::try_from(value).map_err(|_| E::custom("this number is too large, write a smaller one"))?;
        self.leaf(Value::Int(number))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        self.leaf(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        self.leaf(Value::Str(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let (line, mut items) = (self.0.get(), Vec::new());
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Node { line, value: Value::List(items) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let (line, mut entries) = (self.0.get(), Vec::<Entry>::new());
        while let Some(key) = map.next_key::<Box<str>>()?.map(Rc::from) {
            let line = self.0.get();
            entries.push(Entry { key, line, node: map.next_value_seed(self)? });
        }
        Ok(Node { line, value: Value::Map(entries) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_line() {
        let misread = parse("{\"a\": 1,\n\"b\": }").unwrap_err();
        assert_eq!(misread, Misread { line: 2, what: "expected value, mend the JSON here".to_owned() });
    }

    #[test]
    fn a_number_before_a_line_break_stays_on_its_line() {
        let node = parse("[1\n,2\n]").unwrap();
        let Value::List(items) = node.value else { panic!("no list") };
        assert_eq!((items[0].line, items[1].line), (1, 2));
    }

    #[test]
    fn nothing_may_follow_the_document() {
        assert_eq!(parse("{}\nx").unwrap_err().line, 2);
    }

    #[test]
    fn a_stream_is_each_value_with_its_lines() {
        let nodes = parse_all("{\"a\": 1}\n{\"b\":\n2}{} \n").unwrap();
        let lines: Vec<_> = nodes.iter().map(|node| node.line).collect();
        assert_eq!(lines, [1, 2, 3]);
        assert_eq!(parse_all(" \n").unwrap(), []);
        assert_eq!(parse_all("{}\n{\"a\" 1}").unwrap_err().line, 2);
        assert_eq!(parse_all("{}\n{\"a\":1,\n\"a\":1}").unwrap_err().line, 3);
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
