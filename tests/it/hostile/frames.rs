//! Frames of HTTP/2 (RFC 9113 section 4) and fields as HPACK writes them (RFC 7541), by hand: a library would refuse.

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// What a receiver takes unless it says otherwise.
const LARGEST: usize = 16_384;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

pub(super) fn setting(id: u16, value: u32) -> Vec<u8> {
    [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()
}

/// A literal that is not kept (section 6.2.2).
pub(super) fn field(name: &str, value: &str) -> Vec<u8> {
    [vec![0], text(name), text(value)].concat()
}

/// A literal that is kept, as entry 62 (section 6.2.1).
pub(super) fn indexed(name: &str, value: &str) -> Vec<u8> {
    [vec![0x40], text(name), text(value)].concat()
}

/// Without Huffman's code (section 5.2), its length before it (section 5.1).
fn text(text: &str) -> Vec<u8> {
    let mut out = vec![u8::try_from(text.len().min(127)).unwrap()];
    if let Some(mut rest) = text.len().checked_sub(127) {
        while rest >= 128 {
            out.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        out.push(u8::try_from(rest).unwrap());
    }
    out.extend(text.as_bytes());
    out
}

/// A status and fields as HTTP/1.1 writes them.
pub(super) fn block(status: &str, fields: &str) -> Vec<u8> {
    let lines = fields.lines().filter_map(|line| line.split_once(": "));
    let fields = lines.flat_map(|(name, value)| field(name, value));
    field(":status", status).into_iter().chain(fields).collect()
}

/// A head that a body follows.
pub(super) fn head(stream: u32, status: &str, fields: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &block(status, fields))
}

/// A head without a body, in as many frames as it takes.
pub(super) fn in_parts(stream: u32, block: &[u8]) -> Vec<u8> {
    let parts = block.chunks(LARGEST);
    let last = parts.len() - 1;
    let part = |(nth, part): (usize, &[u8])| {
        let end = if nth == last { END_HEADERS } else { 0 };
        let (kind, flags) = if nth == 0 { (HEADERS, END_STREAM | end) } else { (CONTINUATION, end) };
        frame(kind, flags, stream, part)
    };
    parts.enumerate().flat_map(part).collect()
}

/// A body, in as many frames as it takes.
pub(super) fn data(stream: u32, body: &[u8]) -> Vec<u8> {
    let parts = body.chunks(LARGEST);
    let last = parts.len() - 1;
    parts
        .enumerate()
        .flat_map(|(nth, part)| frame(DATA, if nth == last { END_STREAM } else { 0 }, stream, part))
        .collect()
}
