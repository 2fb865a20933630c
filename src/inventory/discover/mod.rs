//! Tenants from what a team already has, one file per kind of source; it names hosts and where they stand, it sends
//! nothing and drops nothing in silence.

mod compose;
mod host_regexp;
mod kubernetes;
mod traefik;

use std::path::Path;
use std::sync::Arc;

use super::InventoryError;
use super::document::Document;
use super::tree::{Env, Misread};

/// A kind of source.
pub(super) struct Kind {
    /// `compose`, as in `--discover compose=PATH`.
    pub(super) id: &'static str,
    /// Endings of the files that are read of a folder.
    pub(super) endings: &'static [&'static str],
    /// What one file tells.
    pub(super) read: fn(&Given<'_>) -> Result<Vec<Told>, InventoryError>,
}

/// Every kind of source, in the order of their names.
pub(super) const ALL: &[Kind] = &[compose::COMPOSE, kubernetes::KUBERNETES];

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
