//! Edges that misbehave over HTTP/2 (RFC 9113), frame by frame.

use super::content::{self, FIELDS};
use super::frames::{
    self, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE,
    block, field, frame, head, setting,
};
use super::row::{Act, Due, FRESH, Row, bodiless, judged, silent};
use super::say::Say::{self, Bytes, Cut, Drip, Endless, Reset, Silence};

const TIMEOUT: Due = silent("timeout", "no answer within 6 s");
const MALFORMED: Due = silent("protocol", "malformed HTTP/2, or header fields over the limit");
const NOT_HTTP2: Due = silent("protocol", "not HTTP/2");

pub(super) fn rows() -> Vec<Row> {
    [connections(), openings(), heads(), bodies(), frames(), goings(), resets()].into_iter().flatten().collect()
}

/// By its answers.
fn row(name: &str, script: fn(u32) -> Vec<Say>, due: Due) -> Row {
    opening(name, sound, script, due)
}

fn opening(name: &str, first: fn() -> Vec<Say>, script: fn(u32) -> Vec<Say>, due: Due) -> Row {
    Row::new(format!("http2-{name}"), Act::Http2(Box::new(move |_| first()), Box::new(script)), due)
}

/// What a server begins with: no settings of its own, and ours acknowledged.
pub(super) fn sound() -> Vec<Say> {
    vec![Bytes(frame(SETTINGS, 0, 0, &[])), Bytes(frame(SETTINGS, 1, 0, &[]))]
}

/// A whole answer.
pub(super) fn answer(stream: u32, status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    [head(stream, status, fields), frame(DATA, END_STREAM, stream, body)].concat()
}

fn well(stream: u32) -> Vec<Say> {
    vec![Bytes(answer(stream, "200", FIELDS, content::body().as_bytes()))]
}

fn with(stream: u32, more: &str) -> Vec<Say> {
    vec![Bytes(answer(stream, "200", &format!("{FIELDS}{more}"), content::body().as_bytes()))]
}

/// A whole head, and half a body.
fn half(stream: u32) -> Say {
    Bytes([head(stream, "200", FIELDS), frame(DATA, 0, stream, &content::body().as_bytes()[..2_450])].concat())
}

/// A head that goes on in another frame.
fn open(stream: u32) -> Say {
    Bytes(frame(HEADERS, 0, stream, &block("200", FIELDS)))
}

fn connections() -> Vec<Row> {
    const RESET: Due = silent("protocol", "connection reset before an answer");
    const CLOSED: Due = silent("protocol", "connection closed before an answer");
    vec![
        row("reset-after-the-request", |_| vec![Reset], RESET),
        row("cut-after-the-request", |_| vec![Cut], CLOSED),
        row("silent-after-the-request", |_| vec![Silence], TIMEOUT),
        row("reset-mid-head", |stream| vec![open(stream), Reset], RESET),
        row("silent-mid-head", |stream| vec![open(stream), Silence], TIMEOUT),
        row("reset-mid-body", |stream| vec![half(stream), Reset], bodiless("truncated after")),
        row("cut-mid-body", |stream| vec![half(stream), Cut], bodiless("truncated after")),
        row("silent-mid-body", |stream| vec![half(stream), Silence], bodiless("not complete within 6 s")),
        row("head-a-byte-a-second", |stream| vec![Drip(answer(stream, "200", FIELDS, b""))], TIMEOUT),
        row(
            "body-a-byte-a-second",
            |stream| vec![half(stream), Drip(frame(DATA, 0, stream, &[b'x'; 100]))],
            bodiless("not complete within 6 s"),
        ),
    ]
}

