//! Paths from what a team already has, one file per kind of source; it reads files, fetches nothing and drops nothing in
//! silence.

mod asked;
mod files;
mod flags;
mod known;
mod log;
mod manifest;
mod sitemap;
mod told;

#[cfg(test)]
mod tests;

pub use flags::PathsFrom;
pub(super) use known::{Known, left_out, need_hosts};
pub(super) use told::Told;

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use super::InventoryError;

/// A kind of source.
pub(super) struct Kind {
    /// `sitemap`, as in `--paths-from sitemap=PATH`.
    pub(super) id: &'static str,
    /// Whether `@/prefix/` may stand behind the path.
    pub(super) takes_prefix: bool,
    /// What one file tells.
    pub(super) read: fn(&mut Given<'_>, &mut Told) -> Result<(), InventoryError>,
}

/// Every kind of source, in the order of their names.
pub(super) const ALL: &[Kind] = &[log::LOG, manifest::MANIFEST, sitemap::SITEMAP];

/// One file as it is given to a kind.
pub(super) struct Given<'g> {
    /// As it was named: `public/sitemap.xml`, or `standard input`.
    pub(super) file: &'g str,
    /// Where the files are that it names itself; nowhere for standard input.
    pub(super) folder: Option<&'g Path>,
    /// What stands before the paths of a manifest, where that was said: `/static/`.
    pub(super) prefix: Option<&'g str>,
    /// Unpacked.
    pub(super) bytes: &'g mut dyn BufRead,
}

impl Given<'_> {
    /// `public/sitemap.xml:12`
    fn line(&self, line: u64) -> Arc<str> {
        format!("{}:{line}", self.file).into()
    }

    /// `{file}:{line}: {what}`
    fn fail(&self, line: u64, what: impl Into<String>) -> InventoryError {
        InventoryError::Entry { at: self.line(line), what: what.into() }
    }

    /// `{file}: {what}`
    fn fail_whole(&self, what: impl Into<String>) -> InventoryError {
        InventoryError::Entry { at: self.file.into(), what: what.into() }
    }
}

/// What each source tells, in the order in which they are named. Standard input is read once, `is_taken` where something
/// else reads it.
pub(super) fn told(sources: &[PathsFrom], is_taken: bool) -> Result<Vec<Told>, InventoryError> {
    let mut from_stdin = sources.iter().filter(|source| source.is_stdin());
    if let Some(second) = from_stdin.nth(usize::from(!is_taken)) {
        return Err(second.fail("standard input is read once, name a file here"));
    }
    let mut all = Vec::with_capacity(sources.len());
    for source in sources {
        let Some(kind) = source.kind() else { continue };
        let mut opened = files::open_named(source)?;
        let mut told = Told::of(source);
        let folder = opened.folder.as_deref();
        let (file, prefix, bytes) = (&*opened.file, source.prefix.as_deref(), &mut *opened.bytes);
        (kind.read)(&mut Given { file, folder, prefix, bytes }, &mut told)?;
        all.push(told);
    }
    Ok(all)
}
