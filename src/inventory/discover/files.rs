//! Which files a path stands for, in a fixed order, and their text; it knows no kind's meaning.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use walkdir::{DirEntry, WalkDir};

use super::{Discover, Kind};
use crate::inventory::{InventoryError, given};

/// As errors name it.
const STDIN: &str = "standard input";

/// One file's text, its name and where it is.
pub(super) struct Content {
    pub(super) file: String,
    pub(super) folder: PathBuf,
    pub(super) text: String,
}

/// What a source stands for: a path each, or nothing for standard input.
pub(super) fn of(source: &Discover, kind: &Kind) -> Result<Vec<Option<PathBuf>>, InventoryError> {
    if source.is_stdin() {
        return Ok(vec![None]);
    }
    let path = Path::new(&source.path);
    let mut found = Vec::new();
    match path.metadata() {
        Ok(known) if known.is_dir() => below(path, source, kind, &mut found)?,
        Ok(_) => found.push(path.to_owned()),
        Err(_) if source.path.contains(['*', '?', '[', '{']) => matching(source, kind, &mut found)?,
        Err(error) => return Err(source.fail(format!("cannot be read ({error}), correct the path"))),
    }
    if found.is_empty() {
        let endings: Vec<_> = kind.endings.iter().map(|ending| format!(".{ending}")).collect();
        let endings = endings.join(", ");
        return Err(source.fail(format!("no file is there that ends in {endings}, correct the path or name one file")));
    }
    Ok(found.into_iter().map(Some).collect())
}

/// The text of one of them.
pub(super) fn text(path: Option<&Path>, source: &Discover) -> Result<Content, InventoryError> {
    let (file, folder, bytes) = if let Some(path) = path {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        (path.display().to_string(), folder, given::read(path))
    } else {
        (STDIN.to_owned(), PathBuf::new(), given::standard_input())
    };
    let bytes = bytes
        .map_err(|error| source.fail(format!("{file}: cannot be read ({error}), correct the path or its rights")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        InventoryError::Entry { at: format!("{file}:{line}").into(), what: "is no UTF-8, save it as such".to_owned() }
    })?;
    Ok(Content { file, folder, text })
}

/// Every file below a folder that the kind reads, hidden ones left out.
fn below(folder: &Path, source: &Discover, kind: &Kind, found: &mut Vec<PathBuf>) -> Result<(), InventoryError> {
    walk(folder, source, |entry| {
        if is_read(entry.path(), kind) {
            found.push(entry.into_path());
        }
        Ok(())
    })
}

/// Every file that matches, and what is below folders that do.
fn matching(source: &Discover, kind: &Kind, found: &mut Vec<PathBuf>) -> Result<(), InventoryError> {
    let glob = GlobBuilder::new(source.path.trim_end_matches('/')).literal_separator(true).build();
    let glob = glob.map_err(|error| source.fail(format!("{}, correct the glob", error.kind())))?.compile_matcher();
    let plain = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{', '}', ']']);
    let base: PathBuf = Path::new(&source.path).components().take_while(plain).collect();
    let start = if base.as_os_str().is_empty() { Path::new(".") } else { &base };
    if !start.is_dir() {
        return Err(source.fail(format!("there is no folder \"{}\", correct the path", start.display())));
    }
    walk(start, source, |entry| {
        let path = entry.path();
        let path = if base.as_os_str().is_empty() { path.strip_prefix(".").unwrap_or(path) } else { path };
        if glob.is_match(path) || (is_read(path, kind) && is_below(path, &glob)) {
            found.push(path.to_owned());
        }
        Ok(())
    })
}

fn is_below(path: &Path, glob: &GlobMatcher) -> bool {
    path.ancestors().skip(1).any(|folder| !folder.as_os_str().is_empty() && glob.is_match(folder))
}

fn is_read(path: &Path, kind: &Kind) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| kind.endings.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}

/// Each file, links followed, by name; a folder that several links lead to is walked once.
fn walk(
    start: &Path,
    source: &Discover,
    mut each: impl FnMut(DirEntry) -> Result<(), InventoryError>,
) -> Result<(), InventoryError> {
    let mut seen = BTreeSet::new();
    let is_new = |entry: &DirEntry| {
        let is_hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
        let is_folder = !is_hidden && entry.file_type().is_dir();
        let is_again = is_folder && entry.path().canonicalize().is_ok_and(|path| !seen.insert(path));
        !is_hidden && !is_again
    };
    for entry in WalkDir::new(start).follow_links(true).sort_by_file_name().into_iter().filter_entry(is_new) {
        let entry = entry.map_err(|error| unwalkable(source, &error))?;
        if entry.file_type().is_file() {
            each(entry)?;
        }
    }
    Ok(())
}

fn unwalkable(source: &Discover, error: &walkdir::Error) -> InventoryError {
    let path = error.path().unwrap_or(Path::new(&source.path)).display();
    source.fail(match (error.loop_ancestor(), error.io_error()) {
        (Some(above), _) => {
            format!("the link {path} leads back to {}, take it out or name folders below", above.display())
        }
        (None, Some(error)) => format!("{path}: cannot be read ({error}), correct its rights or name other files"),
        (None, None) => format!("{path}: cannot be read, name other files"),
    })
}
