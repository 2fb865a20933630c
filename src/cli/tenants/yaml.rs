//! Plain values as YAML that people would write; it knows no file's keys.

use std::fmt::Write as _;

use serde_json::Value;

use crate::report::unspoken;

/// `key: value`, so many spaces in.
pub(super) fn entry(key: &str, value: &Value, indent: usize) -> String {
    let (key, space) = (text(key), " ".repeat(indent));
    match value {
        Value::Object(table) if !table.is_empty() => {
            let inner: String = table.iter().map(|(key, value)| entry(key, value, indent + 2)).collect();
            format!("{space}{key}:\n{inner}")
        }
        value => format!("{space}{key}: {}\n", flow(value)),
    }
}

/// A table as an item of a list, so many spaces in.
pub(super) fn item(table: &[(&str, Value)], indent: usize) -> String {
    let lines: String = table.iter().map(|(key, value)| entry(key, value, indent + 2)).collect();
    let space = " ".repeat(indent);
    format!("{space}- {}", lines.trim_start())
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(word) => text(word),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(table) => {
            let entries: Vec<_> = table.iter().map(|(key, value)| format!("{}: {}", text(key), flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        value => value.to_string(),
    }
}

/// Bare where it can be nothing else than this text, in quotes otherwise (YAML 1.2.2 section 7.3).
fn text(word: &str) -> String {
    let is_word = |word: &str| {
        let mut bytes = word.bytes();
        bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'/')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
    };
    let has_meaning =
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&&*word.to_ascii_lowercase());
    if is_word(word) && !has_meaning {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for char in word.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            // Beyond what a reader must take as it is (section 5.1).
            char if char.is_control() || matches!(char, '\u{feff}' | '\u{2028}' | '\u{2029}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    // What terminals and CI servers obey is escaped in JSON's way, which is YAML's too.
    unspoken(&quoted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_is_written_as_people_would() {
        let table = [
            ("id", json!("no")),
            ("aliases", json!(["b.example", "*.c"])),
            ("expect", json!({ "paths": { "/a b": { "status": 200 } } })),
        ];
        let text = "  - id: \"no\"\n    aliases: [b.example, \"*.c\"]\n    expect:\n      paths:\n        \"/a b\":\n          status: 200\n";
        assert_eq!(item(&table, 2), text);
    }

    #[test]
    fn a_word_that_means_something_else_is_quoted() {
        for (word, written) in [
            ("a.example", "a.example"),
            ("/a.js", "/a.js"),
            ("", "\"\""),
            ("Null", "\"Null\""),
            ("1", "\"1\""),
            ("a: b", "\"a: b\""),
            ("a\n\"\\", "\"a\\u000a\\\"\\\\\""),
        ] {
            assert_eq!(text(word), written);
        }
    }
}
