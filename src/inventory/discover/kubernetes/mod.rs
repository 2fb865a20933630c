//! Hosts of Kubernetes manifests, as files, as `kustomize` and `helm template` render them, and as `kubectl` lists them;
//! it asks no cluster.
//!
//! Kinds that route no host by name are passed over: a Service, a Certificate, a DNS record.

mod config_map;
mod field;
mod gateway;
mod hostname;
mod ingress;
mod istio;
mod knative;
mod manifest;
mod openshift;
mod paths;
mod teller;
mod traefik_route;

#[cfg(test)]
mod tests;

use super::super::InventoryError;
use super::{Given, Kind, Told};
use manifest::Object;
use teller::Teller;

/// Manifests.
pub(super) const KUBERNETES: Kind = Kind { id: "kubernetes", endings: &["yaml", "yml", "json"], read };

/// A route may stand in another file than its Gateway.
fn read(given: &[Given<'_>]) -> Result<Vec<Told>, InventoryError> {
    let parsed = given.iter().map(manifest::parse).collect::<Result<Vec<_>, _>>()?;
    let mut objects = Vec::new();
    for (given, documents) in given.iter().zip(&parsed) {
        manifest::objects(given, documents, &mut objects)?;
    }
    let mut told = Vec::new();
    for object in &objects {
        tell(object, &mut told)?;
    }
    gateway::tell_all(&objects, &mut told)?;
    istio::tell_all(&objects, &mut told)?;
    ingress::tell_all(&objects, &mut told)?;
    Ok(told)
}

/// Of what passes connections on.
const NOT_HTTP: &str =
    "it passes TLS or TCP on, so nothing says that HTTP answers, name the host in a tenants file if it does";

/// What an object tells by itself.
fn tell(object: &Object<'_>, told: &mut Vec<Told>) -> Result<(), InventoryError> {
    let tell = match (object.group, object.kind) {
        ("route.openshift.io" | "", "Route") => openshift::tell,
        ("serving.knative.dev", "DomainMapping") => knative::tell,
        ("traefik.io" | "traefik.containo.us", "IngressRoute" | "IngressRouteTCP") => traefik_route::tell,
        ("", "ConfigMap") => config_map::tell,
        _ => return Ok(()),
    };
    tell(object, &mut Teller::of(object, told)?)
}
