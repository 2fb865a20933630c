//! Files of `NAME=value` lines: `.env` and what `env_file` names; what is broken in them is told once it is needed.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::beside::text_at;
use super::interpolate::fill;

/// Bytes of all values of one file together.
const LARGEST: usize = 8 * 1024 * 1024;

/// The variables of one file.
#[derive(Debug, Default)]
pub(super) struct Dotenv {
    values: BTreeMap<String, Result<String, String>>,
    /// Why what follows could not be read.
    broken: Option<String>,
}

impl Dotenv {
    /// What a file says, none where there is no file; `outer` wins over what the file itself says before.
    pub(super) fn read(path: &Path, outer: &dyn Fn(&str) -> Option<String>) -> Option<Rc<Self>> {
        let file = path.display();
        let read = match text_at(path) {
            Ok(None) => return None,
            Ok(Some(text)) => Self::parse(&file.to_string(), &text, outer),
            Err(why) => Self { broken: Some(format!("{file} cannot be read ({why}), correct it")), ..Self::default() },
        };
        Some(Rc::new(read))
    }

    /// The value of a variable, none where the file does not say, or what is wrong.
    pub(super) fn get(&self, name: &str) -> Result<Option<String>, String> {
        match (self.values.get(name), &self.broken) {
            (Some(value), _) => value.clone().map(Some),
            (None, Some(why)) => Err(why.clone()),
            (None, None) => Ok(None),
        }
    }

    fn parse(file: &str, text: &str, outer: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut read = Self::default();
        let mut lines = Lines { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 0 };
        let mut size = 0;
        while let Some(statement) = lines.next() {
            let line = lines.line;
            let broken = |what: &str| Some(format!("{file}:{line}: {what}"));
            let Some((name, said)) = assignment(statement) else {
                read.broken = broken("this is no NAME=value, correct it");
                break;
            };
            let Some(said) = said else {
                if let Some(value) = outer(name) {
                    read.values.insert(name.to_owned(), Ok(value));
                }
                continue;
            };
            let Some(value) = lines.value(said) else {
                read.broken = broken("this value lacks its closing quote, add it");
                break;
            };
            let value = match value {
                Value::Literal(text) => Ok(text),
                // As Compose has it, what is not set is nothing within these files.
                Value::Template(text) => fill(&text, &|name| {
                    let known = outer(name).map(Ok).or_else(|| read.values.get(name).cloned()).transpose()?;
                    Ok(Some(known.unwrap_or_default()))
                })
                .map(|filled| filled.text)
                .map_err(|why| format!("{file}:{line}: {why}")),
            };
            size += value.as_ref().map_or(0, String::len);
            if size > LARGEST {
                read.broken = broken("the values grow beyond measure, shorten them");
                break;
            }
            read.values.insert(name.to_owned(), value);
        }
        read
    }
}

/// A value before its variables are filled in.
enum Value {
    /// In single quotes.
    Literal(String),
    Template(String),
}

struct Lines<'t> {
    rest: &'t str,
    line: u32,
}

impl<'t> Lines<'t> {
    /// The next line that says something.
    fn next(&mut self) -> Option<&'t str> {
        loop {
            let line = self.line()?.trim();
            if !line.is_empty() && !line.starts_with('#') {
                return Some(line);
            }
        }
    }

    fn line(&mut self) -> Option<&'t str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        (self.rest, self.line) = (rest, self.line.saturating_add(1));
        Some(line)
    }

    /// What stands behind the sign, over as many lines as its quotes span.
    fn value(&mut self, said: &str) -> Option<Value> {
        let Some(quote) = said.chars().next().filter(|c| ['"', '\''].contains(c)) else {
            let said = if said.starts_with('#') { "" } else { said };
            return Some(Value::Template(said.split(" #").next().unwrap_or_default().trim_end().to_owned()));
        };
        let mut text = String::new();
        let mut escaped = false;
        let mut part = &said[1..];
        loop {
            for c in part.chars() {
                match c {
                    _ if escaped => {
                        unescaped(&mut text, c, quote);
                        escaped = false;
                    }
                    '\\' => escaped = true,
                    _ if c == quote && quote == '"' => return Some(Value::Template(text)),
                    _ if c == quote => return Some(Value::Literal(text)),
                    _ => text.push(c),
                }
            }
            if escaped {
                text.push('\\');
                escaped = false;
            }
            text.push('\n');
            part = self.line()?;
        }
    }
}

