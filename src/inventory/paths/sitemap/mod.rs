//! Kind `sitemap`: URLs of a sitemap (sitemaps.org, XML or a line each), and of the sitemaps beside an index; a URL is
//! never fetched.

mod xml;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::asked::{shown, url};
use super::files::{Opened, open};
use super::{Given, Kind, Told};
use crate::inventory::InventoryError;

pub(super) const SITEMAP: Kind = Kind { id: "sitemap", takes_prefix: false, read };

/// What a sitemap lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Pages,
    /// Other sitemaps.
    Index,
}

/// A URL as it is written, and its line.
type Entry<'t> = (u64, Cow<'t, str>);

fn read(given: &mut Given<'_>, told: &mut Told) -> Result<(), InventoryError> {
    let text = given.text()?;
    match entries(given, &text)? {
        (Form::Pages, pages) => take(given, &pages, told),
        (Form::Index, members) => take_members(given, &members, told),
    }
}

fn entries<'t>(given: &Given<'_>, text: &'t str) -> Result<(Form, Vec<Entry<'t>>), InventoryError> {
    let (form, entries) = if text.trim_start().starts_with('<') {
        xml::entries(text).map_err(|(line, what)| given.fail(line, what))?
    } else {
        let lines = (1..).zip(text.lines()).map(|(number, line)| (number, Cow::Borrowed(line.trim())));
        (Form::Pages, lines.filter(|(_, line)| !line.is_empty()).collect())
    };
    if entries.is_empty() {
        return Err(given.fail_whole("lists no URL, correct the path"));
    }
    Ok((form, entries))
}

fn take(given: &Given<'_>, pages: &[Entry<'_>], told: &mut Told) -> Result<(), InventoryError> {
    for (line, page) in pages {
        let place = url(page).map_err(|why| given.fail(*line, why))?;
        told.at_host(place, || given.line(*line));
    }
    Ok(())
}

/// Reads what is there of an index.
fn take_members(given: &Given<'_>, members: &[Entry<'_>], told: &mut Told) -> Result<(), InventoryError> {
    let mut seen = BTreeSet::new();
    for (line, member) in members {
        let (_, path) = url(member).map_err(|why| given.fail(*line, why))?;
        let Some(file) = given.folder.and_then(|folder| beside(folder, &path)) else {
            let reason = format!(
                "the sitemap {} is not read: it is not beside the index, and URLs are not fetched; save it there",
                shown(member)
            );
            told.leave_out(given.line(*line), reason);
            continue;
        };
        if !seen.insert(file.clone()) {
            continue;
        }
        let unreadable = |error| given.fail(*line, format!("{}: cannot be read ({error})", file.display()));
        let Opened { file: name, folder, mut bytes } = open(&file).map_err(unreadable)?;
        let mut inner = Given { file: &name, folder: folder.as_deref(), prefix: None, bytes: &mut *bytes };
        let text = inner.text()?;
        match entries(&inner, &text)? {
            (Form::Pages, pages) => take(&inner, &pages, told)?,
            (Form::Index, _) => {
                let reason = format!("{name} is not read: an index within an index, name it with a flag of its own");
                told.leave_out(given.line(*line), reason);
            }
        }
    }
    if told.hosts.is_empty() {
        let what = format!(
            "none of its {} sitemaps can be read: they have to lie beside it, since URLs are not fetched",
            members.len()
        );
        return Err(given.fail_whole(what));
    }
    Ok(())
}

/// The file that a member's URL ends with: below the index's folder as deep as the URL has it, or less deep.
fn beside(folder: &Path, path: &str) -> Option<PathBuf> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // One with a query is no file: the server makes it.
    if parts.iter().any(|part| [".", ".."].contains(part) || part.contains(['?', '\\', ':'])) {
        return None;
    }
    let below = |skipped: usize| folder.join(parts[skipped..].iter().collect::<PathBuf>());
    (0..parts.len()).map(below).find(|file| file.is_file())
}
