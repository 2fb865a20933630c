//! Tenants from what a team already has, one file per kind of source; it names hosts and where they stand, it sends
//! nothing and drops nothing in silence.

mod claims;
mod cloudflare;
mod cloudfront;
mod compose;
mod csv;
mod files;
mod flags;
mod host_regexp;
mod hosts;
mod kubernetes;
mod merge;
mod name;
mod reach;
mod samples;
mod tenant;
mod terraform;
mod traefik;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

pub(super) use claims::Claims;
pub use flags::{Discover, SampleHost};
pub(super) use merge::{Discovered, Group};
pub(super) use tenant::tenants;

use super::document::Document;
use super::tree::{Env, Misread};
use super::{InventoryError, Text};
use crate::model::Priority;

/// A kind of source.
pub(super) struct Kind {
    /// `compose`, as in `--discover compose=PATH`.
    pub(super) id: &'static str,
    /// Endings of the files that are read of a folder.
    pub(super) endings: &'static [&'static str],
    /// What files tell together.
    pub(super) read: fn(&[Given<'_>]) -> Result<Vec<Told>, InventoryError>,
}

/// Every kind of source, in the order of their names.
pub(super) const ALL: &[Kind] = &[
    cloudflare::CLOUDFLARE,
    cloudfront::CLOUDFRONT,
    compose::COMPOSE,
    csv::CSV,
    hosts::HOSTS,
    kubernetes::KUBERNETES,
    terraform::TERRAFORM,
];

/// One file as it is given to a kind.
pub(super) struct Given<'g> {
    /// As it was named: `deploy/acme/compose.yaml`, or `standard input`.
    pub(super) file: &'g str,
    /// Where the files are that it names itself.
    pub(super) folder: &'g Path,
    pub(super) text: &'g str,
    /// Variables of our own environment.
    pub(super) env: &'g Env<'g>,
    /// `--tenant-key`: the label or annotation whose value is the tenant's id.
    pub(super) tenant_key: Option<&'g str>,
}

impl Given<'_> {
    /// `deploy/acme/compose.yaml:12`
    pub(super) fn line(&self, line: u32) -> Arc<str> {
        format!("{}:{line}", self.file).into()
    }

    /// `deploy/acme/compose.yaml:12: service "web"`
    pub(super) fn object(&self, line: u32, object: &str) -> Arc<str> {
        format!("{}:{line}: {object}", self.file).into()
    }

    /// `{file}:{line}: {what}`
    pub(super) fn fail(&self, line: u32, what: impl Into<String>) -> InventoryError {
        InventoryError::Entry { at: self.line(line), what: what.into() }
    }

    /// A name of a list; one that is none is an error.
    fn listed(&self, line: u32, text: &str) -> Result<Told, InventoryError> {
        match name::name(text) {
            Ok(name) => Ok(name.told(self.line(line))),
            Err(why) => Err(self.fail(line, why)),
        }
    }

    pub(super) fn misread(&self, misread: Misread) -> InventoryError {
        self.fail(misread.line, misread.what)
    }
}

/// What a source tells of one name.
pub(super) enum Told {
    /// A name that users ask for.
    Host(Sighting),
    /// `*.example.com`, which any name below stands for.
    Wildcard(Sighting),
    /// What no single name stands for: a pattern, a rule without a host.
    Unprobeable {
        /// As it is written.
        pattern: String,
        /// File, line and object.
        source: Arc<str>,
        /// Why nothing can be asked for it, and what would mend it.
        reason: String,
    },
    /// A whole tenants file within another.
    Tenants(Document),
    /// A name that users ask for, and what a list says of its tenant.
    Listed(Sighting, Box<Listing>),
}

impl Told {
    const fn sighting(&self) -> Option<&Sighting> {
        match self {
            Self::Host(sighting) | Self::Wildcard(sighting) | Self::Listed(sighting, _) => Some(sighting),
            Self::Unprobeable { .. } | Self::Tenants(_) => None,
        }
    }
}

/// What a list says of a tenant beside its names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// What is asked for, with query.
    pub(super) paths: Vec<Arc<str>>,
    pub(super) priority: Option<Priority>,
    pub(super) tags: Vec<String>,
}

/// One name, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    /// In lower case, without a port: `shop.example.com`, `*.example.com`.
    pub(super) host: Arc<str>,
    /// By the tenant key; without it the host is the tenant.
    pub(super) tenant: Option<Arc<str>>,
    /// A name under a wildcard that the source itself offers, by label or annotation.
    pub(super) sample: Option<Arc<str>>,
    /// Paths that the source names, none where it names none or all below `/`.
    pub(super) paths: Vec<Arc<str>>,
    /// File, line and object: `compose.yaml:12: service "web", label traefik.http.routers.web.rule`.
    pub(super) source: Arc<str>,
}

