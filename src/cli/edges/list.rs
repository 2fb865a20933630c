//! The rows of the list: one for each edge, or for each edge and host where the address is the tenant's own name's.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;

use super::seen::Seen;
use crate::model::{Edge, Inventory, Phase, Place, Silence, Subnet};
use crate::source::Found;
use crate::verify::Wire;

/// Names looked up at once.
const SIDE_BY_SIDE: usize = 512;

/// One edge, for one host where that matters.
pub(super) struct Row<'i> {
    pub(super) edge: &'i Edge,
    pub(super) tenant: Option<&'i Arc<str>>,
    pub(super) host: Option<&'i Arc<str>>,
    /// Nothing where nobody looked.
    pub(super) found: Option<Result<Found, Silence>>,
    /// What was seen at each address, in their order.
    pub(super) seen: Vec<Result<Seen, Silence>>,
}

impl Row<'_> {
    pub(super) fn subnet(&self) -> Option<Subnet> {
        self.edge.place.lookup()?.subnet
    }

    /// The word for how it is found.
    pub(super) fn how(&self) -> &'static str {
        match &self.edge.place {
            Place::Address(..) => "address",
            Place::Hostname { .. } => "hostname",
            Place::Tenant(_) => "tenant",
            Place::Vantage(vantage) => vantage.key(),
            Place::Proxy(_) => "proxy",
        }
    }

    /// How long the lookup took, whatever came of it.
    pub(super) fn took(&self) -> Option<Duration> {
        match self.found.as_ref()? {
            Ok(found) => found.took,
            Err(silence) => silence.timings.resolve,
        }
    }

    /// Somebody answered at each address that was asked, and as far as they say, whom the file expects.
    pub(super) fn is_as_expected(&self) -> bool {
        self.seen.iter().all(|seen| seen.as_ref().is_ok_and(|seen| !seen.is_other(self.edge)))
    }

    /// The answer was made for everyone, though a subnet was named.
    pub(super) fn is_subnet_ignored(&self) -> bool {
        let found = self.found.as_ref().and_then(|found| found.as_ref().ok());
        self.subnet().is_some() && found.is_some_and(|found| found.scope.unwrap_or(0) == 0)
    }
}

/// What is to be found; `host` stands in where no tenant is known.
pub(super) fn planned<'i>(inventory: &'i Inventory, host: Option<&'i Arc<str>>) -> Vec<Row<'i>> {
    let mut rows = Vec::new();
    for edge in inventory.environments.iter().flat_map(|environment| &environment.edges) {
        let row = |tenant, host| Row { edge, tenant, host, found: None, seen: Vec::new() };
        if !matches!(edge.place, Place::Tenant(_)) {
            rows.push(row(None, None));
            continue;
        }
        let before = rows.len();
        for tenant in &inventory.tenants {
            let hosts = tenant.hosts.get(&edge.id.environment).into_iter().flatten();
            rows.extend(hosts.map(|host| row(Some(&tenant.id), Some(host))));
        }
        if rows.len() == before {
            rows.push(row(None, host));
        }
    }
    rows
}

/// Looks all of them up, side by side.
pub(super) async fn find(rows: &mut [Row<'_>], wire: &Wire) {
    let finds = rows.iter_mut().map(|row| async move {
        row.found = Some(match (&row.edge.place, row.host) {
            (Place::Tenant(_), None) => {
                let words = "a tenant's own name leads there, name tenants with --tenants";
                Err(Silence::new(Phase::Dns, &row.edge.id.edge, words))
            }
            _ => wire.found(row.edge, row.host).await,
        });
    });
    stream::iter(finds).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
}
