//! Response heads out of text: as curl, `HTTPie`, wget and browsers print them. It never reads a body or a request.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Version};

use super::{copied, har};
use crate::model::Head;

/// All response heads in a text or a HAR file, in their order.
///
/// Read: heads with a status line, after each other or between bodies; curl's `-v` (`< `) and wget's indented ones;
/// and, where no status line stands anywhere, blocks of fields as a browser copies them, which count as 200 unless a
/// `:status` says otherwise. Interim answers (1xx) and a proxy's answer to CONNECT are not the server's and are left
/// out. A line that is no field is skipped.
pub fn parse(text: &[u8]) -> Vec<Head> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.trim_ascii_start().first() == Some(&b'{')
        && let Some(heads) = har::parse(text)
    {
        return heads;
    }
    let text = without_colours(text);
    let with_status = from_status_lines(&text);
    if with_status.found_any {
        return with_status.heads;
    }
    copied::parse(&text)
}

/// The version that stands behind `HTTP/`; a browser's `1.x` counts as 1.1.
pub(super) fn version(number: &str) -> Option<Version> {
    Some(match number {
        "0.9" => Version::HTTP_09,
        "1.0" => Version::HTTP_10,
        "1.1" | "1.x" | "1" => Version::HTTP_11,
        "2" | "2.0" => Version::HTTP_2,
        "3" | "3.0" => Version::HTTP_3,
        _ => return None,
    })
}

/// Adds a line, unless its name is no field name. Bytes that no field value may hold become `?`.
pub(super) fn field(fields: &mut HeaderMap, name: &[u8], value: &[u8]) {
    let Ok(name) = HeaderName::from_bytes(name.trim_ascii()) else { return };
    let value = value.trim_ascii();
    let value = HeaderValue::from_bytes(value).or_else(|_| {
        let clean: Vec<u8> =
            value.iter().map(|byte| if byte.is_ascii_control() && *byte != b'\t' { b'?' } else { *byte }).collect();
        HeaderValue::from_bytes(&clean)
    });
    if let Ok(value) = value {
        // A map that is full keeps what it has.
        let _ = fields.try_append(name, value);
    }
}

struct Found {
    heads: Vec<Head>,
    found_any: bool,
}

fn from_status_lines(text: &[u8]) -> Found {
    let mut found = Found { heads: Vec::new(), found_any: false };
    let mut open: Option<Open> = None;
    for line in text.split(|byte| *byte == b'\n') {
        let Some(line) = unprefixed(line.strip_suffix(b"\r").unwrap_or(line)) else { continue };
        if let Some(next) = Open::at(line) {
            found.found_any = true;
            found.heads.extend(open.replace(next).and_then(Open::close));
        } else if let Some(head) = &mut open {
            if line.trim_ascii().is_empty() {
                found.heads.extend(open.take().and_then(Open::close));
            } else {
                head.line(line);
            }
        }
    }
    found.heads.extend(open.and_then(Open::close));
    found
}

/// curl's `-v` marks what it received with `<`; what it sent and what it says itself is none of ours.
fn unprefixed(line: &[u8]) -> Option<&[u8]> {
    match line {
        [b'<'] => Some(b""),
        [b'<', b' ', rest @ ..] => Some(rest),
        [b'*' | b'>'] | [b'*' | b'>' | b'{' | b'}', b' ', ..] => None,
        _ => Some(line),
    }
}

/// A head whose end has not been seen yet.
struct Open {
    head: Head,
    /// wget indents whole heads, so that much white space is no fold.
    indent: usize,
    /// Folded lines are put together before they become a value.
    pending: Option<(Vec<u8>, Vec<u8>)>,
    is_answer: bool,
}

impl Open {
    /// Begins where a status line stands.
    fn at(line: &[u8]) -> Option<Self> {
        let trimmed = line.trim_ascii_start();
        let rest = trimmed.get(..5).filter(|start| start.eq_ignore_ascii_case(b"HTTP/")).map(|_| &trimmed[5..])?;
        let rest = str::from_utf8(rest).map_or_else(|_| String::from_utf8_lossy(rest), Cow::Borrowed);
        let (number, rest) = rest.split_once([' ', '\t'])?;
        let version = version(number)?;
        let rest = rest.trim_start();
        let digits = rest.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
        let status: u16 = digits.parse().ok()?;
        let reason = &rest[3..];
        if !(reason.is_empty() || reason.starts_with([' ', '\t'])) {
            return None;
        }
        let is_tunnel = status == 200 && reason.trim().eq_ignore_ascii_case("connection established");
        let is_interim = (100..200).contains(&status) && status != 101;
        Some(Self {
            head: Head { version, status, fields: HeaderMap::new() },
            indent: line.len() - trimmed.len(),
            pending: None,
            is_answer: !is_tunnel && !is_interim,
        })
    }