impl Sighting {
    /// A name, and where it stands.
    fn new(host: Arc<str>, source: Arc<str>) -> Self {
        Self { host, tenant: None, sample: None, paths: Vec::new(), source }
    }
}

/// What all sources tell, in the order in which they are named and their files sorted.
pub(super) fn told(sources: &[Discover], tenant_key: Option<&str>, env: &Env<'_>) -> Result<Vec<Told>, InventoryError> {
    if let Some(second) = sources.iter().filter(|source| source.is_stdin()).nth(1) {
        return Err(second.fail("standard input is read once, name a file here"));
    }
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    for source in sources {
        let Some(kind) = source.kind() else { continue };
        let new = files::of(source, kind)?.into_iter().filter(|path| seen.insert((kind.id, path.clone())));
        let texts: Vec<files::Content> =
            new.map(|path| files::text(path.as_deref(), source)).collect::<Result<_, _>>()?;
        let given = texts.iter().map(|text| Given {
            file: &text.file,
            folder: &text.folder,
            text: &text.text,
            env,
            tenant_key,
        });
        let told = (kind.read)(&given.collect::<Vec<_>>())?;
        if told.is_empty() && !texts.is_empty() {
            return Err(
                source.fail("names no host, so it is hardly what was meant; correct kind or path, or leave it out")
            );
        }
        join(&mut all, told);
    }
    Ok(all)
}

/// A key that no name has beside it; of what cannot be asked for, nobody knows.
pub(super) fn key_is_somewhere(key: &str, told: &[Told]) -> Result<(), InventoryError> {
    let is_on_nothing = |told: &Told| told.sighting().is_some_and(|name| name.tenant.is_none());
    if told.is_empty() || !told.iter().all(is_on_nothing) {
        return Ok(());
    }
    let what = format!("{key:?} is on nothing that was discovered, so each host would be a tenant of its own");
    Err(InventoryError::flag("--tenant-key", format!("{what}; correct it or leave it out")))
}

/// One long list is not held twice.
fn join(all: &mut Vec<Told>, more: Vec<Told>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.extend(more);
    }
}

/// What texts of one kind tell together.
pub(super) fn told_by(
    kind: &str,
    texts: &[Text<'_>],
    tenant_key: Option<&str>,
    env: &Env<'_>,
) -> Result<Vec<Told>, InventoryError> {
    let Some(kind) = ALL.iter().find(|known| known.id == kind) else {
        return Err(flags::unknown(kind, kind));
    };
    let names: Vec<String> = texts.iter().map(|text| text.file.display().to_string()).collect();
    let given = texts.iter().zip(&names).map(|(Text { file, text }, name)| Given {
        file: name,
        folder: file.parent().unwrap_or(Path::new("")),
        text,
        env,
        tenant_key,
    });
    (kind.read)(&given.collect::<Vec<_>>())
}

/// What files tell that say nothing about each other.
fn one_by_one(
    given: &[Given<'_>],
    read: fn(&Given<'_>) -> Result<Vec<Told>, InventoryError>,
) -> Result<Vec<Told>, InventoryError> {
    let mut all = Vec::new();
    for file in given {
        join(&mut all, read(file)?);
    }
    Ok(all)
}

/// Tenants files that stood within others.
pub(super) fn take_tenants(told: &mut Vec<Told>) -> Vec<Document> {
    let is_file = |told: &mut Told| matches!(told, Told::Tenants(_));
    let files = told.extract_if(.., is_file).filter_map(|told| match told {
        Told::Tenants(doc) => Some(doc),
        _ => None,
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(kind: &Kind, text: &str) -> Result<Vec<Told>, InventoryError> {
        let env = |_: &str| None;
        (kind.read)(&[Given { file: "x", folder: Path::new(""), text, env: &env, tenant_key: Some("tenant") }])
    }

    #[test]
    fn kinds_stand_in_the_order_of_their_names() {
        assert!(ALL.windows(2).all(|pair| pair[0].id < pair[1].id));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_kind_panic(text in "[\\PC\n\t\"]{0,200}") {
            for kind in ALL {
                let _ = read(kind, &text);
            }
        }

        #[test]
        fn no_almost_right_text_makes_a_kind_panic(
            text in "([\\[\\]{}:,;*\"'|]|\n| |host|domain|tenant|result|hostname|Aliases|Items|values|root_module|resources|type|a\\.example|1|true){0,60}",
        ) {
            for kind in ALL {
                let _ = read(kind, &text).and_then(|told| Discovered::of(told, &[], &Claims::default()));
            }
        }
    }
}