fn openings() -> Vec<Row> {
    vec![
        opening("mute", Vec::new, |_| vec![Silence], TIMEOUT),
        opening(
            "in-plain-http1",
            || vec![Bytes(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_vec()), Silence],
            |_| vec![],
            NOT_HTTP2,
        ),
        opening("no-streams-at-all", || settled(&[(3, 0)]), |_| vec![Silence], TIMEOUT),
        opening("one-stream-at-a-time", || settled(&[(3, 1)]), well, FRESH),
        opening("window-that-never-opens", || settled(&[(4, 0)]), well, FRESH),
        opening("window-of-2^31", || settled(&[(4, 1 << 31)]), well, NOT_HTTP2),
        opening("frames-of-one-byte", || settled(&[(5, 1)]), well, NOT_HTTP2),
        // Not for a server to say (section 6.5.2), and harmless: nothing is pushed.
        opening("push-by-a-server", || settled(&[(2, 1)]), well, FRESH),
        opening("settings-of-five-bytes", || vec![Bytes(frame(SETTINGS, 0, 0, &[0; 5]))], well, NOT_HTTP2),
        opening("settings-flood", || vec![Endless(frame(SETTINGS, 0, 0, &setting(4, 65_535)))], |_| vec![], TIMEOUT),
        row(
            "settings-mid-flight",
            |stream| {
                [
                    vec![Bytes(head(stream, "200", FIELDS))],
                    settled(&[(1, 0), (3, 7), (4, 1), (5, 65_536), (6, 1)]),
                    vec![Bytes(frame(DATA, END_STREAM, stream, content::body().as_bytes()))],
                ]
                .into_iter()
                .flatten()
                .collect()
            },
            FRESH,
        ),
    ]
}

fn settled(entries: &[(u16, u32)]) -> Vec<Say> {
    let payload: Vec<u8> = entries.iter().flat_map(|(id, value)| setting(*id, *value)).collect();
    vec![Bytes(frame(SETTINGS, 0, 0, &payload))]
}

fn heads() -> Vec<Row> {
    fn malformed(stream: u32, fields: &[(&str, &str)]) -> Vec<Say> {
        let block: Vec<u8> = fields.iter().flat_map(|(name, value)| field(name, value)).collect();
        vec![Bytes(frame(HEADERS, END_HEADERS | END_STREAM, stream, &block))]
    }
    vec![
        row(
            "endless-head",
            |stream| {
                vec![
                    open(stream),
                    Endless(frame(frames::CONTINUATION, 0, stream, &field("x-more", "and more").repeat(500))),
                ]
            },
            silent("protocol", ""),
        ),
        row(
            "empty-continuations",
            |stream| vec![open(stream), Endless(frame(frames::CONTINUATION, 0, stream, &[]).repeat(500))],
            silent("protocol", ""),
        ),
        row(
            "100000-fields",
            |stream| {
                vec![Bytes(frames::in_parts(
                    stream,
                    &[block("200", FIELDS), field("x-many", "1").repeat(100_000)].concat(),
                ))]
            },
            silent("protocol", ""),
        ),
        row(
            "field-of-10-mib",
            |stream| {
                vec![Bytes(frames::in_parts(
                    stream,
                    &[block("200", FIELDS), field("x-long", &"x".repeat(10 << 20))].concat(),
                ))]
            },
            silent("protocol", ""),
        ),
        // 4,000 bytes kept once, and named again 10,000 times (RFC 7541 section 6.1).
        row(
            "compression-bomb",
            |stream| {
                vec![Bytes(frames::in_parts(
                    stream,
                    &[block("200", FIELDS), frames::indexed("x-bomb", &"x".repeat(4_000)), vec![0xbe; 10_000]].concat(),
                ))]
            },
            NOT_HTTP2,
        ),
        row(
            "compression-of-rubbish",
            |stream| vec![Bytes(frame(HEADERS, END_HEADERS | END_STREAM, stream, &[0xff; 100]))],
            NOT_HTTP2,
        ),
        row("endless-1xx", |stream| vec![Endless(head(stream, "103", "link: </a.css>\r\n"))], TIMEOUT),
        row("no-status", |stream| malformed(stream, &[("etag", "\"v2\"")]), MALFORMED),
        row("status-of-rubbish", |stream| malformed(stream, &[(":status", "well")]), NOT_HTTP2),
        row("two-statuses", |stream| malformed(stream, &[(":status", "200"), (":status", "404")]), MALFORMED),
        row("unknown-pseudo-field", |stream| malformed(stream, &[(":status", "200"), (":mood", "bad")]), NOT_HTTP2),
        row("name-in-capitals", |stream| malformed(stream, &[(":status", "200"), ("X-Loud", "1")]), NOT_HTTP2),
        row("nul-in-a-value", |stream| malformed(stream, &[(":status", "200"), ("x-nul", "a\0b")]), NOT_HTTP2),
        row(
            "field-of-the-connection",
            |stream| malformed(stream, &[(":status", "200"), ("connection", "close")]),
            MALFORMED,
        ),
        row(
            "421",
            |stream| vec![Bytes(answer(stream, "421", "", b"no\n"))],
            judged("failing", "host-not-served", "421"),
        ),
        row(
            "429-for-an-age-of-the-world",
            |stream| vec![Bytes(answer(stream, "429", "retry-after: 99999999999999999999\r\n", b"no\n"))],
            judged("failing", "rate-limited", "429"),
        ),
        row("age-of-2^63", |stream| with(stream, "age: 9223372036854775808\r\n"), FRESH),
    ]
}

