//! The keys that `[defaults]`, a region and an edge share, and which of them wins; it reads no other key.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::proxy::proxy;
use super::reader::{Fields, Item};
use super::template::{HOST, HOSTNAME, ID, check};
use super::wire::{check_host, header, layered};
use super::{InventoryError, Rate};
use crate::model::{AddressFamily, Addresses, Authorities, ClientPem, Identity, Pace, Proxy, Scheme, Trust};

/// Every key that a layer knows.
pub(super) const KEYS: [&str; 19] = [
    "scheme",
    "port",
    "provider",
    "timeout",
    "connect_timeout",
    "edge_concurrency",
    "edge_rate",
    "edge_connections",
    "coalesce",
    "debug_headers",
    "headers",
    "host",
    "sni",
    "addresses",
    "ip",
    "ca_file",
    "client_cert",
    "client_key",
    "proxy",
];

/// What one table says; what it leaves out is said by the layer below.
#[derive(Clone, Default)]
pub(super) struct Layer {
    pub(super) scheme: Option<Scheme>,
    pub(super) port: Option<u16>,
    pub(super) provider: Option<String>,
    pub(super) coalesce: Option<bool>,
    pub(super) debug_headers: Option<bool>,
    pub(super) headers: HeaderMap,
    pub(super) addresses: Option<Addresses>,
    pub(super) family: Option<AddressFamily>,
    pub(super) proxy: Option<Arc<Proxy>>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    concurrency: Option<usize>,
    rate: Option<Rate>,
    connections: Option<usize>,
    names: Names,
    pems: Pems,
}

/// Host and SNI as far as a table names them.
#[derive(Clone, Default)]
pub(super) struct Names {
    host: Option<Arc<str>>,
    sni: Option<Arc<str>>,
}

/// PEM files as far as a table names them.
#[derive(Clone, Default)]
pub(super) struct Pems {
    ca: Option<Authorities>,
    cert: Option<Arc<[u8]>>,
    key: Option<Arc<[u8]>>,
}

impl Layer {
    pub(super) fn read(fields: &Fields<'_>, providers: &[&str]) -> Result<Self, InventoryError> {
        let provider = |item: &Item<'_>| {
            let id = item.text()?;
            if providers.contains(&&*id) {
                Ok(id.into_owned())
            } else {
                Err(item.unknown(&id, providers.iter().copied()))
            }
        };
        let families = [("any", AddressFamily::Any), ("v4", AddressFamily::V4), ("v6", AddressFamily::V6)];
        Ok(Self {
            scheme: fields.read("scheme", |item| item.word(&[("https", Scheme::Https), ("http", Scheme::Http)]))?,
            port: fields.read("port", |item| item.whole(1..=65535))?,
            provider: fields.read("provider", provider)?,
            coalesce: fields.read("coalesce", Item::flag)?,
            debug_headers: fields.read("debug_headers", Item::flag)?,
            headers: fields.read("headers", headers)?.unwrap_or_default(),
            addresses: fields
                .read("addresses", |item| item.word(&[("all", Addresses::All), ("first", Addresses::First)]))?,
            family: fields.read("ip", |item| item.word(&families))?,
            proxy: fields.read("proxy", proxy)?,
            timeout: fields.read("timeout", Item::duration)?,
            connect_timeout: fields.read("connect_timeout", Item::duration)?,
            concurrency: fields.read("edge_concurrency", at_least_one)?,
            rate: fields.read("edge_rate", rate)?,
            connections: fields.read("edge_connections", at_least_one)?,
            names: Names::read(fields, &[HOST, ID, HOSTNAME])?,
            pems: Pems::read(fields)?,
        })
    }

    /// This layer on top of another.
    pub(super) fn over(self, below: &Self) -> Self {
        Self {
            scheme: self.scheme.or(below.scheme),
            port: self.port.or(below.port),
            provider: self.provider.or_else(|| below.provider.clone()),
            coalesce: self.coalesce.or(below.coalesce),
            debug_headers: self.debug_headers.or(below.debug_headers),
            headers: layered(&self.headers, &below.headers),
            addresses: self.addresses.or(below.addresses),
            family: self.family.or(below.family),
            proxy: self.proxy.or_else(|| below.proxy.clone()),
            timeout: self.timeout.or(below.timeout),
            connect_timeout: self.connect_timeout.or(below.connect_timeout),
            concurrency: self.concurrency.or(below.concurrency),
            rate: self.rate.or(below.rate),
            connections: self.connections.or(below.connections),
            names: self.names.over(&below.names),
            pems: self.pems.over(&below.pems),
        }
    }

    pub(super) fn pace(&self) -> Pace {
        Pace {
            timeout: self.timeout.unwrap_or(Duration::from_secs(5)),
            connect_timeout: self.connect_timeout.unwrap_or(Duration::from_secs(3)),
            concurrency: self.concurrency.unwrap_or(64),
            rate: self.rate.map_or(NonZeroU32::new(500), Rate::per_second),
            connections: self.connections.unwrap_or(4),
        }
    }

    pub(super) fn identity(&self) -> Identity {
        self.names.identity()
    }

    /// The error is a fact of the table where the layers meet.
    pub(super) fn trust(&self) -> Result<Trust, &'static str> {
        self.pems.trust()
    }
}

