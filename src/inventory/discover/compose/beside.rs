//! Files that a Compose file names: plain files of a bounded size, nothing that could block or never end.

use std::io::ErrorKind;
use std::path::Path;

/// Bytes of one file.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What a file holds, none where there is no such file, or why it cannot be read.
pub(super) fn text_at(path: &Path) -> Result<Option<String>, String> {
    let about = match std::fs::metadata(path) {
        Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => return Ok(None),
        about => about.map_err(|error| error.to_string())?,
    };
    if !about.is_file() {
        return Err("it is no plain file".to_owned());
    }
    if about.len() > LARGEST {
        return Err(format!("it is larger than {LARGEST} bytes"));
    }
    std::fs::read_to_string(path).map(Some).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(text_at(&folder.path().join("none")), Ok(None));
        assert_eq!(text_at(folder.path()), Err("it is no plain file".to_owned()));
        assert_eq!(text_at(Path::new("/dev/zero")), Err("it is no plain file".to_owned()));
        let file = folder.path().join("file");
        std::fs::write(&file, "text").unwrap();
        assert_eq!(text_at(&file), Ok(Some("text".to_owned())));
    }
}
