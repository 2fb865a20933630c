//! Which names are one tenant: what all sources saw, held against what tenants files say of the same hosts. What a
//! tenants file says wins, discovery adds the hosts that it lacks; two owners of one host are an error.

use std::sync::Arc;

use super::claims::Claim;
use super::{Claims, Listing, SampleHost, Sighting, Told, samples};
use crate::inventory::InventoryError;
use crate::model::Unprobeable;

/// What was discovered, by tenant.
#[derive(Default)]
pub(in crate::inventory) struct Discovered {
    /// By id, nothing where it was taken.
    groups: Vec<(Arc<str>, Option<Group>)>,
    /// What no name can be asked for, and whose it is.
    pub(in crate::inventory) unprobeable: Vec<(Arc<str>, Unprobeable)>,
}

/// What was discovered of one tenant.
#[derive(Default)]
pub(in crate::inventory) struct Group {
    /// In the order in which sources told them.
    pub(in crate::inventory) hosts: Vec<Arc<str>>,
    /// Where the first of them stands, and the other places.
    pub(in crate::inventory) source: Arc<str>,
    pub(in crate::inventory) also: Vec<Arc<str>>,
    /// Paths that sources name: what is below them is the tenant's, they are no objects.
    pub(in crate::inventory) prefixes: Vec<Arc<str>>,
    pub(in crate::inventory) listing: Option<Box<Listed>>,
}

/// What lists say of a tenant, and the first place that says it.
pub(in crate::inventory) struct Listed {
    pub(in crate::inventory) listing: Listing,
    source: Arc<str>,
}

/// One sighting in its turn.
pub(super) struct Seen {
    pub(super) order: usize,
    pub(super) sighting: Sighting,
    pub(super) listing: Option<Box<Listing>>,
}

/// One host, and all that was seen of it.
struct Known {
    order: usize,
    host: Arc<str>,
    /// By the tenant key, and the place that says so.
    tenant: Option<(Arc<str>, Arc<str>)>,
    group: Group,
}

impl Discovered {
    /// Merges what was told; whole tenants files are not among it any more.
    pub(in crate::inventory) fn of(
        told: Vec<Told>,
        flagged: &[SampleHost],
        claims: &Claims,
    ) -> Result<Self, InventoryError> {
        let (mut seen, mut unprobeable) = samples::resolved(told, flagged, claims)?;
        // By host, and those of one host in their turn: the sort is stable.
        seen.sort_by(|one, other| one.sighting.host.cmp(&other.sighting.host));
        let mut known: Vec<Known> = Vec::with_capacity(seen.len());
        for seen in seen {
            match known.last_mut() {
                Some(last) if last.host == seen.sighting.host => last.add(seen)?,
                _ => known.push(Known::of(seen)?),
            }
        }
        let mut owned =
            known.into_iter().map(|known| Ok((claims.owner(&known)?, known))).collect::<Result<Vec<_>, _>>()?;
        owned.sort_by(|(id, one), (other_id, other)| id.cmp(other_id).then(one.order.cmp(&other.order)));
        let mut groups: Vec<(Arc<str>, Option<Group>)> = Vec::with_capacity(owned.len());
        for (id, known) in owned {
            match groups.last_mut() {
                Some((last, Some(group))) if *last == id => group.join(known.group, &id)?,
                _ => groups.push((id, Some(known.group))),
            }
        }
        unprobeable.sort_by(|(_, one), (_, other)| (&one.pattern, &one.source).cmp(&(&other.pattern, &other.source)));
        unprobeable.dedup();
        Ok(Self { groups, unprobeable })
    }

    /// Every host that was discovered and nobody took yet.
    pub(in crate::inventory) fn hosts(&self) -> impl Iterator<Item = &Arc<str>> {
        self.groups.iter().filter_map(|(_, group)| group.as_ref()).flat_map(|group| &group.hosts)
    }

    /// What was discovered of that tenant, for who asks first.
    pub(in crate::inventory) fn take(&mut self, id: &str) -> Option<Group> {
        let at = self.groups.binary_search_by(|(known, _)| (**known).cmp(id)).ok()?;
        self.groups[at].1.take()
    }

