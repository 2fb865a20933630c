//! Reads a file that the user names: whole, one version of it, and never without end.

use std::fs::{File, FileType};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Larger than any list of tenants or report, smaller than memory.
const LARGEST: u64 = 1 << 30;
/// Reads of a file that changes meanwhile.
const TRIES: usize = 3;

/// How long a pipe is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// Until somebody writes to it.
    open: Duration,
    /// Until all is written.
    end: Duration,
}

const PATIENCE: Patience = Patience { open: Duration::from_secs(5), end: Duration::from_secs(60) };

/// What a file holds, or a pipe.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let about = path.metadata()?;
    if about.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "is a folder"));
    }
    if is_device(about.file_type()) {
        return Err(io::Error::new(ErrorKind::InvalidInput, "is a device"));
    }
    if !about.is_file() {
        return piped(path.to_owned(), PATIENCE);
    }
    for _ in 0..TRIES {
        if let Some(bytes) = steady(&mut File::open(path)?, whole)? {
            return Ok(bytes);
        }
    }
    Err(io::Error::other("changes while it is read; replace files by renaming"))
}

/// The same as text.
pub fn text(path: &Path) -> io::Result<String> {
    let no_text = |_| io::Error::new(ErrorKind::InvalidData, "is no UTF-8");
    String::from_utf8(read(path)?).map_err(no_text)
}

/// What standard input holds.
pub fn standard_input() -> io::Result<Vec<u8>> {
    within_bounds(io::stdin().lock())
}

#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
const fn is_device(_: FileType) -> bool {
    false
}

/// What was read, or nothing where the file changed meanwhile: it may be a mix of two versions.
fn steady<T>(file: &mut File, read: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<Option<T>> {
    let about = |file: &File| file.metadata().and_then(|about| Ok((about.len(), about.modified()?)));
    let before = about(file)?;
    let read = read(file)?;
    Ok((about(file)? == before).then_some(read))
}

fn whole(file: &mut File) -> io::Result<Vec<u8>> {
    within_bounds(file)
}

fn within_bounds(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if read as u64 > LARGEST {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("holds more than {} MiB", LARGEST >> 20)));
    }
    Ok(bytes)
}

/// How far reading a pipe has come.
enum Piped {
    Open,
    Done(io::Result<Vec<u8>>),
}

/// Opening a pipe waits for whoever writes to it, and reading for its end: in a thread that can be left behind.
fn piped(path: PathBuf, patience: Patience) -> io::Result<Vec<u8>> {
    let (tell, told) = channel();
    std::thread::spawn(move || drain(&path, &tell));
    let late = |error, what: &str, limit: Duration| match error {
        RecvTimeoutError::Timeout => io::Error::new(ErrorKind::TimedOut, format!("{what} within {limit:?}")),
        RecvTimeoutError::Disconnected => io::Error::other("its reader ended"),
    };
    let mut step =
        told.recv_timeout(patience.open).map_err(|error| late(error, "is a pipe that nobody opened", patience.open))?;
    loop {
        match step {
            Piped::Done(read) => return read,
            Piped::Open => {
                let end = told.recv_timeout(patience.end);
                step = end.map_err(|error| late(error, "is a pipe that did not end", patience.end))?;
            }
        }
    }
}

fn drain(path: &Path, tell: &Sender<Piped>) {
    let opened = File::open(path).inspect(|_| {
        // Nobody listens any more where the wait is over.
        let _ = tell.send(Piped::Open);
    });
    let _ = tell.send(Piped::Done(opened.and_then(within_bounds)));
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};
    use std::process::Command;

    use super::*;

    fn file(folder: &tempfile::TempDir, text: &str) -> PathBuf {
        let path = folder.path().join("file");
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_file_cut_short_while_it_is_read_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, "one two");
        let cut = |file: &mut File| {
            let mut half = [0; 4];
            file.read_exact(&mut half)?;
            File::options().write(true).open(&path)?.set_len(2)?;
            whole(file)
        };
        assert_eq!(steady(&mut File::open(&path).unwrap(), cut).unwrap(), None);
        assert_eq!(read(&path).unwrap(), b"on");
    }

    #[test]
    fn a_file_written_over_while_it_is_read_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, "one two");
        // Written long ago, as far as any clock can tell.
        let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        let spoil = |file: &mut File| {
            let mut other = File::options().write(true).open(&path)?;
            other.seek(io::SeekFrom::Start(4))?;
            other.write_all(b"TWO")?;
            whole(file)
        };
        assert_eq!(steady(&mut File::open(&path).unwrap(), spoil).unwrap(), None);
    }

    #[test]
    fn a_file_replaced_while_it_is_read_is_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, "old");
        let replace = |file: &mut File| {
            let beside = folder.path().join("beside");
            std::fs::write(&beside, "another")?;
            std::fs::rename(beside, &path)?;
            whole(file)
        };
        assert_eq!(steady(&mut File::open(&path).unwrap(), replace).unwrap().unwrap(), b"old");
        assert_eq!(read(&path).unwrap(), b"another");
    }

    #[test]
    fn what_never_ends_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let patience = Patience { open: Duration::from_millis(10), end: Duration::from_millis(10) };
        let error = piped(path.clone(), patience).unwrap_err();
        assert_eq!(error.to_string(), "is a pipe that nobody opened within 10ms");
        let _writer = File::options().read(true).write(true).open(&path).unwrap();
        let patience = Patience { open: Duration::from_secs(60), ..patience };
        let error = piped(path, patience).unwrap_err();
        assert_eq!(error.to_string(), "is a pipe that did not end within 10ms");
    }

    #[test]
    fn a_device_and_a_folder_are_not_read() {
        for (path, message) in [("/dev/zero", "is a device"), ("/dev", "is a folder")] {
            assert_eq!(read(Path::new(path)).unwrap_err().to_string(), message);
        }
    }
}
