//! Gateway API: the hostnames of routes, held against those of the listeners they attach to.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::super::super::InventoryError;
use super::super::super::tree::Value;
use super::Told;
use super::field::Field;
use super::hostname::Hostname;
use super::manifest::Object;
use super::paths::{Match, Paths};
use super::teller::{Place, Teller};

const GROUPS: [&str; 2] = ["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"];
/// As the API's own schema limits them.
const LISTENERS: usize = 64;
const PARENTS: usize = 32;

/// What all routes and Gateways tell.
pub(super) fn tell_all(objects: &[Object<'_>], told: &mut Vec<Told>) -> Result<(), InventoryError> {
    let ours = || objects.iter().filter(|object| GROUPS.contains(&object.group));
    let mut gateways = BTreeMap::<&str, Vec<Gateway<'_, '_>>>::new();
    for object in ours().filter(|object| ["Gateway", "ListenerSet", "XListenerSet"].contains(&object.kind)) {
        gateways.entry(object.name).or_default().push(Gateway::read(object)?);
    }
    for object in ours() {
        match object.kind {
            "HTTPRoute" | "GRPCRoute" => tell_route(object, &["HTTP", "HTTPS"], &gateways, told)?,
            "TLSRoute" => tell_route(object, &["TLS"], &gateways, told)?,
            _ => {}
        }
    }
    gateways.values().flatten().try_for_each(|gateway| gateway.tell_rest(told))
}

/// A Gateway, or a set of listeners of one.
struct Gateway<'o, 'n> {
    object: &'o Object<'n>,
    listeners: Vec<Listener<'n>>,
    /// By a route that is here.
    referred_to: Cell<bool>,
}

struct Listener<'n> {
    field: Field<'n>,
    name: &'n str,
    /// `, listener "https" of Gateway "web"`
    shown: String,
    hostname: Hostname,
    protocol: &'n str,
    port: &'n Value,
    /// Routes of its own namespace alone.
    same_namespace: bool,
    /// All that fit its protocol, where none is named.
    kinds: Vec<&'n str>,
    taken: Cell<bool>,
}

impl<'o, 'n> Gateway<'o, 'n> {
    fn read(object: &'o Object<'n>) -> Result<Self, InventoryError> {
        let listeners = object.spec()?.map_or(Ok(Vec::new()), |spec| spec.list("listeners"))?;
        if listeners.len() > LISTENERS {
            return Err(object.root.fail(format_args!("has more than the {LISTENERS} listeners that the API allows")));
        }
        let read = listeners.into_iter().map(|listener| Listener::read(listener, &object.label));
        Ok(Self { object, listeners: read.collect::<Result<_, _>>()?, referred_to: Cell::new(false) })
    }

    /// Listeners that no route took.
    fn tell_rest(&self, told: &mut Vec<Told>) -> Result<(), InventoryError> {
        let mut teller = Teller::of(self.object, told)?;
        let http = || self.listeners.iter().filter(|listener| ["HTTP", "HTTPS"].contains(&listener.protocol));
        for listener in http().filter(|listener| !listener.taken.get()) {
            let within = format!(", listener \"{}\"", listener.name);
            let place = Place { field: &listener.field, within: &within };
            let beside = http().any(|other| other.taken.get() && other.hostname == listener.hostname);
            match &listener.hostname {
                Hostname::Any => {}
                _ if beside => {}
                // Its routes are elsewhere.
                name if !self.referred_to.get() => teller.hostname(&place, name, &[]),
                Hostname::One(name) | Hostname::Below(name) => {
                    let reason = "no route attaches to this listener, add one or take the listener out";
                    teller.unprobeable(&place, name, reason.to_owned());
                }
            }
        }
        Ok(())
    }
}

impl<'n> Listener<'n> {
    fn read(field: Field<'n>, gateway: &str) -> Result<Self, InventoryError> {
        let name = field.word("name")?.unwrap_or("");
        let hostname = field.get("hostname")?;
        let allowed = field.get("allowedRoutes")?;
        let (mut from, mut kinds) = (None, Vec::new());
        if let Some(allowed) = &allowed {
            from = allowed.at(&["namespaces", "from"])?.map(|from| from.text()).transpose()?;
            for kind in allowed.list("kinds")? {
                kinds.extend(kind.word("kind")?);
            }
        }
        let read = |field: &Field<'n>| Hostname::read(field.text()?).map_err(|why| field.fail(why));
        Ok(Self {
            name,
            shown: format!(", listener \"{name}\" of {gateway}"),
            hostname: hostname.as_ref().map_or(Ok(Hostname::Any), read)?,
            protocol: field.word("protocol")?.unwrap_or("HTTP"),
            port: field.get("port")?.map_or(&Value::Null, |port| port.value),
            same_namespace: from.is_none_or(|from| from == "Same"),
            kinds,
            taken: Cell::new(false),
            field: hostname.unwrap_or(field),
        })
    }
}

/// What a route attaches to.
struct Attached<'g, 'n> {
    listeners: Vec<&'g Listener<'n>>,
    /// A parent is not among what was given.
    unknown: bool,
    /// Each parent is a Service: traffic within the cluster.
    mesh: bool,
}

