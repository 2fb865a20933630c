//! Edges that misbehave over HTTP/1.1.

use super::content::{self, FIELDS};
use super::row::{Act, Due, FRESH, Row, bodiless, judged, silent};
use super::say::Say::{self, Bytes, Cut, Drip, End, Endless, Reset, Silence};

pub(super) fn rows() -> Vec<Row> {
    [connections(), heads(), odd_heads(), statuses(), lengths(), codings()].into_iter().flatten().collect()
}

fn row(name: &str, script: fn() -> Vec<Say>, due: Due) -> Row {
    Row::new(format!("http1-{name}"), Act::Http1(Box::new(move |_| script())), due)
}

/// A whole answer, as the origin's with these fields more.
pub(super) fn answer(status: &str, more: &str, body: &[u8]) -> Vec<u8> {
    plain(status, &format!("{FIELDS}{more}"), body)
}

/// A whole answer with these fields.
pub(super) fn plain(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{fields}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn with(more: &str) -> Vec<Say> {
    vec![Bytes(answer("200 OK", more, content::body().as_bytes()))]
}

fn status(status: &str, more: &str) -> Vec<Say> {
    vec![Bytes(answer(status, more, b"no\n"))]
}

fn coded(coding: &str, body: &[u8]) -> Vec<Say> {
    vec![Bytes(answer("200 OK", &format!("content-encoding: {coding}\r\n"), body))]
}

/// A head up to its last field.
fn open(more: &str) -> Say {
    Bytes(format!("HTTP/1.1 200 OK\r\n{FIELDS}{more}").into_bytes())
}

/// A whole head, and the first half of the body.
fn half() -> Say {
    let whole = with("");
    let Some(Bytes(mut bytes)) = whole.into_iter().next() else { return Silence };
    bytes.truncate(bytes.len() - 2_450);
    Bytes(bytes)
}

fn chunked(chunks: &str) -> Vec<Say> {
    vec![open("transfer-encoding: chunked\r\n\r\n"), Bytes(chunks.as_bytes().to_vec())]
}

fn connections() -> Vec<Row> {
    const SILENT: Due = silent("timeout", "no answer within 6 s");
    const RESET: Due = silent("protocol", "connection reset before an answer");
    const CLOSED: Due = silent("protocol", "connection closed before an answer");
    vec![
        row("reset-after-the-request", || vec![Reset], RESET),
        row("closed-after-the-request", || vec![End], CLOSED),
        row("cut-after-the-request", || vec![Cut], CLOSED),
        row("silent-after-the-request", || vec![Silence], SILENT),
        row("reset-mid-head", || vec![open(""), Reset], RESET),
        row("closed-mid-head", || vec![open(""), End], CLOSED),
        row("silent-mid-head", || vec![open(""), Silence], SILENT),
        row("reset-mid-body", || vec![half(), Reset], bodiless("truncated after")),
        row("closed-mid-body", || vec![half(), End], bodiless("truncated after")),
        row("cut-mid-body", || vec![half(), Cut], bodiless("truncated after")),
        row("silent-mid-body", || vec![half(), Silence], bodiless("not complete within 6 s")),
        row("head-a-byte-a-second", || vec![Drip(answer("200 OK", "", b""))], SILENT),
        row("body-a-byte-a-second", || vec![half(), Drip(vec![b'x'; 100])], bodiless("not complete within 6 s")),
    ]
}

fn heads() -> Vec<Row> {
    const LARGE: Due = silent("protocol", "the response head is too large, or has too many fields");
    const RUBBISH: Due = silent("protocol", "not HTTP: invalid HTTP");
    vec![
        row("endless-head", || vec![open(""), Endless(b"x-more: and more\r\n".repeat(500))], LARGE),
        row("endless-field", || vec![open("x-long: "), Endless(vec![b'x'; 8192])], LARGE),
        row("100000-fields", || vec![open(&"x-many: 1\r\n".repeat(100_000)), Bytes(b"\r\n".to_vec()), End], LARGE),
        row(
            "field-of-10-mib",
            || vec![open("x-long: "), Bytes(vec![b'x'; 10 << 20]), Bytes(b"\r\n\r\n".to_vec()), End],
            LARGE,
        ),
        row("control-character-in-a-name", || with("x-\x01: 1\r\n"), RUBBISH),
        row("non-ascii-in-a-name", || with("x-\u{e9}: 1\r\n"), RUBBISH),
        row("no-name", || with(": 1\r\n"), RUBBISH),
        row("no-colon", || with("well\r\n"), RUBBISH),
        row("nul-in-a-value", || with("x-nul: a\0b\r\n"), RUBBISH),
        row("nul-alone", || vec![Endless(vec![0; 8192])], RUBBISH),
        row("no-status-line", || vec![Bytes(FIELDS.as_bytes().to_vec()), Bytes(b"\r\nhello".to_vec()), End], RUBBISH),
        row("http-0.9", || vec![Bytes(b"<html>hello</html>\r\n".to_vec()), End], RUBBISH),
        row("http-9.9", || vec![Bytes(b"HTTP/9.9 200 OK\r\n\r\n".to_vec()), End], RUBBISH),
        row("status-of-two-digits", || status("20 OK", ""), RUBBISH),
        row(
            "two-content-lengths",
            || with("content-length: 5\r\n"),
            silent("protocol", "not HTTP: invalid content-length"),
        ),
        row(
            "negative-content-length",
            || vec![open("content-length: -1\r\n\r\n"), End],
            silent("protocol", "not HTTP: invalid content-length"),
        ),
        row(
            "endless-1xx",
            || vec![Endless(b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n".to_vec())],
            silent("timeout", "no answer within 6 s"),
        ),
    ]
}

/// Odd, yet what is meant is plain.
fn odd_heads() -> Vec<Row> {
    vec![
        // RFC 9112 section 5.2: a user agent takes a folded line for one.
        row("obs-fold", || with("x-folded: one\r\n two\r\n"), FRESH),
        // RFC 9110 section 5.5: opaque.
        row("non-ascii-in-a-value", || with("x-name: \u{e9}\u{1f980}\r\n"), FRESH),
        // RFC 9112 section 2.2.
        row(
            "bare-lf",
            || {
                vec![Bytes(
                    String::from_utf8(answer("200 OK", "", content::body().as_bytes()))
                        .unwrap()
                        .replace("\r\n", "\n")
                        .into_bytes(),
                )]
            },
            FRESH,
        ),
        row("no-reason-phrase", || vec![Bytes(answer("200 ", "", content::body().as_bytes()))], FRESH),
        row(
            "a-thousand-1xx",
            || {
                [vec![Bytes(b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000))], with("")]
                    .into_iter()
                    .flatten()
                    .collect()
            },
            FRESH,
        ),
        row("clock-ten-years-slow", || with("date: Wed, 01 Jan 2014 00:00:00 GMT\r\n"), FRESH),
        row("clock-ten-years-fast", || with("date: Mon, 01 Jan 2046 00:00:00 GMT\r\n"), FRESH),
        row("no-date-at-all", || with("date: yesterday, about noon\r\n"), FRESH),
        // RFC 9111 section 1.2.2: more than could be counted is no age.
        row("age-of-2^63", || with("age: 9223372036854775808\r\n"), FRESH),
        row("negative-age", || with("age: -1\r\n"), FRESH),
    ]
}

fn statuses() -> Vec<Row> {
    const OTHER: Due = judged("divergent", "content-differs", "");
    const ERROR: Due = judged("failing", "edge-error", "");
    vec![
        row("421", || status("421 Misdirected Request", ""), judged("failing", "host-not-served", "421")),
        row(
            "429-for-an-age-of-the-world",
            || status("429 Too Many Requests", "retry-after: 99999999999999999999\r\n"),
            judged("failing", "rate-limited", "429"),
        ),
        row(
            "429-until-the-year-9999",
            || status("429 Too Many Requests", "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n"),
            judged("failing", "rate-limited", "429"),
        ),
        row("503-for-an-age-of-the-world", || status("503 Service Unavailable", "retry-after: 4294967295\r\n"), ERROR),
        row("status-999", || status("999 Denied", ""), ERROR),
        row("redirect-to-itself", || status("302 Found", "location: /0.js\r\n"), OTHER),
        row("304-unasked", || vec![Bytes(format!("HTTP/1.1 304 Not Modified\r\n{FIELDS}\r\n").into_bytes())], OTHER),
        row("206-unasked", || status("206 Partial Content", "content-range: bytes 0-2/4900\r\n"), OTHER),
        row(
            "101-unasked",
            || vec![Bytes(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: spdy\r\n\r\n".to_vec()), Silence],
            OTHER,
        ),
    ]
}

fn lengths() -> Vec<Row> {
    const ENDLESS: Due = bodiless("larger than 256 KiB");
    const BROKEN: Due = bodiless("truncated after");
    vec![
        row(
            "content-length-too-long",
            || vec![open("content-length: 9999\r\n\r\n"), Bytes(content::body().into_bytes()), End],
            BROKEN,
        ),
        row(
            "content-length-too-short",
            || vec![open("content-length: 49\r\n\r\n"), Bytes(content::body().into_bytes()), End],
            judged("divergent", "content-differs", ""),
        ),
        row(
            "content-length-of-2^63",
            || vec![open("content-length: 9223372036854775807\r\n\r\n"), Endless(vec![b'x'; 8192])],
            ENDLESS,
        ),
        row("length-by-the-end", || vec![open("\r\n"), Bytes(content::body().into_bytes()), End], FRESH),
        row("length-by-the-end-cut", || vec![open("\r\n"), Bytes(content::body().into_bytes()), Cut], BROKEN),
        row("endless-body", || vec![open("\r\n"), Endless(vec![b'x'; 8192])], ENDLESS),
        row(
            "endless-chunks",
            || {
                vec![
                    open("transfer-encoding: chunked\r\n\r\n"),
                    Endless([&b"1000\r\n"[..], &[b'x'; 0x1000], b"\r\n"].concat()),
                ]
            },
            ENDLESS,
        ),
        // By the time or by the bound, as fast as the machine is.
        row(
            "endless-chunks-of-one-byte",
            || vec![open("transfer-encoding: chunked\r\n\r\n"), Endless(b"1\r\nx\r\n".repeat(1_000))],
            bodiless(""),
        ),
        row(
            "endless-chunk-extension",
            || vec![open("transfer-encoding: chunked\r\n\r\n5;x="), Endless(vec![b'x'; 8192])],
            BROKEN,
        ),
        row(
            "endless-trailers",
            || vec![open("transfer-encoding: chunked\r\n\r\n0\r\n"), Endless(b"x-more: and more\r\n".repeat(500))],
            BROKEN,
        ),
        row("chunks-of-rubbish", || chunked("rubbish\r\n"), BROKEN),
        row("chunk-of-2^64", || chunked("10000000000000000\r\nx\r\n"), BROKEN),
        row(
            "chunk-without-end",
            || [chunked("5\r\nhello rubbish\r\n"), vec![End]].into_iter().flatten().collect(),
            BROKEN,
        ),
        row("no-last-chunk", || [chunked("5\r\nhello\r\n"), vec![End]].into_iter().flatten().collect(), BROKEN),
    ]
}

fn codings() -> Vec<Row> {
    const BOMB: Due = bodiless("larger than 256 KiB");
    const BROKEN: Due = bodiless("cannot be decoded");
    vec![
        row("gzip-bomb", || coded("gzip", &content::gzip_bomb()), BOMB),
        row("deflate-bomb", || coded("deflate", &content::deflate_bomb()), BOMB),
        row("zstd-bomb", || coded("zstd", &content::zstd_bomb()), BOMB),
        row("plain-called-gzip", || coded("gzip", content::body().as_bytes()), BROKEN),
        row("plain-called-br", || coded("br", content::body().as_bytes()), BROKEN),
        row(
            "gzip-called-plain",
            || vec![Bytes(answer("200 OK", "", &content::gzip()))],
            judged("divergent", "content-differs", ""),
        ),
        row("truncated-br", || coded("br", &content::short_brotli()), BROKEN),
        row("unknown-coding", || coded("rot13", content::body().as_bytes()), bodiless("unknown content coding: rot13")),
        row(
            "tower-of-codings",
            || coded(&["gzip"; 1_000].join(","), &content::gzip()),
            bodiless("more than 4 content codings"),
        ),
    ]
}
