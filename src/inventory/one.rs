//! `diagnose URL`: one object, whoever's it is, and where there is no regions file, the URL's own addresses as edges.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use http::HeaderMap;

use super::InventoryError;
use super::layer::Layer;
use super::origin::{OriginUrl, split_scheme};
use super::regions::{PRODUCTION, Regions};
use super::tenants::Ground;
use super::urls::url_parts;
use super::variants::Catalogue;
use crate::model::{Edge, EdgeId, Environment, Lookup, Place, Priority, Scheme, Tenant};

/// The region of a URL's own addresses.
const REGION: &str = "addresses";
/// Where edges and a tenant come from that no file knows.
pub const NO_FILE: &str = "URL";

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct One {
    /// As it was typed.
    pub url: String,
    /// What the URL's host stands for: the edges, where no regions file names any. Empty: it is still to be resolved.
    pub addresses: Vec<SocketAddr>,
}

/// Where a URL leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its host.
    pub place: Place,
    /// Its port.
    pub port: u16,
    /// Plain or TLS.
    pub scheme: Scheme,
}

/// Where that URL leads, unless it is none that can be asked.
pub fn target(url: &str) -> Result<Target, InventoryError> {
    let parts = split_scheme(url).and_then(|(scheme, _)| Ok((scheme, url_parts(url)?)));
    let (scheme, (host, _)) = parts.map_err(|why| InventoryError::flag(NO_FILE, why))?;
    let after_brackets = host.rfind(']').map_or(0, |end| end + 1);
    let (name, port) = match host[after_brackets..].rsplit_once(':') {
        Some((_, port)) => (&host[..host.len() - port.len() - 1], port.parse().ok()),
        None => (&*host, None),
    };
    let place = match name.trim_matches(['[', ']']).parse() {
        Ok(address) => Place::Address(address, None),
        Err(_) => Place::Hostname { name: name.into(), lookup: Lookup::default() },
    };
    Ok(Target { place, port: port.unwrap_or(scheme.default_port()), scheme })
}

impl One {
    /// Edges of its own: each of its addresses.
    pub(super) fn regions(&self, origin: Option<OriginUrl>) -> Result<Regions, InventoryError> {
        let Target { place, port, scheme } = target(&self.url)?;
        let mut places: Vec<(String, Place)> = self.addresses.iter().map(|address| named(*address, port)).collect();
        if places.is_empty() {
            let name = match &place {
                Place::Hostname { name, .. } => name.to_string(),
                Place::Address(address, _) => address.to_string(),
                Place::Tenant(_) | Place::Proxy(_) | Place::Vantage(_) => REGION.to_owned(),
            };
            places.push((name, place));
        }
        let defaults = Layer::default();
        let name: Arc<str> = PRODUCTION.into();
        let edge = |(edge, place): (String, Place)| Edge {
            id: EdgeId { environment: Arc::clone(&name), region: REGION.into(), edge: edge.into() },
            region_title: None,
            pop: None,
            provider: None,
            place,
            scheme,
            port,
            identity: defaults.identity(),
            headers: HeaderMap::new(),
            pace: defaults.pace(),
            trust: crate::model::Trust::default(),
            addresses: crate::model::Addresses::default(),
            family: crate::model::AddressFamily::default(),
            coalesce: true,
            debug_headers: false,
        };
        let mut edges: Vec<Edge> = places.into_iter().map(edge).collect();
        edges.sort_by(|one, other| one.id.cmp(&other.id));
        let origin = origin.map(|origin| origin.alone(&defaults));
        Ok(Regions { environment: Environment { name, origin, edges, source: NO_FILE.into() }, host: None })
    }

    /// Whose it is: the tenant that has its host, or where none has it, a tenant of its own.
    pub(super) fn tenant(
        &self,
        known: &[Tenant],
        ground: &Ground<'_>,
        catalogue: &Catalogue,
    ) -> Result<Tenant, InventoryError> {
        let (host, path) = url_parts(&self.url).map_err(|why| InventoryError::flag(NO_FILE, why))?;
        let has_it = |hosts: &[Arc<str>]| hosts.iter().any(|known| known.eq_ignore_ascii_case(&host));
        if let Some(owner) = known.iter().find(|tenant| tenant.hosts.values().any(|hosts| has_it(hosts))) {
            let mut owner = owner.clone();
            owner.hosts.retain(|_, hosts| has_it(hosts));
            owner.hosts.values_mut().for_each(|hosts| *hosts = vec![Arc::clone(&host)]);
            owner.paths = vec![path];
            return Ok(owner);
        }
        Ok(Tenant {
            hosts: ground.stages.iter().map(|stage| (Arc::clone(&stage.name), vec![Arc::clone(&host)])).collect(),
            paths: vec![path],
            variants: catalogue.codings(),
            priority: Priority::default(),
            headers: HeaderMap::new(),
            expect: BTreeMap::new(),
            tags: Vec::new(),
            source: NO_FILE.into(),
            also: Vec::new(),
            prefixes: Vec::new(),
            id: host,
        })
    }
}

