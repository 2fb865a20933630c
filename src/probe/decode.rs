//! Undoes content codings (RFC 9110 section 8.4) and digests what comes out. It is bounded in what it takes and gives.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use brotli_decompressor::DecompressorWriter;
use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest as _, Sha256};

use super::words;
use crate::model::{Body, Digest};

/// More codings than this on one response are somebody's joke.
const MOST_CODINGS: usize = 4;
const BUFFER: usize = 16 << 10;
/// RFC 9659 section 3: no zstd content needs a larger window.
const ZSTD_WINDOW: u64 = 8 << 20;

/// Why a body has no digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spoilt {
    /// More bytes than allowed, coded or decoded.
    TooLarge,
    /// A coding that is not known here.
    Unknown(String),
    /// Too many codings.
    TooMany,
    /// Not what the coding says it is, or cut short.
    Undecodable,
}

impl Spoilt {
    pub(super) fn words(&self, max: u64) -> String {
        match self {
            Self::TooLarge => format!("{}{}", Body::TOO_LARGE, words::size(max)),
            Self::Unknown(coding) => format!("unknown content coding: {coding}"),
            Self::TooMany => format!("more than {MOST_CODINGS} content codings"),
            Self::Undecodable => "cannot be decoded".to_owned(),
        }
    }
}

/// What a body stands for whose pieces are at hand: its digest once the codings that its fields name are undone, or why
/// there is none. At most `max` bytes are taken, and as many come out.
pub fn digest<'b>(fields: &HeaderMap, pieces: impl IntoIterator<Item = &'b [u8]>, max: u64) -> Result<Digest, String> {
    let mut wire = 0_u64;
    let decoded = Decoder::new(fields, max).and_then(|mut decoder| {
        for piece in pieces {
            wire += piece.len() as u64;
            if wire > max {
                return Err(Spoilt::TooLarge);
            }
            decoder.push(piece)?;
        }
        decoder.finish()
    });
    decoded.map_err(|spoilt| spoilt.words(max))
}

/// Takes a body as it came and gives the digest of what it stands for.
pub(super) struct Decoder {
    outermost: Box<dyn Layer>,
    full: Arc<AtomicBool>,
    is_empty: bool,
    is_coded: bool,
}

impl Decoder {
    /// For a response with those fields; at most `max` bytes come out.
    pub(super) fn new(fields: &HeaderMap, max: u64) -> Result<Self, Spoilt> {
        let codings = codings(fields)?;
        let full = Arc::new(AtomicBool::new(false));
        let sink = Sink { hash: Sha256::new(), length: 0, max, full: Arc::clone(&full) };
        let is_coded = !codings.is_empty();
        // Listed in the order they were applied: the last one listed is the outermost.
        let mut outermost: Box<dyn Layer> = Box::new(sink);
        for coding in codings {
            outermost = match coding {
                Coding::Gzip => Box::new(Gunzip(MultiGzDecoder::new(outermost))),
                Coding::Deflate => Box::new(Inflate::new(outermost)),
                Coding::Brotli => Box::new(Unbrotli(DecompressorWriter::new(outermost, BUFFER))),
                Coding::Zstd => Box::new(Unzstd { held: Vec::new(), max, full: Arc::clone(&full), inner: outermost }),
            };
        }
        Ok(Self { outermost, full, is_empty: true, is_coded })
    }

    /// The next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Spoilt> {
        self.is_empty &= bytes.is_empty();
        self.outermost.write_all(bytes).map_err(|_| self.spoilt())
    }

    /// There are no more bytes.
    pub(super) fn finish(self) -> Result<Digest, Spoilt> {
        let full = Arc::clone(&self.full);
        if self.is_empty && self.is_coded {
            // No bytes at all are no broken gzip, but an object of zero bytes whose coding nobody applied.
            return Ok(Digest { sha256: Sha256::digest([]).into(), length: 0 });
        }
        self.outermost.done().map_err(|_| spoilt(&full))
    }

    fn spoilt(&self) -> Spoilt {
        spoilt(&self.full)
    }
}

fn spoilt(full: &AtomicBool) -> Spoilt {
    if full.load(Ordering::Relaxed) { Spoilt::TooLarge } else { Spoilt::Undecodable }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings in the order they were applied, identity left out.
fn codings(fields: &HeaderMap) -> Result<Vec<Coding>, Spoilt> {
    let mut found = Vec::new();
    for line in fields.get_all(CONTENT_ENCODING) {
        let line = String::from_utf8_lossy(line.as_bytes());
        for name in line.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            found.push(match name.to_ascii_lowercase().as_str() {
                "identity" => continue,
                // RFC 9110 section 8.4.1.3: x-gzip is the same.
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => return Err(Spoilt::Unknown(name.to_owned())),
            });
            if found.len() > MOST_CODINGS {
                return Err(Spoilt::TooMany);
            }
        }
    }
    Ok(found)
}