    fn line(&mut self, line: &[u8]) {
        let white = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if white > self.indent {
            if let Some((_, value)) = &mut self.pending {
                // RFC 9112 section 5.2: a fold is as good as a space.
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
            return;
        }
        self.settle();
        if let Some((name, value)) = name_and_value(&line[white..]) {
            self.pending = Some((name.to_vec(), value.to_vec()));
        }
    }

    fn settle(&mut self) {
        if let Some((name, value)) = self.pending.take() {
            field(&mut self.head.fields, &name, &value);
        }
    }

    fn close(mut self) -> Option<Head> {
        self.settle();
        self.is_answer.then_some(self.head)
    }
}

/// Splits at the colon; none where what stands before it is no field name.
pub(super) fn name_and_value(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = line[..colon].trim_ascii_end();
    is_name(name).then(|| (name, line[colon + 1..].trim_ascii()))
}

pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Without the escape sequences by which curl and `HTTPie` colour a terminal.
fn without_colours(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&0x1b) {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == 0x1b && after.first() == Some(&b'[') {
            let length = after[1..].iter().position(|byte| matches!(byte, 0x40..=0x7e)).map_or(after.len(), |n| n + 2);
            rest = &after[length..];
        } else {
            plain.push(byte);
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn statuses(text: &str) -> Vec<u16> {
        parse(text.as_bytes()).iter().map(|head| head.status).collect()
    }

    #[test]
    fn a_head_ends_at_a_blank_line_or_at_the_next_status_line() {
        let text = "HTTP/1.1 301 Moved\r\nLocation: /a\r\n\r\nHTTP/2 200 \r\nage: 5\r\nHTTP/3 404\nx: y\n\nage: 7\n";
        let heads = parse(text.as_bytes());
        assert_eq!(statuses(text), [301, 200, 404]);
        assert_eq!(
            heads.iter().map(|head| head.version).collect::<Vec<_>>(),
            [Version::HTTP_11, Version::HTTP_2, Version::HTTP_3]
        );
        assert_eq!(heads[1].first("age").as_deref(), Some("5"));
        assert!(!heads[2].has("age"), "what stands after the blank line is body");
    }

    #[test]
    fn status_lines_come_in_many_spellings() {
        for (line, status) in [
            ("HTTP/2 200", 200),
            ("HTTP/1.x 304 Not Modified", 304),
            ("http/1.0 200 ok", 200),
            ("HTTP/1.1 307 CostManagementRedirect", 307),
            ("HTTP/1.1  200", 200),
            ("HTTP/1.1 999 Request denied", 999),
        ] {
            assert_eq!(statuses(line), [status], "{line}");
        }
        for line in ["HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/7 200", "HTTP/1.1", "GET / HTTP/1.1", "HTTP/1.1 OK"] {
            assert!(statuses(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn of_a_verbose_trace_only_what_was_received_is_read() {
        let text = "*   Trying 192.0.2.7:443...\n> HEAD / HTTP/2\n> Host: a.example\n> age: 1\n>\n* Request sent\n\
                    < HTTP/2 200 \n< age: 96\n< server: x\n< \n{ [5 bytes data]\n* Connection left intact\n";
        let heads = parse(text.as_bytes());
        assert_eq!(heads.len(), 1);
        assert_eq!(heads[0].fields.len(), 2);
        assert_eq!(heads[0].first("age").as_deref(), Some("96"));
    }

    #[test]
    fn a_request_head_is_no_response() {
        let text = "GET / HTTP/1.1\nHost: a.example\nAge: 3\n\nHTTP/1.1 200 OK\nAge: 4\n\n{\"age\": 5}\n";
        let heads = parse(text.as_bytes());
        assert_eq!(heads.len(), 1);
        assert_eq!(heads[0].first("age").as_deref(), Some("4"));
    }

    #[test]
    fn interim_answers_and_tunnels_are_not_the_servers_answer() {
        let text = "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/2 103\nlink: x\n\nHTTP/2 204\n";
        assert_eq!(statuses(text), [204]);
        assert!(statuses("HTTP/1.1 100 Continue\nAge: 5\n\nage: 5\n").is_empty());
    }

    #[test]
    fn folded_lines_are_one_value_and_indented_heads_are_not_folded() {
        let folded = parse(b"HTTP/1.1 200 OK\r\nVia: 1.1 a,\r\n  1.1 b\r\nAge: 1\r\n\r\n");
        assert_eq!(folded[0].first("via").as_deref(), Some("1.1 a, 1.1 b"));
        let indented = parse(b"  HTTP/1.1 200 OK\n  Age: 1\n  Via: 1.1 a\nLength: 5 [text/html]\n");
        assert_eq!(indented[0].first("age").as_deref(), Some("1"));
        assert_eq!(indented[0].first("via").as_deref(), Some("1.1 a"));
    }

    #[test]
    fn repeated_lines_keep_their_order() {
        let heads = parse(b"HTTP/2 200\nvia: 1.1 a\nX-Cache: MISS\nVia: 1.1 b\nx-cache: HIT\n");
        assert_eq!(heads[0].joined("via").as_deref(), Some("1.1 a, 1.1 b"));
        assert_eq!(heads[0].joined("x-cache").as_deref(), Some("MISS, HIT"));
    }

    #[test]
    fn text_that_is_no_head_is_none() {
        for text in ["", "\n\n", "hello: world", "curl: (6) Could not resolve host: a.example", "{\"a\": 1}", "<html>"]
        {
            assert!(parse(text.as_bytes()).is_empty(), "{text}");
        }
    }

    #[test]
    fn odd_bytes_in_a_value_are_kept_or_replaced() {
        let heads = parse(b"HTTP/1.1 200 OK\nServer: caf\xe9\x01x\nbad name: 1\n: 2\nAge: 1\n");
        assert_eq!(heads[0].fields.get("server").map(HeaderValue::as_bytes), Some(&b"caf\xe9?x"[..]));
        assert_eq!(heads[0].fields.len(), 2);
    }

    #[test]
    fn colours_are_taken_off() {
        let heads = parse(b"\x1b[32mHTTP/2 200\x1b[0m\n\x1b[1mage\x1b[0m: 5\n\x1b[");
        assert_eq!(heads[0].first("age").as_deref(), Some("5"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_left(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&text);
        }

        #[test]
        fn header_like_soup_is_read_or_left(
            lines in proptest::collection::vec("(HTTP/[0-9x.]{1,3} [0-9]{2,4}|< |> |\\* |\t| |[a-z:-]{0,9}:[ -~]{0,9}|:status|\\PC{0,8})\r?", 0..30)
        ) {
            let _ = parse(lines.join("\n").as_bytes());
        }
    }
}
