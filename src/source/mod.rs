//! stub
use crate::model::*;
use std::net::*;
use std::sync::Arc;
use std::time::Duration;
pub struct Resolvers;
pub struct Found {
    pub addresses: Vec<SocketAddr>,
    pub took: Option<Duration>,
}
impl Resolvers {
    pub fn new() -> Self {
        Self
    }
    pub async fn find(
        &self,
        place: &Place,
        port: u16,
        _f: AddressFamily,
        _a: Addresses,
        _t: Duration,
    ) -> Result<Found, Silence> {
        match place {
            Place::Address(ip, p) => Ok(Found { addresses: vec![SocketAddr::new(*ip, p.unwrap_or(port))], took: None }),
            Place::Hostname { name, .. } => Err(Silence::new(Phase::Dns, name, "x")),
        }
    }
}
