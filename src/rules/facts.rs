//! What rules may know: the finding, and how its neighbours fare.

use crate::model::{Neighbour, Phase, Swept, Trouble, Verdict};

/// One finding, as rules see it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Facts<'a> {
    /// What was claimed.
    pub verdict: Verdict,
    /// What kept a better claim from being made.
    pub trouble: Option<Trouble>,
    /// Where on its way an unreachable check got no answer.
    pub phase: Option<Phase>,
    /// Key of the region.
    pub region: &'a str,
    /// Name of the edge.
    pub edge: &'a str,
    /// The tenant's host.
    pub host: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Name of the variant.
    pub variant: &'a str,
    /// The error in words, where there was one.
    pub error: Option<&'a str>,
    /// What the edge answered.
    pub observed_status: Option<u16>,
    /// What the origin answers.
    pub reference_status: Option<u16>,
    /// POP that should have answered.
    pub pop_expected: Option<&'a str>,
    /// POP that answered.
    pub pop_seen: Option<&'a str>,
    /// Provider that should have answered.
    pub provider_expected: Option<&'a str>,
    /// Provider that answered.
    pub provider_seen: Option<&'a str>,
    /// The names that led to the address that answered, and for how long they may be kept.
    pub led: Option<&'a str>,
    /// The time of the purge is known.
    pub purged: bool,
    /// The copy was stored before the purge.
    pub predates_purge: bool,
    /// The copy was stored after the purge.
    pub stored_after_purge: bool,
    /// A cache on the way says that the copy is out of date.
    pub says_stale: bool,
    /// The copy is older than its lifetime, and no cache says so.
    pub outlived: bool,
    /// The nearest cache says that it could not get a new copy.
    pub revalidation_failed: bool,
    /// The answer came out of a store.
    pub from_a_store: bool,
    /// Content-Type differs under the same entity tag.
    pub metadata_changed_etag_same: bool,
    /// Looks at the same edge gave different verdicts.
    pub took_turns: bool,
    /// Another variant of the same object is fresh here.
    pub a_variant_is_fresh: bool,
    /// How this object is purged, in the terms of the provider that holds the old copy.
    pub how_to_purge: Option<&'a str>,
    /// Near neighbours of the key that were asked.
    pub swept: &'a [Swept],
    /// The cache behind the nearest one that answered from its store, for this answer or when the nearest was filled.
    pub parent: Option<Parent<'a>>,
    /// The nearest cache did not answer from its store: it asked its parent.
    pub edge_asked_its_parent: bool,
    /// The nearest cache says that it stored its copy after the purge, however old that was by then.
    pub edge_refilled_after_purge: bool,
    /// Another edge asked the same parent, and got the same old copy from before the purge.
    pub parent_still_serves: bool,
    /// How the neighbours fare.
    pub nearby: Nearby,
}

/// A cache behind the nearest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent<'a> {
    /// Whose it is.
    pub provider: &'a str,
    /// Where it stands, or what it calls itself.
    pub place: Option<&'a str>,
}

/// How many of a set of checks are old.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Stale or unpurged.
    pub bad: u64,
    /// That could be compared.
    pub of: u64,
}

impl Share {
    /// Counts one more.
    pub const fn count(&mut self, bad: bool) {
        self.of += 1;
        self.bad += bad as u64;
    }

    /// Adds another set.
    pub const fn add(&mut self, other: Self) {
        self.bad += other.bad;
        self.of += other.of;
    }

    /// All of them, and at least so many.
    pub const fn is_all(self, at_least: u64) -> bool {
        self.bad == self.of && self.of >= at_least
    }

    /// There are some, and less than half of them are old.
    pub const fn is_few(self) -> bool {
        self.of > 0 && self.bad * 2 < self.of
    }
}

/// How the checks around a finding fare, itself included.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nearby {
    /// All checks.
    pub everywhere: Share,
    /// More than one edge and more than one URL could be compared.
    pub spans_edges_and_urls: bool,
    /// This host, path and variant, at all edges.
    pub object: Share,
    /// This host, at all edges.
    pub host: Share,
    /// Every other host, at all edges.
    pub other_hosts: Share,
    /// Every other tenant, at all edges.
    pub other_tenants: Share,
    /// This edge, for all tenants.
    pub edge: Share,
    /// This region, for all tenants.
    pub region: Share,
    /// How many edges the region has.
    pub region_edges: usize,
    /// All edges but this one, or where the whole region is old, all other regions.
    pub elsewhere: Share,
}

impl Nearby {
    /// No edge let go of anything.
    pub const fn nothing_moved(&self) -> bool {
        self.everywhere.is_all(4) && self.spans_edges_and_urls
    }

    /// Only this host is old, and it is so everywhere.
    pub const fn host_alone(&self) -> bool {
        self.host.is_all(2) && (self.other_hosts.is_few() || self.other_tenants.is_few())
    }

    /// Only this edge or region is old, and it is so for all it was asked for.
    pub const fn place_alone(&self) -> bool {
        self.edge.is_all(2) && self.elsewhere.is_few()
    }

    /// The whole region is old, and it is more than this edge.
    pub const fn region_is_old(&self) -> bool {
        self.region.is_all(2) && self.region_edges > 1
    }
}

impl Facts<'_> {
    /// Whether an old copy was seen.
    pub const fn is_old(&self) -> bool {
        matches!(self.verdict, Verdict::Stale | Verdict::Unpurged)
    }

    /// Whether other content or metadata than the reference's was seen.
    pub const fn is_other(&self) -> bool {
        matches!(self.verdict, Verdict::Stale | Verdict::Divergent)
    }

    /// Whether an old copy was seen that nobody touched since: not stored after the purge, nor marked as out of date.
    pub const fn is_untouched(&self) -> bool {
        self.is_old() && !self.stored_after_purge && !self.says_stale
    }

    /// The URL of a neighbour of that kind that is fresh, so that only the key of this one was missed. One that was
    /// not stored is fresh wherever nobody had asked for it, and shows nothing where more than this key is old, or
    /// where other edges let go of this key.
    pub fn found_fresh(&self, neighbour: Neighbour) -> Option<&str> {
        let near = &self.nearby;
        let shown_otherwise = near.nothing_moved() || near.host_alone() || near.place_alone() || near.object.is_few();
        let fresh = |swept: &&Swept| {
            swept.neighbour == neighbour && swept.verdict == Verdict::Fresh && (swept.from_a_store || !shown_otherwise)
        };
        self.swept.iter().find(fresh).map(|swept| swept.url.as_str())
    }

    /// The edge in words.
    pub fn edge(&self) -> String {
        format!("edge {}", self.edge)
    }

    /// The object in words.
    pub fn object(&self) -> String {
        format!("{}{}", self.host, self.path)
    }

    /// The error in words.
    pub fn said(&self) -> &str {
        self.error.unwrap_or("no more is known")
    }

    /// What the edge answered.
    pub fn status(&self) -> u16 {
        self.observed_status.unwrap_or_default()
    }

    /// The parent in words.
    pub fn parent_in_words(&self) -> String {
        match self.parent {
            Some(Parent { provider, place: Some(place) }) => format!("the parent {place} ({provider})"),
            Some(Parent { provider, place: None }) => format!("the {provider} parent"),
            None => "the parent".to_owned(),
        }
    }
}