impl<'g, 'n> Attached<'g, 'n> {
    fn of(
        route: &Object<'_>,
        spec: &Field<'_>,
        protocols: &[&str],
        gateways: &'g BTreeMap<&str, Vec<Gateway<'_, 'n>>>,
    ) -> Result<Self, InventoryError> {
        let parents = spec.list("parentRefs")?;
        if parents.len() > PARENTS {
            return Err(spec.fail(format_args!("has more than the {PARENTS} parents that the API allows")));
        }
        let mut attached = Self { listeners: Vec::new(), unknown: parents.is_empty(), mesh: !parents.is_empty() };
        for parent in &parents {
            let kind = parent.word("kind")?.unwrap_or("Gateway");
            if ["Service", "ServiceEntry"].contains(&kind) {
                continue;
            }
            attached.mesh = false;
            let namespace = parent.word("namespace")?.or(route.namespace);
            let (section, port) = (parent.word("sectionName")?, parent.get("port")?);
            let named = gateways.get(parent.word("name")?.unwrap_or("")).into_iter().flatten();
            let mut known = false;
            for gateway in named.filter(|gateway| gateway.object.kind == kind && gateway.object.may_be_in(namespace)) {
                known = true;
                gateway.referred_to.set(true);
                attached.listeners.extend(gateway.listeners.iter().filter(|listener| {
                    section.is_none_or(|section| section == listener.name)
                        && port.as_ref().is_none_or(|port| port.value == listener.port)
                        && protocols.contains(&listener.protocol)
                        && (!listener.same_namespace || gateway.object.may_be_in(route.namespace))
                        && (listener.kinds.is_empty() || listener.kinds.contains(&route.kind))
                }));
            }
            attached.unknown |= !known;
        }
        Ok(attached)
    }
}

fn tell_route<'n>(
    route: &Object<'n>,
    protocols: &[&str],
    gateways: &BTreeMap<&str, Vec<Gateway<'_, 'n>>>,
    told: &mut Vec<Told>,
) -> Result<(), InventoryError> {
    let Some(spec) = route.spec()? else { return Ok(()) };
    let attached = Attached::of(route, &spec, protocols, gateways)?;
    if attached.mesh {
        return Ok(());
    }
    let mut names = Vec::new();
    for (field, text) in spec.texts("hostnames")? {
        names.push((Hostname::read(text).map_err(|why| field.fail(why))?, field));
    }
    let mut route = Route { http: route.kind != "TLSRoute", paths: paths(&spec)?, teller: Teller::of(route, told)? };
    if names.is_empty() {
        route.without_hostnames(&spec, &attached);
    }
    for (name, field) in &names {
        route.hostname(name, field, &attached);
    }
    Ok(())
}

struct Route<'t> {
    http: bool,
    paths: Paths,
    teller: Teller<'t>,
}

impl Route<'_> {
    /// It takes its listeners' hostnames.
    fn without_hostnames(&mut self, spec: &Field<'_>, attached: &Attached<'_, '_>) {
        for listener in &attached.listeners {
            listener.taken.set(true);
            let place = Place { field: &listener.field, within: &listener.shown };
            self.tell(&place, &listener.hostname);
        }
        let place = Place { field: spec, within: "" };
        if attached.unknown {
            self.teller.pattern(&place, "*", "it names no host, and its Gateway is not here to name one");
        } else if attached.listeners.is_empty() {
            self.no_listener(&place, "*");
        }
    }

    fn hostname(&mut self, name: &Hostname, field: &Field<'_>, attached: &Attached<'_, '_>) {
        let mut met = Vec::new();
        for listener in &attached.listeners {
            if let Some(both) = listener.hostname.meet(name) {
                listener.taken.set(true);
                if !met.contains(&both) {
                    met.push(both);
                }
            }
        }
        let place = Place::from(field);
        match (attached.unknown, name) {
            (true, _) => self.tell(&place, name),
            (false, Hostname::One(text) | Hostname::Below(text)) if met.is_empty() => self.no_listener(&place, text),
            (false, _) => met.iter().for_each(|both| self.tell(&place, both)),
        }
    }

    fn tell(&mut self, place: &Place<'_, '_>, name: &Hostname) {
        self.teller.routed(place, name, self.http, self.paths.named());
    }

    fn no_listener(&mut self, place: &Place<'_, '_>, pattern: &str) {
        let reason = "no listener of its Gateway takes it, add a listener for it or take it out";
        self.teller.unprobeable(place, pattern, reason.to_owned());
    }
}

fn paths(spec: &Field<'_>) -> Result<Paths, InventoryError> {
    let rules = spec.list("rules")?;
    let mut paths = if rules.is_empty() { Paths::everything() } else { Paths::default() };
    for rule in rules {
        let matches = rule.list("matches")?;
        if matches.is_empty() {
            paths.add("/", Match::Prefix);
        }
        for one in matches {
            let Some(path) = one.get("path")? else {
                paths.add("/", Match::Prefix);
                continue;
            };
            let how = match path.word("type")? {
                Some("Exact") => Match::Exact,
                Some("RegularExpression") => Match::Expression,
                _ => Match::Prefix,
            };
            paths.add(path.word("value")?.unwrap_or("/"), how);
        }
    }
    Ok(paths)
}
