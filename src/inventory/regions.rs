//! A regions file as an environment: its origin and its edges; it resolves no name and asks nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::InventoryError;
use super::document::Document;
use super::layer::{self, Layer, template};
use super::origin::{self, OriginUrl};
use super::place::{self, client_subnet, name, resolver};
use super::reader::{Fields, Item};
use super::template::{HOSTNAME, ID};
use super::vantage::{self, Afar};
use crate::model::{Edge, EdgeId, Environment, Lookup, Place, Proxy, Vendor};

/// An environment, and the hosts it gives to tenants that name none.
#[derive(Debug)]
pub(super) struct Regions {
    pub(super) environment: Environment,
    /// Template of `{id}`.
    pub(super) host: Option<Arc<str>>,
}

/// The name of an environment that names itself not.
pub(super) const PRODUCTION: &str = "production";

/// Every key of the file, of a region and of an edge, but for those of a [`Layer`] and of vendors.
pub(super) const TOP: [&str; 6] = ["schema", "environment", "host", "origin", "defaults", "regions"];
pub(super) const REGION: [&str; 4] = ["name", "edges", "resolver", "client_subnet"];
pub(super) const EDGE: [&str; 6] = ["name", "pop", "address", "hostname", "resolver", "client_subnet"];

/// What a regions file says, `origin` standing before its own origin's URL.
pub(super) fn read(doc: &Document, origin: Option<&OriginUrl>, providers: &[&str]) -> Result<Regions, InventoryError> {
    let root = Item::root(doc);
    let top = root.fields(&TOP)?;
    top.schema()?;
    let name = top.read("environment", name)?.unwrap_or_else(|| PRODUCTION.into());
    let host = top.read("host", |item| template(item, &[ID]))?;
    let defaults = top.read("defaults", |item| {
        Layer::read(&item.clone().placed("defaults".to_owned()).fields(&layer::KEYS)?, providers)
    })?;
    let defaults = defaults.unwrap_or_default();
    let origin = match top.get("origin") {
        Some(item) => Some(origin::read(&item.placed("origin".to_owned()).fields(&origin::KEYS)?, origin, &defaults)?),
        None => origin.map(|url| url.clone().alone(&defaults)),
    };
    let mut edges = Vec::new();
    for (key, region) in top.need("regions", "a table [regions.NAME] with its edges")?.entries()? {
        edges.extend(Region::read(&name, key, region, &defaults, providers)?);
    }
    if edges.is_empty() {
        return Err(root.fail("has no regions, add a table [regions.NAME] with its edges"));
    }
    edges.sort_by(|one, other| one.id.cmp(&other.id));
    let source = root.source();
    let source = source.rsplit_once(':').map_or(&*source, |(file, _)| file).into();
    Ok(Regions { environment: Environment { name, origin, edges, source }, host })
}

/// What the edges of one region share.
struct Region<'r> {
    environment: &'r Arc<str>,
    key: Arc<str>,
    title: Option<Arc<str>>,
    lookup: Lookup,
    layer: Layer,
}

