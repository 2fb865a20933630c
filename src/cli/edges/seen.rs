//! `--probe`: who answers at each address.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;

use super::list::Row;
use crate::dialect;
use crate::model::{Edge, Inventory, Protocol};
use crate::syntax::certificate::{Certificate, certificate};
use crate::verify::Wire;

/// Addresses asked at once.
const SIDE_BY_SIDE: usize = 64;

/// What each address is asked for.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) host: Arc<str>,
    path: Arc<str>,
}

/// Who answered.
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) provider: &'static str,
    /// With those behind it: which of several caches stands nearest cannot always be told.
    pub(super) providers: Vec<&'static str>,
    pub(super) pop: Option<String>,
    pub(super) protocol: Protocol,
    pub(super) tls: Option<String>,
    pub(super) certificate: Option<Certificate>,
    pub(super) round_trip: Option<Duration>,
}

impl Seen {
    /// Another provider or POP than the file expects.
    pub(super) fn is_other(&self, edge: &Edge) -> bool {
        let other_provider = edge.provider.as_deref().is_some_and(|expected| !self.providers.contains(&expected));
        let pops = edge.pop.as_deref().zip(self.pop.as_deref());
        self.provider != "unknown" && other_provider
            || pops.is_some_and(|(expected, seen)| !seen.eq_ignore_ascii_case(expected))
    }
}

/// `HOST` or `HOST/PATH`.
pub(super) fn target(text: &str) -> Result<Target, String> {
    let (host, path) = text.split_at(text.find('/').unwrap_or(text.len()));
    crate::inventory::check_host(host)?;
    let path = if path.is_empty() { "/" } else { path };
    crate::inventory::check_path(path)?;
    Ok(Target { host: host.into(), path: path.into() })
}

/// Asks each address that was found, on a connection of its own.
pub(super) async fn look(rows: &mut [Row<'_>], wire: &Wire, inventory: &Inventory, target: &Target) {
    let looks = rows.iter_mut().map(|row| async move {
        let Some(Ok(found)) = &row.found else { return };
        // An address of the tenant's own name is asked for that tenant.
        let host = row.tenant.and(row.host).unwrap_or(&target.host);
        for address in &found.addresses {
            let asked = wire.visit(row.edge, *address, host, &target.path).await;
            row.seen.push(asked.map(|observation| {
                let reading = dialect::read(&observation.head, observation.received);
                let tls = observation.tls.as_deref();
                Seen {
                    status: observation.head.status,
                    provider: reading.provider,
                    providers: [reading.provider]
                        .into_iter()
                        .chain(reading.layers.iter().map(|layer| layer.provider))
                        .collect(),
                    pop: reading.pop.map(|pop| inventory.secrets.mask(&pop)),
                    protocol: observation.protocol,
                    tls: tls.map(|tls| tls.version.clone()),
                    certificate: tls.and_then(|tls| certificate(tls.certificate.as_deref()?)),
                    round_trip: observation.timings.connect,
                }
            }));
        }
    });
    stream::iter(looks).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
}