/// One coding undone, and what is inside.
trait Layer: Write + Send {
    /// Checks that nothing is missing, and passes the end on inwards.
    fn done(self: Box<Self>) -> io::Result<Digest>;
}

/// The innermost: what the representation really is.
struct Sink {
    hash: Sha256,
    length: u64,
    max: u64,
    full: Arc<AtomicBool>,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length += bytes.len() as u64;
        if self.length > self.max {
            self.full.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.hash.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Layer for Sink {
    fn done(self: Box<Self>) -> io::Result<Digest> {
        Ok(Digest { sha256: self.hash.finalize().into(), length: self.length })
    }
}

struct Gunzip(MultiGzDecoder<Box<dyn Layer>>);

impl Write for Gunzip {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Layer for Gunzip {
    fn done(self: Box<Self>) -> io::Result<Digest> {
        self.0.finish()?.done()
    }
}

struct Unbrotli(DecompressorWriter<Box<dyn Layer>>);

impl Write for Unbrotli {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Layer for Unbrotli {
    fn done(mut self: Box<Self>) -> io::Result<Digest> {
        self.0.close()?;
        self.0.into_inner().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?.done()
    }
}

/// `deflate` is the zlib format (RFC 9110 section 8.4.1.2), and raw deflate from servers that took the name at its word.
struct Inflate {
    start: Vec<u8>,
    state: Option<Decompress>,
    ended: bool,
    buffer: Vec<u8>,
    inner: Box<dyn Layer>,
}

impl Inflate {
    fn new(inner: Box<dyn Layer>) -> Self {
        Self { start: Vec::with_capacity(2), state: None, ended: false, buffer: vec![0; BUFFER], inner }
    }

    fn feed(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let start = &self.start;
        let state = self.state.get_or_insert_with(|| Decompress::new(is_zlib(start)));
        while !self.ended {
            let (taken, given) = (state.total_in(), state.total_out());
            let status = state.decompress(bytes, &mut self.buffer, FlushDecompress::None)?;
            let taken = usize::try_from(state.total_in() - taken).unwrap_or(usize::MAX);
            let given = usize::try_from(state.total_out() - given).unwrap_or(usize::MAX);
            bytes = bytes.get(taken..).unwrap_or_default();
            self.inner.write_all(self.buffer.get(..given).unwrap_or_default())?;
            self.ended = status == Status::StreamEnd;
            if given < self.buffer.len() && (bytes.is_empty() || taken == 0) {
                break;
            }
        }
        Ok(())
    }
}

/// RFC 1950 section 2.2: the method, and a check over the first two bytes.
fn is_zlib(start: &[u8]) -> bool {
    matches!(start, [method, flags] if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

impl Write for Inflate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.state.is_some() {
            self.feed(bytes)?;
            return Ok(bytes.len());
        }
        let (start, rest) = bytes.split_at(bytes.len().min(2 - self.start.len()));
        self.start.extend_from_slice(start);
        if self.start.len() == 2 {
            self.feed(&self.start.clone())?;
            self.feed(rest)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Layer for Inflate {
    fn done(mut self: Box<Self>) -> io::Result<Digest> {
        if self.state.is_none() {
            self.feed(&self.start.clone())?;
        }
        if !self.ended {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.inner.done()
    }
}

/// Held until its end, which the bound on the body keeps near, then decoded in one go.
struct Unzstd {
    held: Vec<u8>,
    max: u64,
    full: Arc<AtomicBool>,
    inner: Box<dyn Layer>,
}

impl Write for Unzstd {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.held.len() + bytes.len()) as u64 > self.max {
            self.full.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Layer for Unzstd {
    fn done(mut self: Box<Self>) -> io::Result<Digest> {
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        let mut rest = self.held.as_slice();
        // RFC 8878 section 3: one or more frames, each for itself.
        loop {
            let mut frame =
                StreamingDecoder::new_with_max_window_size(&mut rest, ZSTD_WINDOW).map_err(|_| invalid())?;
            io::copy(&mut frame, &mut self.inner)?;
            let decoder = frame.into_frame_decoder();
            if let Some(promised) = decoder.get_checksum_from_data()
                && decoder.get_calculated_checksum().is_some_and(|found| found != promised)
            {
                return Err(invalid());
            }
            if rest.is_empty() {
                return self.inner.done();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hex;

    #[test]
    fn a_body_in_pieces_has_the_digest_of_the_whole_within_its_bound() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let read = digest(&HeaderMap::new(), [&b"a"[..], b"", b"bc"], 3).unwrap();
        assert_eq!((hex(&read.sha256).as_str(), read.length), (abc, 3));
        assert_eq!(digest(&HeaderMap::new(), [&b"ab"[..], b"c"], 2).unwrap_err(), "larger than 2 bytes");
    }
}
