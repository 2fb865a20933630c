use std::cell::RefCell;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tree::{Env, Format, Misread, Needed, Node, interpolate};
use super::{InventoryError, given};
use crate::model::Secrets;

/// Keys below which a variable is hardly ever meant to be empty: most hold what somebody is to be known by.
const CREDENTIALS: [&str; 3] = ["headers", "proxy", "token"];

/// One file, read and interpolated; what it was told in confidence is remembered.
pub(super) struct Document {
    file: Arc<str>,
    folder: PathBuf,
    root: Node,
    secrets: RefCell<Secrets>,
}

impl Document {
    /// Reads a file; `otherwise` is its syntax where its ending says none.
    pub(super) fn read(
        path: &Path,
        flag: &'static str,
        otherwise: Option<Format>,
        env: &Env<'_>,
    ) -> Result<Self, InventoryError> {
        let file: Arc<str> = path.display().to_string().into();
        let format = syntax(path, flag, otherwise)?;
        let unreadable = |source| InventoryError::Unreadable { file: Arc::clone(&file), mend: mend(flag), source };
        let text = given::text(path).map_err(unreadable)?;
        Self::parse(&file, folder_of(path), format, &text, env)
    }

    /// The same where a file's text is at hand.
    pub(super) fn told(
        path: &Path,
        text: &str,
        flag: &'static str,
        otherwise: Option<Format>,
        env: &Env<'_>,
    ) -> Result<Self, InventoryError> {
        Self::parse(&path.display().to_string(), folder_of(path), syntax(path, flag, otherwise)?, text, env)
    }

    /// A file's text as a document; `folder` is what its own paths are relative to.
    pub(super) fn parse(
        file: &str,
        folder: &Path,
        format: Format,
        text: &str,
        env: &Env<'_>,
    ) -> Result<Self, InventoryError> {
        let misread = |Misread { line, what }| InventoryError::Entry { at: format!("{file}:{line}").into(), what };
        let mut root = format.parse(text).map_err(misread)?;
        let mut secrets = Secrets::default();
        interpolate(&mut root, env, &mut secrets, Needed::Below(&CREDENTIALS)).map_err(misread)?;
        Ok(Self { file: file.into(), folder: folder.to_owned(), root, secrets: RefCell::new(secrets) })
    }

    pub(super) const fn root(&self) -> &Node {
        &self.root
    }

    /// `tenants.yaml:12`
    pub(super) fn source(&self, line: u32) -> Arc<str> {
        format!("{}:{line}", self.file).into()
    }

    /// An error at a line; what came from the environment or from files is masked in it.
    pub(super) fn fail(&self, line: u32, what: impl Display) -> InventoryError {
        InventoryError::Entry { at: self.source(line), what: self.secrets.borrow().mask(&what.to_string()) }
    }

    /// A file that this one names, relative to its own folder.
    pub(super) fn beside(&self, path: &str) -> std::io::Result<Vec<u8>> {
        given::read(&self.path_beside(path))
    }

    /// Where a file is that this one names.
    pub(super) fn path_beside(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    pub(super) fn keep(&self, secret: &str) {
        self.secrets.borrow_mut().keep(secret);
    }

    /// Values whose braces are theirs.
    pub(super) fn literal(&self) -> Vec<String> {
        self.secrets.borrow().literal()
    }

    pub(super) fn into_secrets(self) -> Secrets {
        self.secrets.into_inner()
    }
}

fn syntax(path: &Path, flag: &str, otherwise: Option<Format>) -> Result<Format, InventoryError> {
    let what = "its ending names no syntax, use .yaml, .yml, .toml or .json";
    let format = Format::of(path).or(otherwise);
    format.ok_or_else(|| InventoryError::flag(format!("{flag} {}", path.display()), what))
}

/// What a file's own paths are relative to.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn mend(flag: &str) -> &'static str {
    match flag {
        "--tenants" => "name a tenants file with --tenants",
        "--expect" => "name a file of pins with --expect",
        _ => "name a regions file with --regions",
    }
}

#[cfg(test)]
impl Document {
    /// A file's text, its syntax by the name's ending, with `SECRET` set and `EMPTY` empty.
    pub(super) fn inline(file: &str, text: &str) -> Result<Self, InventoryError> {
        let env = |name: &str| match name {
            "SECRET" => Some("hunter22".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/config");
        Self::parse(file, &folder, Format::of(Path::new(file)).unwrap(), text, &env)
    }
}
