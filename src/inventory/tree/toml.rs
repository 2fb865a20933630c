use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Entry, Misread, Node, Value};

/// TOML as a tree, its keys in the file's order.
pub(super) fn parse(text: &str) -> Result<Node, Misread> {
    let lines = Lines::of(text);
    let table = DeTable::parse(text).map_err(|error| Misread {
        line: lines.at(error.span().map_or(0, |span| span.start)),
        what: format!("{}, mend the TOML here", error.message().replace('\n', ", ")),
    })?;
    Ok(Node { line: 1, value: lines.map(table.into_inner())? })
}

/// Byte offsets at which lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= offset) + 1).unwrap_or(u32::MAX)
    }

    fn map(&self, table: DeTable<'_>) -> Result<Value, Misread> {
        let mut entries: Vec<_> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entries = entries.into_iter().map(|(key, value)| {
            let line = self.at(key.span().start);
            Ok(Entry { key: key.into_inner().into(), line, node: self.node(value)? })
        });
        Ok(Value::Map(entries.collect::<Result<_, _>>()?))
    }

    fn node(&self, value: Spanned<DeValue<'_>>) -> Result<Node, Misread> {
        let line = self.at(value.span().start);
        let misread = |what: &str| Misread { line, what: what.to_owned() };
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Str(text.into()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map(Value::Int)
                .map_err(|_| misread("this number is too large, write a smaller one"))?,
            DeValue::Float(number) => Value::Float(number.as_str().parse().map_err(|_| misread("this is no number"))?),
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Datetime(_) => return Err(misread("a date has no meaning here, put it in quotes")),
            DeValue::Array(items) => {
                Value::List(items.into_iter().map(|item| self.node(item)).collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => self.map(table)?,
        };
        Ok(Node { line, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_line() {
        let misread = parse("a = 1\nb = \n").unwrap_err();
        assert_eq!(misread.line, 2, "{}", misread.what);
    }

    #[test]
    fn a_date_wants_quotes() {
        let misread = parse("a = 1\nb = 2026-01-01\n").unwrap_err();
        assert_eq!(misread, Misread { line: 2, what: "a date has no meaning here, put it in quotes".to_owned() });
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
    }
}
