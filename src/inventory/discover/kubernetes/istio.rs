//! Istio's virtual services that hang on a gateway; names of the mesh and of what lies outside are none of ours.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::super::super::InventoryError;
use super::super::super::tree::Value;
use super::Told;
use super::field::Field;
use super::hostname::{Hostname, internal};
use super::manifest::Object;
use super::paths::{Match, Paths};
use super::teller::{Place, Teller};

/// Hosts of services and gateways that may be held against each other.
const PAIRS: usize = 1_000_000;

/// What all virtual services and Gateways tell.
pub(super) fn tell_all(objects: &[Object<'_>], told: &mut Vec<Told>) -> Result<(), InventoryError> {
    let ours = |kind| objects.iter().filter(move |object| object.group == "networking.istio.io" && object.kind == kind);
    let mut gateways = Gateways { by_name: BTreeMap::new(), pairs: 0 };
    for object in ours("Gateway") {
        gateways.by_name.entry(object.name).or_default().push(Gateway::read(object)?);
    }
    for object in ours("VirtualService") {
        gateways.tell_service(object, told)?;
    }
    gateways.by_name.values().flatten().try_for_each(|gateway| gateway.tell_rest(told))
}

struct Gateways<'o, 'n> {
    by_name: BTreeMap<&'n str, Vec<Gateway<'o, 'n>>>,
    pairs: usize,
}

struct Gateway<'o, 'n> {
    object: &'o Object<'n>,
    hosts: Vec<ServerHost<'n>>,
    /// Where a name stands among them: a gateway may have thousands.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Where the wildcards stand.
    wildcards: Vec<usize>,
    /// For what leaves the mesh.
    egress: bool,
    /// By a `VirtualService` that is here.
    referred_to: Cell<bool>,
}

struct ServerHost<'n> {
    field: Field<'n>,
    /// The one whose virtual services it takes.
    namespace: Option<&'n str>,
    hostname: Hostname,
    http: bool,
    taken: Cell<bool>,
}

impl<'o, 'n> Gateway<'o, 'n> {
    fn read(object: &'o Object<'n>) -> Result<Self, InventoryError> {
        let mut hosts = Vec::new();
        let servers = object.spec()?.map_or(Ok(Vec::new()), |spec| spec.list("servers"))?;
        for server in &servers {
            let http = speaks_http(server)?;
            for (field, text) in server.texts("hosts")? {
                let (namespace, name) =
                    text.split_once('/').map_or((None, text), |(before, name)| (Some(before), name));
                let hostname = Hostname::read(name).map_err(|why| field.fail(why))?;
                let namespace = match namespace {
                    Some(".") => object.namespace,
                    other => other.filter(|name| *name != "*"),
                };
                hosts.push(ServerHost { field, namespace, hostname, http, taken: Cell::new(false) });
            }
        }
        let (mut by_name, mut wildcards) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
        for (index, host) in hosts.iter().enumerate() {
            match &host.hostname {
                Hostname::One(name) => by_name.entry(name.clone()).or_default().push(index),
                _ => wildcards.push(index),
            }
        }
        let egress = is_egress(object)?;
        Ok(Self { object, hosts, by_name, wildcards, egress, referred_to: Cell::new(false) })
    }

    /// Those that may meet a name.
    fn near(&self, name: &Hostname) -> Vec<&ServerHost<'n>> {
        match name {
            Hostname::One(name) => {
                let same = self.by_name.get(name).into_iter().flatten();
                same.chain(&self.wildcards).filter_map(|index| self.hosts.get(*index)).collect()
            }
            _ => self.hosts.iter().collect(),
        }
    }

    /// Hosts that no `VirtualService` took.
    fn tell_rest(&self, told: &mut Vec<Told>) -> Result<(), InventoryError> {
        if self.egress {
            return Ok(());
        }
        let mut teller = Teller::of(self.object, told)?;
        let taken: BTreeSet<_> = self.hosts.iter().filter(|host| host.taken.get()).map(|host| &host.hostname).collect();
        for host in self.hosts.iter().filter(|host| host.http && !host.taken.get()) {
            match &host.hostname {
                Hostname::Any => {}
                name if taken.contains(name) => {}
                Hostname::One(name) | Hostname::Below(name) if internal(name) => {}
                // Its VirtualServices are elsewhere.
                name if !self.referred_to.get() => teller.hostname(&Place::from(&host.field), name, &[]),
                Hostname::One(name) | Hostname::Below(name) => {
                    let reason = "no VirtualService takes this host of the gateway, add one or take the host out";
                    teller.unprobeable(&Place::from(&host.field), name, reason.to_owned());
                }
            }
        }
        Ok(())
    }
}

fn speaks_http(server: &Field<'_>) -> Result<bool, InventoryError> {
    let protocol = server.at(&["port", "protocol"])?.map(|protocol| protocol.text()).transpose()?;
    let mode = server.at(&["tls", "mode"])?.map(|mode| mode.text()).transpose()?;
    let http = ["HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB"];
    let speaks = protocol.is_none_or(|protocol| http.contains(&protocol.to_ascii_uppercase().as_str()));
    Ok(speaks && mode != Some("PASSTHROUGH"))
}

