//! The list as other programs read it; its types are what `purgeproof schema edges` describes. Nothing is decided here.

use std::net::SocketAddr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::list::Row;
use super::seen;
use crate::model::{Place, Secrets, Silence, stamp};
use crate::report::unspoken;

const SCHEMA: &str = "purgeproof.edges/1";

/// What `purgeproof edges --format json` lists.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "its keys are a contract")]
pub(in crate::cli) struct Edges<'r> {
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Certificates were not checked (`--insecure`).
    insecure: bool,
    /// By environment, region and name, and by tenant where the address is the tenant's own name's.
    edges: Vec<Entry<'r>>,
}

/// One edge, for one tenant's host where that matters.
#[derive(Serialize, JsonSchema)]
struct Entry<'r> {
    environment: &'r str,
    region: &'r str,
    name: &'r str,
    /// As the regions file expects it.
    pop: Option<&'r str>,
    /// As the regions file expects it.
    provider: Option<&'r str>,
    /// `ip:port`.
    addresses: Vec<String>,
    /// How: `address`, `hostname`, `tenant`, `proxy`, or the vendor that is asked.
    found: &'static str,
    /// Whose own name was looked up.
    tenant: Option<&'r str>,
    /// The name that was looked up.
    host: Option<&'r str>,
    /// Who was asked; none is the system's.
    resolver: Option<String>,
    /// Whom the answer was asked for (RFC 7871).
    client_subnet: Option<String>,
    /// For how many bits of the client subnet the answer was made.
    scope: Option<u8>,
    /// How long the answer may be kept, in seconds.
    ttl: Option<u64>,
    /// How long looking it up took.
    dns_ms: Option<u64>,
    /// The names that the name led through, in order.
    aliases: &'r [String],
    /// The edge's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    hostname: Option<&'r str>,
    /// Through whom it is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy: Option<String>,
    /// The answer was made for everyone, though a subnet was named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    client_subnet_ignored: bool,
    /// Why it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// With `--probe`: who answered at each address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seen: Vec<Sight<'r>>,
}

/// What came of asking one address.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Sight<'r> {
    /// Nobody answered.
    Silent {
        /// `ip:port`.
        address: String,
        /// Why not.
        error: String,
    },
    /// Somebody did.
    Answered(Answered<'r>),
}

/// Who answered.
#[derive(Serialize, JsonSchema)]
struct Answered<'r> {
    /// `ip:port`.
    address: String,
    /// The answer's.
    status: u16,
    /// By the answer's own signs.
    provider: &'static str,
    /// By the answer's own word.
    pop: Option<&'r str>,
    /// `h2` or `http/1.1`.
    protocol: &'static str,
    /// The version of TLS.
    tls: Option<&'r str>,
    /// That it showed.
    certificate: Option<Certificate<'r>>,
    /// How long the connection took.
    round_trip_ms: Option<f64>,
}

/// A certificate.
#[derive(Serialize, JsonSchema)]
struct Certificate<'r> {
    /// The host names that it is for.
    names: &'r [String],
    /// Who issued it.
    issuer: Option<&'r str>,
    /// RFC 3339: the last moment at which it holds.
    not_after: Option<String>,
}

pub(super) fn json(rows: &[Row<'_>], secrets: &Secrets, insecure: bool) -> String {
    let listed = Edges { schema: SCHEMA, insecure, edges: rows.iter().map(entry).collect() };
    // Strings and numbers always serialize.
    let mut listed = serde_json::to_value(&listed).unwrap_or_default();
    if let Some(edges) = listed.get_mut("edges") {
        mask(edges, secrets);
    }
    format!("{}\n", unspoken(&serde_json::to_string_pretty(&listed).unwrap_or_default()))
}

fn entry<'r>(row: &'r Row<'_>) -> Entry<'r> {
    let edge = row.edge;
    let found = row.found.as_ref().and_then(|found| found.as_ref().ok());
    let lookup = edge.place.lookup();
    let addresses: Vec<String> = match (&row.found, &edge.place) {
        (None, Place::Address(ip, port)) => vec![SocketAddr::new(*ip, port.unwrap_or(edge.port)).to_string()],
        _ => found.iter().flat_map(|found| &found.addresses).map(ToString::to_string).collect(),
    };
    let asked = found.iter().flat_map(|found| &found.addresses).zip(&row.seen);
    Entry {
        environment: &edge.id.environment,
        region: &edge.id.region,
        name: &edge.id.edge,
        pop: edge.pop.as_deref(),
        provider: edge.provider.as_deref(),
        addresses,
        found: row.how(),
        tenant: row.tenant.map(|tenant| &**tenant),
        host: row.host.map(|host| &**host),
        resolver: lookup.and_then(|lookup| lookup.resolver.as_ref()).map(ToString::to_string),
        client_subnet: row.subnet().map(|subnet| subnet.to_string()),
        scope: found.and_then(|found| found.scope),
        ttl: found.and_then(|found| found.ttl).map(|ttl| ttl.as_secs()),
        dns_ms: row.took().map(whole_ms),
        aliases: found.map(|found| found.chain.as_slice()).unwrap_or_default(),
        hostname: match &edge.place {
            Place::Hostname { name, .. } => Some(name),
            _ => None,
        },
        proxy: match &edge.place {
            Place::Proxy(proxy) => Some(proxy.to_string()),
            _ => None,
        },
        client_subnet_ignored: row.is_subnet_ignored(),
        error: row.found.as_ref().and_then(|found| found.as_ref().err()).map(ToString::to_string),
        seen: asked.map(|(address, seen)| sight(address.to_string(), seen)).collect(),
    }
}

fn sight(address: String, seen: &Result<seen::Seen, Silence>) -> Sight<'_> {
    match seen {
        Err(silence) => Sight::Silent { address, error: silence.to_string() },
        Ok(seen) => Sight::Answered(Answered {
            address,
            status: seen.status,
            provider: seen.provider,
            pop: seen.pop.as_deref(),
            protocol: seen.protocol.id(),
            tls: seen.tls.as_deref(),
            certificate: seen.certificate.as_ref().map(|certificate| Certificate {
                names: &certificate.names,
                issuer: certificate.issuer.as_deref(),
                not_after: certificate.not_after.map(stamp),
            }),
            round_trip_ms: seen.round_trip.map(|took| took.as_secs_f64() * 1_000.0),
        }),
    }
}

/// Every text without what must not be printed.
pub(in crate::cli) fn masked(mut value: Value, secrets: &Secrets) -> Value {
    mask(&mut value, secrets);
    value
}

fn mask(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => *text = secrets.mask(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secrets)),
        Value::Object(entries) => entries.values_mut().for_each(|entry| mask(entry, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn whole_ms(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
