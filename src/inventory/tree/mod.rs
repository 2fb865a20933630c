//! One neutral document tree with line numbers, whatever the file's syntax; it knows no key and decides nothing.

mod interpolate;
mod json;
mod toml;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

pub use interpolate::from_environment;
pub(super) use interpolate::{Needed, interpolate};

/// How a name in the environment is looked up.
pub type Env<'e> = dyn Fn(&str) -> Option<String> + 'e;

/// A value and the line it stands on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// 1 is the first.
    pub(super) line: u32,
    pub(super) value: Value,
}

/// What every syntax can say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Box<str>),
    List(Vec<Node>),
    /// In the file's order.
    Map(Vec<Entry>),
}

/// One key of a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Shared by all maps that have it: files are long and their keys are few.
    pub(super) key: Rc<str>,
    /// The key's own line.
    pub(super) line: u32,
    pub(super) node: Node,
}

/// What a file's text cannot mean, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread {
    pub(super) line: u32,
    pub(super) what: String,
}

/// The syntax of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Toml,
    Yaml,
    Json,
}

impl Format {
    /// By the file's ending.
    pub(super) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The text as a tree.
    pub(super) fn parse(self, text: &str) -> Result<Node, Misread> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self {
            Self::Toml => toml::parse(text),
            Self::Yaml => yaml::parse(text),
            Self::Json => json::parse(text),
        }
    }
}

impl Format {
    /// Each document of a stream, empty ones too: YAML with `---` between, or JSON values one after the other.
    pub(super) fn parse_all(self, text: &str) -> Result<Vec<Node>, Misread> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match self {
            Self::Toml => toml::parse(text).map(|node| vec![node]),
            Self::Yaml => yaml::parse_all(text),
            Self::Json => json::parse_all(text),
        }
    }
}

/// Each document of YAML with an application's own tags: `!reset` empties what it stands at, others are passed over.
pub(super) fn tagged_yaml(text: &str) -> Result<Vec<Node>, Misread> {
    yaml::parse_tagged(text.strip_prefix('\u{feff}').unwrap_or(text))
}

impl Misread {
    fn duplicate(key: &str, line: u32, first: u32) -> Self {
        Self { line, what: format!("the key \"{key}\" stands twice, it is already on line {first}, keep one of them") }
    }
}

/// The first key that stands twice.
fn duplicate(entries: &[Entry]) -> Option<Misread> {
    let mut seen = BTreeMap::new();
    entries.iter().find_map(|entry| {
        seen.insert(&*entry.key, entry.line).map(|first| Misread::duplicate(&entry.key, entry.line, first))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A tree without its lines, as a terse line of text.
    fn shape(node: &Node) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => format!("{value:?}"),
            Value::Str(value) => format!("'{value}'"),
            Value::List(items) => format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(" ")),
            Value::Map(entries) => {
                let shown: Vec<_> =
                    entries.iter().map(|entry| format!("{}={}", entry.key, shape(&entry.node))).collect();
                format!("{{{}}}", shown.join(" "))
            }
        }
    }

    #[test]
    fn the_three_syntaxes_say_the_same() {
        let toml = "z = \"b\"\nlist = [1, 2.5, true]\n[map]\nk = \"v\"\n";
        let yaml = "z: b\nlist: [1, 2.5, true]\nmap:\n  k: v\n";
        let json = "{\"z\":\"b\",\n\"list\":[1,2.5,true],\n\"map\":{\n\"k\":\"v\"}}";
        for (format, text) in [(Format::Toml, toml), (Format::Yaml, yaml), (Format::Json, json)] {
            assert_eq!(shape(&format.parse(text).unwrap()), "{z='b' list=[1 2.5 true] map={k='v'}}", "{format:?}");
        }
    }

    #[test]
    fn every_key_knows_its_line() {
        let toml = "a = 1\n\n# why\n[b]\nc = [\n  \"x\",\n  \"y\",\n]\n";
        let yaml = "a: 1\n\n# why\nb:\n  c:\n    - x\n    - y\n";
        let json = "{\"a\": 1,\n\n\n\"b\": {\n\"c\": [\n\"x\",\n\"y\"]}}";
        for (format, text, lines) in [
            (Format::Toml, toml, [1, 4, 5, 6, 7]),
            (Format::Yaml, yaml, [1, 4, 5, 6, 7]),
            (Format::Json, json, [1, 4, 5, 6, 7]),
        ] {
            let Value::Map(top) = format.parse(text).unwrap().value else { panic!("no map") };
            let Value::Map(inner) = &top[1].node.value else { panic!("no map") };
            let Value::List(items) = &inner[0].node.value else { panic!("no list") };
            assert_eq!([top[0].line, top[1].line, inner[0].line, items[0].line, items[1].line], lines, "{format:?}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error_with_its_line() {
        for (format, text) in [(Format::Yaml, "a: 1\nb: 2\na: 3\n"), (Format::Json, "{\"a\": 1,\n\"b\": 2,\n\"a\": 3}")]
        {
            let misread = format.parse(text).unwrap_err();
            assert_eq!(misread.line, 3, "{format:?}");
            assert!(misread.what.contains("\"a\" stands twice, it is already on line 1"), "{}", misread.what);
        }
        assert_eq!(Format::Toml.parse("a = 1\nb = 2\na = 3\n").unwrap_err().line, 3);
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        for (format, text) in
            [(Format::Toml, "\u{feff}a=1"), (Format::Yaml, "\u{feff}a: 1"), (Format::Json, "\u{feff}{\"a\":1}")]
        {
            assert_eq!(shape(&format.parse(text).unwrap()), "{a=1}", "{format:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in "[\\PC\n\t]{0,200}") {
            for format in [Format::Toml, Format::Yaml, Format::Json] {
                let _ = format.parse(&text);
            }
        }

        #[test]
        fn no_almost_right_text_makes_a_parser_panic(text in "([\\[\\]{}:,&*a\"'<#=!|>-]|\n| |  ){0,80}") {
            for format in [Format::Toml, Format::Yaml, Format::Json] {
                let _ = format.parse(&text);
            }
        }
    }
}