/// What a backslash and a character mean between these quotes.
fn unescaped(text: &mut String, c: char, quote: char) {
    match c {
        _ if c == quote => text.push(c),
        'n' if quote == '"' => text.push('\n'),
        'r' if quote == '"' => text.push('\r'),
        't' if quote == '"' => text.push('\t'),
        '\\' if quote == '"' => text.push('\\'),
        '$' if quote == '"' => text.push_str("$$"),
        _ => text.extend(['\\', c]),
    }
}

/// The name and what stands behind its sign: none behind a bare name, which is taken from the environment.
fn assignment(statement: &str) -> Option<(&str, Option<&str>)> {
    let exported = statement.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
    let statement = exported.unwrap_or(statement).trim_start();
    let end = statement.find(['=', ':']);
    let (name, said) =
        end.map_or((statement, None), |end| (&statement[..end], Some(statement[end + 1..].trim_start())));
    let name = name.trim_end();
    let fits = |c: char| c.is_alphanumeric() || ['_', '.', '-', '[', ']'].contains(&c);
    (!name.is_empty() && name.chars().all(fits)).then_some((name, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outer(name: &str) -> Option<String> {
        (name == "OUTER").then(|| "outer.example".to_owned())
    }

    fn value(text: &str) -> Result<Option<String>, String> {
        Dotenv::parse(".env", text, &outer).get("A")
    }

    #[test]
    fn values_are_read_as_compose_documents_them() {
        for (text, expected) in [
            ("A=b", "b"),
            ("A = b", "b"),
            ("export A=b\r\n", "b"),
            ("A: b", "b"),
            ("A=b # why", "b"),
            ("A=b# no comment", "b# no comment"),
            ("A=# why", ""),
            ("A=\"b # c\" # why", "b # c"),
            ("A='b $OUTER'", "b $OUTER"),
            ("A='Let\\'s go!'", "Let's go!"),
            ("A=\"{\\\"b\\\": \\\"c\\\"}\"", "{\"b\": \"c\"}"),
            ("A=\"b\\tc\"", "b\tc"),
            ("A='b\\tc'", "b\\tc"),
            ("A=b\\tc", "b\\tc"),
            ("A=$OUTER", "outer.example"),
            ("A=\"www.${OUTER}\"", "www.outer.example"),
            ("A=${NONE:-c.example}", "c.example"),
            ("A=x$NONE", "x"),
            ("B=b.example\nA=a.$B", "a.b.example"),
            ("A=\\$OUTER", "\\outer.example"),
            ("A=\"\\$OUTER\"", "$OUTER"),
            ("# first\n\nA=\"two\nlines\"\nB=1", "two\nlines"),
            ("A=1\nA=2", "2"),
            ("\u{feff}A=b", "b"),
        ] {
            assert_eq!(value(text), Ok(Some(expected.to_owned())), "{text}");
        }
        assert_eq!(value("B=1"), Ok(None));
        assert_eq!(value("A"), Ok(None));
        assert_eq!(Dotenv::parse(".env", "OUTER\n", &outer).get("OUTER"), Ok(Some("outer.example".to_owned())));
    }

    #[test]
    fn what_is_broken_is_told_with_its_line_and_without_its_value() {
        for (text, message) in [
            ("B=1\ns3cret!\nA=1", ".env:2: this is no NAME=value, correct it"),
            ("B=1\n\nC='s3cret\nA=1", ".env:3: this value lacks its closing quote, add it"),
            ("B=1\nA=${B/s3cret}", ".env:2: \"${\" begins no variable, write \"${NAME}\", or \"$$\" for a dollar sign"),
        ] {
            assert_eq!(value(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_stands_before_the_broken_line_holds() {
        assert_eq!(value("A=1\n!\n"), Ok(Some("1".to_owned())));
    }

    #[test]
    fn values_do_not_double_beyond_measure() {
        use std::fmt::Write as _;
        let mut text = "V0=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n".to_owned();
        for level in 1..1_000 {
            let _ = writeln!(text, "V{level}=$V{0}$V{0}", level - 1);
        }
        let read = Dotenv::parse(".env", &text, &outer);
        assert!(read.get("V999").unwrap_err().contains("grows beyond"));
    }
}
