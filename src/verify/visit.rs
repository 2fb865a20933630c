//! One request to one address of an edge, outside of any run: who answers there?

use std::net::SocketAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, HeaderValue};

use super::asks::{Asks, Body};
use super::wire::not_set_up;
use super::{Thing, Wire};
use crate::clock::Clock;
use crate::model::{Ask, Edge, Observation, Silence, Variant};
use crate::probe::Fetch as _;

impl Wire {
    /// Asks for a path of that host, on a connection of its own.
    pub async fn visit(
        &self,
        edge: &Edge,
        address: SocketAddr,
        host: &Arc<str>,
        path: &Arc<str>,
    ) -> Result<Observation, Silence> {
        let client = self.client(edge, address).ok_or_else(|| not_set_up(&edge.id.edge))?;
        let encoding = (ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let identity = Variant { name: "identity".into(), headers: [encoding].into_iter().collect() };
        let asks = Asks::new(&[identity], &HeaderMap::new(), &edge.headers, 0).around(self.literal.clone());
        let headers = HeaderMap::new();
        let thing = Thing { tenant: host, host, hostname: None, path, variant: 0, headers: &headers };
        let through = if edge.place.is_by_host() { self.found(edge, Some(host)).await?.through } else { None };
        let ask = Ask { through, ..asks.edge(edge, &thing, Body::Leave, true) };
        client.fetch(&ask, Clock::now() + edge.pace.timeout).await
    }
}
