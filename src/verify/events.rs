//! Each change of a check's state, as it happens, through a bounded channel to whoever writes it down.

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::mpsc;

use super::Network;
use super::lane::Lane;
use crate::model::{Verdict, stamp};

/// What `schema` says in an event of this shape.
pub const EVENTS_SCHEMA: &str = "purgeproof.events/1";

/// One check is now seen in another state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Event {
    /// [`EVENTS_SCHEMA`].
    #[schemars(extend("const" = EVENTS_SCHEMA))]
    pub schema: &'static str,
    /// RFC 3339.
    pub at: String,
    /// Milliseconds since the purge, or where its time is not known, since the start.
    pub ms: u32,
    /// Name of the environment.
    pub environment: String,
    /// Key of the region.
    pub region: String,
    /// Name of the edge.
    pub edge: String,
    /// Id of the tenant.
    pub tenant: String,
    /// Host as the tenant writes it.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// Name of the variant.
    pub variant: String,
    /// What it was seen as before; nothing at first.
    pub was: Option<Verdict>,
    /// What it is seen as.
    pub verdict: Verdict,
    /// Nothing better is waited for.
    pub settled: bool,
}

/// Where events go.
pub type Events = mpsc::Sender<Event>;

impl<N: Network> Lane<N> {
    /// Tells of a change. Whoever writes slowly slows the lanes rather than losing anything.
    pub(super) async fn tell(&self, object: u32, was: Option<Verdict>, verdict: Verdict, settled: bool) {
        let Some(events) = &self.run.events else { return };
        if was == Some(verdict) && !settled {
            return;
        }
        let spot = self.run.spot(self.berth.environment, object);
        let id = &self.edge().id;
        let told = |text: &str| self.run.inventory.secrets.mask(text);
        let event = Event {
            schema: EVENTS_SCHEMA,
            at: stamp(self.run.clock.wall()),
            ms: self.run.since_purge_ms(),
            environment: told(&id.environment),
            region: told(&id.region),
            edge: told(&id.edge),
            tenant: told(spot.thing.tenant),
            host: told(spot.thing.host),
            path: told(&super::asks::fill(spot.thing.path, &spot.thing)),
            variant: self.run.inventory.variants[spot.thing.variant].name.to_string(),
            was,
            verdict,
            settled,
        };
        // A reader that is gone has said why itself.
        let _ = events.send(event).await;
    }
}
