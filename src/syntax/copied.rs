//! Fields as browsers copy them, without a status line. It never reads a request's.

use http::{HeaderMap, Version};

use super::heads::{field, is_name, name_and_value};
use crate::model::Head;

/// The heads in a text that has no status line.
pub(super) fn parse(text: &[u8]) -> Vec<Head> {
    let heads = fields(text);
    if heads.iter().any(|head| !head.fields.is_empty()) {
        return heads;
    }
    let without_colons = pairs(text);
    if without_colons.is_empty() { heads } else { without_colons }
}

/// One of these must be among fields without a status line: other text has lines with colons, too.
const RESPONSE_FIELDS: [&str; 12] = [
    "age",
    "cache-control",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "location",
    "server",
    "via",
    "x-cache",
];

/// Browsers copy a block of fields without a status line: `name: value`, or name and value on lines of their own.
fn fields(text: &[u8]) -> Vec<Head> {
    let mut heads = Vec::new();
    let mut block = Block::default();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.is_empty() {
            let next = Block { status: block.status.filter(|_| block.fields.is_empty()), ..Block::default() };
            let done = std::mem::replace(&mut block, next);
            if block.status.is_none() {
                heads.extend(done.close());
            }
        } else {
            block.line(line);
        }
    }
    heads.extend(block.close());
    heads
}

/// As above, from a browser that writes no colon: name and value take turns, a line each.
fn pairs(text: &[u8]) -> Vec<Head> {
    let is_blank = |line: &&[u8]| line.trim_ascii().is_empty();
    let lines: Vec<_> = text.split(|byte| *byte == b'\n').collect();
    let blocks = lines.split(is_blank).map(|block| {
        let mut fields = Block::default();
        let mut lines = block.iter().map(|line| line.trim_ascii());
        while let Some(name) = lines.next() {
            // Headings and what else stands between are no names.
            if is_name(name.strip_prefix(b":").unwrap_or(name))
                && let Some(value) = lines.next()
            {
                fields.add(name, value);
            }
        }
        fields.close()
    });
    blocks.flatten().collect()
}

#[derive(Default)]
struct Block {
    status: Option<u16>,
    fields: HeaderMap,
    /// A name whose value may stand on the next line.
    name: Option<Vec<u8>>,
}

impl Block {
    fn line(&mut self, line: &[u8]) {
        if let Some(rest) = line.strip_prefix(b"Status Code:") {
            self.status = rest.trim_ascii().get(..3).and_then(|code| str::from_utf8(code).ok()?.parse().ok());
            return;
        }
        if let Some(rest) = line.strip_prefix(b":status") {
            let code = rest.trim_ascii_start().strip_prefix(b":").unwrap_or(rest).trim_ascii();
            self.status = str::from_utf8(code).ok().and_then(|code| code.parse().ok());
            self.name = if code.is_empty() { Some(b":status".to_vec()) } else { None };
            return;
        }
        match (self.name.take(), name_and_value(line)) {
            (Some(name), other) if !is_field(other) => self.add(&name, line),
            (waiting, Some((name, value))) => {
                if let Some(waiting) = waiting {
                    self.add(&waiting, b"");
                }
                if value.is_empty() {
                    self.name = Some(name.to_vec());
                } else {
                    self.add(name, value);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, name: &[u8], value: &[u8]) {
        if name == b":status" {
            self.status = str::from_utf8(value).ok().and_then(|code| code.parse().ok());
        } else {
            field(&mut self.fields, name, value);
        }
    }

    fn close(mut self) -> Option<Head> {
        if let Some(name) = self.name.take() {
            self.add(&name, b"");
        }
        let is_response = self.status.is_some() || RESPONSE_FIELDS.iter().any(|name| self.fields.contains_key(*name));
        let status = self.status.unwrap_or(200);
        is_response.then_some(Head { version: Version::HTTP_11, status, fields: self.fields })
    }
}

/// A URL has a colon as well, and is a value.
fn is_field(line: Option<(&[u8], &[u8])>) -> bool {
    line.is_some_and(|(_, value)| !value.starts_with(b"//"))
}

#[cfg(test)]
mod tests {
    use super::super::heads::parse;

    fn statuses(text: &str) -> Vec<u16> {
        parse(text.as_bytes()).iter().map(|head| head.status).collect()
    }

    #[test]
    fn fields_copied_from_a_browser_need_no_status_line() {
        for text in [
            "cache-control: max-age=60\nage: 5\nlocation: https://a.example/\nserver: x",
            "cache-control:\nmax-age=60\nage:\n5\nlocation:\nhttps://a.example/\nserver:\nx\n",
            "Response Headers\r\ncache-control\r\nmax-age=60\r\nage\r\n5\r\nlocation\r\nhttps://a.example/\r\nserver\r\nx\r\n",
        ] {
            let heads = parse(text.as_bytes());
            assert_eq!(heads.len(), 1, "{text}");
            assert_eq!((heads[0].status, heads[0].fields.len()), (200, 4), "{text}");
            assert_eq!(heads[0].first("location").as_deref(), Some("https://a.example/"));
        }
        assert_eq!(statuses(":status: 404\nage: 5"), [404]);
        assert_eq!(statuses(":status\n404\nage: 5"), [404]);
        assert_eq!(statuses(":status\n404\nage\n5\n\nage\n6"), [404, 200]);
        assert_eq!(
            statuses("Status Code: 404 Not Found\n\nage: 5\n\nage: 6"),
            [404, 200],
            "what stands above the fields"
        );
        assert_eq!(statuses("age: 5\n\nage: 6\n"), [200, 200]);
    }
}
