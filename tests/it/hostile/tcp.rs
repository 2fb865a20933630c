//! Edges that misbehave before there is HTTP: TCP, the TLS handshake, certificates.

use super::certificates::Shown;
use super::row::{Act, Row, not_served, silent};
use super::say::Say::{self, Bytes, Cut, Drip, Endless, Reset, Silence};

pub(super) fn rows() -> Vec<Row> {
    let accepted =
        |name: &str, says: fn() -> Vec<Say>, due| Row::new(name, Act::Accepted(Box::new(move |_| says())), due);
    let greeted =
        |name: &str, says: fn() -> Vec<Say>, due| Row::new(name, Act::Greeted(Box::new(move |_| says())), due);
    let shown = |name: &str, shown, due| Row::new(name, Act::Certified(shown), due);
    vec![
        Row::new("connect-refused", Act::Nobody, silent("connect", "connection refused")),
        Row::new("connect-black-hole", Act::Deaf, silent("connect", "timed out after 4 s")),
        accepted("close-after-accept", || vec![Cut], silent("tls", "connection closed during the TLS handshake")),
        accepted("handshake-black-hole", || vec![Silence], silent("tls", "timed out after 4 s")),
        // Any sooner, and it is by chance in which phase it is seen.
        greeted("reset-after-accept", || vec![Reset], silent("tls", "connection reset during the TLS handshake")),
        greeted(
            "handshake-reset",
            || vec![half_hello(), Reset],
            silent("tls", "connection reset during the TLS handshake"),
        ),
        greeted(
            "handshake-closed",
            || vec![half_hello(), Cut],
            silent("tls", "connection closed during the TLS handshake"),
        ),
        greeted("handshake-half", || vec![half_hello(), Silence], silent("tls", "timed out after 4 s")),
        greeted("handshake-a-byte-a-second", || vec![Drip(hello([3, 3], b"h2"))], silent("tls", "timed out after 4 s")),
        greeted("handshake-endless", || vec![Bytes(endless_hello()), Endless(record(&[0; 8192]))], silent("tls", "")),
        greeted(
            "handshake-in-plain-http",
            || vec![Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), Cut],
            silent("tls", "not TLS"),
        ),
        greeted("handshake-rubbish", || vec![Endless(b"\0\xff\x7f rubbish".to_vec())], silent("tls", "not TLS")),
        // RFC 8446 section 6: 70 is protocol_version, 40 handshake_failure, 2 fatal.
        greeted(
            "tls-1.0-only-alert",
            || vec![Bytes(vec![21, 3, 1, 0, 2, 2, 70]), Cut],
            silent("tls", "the server refused: protocol version"),
        ),
        greeted(
            "tls-1.0-only-hello",
            || vec![Bytes(hello([3, 1], b"")), Silence],
            silent("tls", "no TLS version or cipher in common"),
        ),
        greeted(
            "handshake-failure-alert",
            || vec![Bytes(vec![21, 3, 3, 0, 2, 2, 40]), Cut],
            silent("tls", "the server refused: handshake failure"),
        ),
        greeted("alpn-not-offered", || vec![Bytes(hello([3, 3], b"spdy/3")), Silence], silent("tls", "")),
        shown("certificate-expired", Shown::Expired, silent("tls", "certificate expired")),
        shown("certificate-not-valid-yet", Shown::Early, silent("tls", "certificate not valid yet")),
        shown("certificate-self-signed", Shown::SelfSigned, silent("tls", "unknown certificate authority")),
        shown("certificate-of-an-unknown-authority", Shown::OtherAuthority, silent("tls", "")),
        shown(
            "certificate-for-another-name",
            Shown::OtherName,
            not_served("certificate is for other names: other.test"),
        ),
    ]
}

/// A handshake record of TLS 1.2 (RFC 5246 section 6.2.1).
fn record(payload: &[u8]) -> Vec<u8> {
    let mut record = vec![22, 3, 3];
    record.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    record.extend(payload);
    record
}

/// A `ServerHello` of that version (RFC 5246 section 7.4.1.3) with that protocol chosen (RFC 7301 section 3.1).
fn hello(version: [u8; 2], alpn: &[u8]) -> Vec<u8> {
    // ECDHE_RSA_WITH_AES_128_GCM_SHA256, no compression.
    let mut body = [&version[..], &[7; 32], &[0], &[0xc0, 0x2f], &[0]].concat();
    if let Ok(length @ 1..) = u8::try_from(alpn.len()) {
        let extension = [&[0, 16, 0, length + 3, 0, length + 1, length], alpn].concat();
        body.extend(u16::try_from(extension.len()).unwrap().to_be_bytes());
        body.extend(extension);
    }
    let mut message = vec![2, 0, 0, u8::try_from(body.len()).unwrap()];
    message.extend(body);
    let mut record = record(&message);
    record[1..3].copy_from_slice(&version);
    record
}

fn half_hello() -> Say {
    let whole = hello([3, 3], b"");
    Bytes(whole[..whole.len() / 2].to_vec())
}

/// The start of a `ServerHello` of 16 MiB.
fn endless_hello() -> Vec<u8> {
    record(&[2, 0xff, 0xff, 0xff, 3, 3])
}