fn bodies() -> Vec<Row> {
    vec![
        // As much as may be sent unasked, and no end.
        row(
            "endless-body",
            |stream| {
                let body = frame(DATA, 0, stream, &[b'x'; 8192]).repeat(100);
                vec![Bytes(head(stream, "200", FIELDS)), Bytes(body), Silence]
            },
            bodiless("larger than 256 KiB"),
        ),
        // Whichever bound it meets first.
        row(
            "body-past-the-window",
            |stream| vec![Bytes(head(stream, "200", FIELDS)), Endless(frame(DATA, 0, stream, &[b'x'; 8192]))],
            bodiless(""),
        ),
        row(
            "empty-data-flood",
            |stream| vec![Bytes(head(stream, "200", FIELDS)), Endless(frame(DATA, 0, stream, &[]).repeat(500))],
            bodiless(""),
        ),
        row(
            "padding-flood",
            |stream| {
                vec![
                    Bytes(head(stream, "200", FIELDS)),
                    Endless(frame(DATA, 8, stream, &[&[255][..], &[0; 255]].concat()).repeat(50)),
                ]
            },
            bodiless(""),
        ),
        row("content-length-too-long", |stream| with(stream, "content-length: 9999\r\n"), bodiless("truncated after")),
        row("content-length-too-short", |stream| with(stream, "content-length: 49\r\n"), bodiless("truncated after")),
        row(
            "endless-trailers",
            |stream| {
                vec![
                    Bytes(head(stream, "200", FIELDS)),
                    Bytes(frame(HEADERS, END_STREAM, stream, &field("x-more", "1"))),
                    Endless(frame(frames::CONTINUATION, 0, stream, &field("x-more", "and more").repeat(500))),
                ]
            },
            bodiless(""),
        ),
        row(
            "gzip-bomb",
            |stream| {
                vec![Bytes(
                    [
                        head(stream, "200", &format!("{FIELDS}content-encoding: gzip\r\n")),
                        frames::data(stream, &content::gzip_bomb()),
                    ]
                    .concat(),
                )]
            },
            bodiless("larger than 256 KiB"),
        ),
    ]
}

