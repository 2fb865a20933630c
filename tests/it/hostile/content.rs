//! What the origin has, and what is not that.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

/// What the origin says of it.
pub(super) const FIELDS: &str =
    "etag: \"v2\"\r\nlast-modified: Tue, 14 Nov 2023 22:13:20 GMT\r\ncontent-type: text/javascript\r\n";
/// The body: 100 of these lines.
const LINE: &str = "An edge keeps a copy; a purge asks it to forget.\n";
/// 4,900 bytes like the body from Node.js's `brotliCompressSync`, without the last byte.
const SHORT_BROTLI: &str = "1b2313f88d9363e57ad82b852028e754f684aa30752a74bf300a4b6832b1383180f85605802fba5c6c290b6345fe1323bfe3c26a174fd3c11dc7d5";
/// More than any test allows a body to be.
const BOMB: usize = 64 << 20;

pub(super) fn body() -> String {
    LINE.repeat(100)
}

/// Of something else.
pub(super) fn gzip() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn gzip_bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; BOMB]).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn deflate_bomb() -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; BOMB]).unwrap();
    encoder.finish().unwrap()
}

/// One frame of blocks of 128 KiB, four bytes each (RFC 8878 section 3.1.1).
pub(super) fn zstd_bomb() -> Vec<u8> {
    // Magic number; no flags; a window of 8 MiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x68];
    for _ in 0..100_000 {
        // Not the last, of one byte repeated 128 Ki times.
        frame.extend(((128_u32 << 10 << 3) | 0b010).to_le_bytes()[..3].iter());
        frame.push(0);
    }
    frame
}

pub(super) fn short_brotli() -> Vec<u8> {
    let digits = SHORT_BROTLI.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
