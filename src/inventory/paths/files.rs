//! Opens what a source names, unpacks gzip where its first bytes say so (RFC 1952), and bounds what is read at once; it
//! knows no kind's meaning.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::{Given, PathsFrom};
use crate::inventory::InventoryError;

/// As errors name it.
const STDIN: &str = "standard input";
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// What one sitemap or manifest may come to, unpacked; a sitemap has 50 MB at most by its own protocol.
const MOST: u64 = 128 << 20;

/// One file, its name and where it is.
pub(super) struct Opened {
    pub(super) file: String,
    pub(super) folder: Option<PathBuf>,
    pub(super) bytes: Box<dyn BufRead>,
}

/// What a flag names.
pub(super) fn open_named(source: &PathsFrom) -> Result<Opened, InventoryError> {
    if source.is_stdin() {
        let bytes = unpacked(io::stdin()).map_err(|error| source.fail(format!("{STDIN}: cannot be read ({error})")))?;
        return Ok(Opened { file: STDIN.to_owned(), folder: None, bytes });
    }
    open(Path::new(&source.path))
        .map_err(|error| source.fail(format!("cannot be read ({error}), correct the path or its rights")))
}

pub(super) fn open(path: &Path) -> io::Result<Opened> {
    let folder = path.parent().map(Path::to_owned);
    Ok(Opened { file: path.display().to_string(), folder, bytes: unpacked(File::open(path)?)? })
}

fn unpacked(mut raw: impl Read + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut first = Vec::with_capacity(GZIP.len());
    raw.by_ref().take(GZIP.len() as u64).read_to_end(&mut first)?;
    let is_packed = first == GZIP;
    let whole = BufReader::new(Cursor::new(first).chain(raw));
    Ok(if is_packed { Box::new(BufReader::new(MultiGzDecoder::new(whole))) } else { Box::new(whole) })
}

impl Given<'_> {
    /// All of it, without a byte order mark.
    pub(super) fn text(&mut self) -> Result<String, InventoryError> {
        let mut bytes = Vec::new();
        let read = self.bytes.take(MOST + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.unreadable(&error))?;
        if bytes.len() as u64 > MOST {
            return Err(self.fail_whole(format!("more than {} MiB unpacked, divide it", MOST >> 20)));
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            self.fail(line as u64, "is no UTF-8, save it as such")
        })
    }

    pub(super) fn unreadable(&self, error: &io::Error) -> InventoryError {
        self.fail_whole(format!("cannot be read to its end ({error}), is it whole?"))
    }
}