impl<'r> Region<'r> {
    fn read(
        environment: &'r Arc<str>,
        key: &str,
        item: Item<'_>,
        defaults: &Layer,
        providers: &[&str],
    ) -> Result<Vec<Edge>, InventoryError> {
        let item = item.placed(format!("region \"{key}\""));
        let own = with_layer(REGION);
        let fields = item.fields(&own.into_iter().chain(vantage::KEYS).collect::<Vec<_>>())?;
        let region = Self {
            environment,
            key: key.into(),
            title: fields.read("name", name)?,
            lookup: lookup(&fields)?,
            layer: Layer::read(&fields, providers)?.over(defaults),
        };
        if region.layer.proxy.is_some() && region.lookup != Lookup::default() {
            return Err(fields.fail(
                "has a \"proxy\", which resolves names itself, and a \"resolver\" or \"client_subnet\", keep one of them",
            ));
        }
        let mut edges = Vec::new();
        let mut lines = BTreeMap::new();
        for afar in vantage::read(&fields)? {
            let (name, line) = (Arc::clone(&afar.name), afar.line);
            if let Some(first) = lines.insert(Arc::clone(&name), line) {
                return Err(item.fail(twice(&name, first)));
            }
            edges.push(region.afar(afar, &fields)?);
        }
        let example = "edges = [ { name = \"fra1\", address = \"203.0.113.10\" } ]";
        let list = if edges.is_empty() { Some(fields.need("edges", example)?) } else { fields.get("edges") };
        for item in list.iter().map(Item::list).collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            let edge = region.edge(&item, providers)?;
            if let Some(first) = lines.insert(Arc::clone(&edge.id.edge), item.line) {
                return Err(item.fail(twice(&edge.id.edge, first)));
            }
            edges.push(edge);
        }
        match list {
            Some(list) if edges.is_empty() => Err(list.fail("has no edges, add one or take the region out")),
            _ => Ok(edges),
        }
    }

    /// An edge that stands for a vendor's machines.
    fn afar(&self, afar: Afar, fields: &Fields<'_>) -> Result<Edge, InventoryError> {
        let mut layer = self.layer.clone();
        if [&layer.identity().host, &layer.identity().sni].iter().any(|template| template.contains(HOSTNAME)) {
            return Err(fields.fail(format_args!(
                "\"host\" or \"sni\" is {{hostname}}, and \"{}\" has none, give the edges that have one a region of their own",
                afar.vantage.key()
            )));
        }
        if afar.vantage.vendor == Vendor::FastlyEdgeCheck {
            layer.provider = Some("fastly".to_owned());
        }
        let edge = self.built(afar.name, None, Place::Vantage(afar.vantage), layer);
        let mut edge = edge.map_err(|why| fields.fail(why))?;
        // A service that is shared: a few calls at a time are plenty.
        edge.pace.concurrency = edge.pace.concurrency.min(4);
        Ok(edge)
    }

    fn edge(&self, item: &Item<'_>, providers: &[&str]) -> Result<Edge, InventoryError> {
        let fields = item.fields(&with_layer(EDGE))?;
        let edge = name(&fields.need("name", "name = \"fra1\"")?)?;
        let fields = fields.placed(format!("region \"{}\", edge \"{edge}\"", self.key));
        let layer = Layer::read(&fields, providers)?.over(&self.layer);
        let place = match &layer.proxy {
            Some(proxy) => behind(proxy, &fields)?,
            None => self.place(&fields)?,
        };
        let identity = layer.identity();
        let has_name = matches!(place, Place::Hostname { .. });
        if !has_name && (identity.host.contains(HOSTNAME) || identity.sni.contains(HOSTNAME)) {
            return Err(fields.fail("\"host\" or \"sni\" is {hostname} and it has none, give it a \"hostname\""));
        }
        let pop = fields.read("pop", name)?.map(|pop| pop.to_string());
        self.built(edge, pop, place, layer).map_err(|why| fields.fail(why))
    }

    /// The error is a fact of the table where the layers meet.
    fn built(&self, edge: Arc<str>, pop: Option<String>, place: Place, layer: Layer) -> Result<Edge, &'static str> {
        let scheme = layer.scheme.unwrap_or_default();
        Ok(Edge {
            id: EdgeId { environment: Arc::clone(self.environment), region: Arc::clone(&self.key), edge },
            region_title: self.title.clone(),
            pop,
            place,
            scheme,
            port: layer.port.unwrap_or(scheme.default_port()),
            identity: layer.identity(),
            pace: layer.pace(),
            trust: layer.trust()?,
            addresses: layer.addresses.unwrap_or_default(),
            family: layer.family.unwrap_or_default(),
            coalesce: layer.coalesce.unwrap_or(true),
            debug_headers: layer.debug_headers.unwrap_or(false),
            provider: layer.provider,
            headers: layer.headers,
        })
    }

    fn place(&self, fields: &Fields<'_>) -> Result<Place, InventoryError> {
        let own = lookup(fields)?;
        let lookup = || Lookup {
            resolver: own.resolver.clone().or_else(|| self.lookup.resolver.clone()),
            subnet: own.subnet.or(self.lookup.subnet),
        };
        match (fields.get("address"), fields.get("hostname")) {
            (Some(_), None) if own.subnet.is_some() => {
                Err(fields
                    .fail("has an \"address\", which is not looked up, and a \"client_subnet\", keep one of them"))
            }
            (Some(item), None) => place::address(&item.text()?).map_err(|why| item.wrong(why)),
            (None, Some(item)) => Ok(Place::Hostname { name: place::hostname(&item)?, lookup: lookup() }),
            (None, None) => Ok(Place::Tenant(lookup())),
            (Some(_), Some(_)) => Err(fields.fail("has an \"address\" and a \"hostname\", keep one of them")),
        }
    }
}

fn twice(edge: &str, first: u32) -> String {
    format!("the edge \"{edge}\" stands twice, it is already on line {first}, rename one of them")
}

/// The proxy alone says where the edge is.
fn behind(proxy: &Arc<Proxy>, fields: &Fields<'_>) -> Result<Place, InventoryError> {
    let whose = if fields.get("proxy").is_some() { "a \"proxy\"" } else { "the \"proxy\" of its region or [defaults]" };
    for (key, what) in [("address", "an \"address\""), ("hostname", "a \"hostname\"")] {
        if fields.get(key).is_some() {
            return Err(fields.fail(format_args!("has {what} and {whose}, keep one of them")));
        }
    }
    for key in ["resolver", "client_subnet"] {
        if fields.get(key).is_some() {
            let what = format_args!("has a \"{key}\" and {whose}, which resolves names itself, keep one of them");
            return Err(fields.fail(what));
        }
    }
    Ok(Place::Proxy(Arc::clone(proxy)))
}

/// Whom to ask for names, as far as one table says.
fn lookup(fields: &Fields<'_>) -> Result<Lookup, InventoryError> {
    Ok(Lookup { resolver: fields.read("resolver", resolver)?, subnet: fields.read("client_subnet", client_subnet)? })
}

fn with_layer<const N: usize>(own: [&'static str; N]) -> Vec<&'static str> {
    own.into_iter().chain(layer::KEYS).collect()
}

#[cfg(test)]
mod tests;