fn is_egress(object: &Object<'_>) -> Result<bool, InventoryError> {
    let selector = object.root.at(&["spec", "selector"])?;
    let Some(Value::Map(entries)) = selector.map(|selector| selector.value) else { return Ok(false) };
    Ok(entries.iter().any(|entry| matches!(&entry.node.value, Value::Str(value) if value.contains("egress"))))
}

/// Where a `VirtualService` hangs.
struct Bound<'g, 'o, 'n> {
    gateways: Vec<&'g Gateway<'o, 'n>>,
    /// A gateway is not among what was given.
    unknown: bool,
}

impl<'o, 'n> Gateways<'o, 'n> {
    /// None where it is the mesh's alone, or for what leaves it.
    fn bound(&self, service: &Object<'_>, spec: &Field<'_>) -> Result<Option<Bound<'_, 'o, 'n>>, InventoryError> {
        let mut bound = Bound { gateways: Vec::new(), unknown: false };
        for (_, reference) in spec.texts("gateways")? {
            if reference == "mesh" {
                continue;
            }
            let (namespace, name) = referred(reference);
            let namespace = namespace.or(service.namespace);
            let named = self.by_name.get(name).into_iter().flatten();
            let mut known = false;
            for gateway in named.filter(|gateway| gateway.object.may_be_in(namespace)) {
                known = true;
                gateway.referred_to.set(true);
                if !gateway.egress {
                    bound.gateways.push(gateway);
                }
            }
            bound.unknown |= !known && !name.contains("egress");
        }
        Ok((bound.unknown || !bound.gateways.is_empty()).then_some(bound))
    }

    fn tell_service(&mut self, service: &Object<'n>, told: &mut Vec<Told>) -> Result<(), InventoryError> {
        let Some(spec) = service.spec()? else { return Ok(()) };
        let Some(bound) = self.bound(service, &spec)? else { return Ok(()) };
        let http = !spec.list("http")?.is_empty() || (spec.list("tls")?.is_empty() && spec.list("tcp")?.is_empty());
        let mut route = Service { http, paths: paths(&spec)?, teller: Teller::of(service, told)?, pairs: self.pairs };
        for (field, text) in spec.texts("hosts")? {
            let name = Hostname::read(text).map_err(|why| field.fail(why))?;
            match &name {
                Hostname::One(name) | Hostname::Below(name) if internal(name) => {}
                name => route.host(service, name, &field, &bound)?,
            }
        }
        self.pairs = route.pairs;
        Ok(())
    }
}

/// `gateway`, `namespace/gateway`, or as it was once written, `gateway.namespace.svc.cluster.local`.
fn referred(reference: &str) -> (Option<&str>, &str) {
    if let Some((namespace, name)) = reference.split_once('/') {
        return (Some(namespace).filter(|namespace| *namespace != "."), name);
    }
    let mut labels = reference.split('.');
    let name = labels.next().unwrap_or(reference);
    (labels.next(), name)
}

struct Service<'t> {
    http: bool,
    paths: Paths,
    teller: Teller<'t>,
    pairs: usize,
}

impl Service<'_> {
    fn host(
        &mut self,
        service: &Object<'_>,
        name: &Hostname,
        field: &Field<'_>,
        bound: &Bound<'_, '_, '_>,
    ) -> Result<(), InventoryError> {
        let near: Vec<_> = bound.gateways.iter().flat_map(|gateway| gateway.near(name)).collect();
        self.pairs += near.len();
        if self.pairs > PAIRS {
            return Err(
                field.fail("more hosts of services and gateways than can be compared, name fewer files at once")
            );
        }
        let mut met = Vec::new();
        for host in near {
            if let Some(both) = host.hostname.meet(name).filter(|_| service.may_be_in(host.namespace)) {
                host.taken.set(true);
                met.push(both);
            }
        }
        met.sort();
        met.dedup();
        let place = Place::from(field);
        match (bound.unknown, name) {
            (true, _) => self.tell(&place, name),
            (false, Hostname::One(text) | Hostname::Below(text)) if met.is_empty() => {
                let reason = "no server of its Gateway takes it, add it to the server's hosts or take it out";
                self.teller.unprobeable(&place, text, reason.to_owned());
            }
            (false, _) => met.iter().for_each(|both| self.tell(&place, both)),
        }
        Ok(())
    }

    fn tell(&mut self, place: &Place<'_, '_>, name: &Hostname) {
        self.teller.routed(place, name, self.http, self.paths.named());
    }
}

fn paths(spec: &Field<'_>) -> Result<Paths, InventoryError> {
    let routes = spec.list("http")?;
    let mut paths = if routes.is_empty() { Paths::everything() } else { Paths::default() };
    for route in routes {
        let matches = route.list("match")?;
        if matches.is_empty() {
            paths.add("/", Match::Prefix);
        }
        for one in matches {
            let Some(uri) = one.get("uri")? else {
                paths.add("/", Match::Prefix);
                continue;
            };
            for (key, how) in [("exact", Match::Exact), ("prefix", Match::Prefix), ("regex", Match::Expression)] {
                if let Some(path) = uri.word(key)? {
                    paths.add(path, how);
                }
            }
        }
    }
    Ok(paths)
}