    /// How many tenants were discovered.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Tenants that nobody asked for.
    pub(super) fn rest(self) -> impl Iterator<Item = (Arc<str>, Group)> {
        self.groups.into_iter().filter_map(|(id, group)| Some((id, group?)))
    }
}

impl Claims {
    /// The tenants file's word, else the tenant key's, else the host.
    fn owner(&self, known: &Known) -> Result<Arc<str>, InventoryError> {
        match (self.of_host(&known.host), &known.tenant) {
            (Some(claim), Some((tenant, source))) if claim.id != *tenant => {
                Err(two_owners(&known.host, (tenant, source), (&claim.id, &claim.source)))
            }
            (Some(Claim { id, .. }), _) | (None, Some((id, _))) => Ok(Arc::clone(id)),
            (None, None) => Ok(Arc::clone(&known.host)),
        }
    }
}

impl Known {
    fn of(seen: Seen) -> Result<Self, InventoryError> {
        let Seen { order, sighting: Sighting { host, tenant, paths, source, .. }, listing } = seen;
        if tenant.as_ref().is_some_and(|tenant| tenant.trim().is_empty() || tenant.contains(char::is_control)) {
            let what = format!("the tenant key of \"{host}\" holds no name, write the tenant's id there");
            return Err(InventoryError::Entry { at: source, what });
        }
        let listing = listing.map(|listing| Box::new(Listed { listing: *listing, source: Arc::clone(&source) }));
        let hosts = vec![Arc::clone(&host)];
        let tenant = tenant.map(|tenant| (tenant, Arc::clone(&source)));
        Ok(Self { order, host, tenant, group: Group { hosts, source, also: Vec::new(), prefixes: paths, listing } })
    }

    fn add(&mut self, seen: Seen) -> Result<(), InventoryError> {
        let Self { tenant, group, .. } = Self::of(seen)?;
        match (&self.tenant, tenant) {
            (Some((first, at)), Some((second, source))) if *first != second => {
                return Err(two_owners(&self.host, (&second, &source), (first, at)));
            }
            (None, Some(tenant)) => self.tenant = Some(tenant),
            _ => {}
        }
        let id = self.tenant.as_ref().map_or_else(|| Arc::clone(&self.host), |(id, _)| Arc::clone(id));
        self.group.join(Group { hosts: Vec::new(), ..group }, &id)
    }
}

impl Group {
    fn join(&mut self, other: Self, id: &str) -> Result<(), InventoryError> {
        self.hosts.extend(other.hosts);
        for source in std::iter::once(other.source).chain(other.also) {
            if source != self.source && !self.also.contains(&source) {
                self.also.push(source);
            }
        }
        for prefix in other.prefixes {
            if !self.prefixes.contains(&prefix) {
                self.prefixes.push(prefix);
            }
        }
        match (&mut self.listing, other.listing) {
            (Some(mine), Some(theirs)) => mine.join(*theirs, id),
            (mine @ None, theirs) => {
                *mine = theirs;
                Ok(())
            }
            (Some(_), None) => Ok(()),
        }
    }
}

impl Listed {
    fn join(&mut self, other: Self, id: &str) -> Result<(), InventoryError> {
        let Listing { paths, priority, tags } = other.listing;
        if let (Some(first), Some(second)) = (self.listing.priority, priority)
            && first != second
        {
            let (first, second, at) = (first.id(), second.id(), &self.source);
            let what = format!("tenant \"{id}\": its priority is {second} here and {first} at {at}, keep one of them");
            return Err(InventoryError::Entry { at: other.source, what });
        }
        self.listing.priority = self.listing.priority.or(priority);
        for path in paths {
            if !self.listing.paths.contains(&path) {
                self.listing.paths.push(path);
            }
        }
        for tag in tags {
            if !self.listing.tags.contains(&tag) {
                self.listing.tags.push(tag);
            }
        }
        Ok(())
    }
}

/// Two places that give one host to different tenants: the later one, and the one before.
pub(super) fn two_owners(
    host: &str,
    (second, at): (&str, &Arc<str>),
    (first, before): (&str, &Arc<str>),
) -> InventoryError {
    let what = format!(
        "\"{host}\" is tenant \"{second}\"'s here and tenant \"{first}\"'s at {before}, give it to one of them"
    );
    InventoryError::Entry { at: Arc::clone(at), what }
}
