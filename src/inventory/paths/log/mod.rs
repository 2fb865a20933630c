//! Kind `log`: access logs in common or combined format, with the virtual host before it or without, as a stream; what
//! was asked for most is asked for.

mod line;
mod requests;

use std::io::{self, BufRead, Read as _};
use std::sync::Arc;

pub(super) use requests::{Requests, most_requested};

use self::line::{Request, request};
use super::{Given, Kind, Told};
use crate::inventory::InventoryError;
use crate::model::counted;

pub(super) const LOG: Kind = Kind { id: "log", takes_prefix: false, read };

/// What a server takes as a request line is shorter, and so is the rest.
const LONGEST_LINE: u64 = 128 << 10;

/// What was read of a file, by number.
#[derive(Default)]
struct Tally {
    lines: u64,
    counted: u64,
    /// Other methods, other statuses.
    passed_by: u64,
    /// In no known format.
    misread: u64,
    first_misread: u64,
}

fn read(given: &mut Given<'_>, told: &mut Told) -> Result<(), InventoryError> {
    told.requests = Requests::of_file(given.file);
    let (mut tally, mut line) = (Tally::default(), Vec::new());
    while let Some(is_whole) = next(given.bytes, &mut line).map_err(|error| given.unreadable(&error))? {
        tally.lines += 1;
        let text = line.trim_ascii_end();
        if text.is_empty() {
            continue;
        }
        match request(text).filter(|_| is_whole) {
            Some(Request::Passed) => tally.passed_by += 1,
            Some(Request::Taken { host, path }) => {
                tally.counted += 1;
                told.requests.add(host, path, 1);
            }
            None => {
                tally.misread += 1;
                if tally.misread == 1 {
                    tally.first_misread = tally.lines;
                }
            }
        }
    }
    tally.tell(given, told)
}

impl Tally {
    fn tell(&self, given: &Given<'_>, told: &mut Told) -> Result<(), InventoryError> {
        let source: Arc<str> = given.file.into();
        if self.counted + self.passed_by == 0 {
            let what = "holds no line in common or combined format (%h %l %u %t \"%r\" %>s %b), correct the path";
            return Err(given.fail_whole(what));
        }
        if self.counted == 0 {
            return Err(given.fail_whole("no GET or HEAD in it was answered with 2xx or 3xx, name another log"));
        }
        if self.misread > 0 {
            let (misread, first) = (counted(self.misread, "line"), self.first_misread);
            let reason = format!("{misread} of {} in no known format, the first is line {first}", self.lines);
            told.leave_out(Arc::clone(&source), reason);
        }
        if self.passed_by > 0 {
            let requests = counted(self.passed_by, "request");
            let reason = format!("{requests} not counted: neither GET nor HEAD, or not answered with 2xx or 3xx");
            told.leave_out(Arc::clone(&source), reason);
        }
        if told.requests.has_forgotten() {
            let reason = "more different paths than are kept at once: the rarest were forgotten on the way".to_owned();
            told.leave_out(source, reason);
        }
        Ok(())
    }
}

/// The next line, and whether it is whole: of one that is too long the rest is passed over.
fn next(bytes: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let read = (&mut *bytes).take(LONGEST_LINE).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || (read as u64) < LONGEST_LINE {
        return Ok(Some(true));
    }
    loop {
        let rest = bytes.fill_buf()?;
        let (length, is_end) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (rest.len(), rest.is_empty()),
        };
        bytes.consume(length);
        if is_end {
            return Ok(Some(false));
        }
    }
}
