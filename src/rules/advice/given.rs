//! What advice is given on: one answer, and what is known of its object. It gives none itself.

use crate::model::{Head, Priority};
use crate::syntax::cache_control::CacheControl;

/// One answer.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// As users get it.
    pub head: &'a Head,
    /// What was asked for, with its query.
    pub path: &'a str,
    /// How soon a purge must have reached it.
    pub priority: Priority,
    /// Each field that rules caching, by name, and what it says.
    pub policies: &'a [(&'static str, CacheControl)],
    /// A cache answered out of its store.
    pub from_a_store: bool,
    /// The nearest cache says that it does not store it.
    pub passed: bool,
    /// Two entity tags that the origin gave to one and the same content.
    pub etags: Option<&'a [String; 2]>,
}

impl Given<'_> {
    /// What browsers are told.
    pub(super) fn told_browsers(&self) -> CacheControl {
        let general = self.policies.iter().find(|(name, _)| *name == "Cache-Control");
        general.map(|(_, said)| *said).unwrap_or_default()
    }

    /// A cache that many share may keep it: one did, or it is told for how long, and nobody forbids it.
    pub(super) fn is_kept_for_many(&self) -> bool {
        let forbidden = self.policies.iter().any(|(_, said)| said.is_unstorable());
        let allowed = self.policies.iter().any(|(_, said)| said.shared_lifetime().is_some_and(|seconds| seconds > 0));
        self.from_a_store || (allowed && !forbidden && !self.passed)
    }

    /// A field as it came, with its name.
    pub(super) fn shown(&self, name: &str) -> String {
        format!("{}: {}", name.to_ascii_lowercase(), self.head.joined(name).unwrap_or_default())
    }

    /// Whether `Vary` names that field.
    pub(super) fn varies_by(&self, field: &str) -> bool {
        let vary = self.head.joined("vary").unwrap_or_default();
        vary.split(',').any(|named| named.trim().eq_ignore_ascii_case(field))
    }
}