impl Names {
    pub(super) fn read(fields: &Fields<'_>, known: &[&str]) -> Result<Self, InventoryError> {
        let name = |item: &Item<'_>| template(item, known);
        Ok(Self { host: fields.read("host", name)?, sni: fields.read("sni", name)? })
    }

    fn over(self, below: &Self) -> Self {
        Self { host: self.host.or_else(|| below.host.clone()), sni: self.sni.or_else(|| below.sni.clone()) }
    }

    pub(super) fn identity(&self) -> Identity {
        let host = self.host.clone().unwrap_or_else(|| HOST.into());
        Identity { sni: self.sni.clone().unwrap_or_else(|| Arc::clone(&host)), host }
    }
}

impl Pems {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, InventoryError> {
        Ok(Self {
            ca: fields.read("ca_file", authorities)?,
            cert: fields.read("client_cert", certificates)?,
            key: fields.read("client_key", private_key)?,
        })
    }

    fn over(self, below: &Self) -> Self {
        Self {
            ca: self.ca.or_else(|| below.ca.clone()),
            cert: self.cert.or_else(|| below.cert.clone()),
            key: self.key.or_else(|| below.key.clone()),
        }
    }

    pub(super) fn trust(&self) -> Result<Trust, &'static str> {
        let client = match (&self.cert, &self.key) {
            (Some(chain), Some(key)) => Some(ClientPem { chain: Arc::clone(chain), key: Arc::clone(key) }),
            (None, None) => None,
            (Some(_), None) => return Err("has a \"client_cert\" without its key, add \"client_key\""),
            (None, Some(_)) => return Err("has a \"client_key\" without its certificate, add \"client_cert\""),
        };
        Ok(Trust { authorities: self.ca.iter().cloned().collect(), client, insecure: false })
    }
}

/// A table of header lines.
pub(super) fn headers(item: &Item<'_>) -> Result<HeaderMap, InventoryError> {
    let mut map = HeaderMap::new();
    for (name, value) in item.entries()? {
        let (parsed, line) = header(name, &value.text()?).map_err(|why| value.fail(why))?;
        if map.insert(parsed, line).is_some() {
            return Err(value.fail(format_args!("the header \"{name}\" stands twice, keep one of them")));
        }
    }
    Ok(map)
}

/// A number of requests a second, or `"none"`.
pub(super) fn rate(item: &Item<'_>) -> Result<Rate, InventoryError> {
    if item.is_text() {
        item.word(&[("none", Rate::Unlimited)])
    } else {
        item.whole(1..=i64::from(u32::MAX)).map(Rate::of)
    }
}

pub(super) fn at_least_one(item: &Item<'_>) -> Result<usize, InventoryError> {
    item.whole(1..=1_000_000)
}

/// A host name with placeholders.
pub(super) fn template(item: &Item<'_>, known: &[&str]) -> Result<Arc<str>, InventoryError> {
    let text = item.text()?;
    check(&text, known).map_err(|why| item.wrong(why))?;
    // A letter stands for what a placeholder will be.
    let shape = known.iter().fold(text.to_string(), |shape, placeholder| shape.replace(placeholder, "x"));
    check_host(&shape).map_err(|why| item.wrong(why.replace(&shape, &text)))?;
    Ok(text.into())
}

/// A PEM file with a certificate at least.
fn authorities(item: &Item<'_>) -> Result<Authorities, InventoryError> {
    Ok(Authorities { pem: certificates(item)?, file: item.path_beside()?.display().to_string().into() })
}

fn certificates(item: &Item<'_>) -> Result<Arc<[u8]>, InventoryError> {
    let pem = item.bytes_beside()?;
    check_certificates(&pem)
        .map_err(|why| item.wrong(format_args!("\"{}\" {why}", item.text().unwrap_or_default())))?;
    Ok(pem.into())
}

/// Whether there is a certificate, and nothing broken beside it.
pub(super) fn check_certificates(pem: &[u8]) -> Result<(), &'static str> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(()),
        _ => Err("holds no PEM certificate, name a file with -----BEGIN CERTIFICATE-----"),
    }
}

fn private_key(item: &Item<'_>) -> Result<Arc<[u8]>, InventoryError> {
    let pem = item.bytes_beside()?;
    if rustls::pki_types::PrivateKeyDer::from_pem_slice(&pem).is_err() {
        let path = item.text()?;
        return Err(
            item.wrong(format_args!("\"{path}\" holds no PEM key, name a file with -----BEGIN PRIVATE KEY-----"))
        );
    }
    Ok(pem.into())
}
