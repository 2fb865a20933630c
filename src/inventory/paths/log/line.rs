//! One line of an access log: `%h %l %u %t "%r" %>s %b`, with `%v` or `%v:%p` before it or without, and whatever behind.

use std::borrow::Cow;
use std::sync::Arc;

use crate::inventory::paths::asked;
use crate::inventory::wire::check_name;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A GET or HEAD that was answered with 2xx or 3xx.
    Taken {
        /// The virtual host, without its port: behind a proxy that is an inner one.
        host: Option<Arc<str>>,
        /// With its query.
        path: Arc<str>,
    },
    /// Any other.
    Passed,
}

/// Nothing where the line is in another format.
pub(super) fn request(line: &[u8]) -> Option<Request> {
    let (before, rest) = split(line, b" [")?;
    let (_, rest) = split(rest, b"] \"")?;
    let end = closing_quote(rest)?;
    let mut fields = rest[end + 1..].strip_prefix(b" ")?.split(|byte| *byte == b' ');
    let status = fields.next().filter(|status| status.len() == 3 && status.iter().all(u8::is_ascii_digit))?;
    let size = fields.next()?;
    if size != b"-" && (size.is_empty() || !size.iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let Before { host } = read_before(before)?;
    if !matches!(status[0], b'2' | b'3') {
        return Some(Request::Passed);
    }
    let line = unescaped(&rest[..end]);
    let (method, line) = split(&line, b" ")?;
    let (target, version) = line.iter().rposition(|byte| *byte == b' ').map(|at| (&line[..at], &line[at + 1..]))?;
    if !version.starts_with(b"HTTP/") {
        return None;
    }
    if method != b"GET" && method != b"HEAD" {
        return Some(Request::Passed);
    }
    if target.starts_with(b"/") {
        return Some(Request::Taken { host, path: asked::target(target).ok()? });
    }
    // RFC 9112 section 3.2.2: its host stands before any other.
    let (host, path) = asked::url(std::str::from_utf8(target).ok()?).ok()?;
    Some(Request::Taken { host: Some(host), path })
}

/// What stands before the time.
struct Before {
    /// Before the client, where one stands there: the client's own name follows, then `-` for its identity.
    host: Option<Arc<str>>,
}

fn read_before(before: &[u8]) -> Option<Before> {
    let words: Vec<&[u8]> = before.split(|byte| *byte == b' ').collect();
    match words.as_slice() {
        [_, _, _] | [_, b"-", _, ..] => Some(Before { host: None }),
        [host, _, b"-", _, ..] | [host, _, _, _] => {
            let host = std::str::from_utf8(host).ok()?;
            let name =
                host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
            let is_name = check_name(name).is_ok() && name.contains(|c: char| c.is_ascii_alphanumeric());
            is_name.then(|| Before { host: Some(name.to_ascii_lowercase().into()) })
        }
        _ => None,
    }
}

fn split<'l>(line: &'l [u8], at: &[u8]) -> Option<(&'l [u8], &'l [u8])> {
    let found = line.windows(at.len()).position(|window| window == at)?;
    Some((&line[..found], &line[found + at.len()..]))
}

/// The quote that no backslash stands before.
fn closing_quote(line: &[u8]) -> Option<usize> {
    let mut is_escaped = false;
    line.iter().position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    })
}

/// As the client sent it: Apache and nginx write `\x22`, Apache `\"`, `\\` and letters for blanks as well.
fn unescaped(line: &[u8]) -> Cow<'_, [u8]> {
    if !line.contains(&b'\\') {
        return Cow::Borrowed(line);
    }
    let (mut out, mut rest) = (Vec::with_capacity(line.len()), line);
    while let Some((first, behind)) = rest.split_first() {
        let (byte, length) = match (first, behind) {
            (b'\\', [b'x', high, low, ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 4),
                _ => (b'\\', 1),
            },
            (b'\\', [letter, ..]) => match letter {
                b'"' | b'\\' => (*letter, 2),
                b'b' => (0x08, 2),
                b'n' => (b'\n', 2),
                b'r' => (b'\r', 2),
                b't' => (b'\t', 2),
                b'v' => (0x0b, 2),
                _ => (b'\\', 1),
            },
            _ => (*first, 1),
        };
        out.push(byte);
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