/// An address by its own name, with the port where that is not the URL's.
fn named(address: SocketAddr, usual: u16) -> (String, Place) {
    let port = (address.port() != usual).then_some(address.port());
    let name = port.map_or_else(|| address.ip().to_string(), |_| address.to_string());
    (name, Place::Address(address.ip(), port))
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::super::load::assemble;
    use super::super::{Overrides, load};
    use super::*;
    use crate::model::Inventory;

    const REGIONS: &str = "schema = 1\n[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n";
    const TENANTS: &str = "schema: 1
defaults: { paths: [/] }
variants: { mobile: { headers: { User-Agent: m } } }
tenants:
  - { id: a, host: a.example, aliases: [WWW.a.example], headers: { X-Tenant: a }, variants: [mobile, br] }
  - { id: b, host: b.example }
";

    fn one(url: &str, addresses: &[&str]) -> Overrides {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Overrides { one: Some(One { url: url.to_owned(), addresses }), ..Overrides::default() }
    }

    fn inventory(url: &str, tenants: &[&str]) -> Inventory {
        let tenants = tenants.iter().map(|text| Document::inline("tenants.yaml", text).unwrap()).collect();
        let regions = vec![Document::inline("regions.toml", REGIONS).unwrap()];
        assemble(regions, tenants, &one(url, &[]), &[]).unwrap()
    }

    #[test]
    fn the_tenant_with_that_host_gives_headers_and_variants() {
        let inventory = inventory("https://www.A.example/x?y", &[TENANTS]);
        let [tenant] = inventory.tenants.as_slice() else { panic!("{:?}", inventory.tenants) };
        assert_eq!((&*tenant.id, &*tenant.paths[0], &*tenant.source), ("a", "/x?y", "tenants.yaml:5"));
        assert_eq!(tenant.hosts["production"], ["www.a.example".into()]);
        assert_eq!(tenant.headers["x-tenant"], "a");
        assert_eq!(inventory.variants.iter().map(|variant| &*variant.name).collect::<Vec<_>>(), ["br", "mobile"]);
    }

    #[test]
    fn a_host_that_nobody_has_is_asked_for_in_every_coding() {
        for tenants in [&[][..], &[TENANTS]] {
            let inventory = inventory("https://c.example", tenants);
            assert_eq!((&*inventory.tenants[0].id, &*inventory.tenants[0].source), ("c.example", NO_FILE));
            let names: Vec<_> = inventory.variants.iter().map(|variant| &*variant.name).collect();
            assert_eq!(names, ["br", "gzip", "identity"]);
        }
    }

    #[test]
    fn without_a_regions_file_each_address_is_an_edge() {
        let load = |overrides: Overrides| load(&super::super::Files::default(), &overrides, &|_| None, &[]).unwrap();
        let overrides = one("http://a.example:8080/x", &["192.0.2.9:8080", "[2001:db8::1]:8081"]);
        let environment = load(overrides).environments.remove(0);
        assert!(environment.origin.is_none());
        let edges: Vec<_> = environment.edges.iter().map(|edge| (&*edge.id.region, &*edge.id.edge)).collect();
        assert_eq!(edges, [("addresses", "192.0.2.9"), ("addresses", "[2001:db8::1]:8081")]);
        assert_eq!(environment.edges[1].place, Place::Address("2001:db8::1".parse().unwrap(), Some(8081)));
        assert!(environment.edges.iter().all(|edge| (edge.scheme, edge.port) == (Scheme::Http, 8080)));
        let origin = Some("https://o.example".to_owned());
        let environment = load(Overrides { origin, ..one("https://a.example/x", &[]) }).environments.remove(0);
        assert_eq!(&*environment.origin.unwrap().authority, "o.example");
        let place = Place::Hostname { name: "a.example".into(), lookup: Lookup::default() };
        assert_eq!((&*environment.edges[0].id.edge, &environment.edges[0].place), ("a.example", &place));
    }

    #[test]
    fn a_url_leads_to_a_name_or_an_address() {
        let name = |name: &str| Place::Hostname { name: name.into(), lookup: Lookup::default() };
        for (url, place, port) in [
            ("https://a.example/x", name("a.example"), 443),
            ("http://a.example:8080", name("a.example"), 8080),
            ("https://[::1]:8443/", Place::Address("::1".parse().unwrap(), None), 8443),
        ] {
            let target = target(url).unwrap();
            assert_eq!((target.place, target.port), (place, port), "{url}");
        }
        let error = target("a.example/x").unwrap_err().to_string();
        assert_eq!(error, "URL: \"a.example/x\" has no scheme, write \"https://a.example/x\"");
    }
}