fn frames() -> Vec<Row> {
    vec![
        row(
            "data-before-a-head",
            |stream| vec![Bytes(frame(DATA, END_STREAM, stream, b"hello"))],
            silent("protocol", ""),
        ),
        row("head-on-an-idle-stream", |stream| vec![Bytes(head(stream + 1_000, "200", FIELDS)), Silence], NOT_HTTP2),
        row(
            "frame-of-16-mib",
            |stream| {
                vec![
                    Bytes(vec![0xff, 0xff, 0xff, DATA, 0, 0, 0, 0, u8::try_from(stream).unwrap()]),
                    Endless(vec![0; 8192]),
                ]
            },
            NOT_HTTP2,
        ),
        row(
            "push-promise",
            |stream| {
                vec![
                    Bytes(frame(
                        PUSH_PROMISE,
                        END_HEADERS,
                        stream,
                        &[
                            &2_u32.to_be_bytes()[..],
                            &field(":method", "GET"),
                            &field(":scheme", "https"),
                            &field(":authority", super::HOST),
                            &field(":path", "/b.css"),
                        ]
                        .concat(),
                    )),
                    Silence,
                ]
            },
            NOT_HTTP2,
        ),
        row(
            "window-overflow",
            |_| vec![Bytes(frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()).repeat(2)), Silence],
            NOT_HTTP2,
        ),
        row("window-update-of-zero", |_| vec![Bytes(frame(WINDOW_UPDATE, 0, 0, &[0; 4])), Silence], NOT_HTTP2),
        row("ping-flood", |_| vec![Endless(frame(PING, 0, 0, &[7; 8]))], TIMEOUT),
        row("unknown-frames", |stream| vec![Endless(frame(0xfa, 0, stream, &[7; 8]))], TIMEOUT),
    ]
}

/// A GOAWAY that leaves out all streams after that one, with that code.
fn leave(last: u32, code: u32) -> Say {
    Bytes(frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat()))
}

fn goings() -> Vec<Row> {
    const GONE: Due = silent("protocol", "the server closed the connection");
    vec![
        opening(
            "goaway-at-once",
            || [sound(), vec![leave(0, 0), Silence]].into_iter().flatten().collect(),
            |_| vec![],
            silent("protocol", ""),
        ),
        row("goaway-before-the-answer", |_| vec![leave(0, 0), Silence], GONE),
        row("goaway-mid-flight", |stream| vec![leave(stream, 0), Cut], silent("protocol", "")),
        row("goaway-enhance-your-calm", |_| vec![leave(0, 11), Silence], GONE),
        row("goaway-mid-body", |stream| vec![half(stream), leave(stream, 2), Cut], bodiless("truncated after")),
        row(
            "goaway-and-then-the-answer",
            |stream| [vec![leave(0x7fff_ffff, 0)], well(stream)].into_iter().flatten().collect(),
            FRESH,
        ),
    ]
}

/// RFC 9113 section 7, and a code that it does not have.
fn resets() -> Vec<Row> {
    let codes = [
        "no-error",
        "protocol-error",
        "internal-error",
        "flow-control-error",
        "settings-timeout",
        "stream-closed",
        "frame-size-error",
        "refused-stream",
        "cancel",
        "compression-error",
        "connect-error",
        "enhance-your-calm",
        "inadequate-security",
        "http-1.1-required",
        "unknown-code",
    ];
    let reset = |stream: u32, code: u32| Bytes(frame(RST_STREAM, 0, stream, &code.to_be_bytes()));
    let before = (0_u32..).zip(codes).map(|(code, name)| {
        let script = move |stream| vec![reset(stream, code)];
        let act = Act::Http2(Box::new(|_| sound()), Box::new(script));
        // Asked by HTTP/1.1 then, this one does not offer it.
        let said = match name {
            "http-1.1-required" => "; by HTTP/1.1: no HTTP version in common",
            _ => "the server reset the stream",
        };
        Row::new(format!("http2-rst-{name}"), act, silent("protocol", said))
    });
    let mid_body = [(0, "no-error"), (2, "internal-error"), (8, "cancel")].map(|(code, name)| {
        let script = move |stream| vec![half(stream), reset(stream, code)];
        Row::new(
            format!("http2-rst-mid-body-{name}"),
            Act::Http2(Box::new(|_| sound()), Box::new(script)),
            bodiless("truncated after"),
        )
    });
    before.chain(mid_body).collect()
}
