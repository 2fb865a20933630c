//! The list as a table and as JSON.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use super::list::Row;
use super::seen::Seen;
use crate::model::{Place, Secrets, Silence, counted, stamp};
use crate::report::{Look, defused, listing};

/// As other programs read it.
pub(super) fn json(rows: &[Row<'_>], secrets: &Secrets) -> String {
    let edges: Vec<Value> = rows.iter().map(|row| masked(entry(row), secrets)).collect();
    // Strings and numbers always serialize.
    let text = serde_json::to_string_pretty(&json!({ "schema": "purgeproof.edges/1", "edges": edges }));
    format!("{}\n", text.unwrap_or_default())
}

fn entry(row: &Row<'_>) -> Value {
    let edge = row.edge;
    let found = row.found.as_ref().and_then(|found| found.as_ref().ok());
    let lookup = edge.place.lookup();
    let addresses: Vec<String> = match (&row.found, &edge.place) {
        (None, Place::Address(ip, port)) => {
            vec![SocketAddr::new(*ip, port.unwrap_or(edge.port)).to_string()]
        }
        _ => found.iter().flat_map(|found| &found.addresses).map(ToString::to_string).collect(),
    };
    let mut entry = json!({
        "environment": &*edge.id.environment,
        "region": &*edge.id.region,
        "name": &*edge.id.edge,
        "pop": edge.pop,
        "provider": edge.provider,
        "addresses": addresses,
        "found": row.how(),
        "tenant": row.tenant.map(|tenant| &**tenant),
        "host": row.host.map(|host| &**host),
        "resolver": lookup.and_then(|lookup| lookup.resolver.as_ref()).map(ToString::to_string),
        "client_subnet": row.subnet().map(|subnet| subnet.to_string()),
        "scope": found.and_then(|found| found.scope),
        "ttl": found.and_then(|found| found.ttl).map(|ttl| ttl.as_secs()),
        "dns_ms": row.took().map(whole_ms),
        "aliases": found.map(|found| found.chain.clone()).unwrap_or_default(),
    });
    if let Place::Hostname { name, .. } = &edge.place {
        entry["hostname"] = json!(&**name);
    }
    if let Place::Proxy(proxy) = &edge.place {
        entry["proxy"] = json!(proxy.to_string());
    }
    if row.is_subnet_ignored() {
        entry["client_subnet_ignored"] = json!(true);
    }
    if let Some(Err(silence)) = &row.found {
        entry["error"] = json!(silence.to_string());
    }
    if !row.seen.is_empty() {
        let addresses = found.iter().flat_map(|found| &found.addresses);
        entry["seen"] = addresses.zip(&row.seen).map(|(address, seen)| sight(&address.to_string(), seen)).collect();
    }
    entry
}

fn sight(address: &str, seen: &Result<Seen, Silence>) -> Value {
    match seen {
        Err(silence) => json!({ "address": address, "error": silence.to_string() }),
        Ok(seen) => json!({
            "address": address,
            "status": seen.status,
            "provider": seen.provider,
            "pop": seen.pop,
            "protocol": seen.protocol.id(),
            "tls": seen.tls,
            "certificate": seen.certificate.as_ref().map(|certificate| json!({
                "names": certificate.names,
                "issuer": certificate.issuer,
                "not_after": certificate.not_after.map(stamp),
            })),
            "round_trip_ms": seen.round_trip.map(|took| took.as_secs_f64() * 1_000.0),
        }),
    }
}

/// Every text without what must not be printed.
pub(in crate::cli) fn masked(value: Value, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) => Value::String(secrets.mask(&text)),
        Value::Array(items) => items.into_iter().map(|item| masked(item, secrets)).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, masked(value, secrets))).collect(),
        other => other,
    }
}

fn whole_ms(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// For people: hosts of one edge that lead to the same addresses stand in one line.
pub(super) fn table(rows: &[Row<'_>], secrets: &Secrets, look: Look) -> String {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        match lines.last_mut() {
            Some(last) if last.takes(row) => last.rows += 1,
            _ => lines.push(Line { row, rows: 1 }),
        }
    }
    let several = rows.windows(2).any(|pair| pair[0].edge.id.environment != pair[1].edge.id.environment);
    let probed = rows.iter().any(|row| !row.seen.is_empty());
    let mut header = vec!["edge", "address", "found by", "dns"];
    if probed {
        header.push("who answers");
    }
    let cell = |text: String| text.lines().map(|line| defused(&secrets.mask(line))).collect::<Vec<_>>().join("\n");
    let cells = lines.iter().map(|line| line.cells(several, probed).into_iter().map(cell).collect());
    let table = listing(&header, cells.collect(), look.width.max(100));
    let mut edges: Vec<_> = rows.iter().map(|row| &row.edge.id).collect();
    edges.dedup();
    let lost = rows.iter().filter(|row| matches!(row.found, Some(Err(_)))).count();
    let lost =
        if lost == 0 { String::new() } else { format!(", {} not found", counted(lost as u64, "address lookup")) };
    format!("{}{lost}\n\n{table}\n", counted(edges.len() as u64, "edge"))
}

struct Line<'r, 'i> {
    row: &'r Row<'i>,
    rows: usize,
}

impl Line<'_, '_> {
    fn takes(&self, other: &Row<'_>) -> bool {
        let same = match (&self.row.found, &other.found) {
            (Some(Ok(one)), Some(Ok(other))) => one.addresses == other.addresses && one.scope == other.scope,
            (None, None) => true,
            _ => false,
        };
        same && self.row.edge.id == other.edge.id && other.seen.is_empty()
    }

    fn cells(&self, with_environment: bool, probed: bool) -> Vec<String> {
        let row = self.row;
        let id = &row.edge.id;
        let region = if with_environment { format!("{}/{}", id.environment, id.region) } else { id.region.to_string() };
        let expected = [row.edge.pop.as_deref(), row.edge.provider.as_deref()];
        let expected: Vec<&str> = expected.into_iter().flatten().collect();
        let expected = if expected.is_empty() { String::new() } else { format!("\n{}", expected.join(", ")) };
        let addresses = match (&row.found, &row.edge.place) {
            (Some(Err(silence)), _) => format!("not found: {}", silence.error),
            (_, Place::Vantage(vantage)) => format!("(known to {})", vantage.title()),
            (Some(Ok(found)), _) => found.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            (None, Place::Address(ip, port)) => SocketAddr::new(*ip, port.unwrap_or(row.edge.port)).to_string(),
            (None, _) => "(not looked up)".to_owned(),
        };
        let mut cells = vec![format!("{}\n({region}){expected}", id.edge), addresses, self.how(), self.dns()];
        if probed {
            let told = row.seen.iter().map(|seen| told(row, seen));
            cells.push(told.collect::<Vec<_>>().join("\n"));
        }
        cells
    }

    /// How long it took, for how much of the subnet the answer was made, and how long it may be kept.
    fn dns(&self) -> String {
        let row = self.row;
        let found = row.found.as_ref().and_then(|found| found.as_ref().ok());
        let scope = found.and_then(|found| found.scope);
        let mut told: Vec<String> = row.took().map(|took| format!("{} ms", took.as_millis())).into_iter().collect();
        match scope {
            _ if row.is_subnet_ignored() => {
                told.push(format!("{}: ignored", scope.map_or("no scope", |_| "scope 0")));
            }
            Some(scope) => told.push(format!("scope /{scope}")),
            None => {}
        }
        told.extend(found.and_then(|found| found.ttl).map(|ttl| format!("TTL {} s", ttl.as_secs())));
        if told.is_empty() { "-".to_owned() } else { told.join("\n") }
    }

    /// The name, whose it is, and who was asked for it.
    fn how(&self) -> String {
        let name = match (&self.row.edge.place, self.row.host) {
            (Place::Address(..), _) => return "address".to_owned(),
            (Place::Hostname { name, .. }, _) => name.to_string(),
            (Place::Tenant(_), Some(host)) => match self.rows {
                1 => host.to_string(),
                rows => format!("{host} and {} more", rows - 1),
            },
            (Place::Tenant(_), None) => "the tenant's own name".to_owned(),
            (Place::Vantage(vantage), _) => return format!("{}\n{}", vantage.key(), vantage.authority()),
            (Place::Proxy(proxy), _) => format!("the tenant's own name\nthrough {proxy}"),
        };
        let lookup = self.row.edge.place.lookup();
        let server = lookup.and_then(|lookup| lookup.resolver.as_ref());
        let server = server.map_or_else(String::new, |server| format!("\n{server}"));
        let subnet = self.row.subnet().map_or_else(String::new, |subnet| format!("\nfor {subnet}"));
        let found = self.row.found.as_ref().and_then(|found| found.as_ref().ok());
        let chain = found.map(|found| found.chain.as_slice()).unwrap_or_default();
        let names: Vec<&str> = [name.as_str()].into_iter().chain(chain.iter().map(String::as_str)).collect();
        format!("{}{server}{subnet}", names.join("\n-> "))
    }
}

/// `fastly AMS, h2, 12 ms, *.example.com until 2031-05-17`
fn told(row: &Row<'_>, seen: &Result<Seen, Silence>) -> String {
    let seen = match seen {
        Ok(seen) => seen,
        Err(silence) => return format!("nobody: {}: {}", silence.phase.id(), silence.error),
    };
    let mut who = seen.provider.to_owned();
    if let Some(pop) = &seen.pop {
        who = format!("{who} {pop}");
    }
    if seen.is_other(row.edge) {
        who = format!("{who} (not the one expected)");
    }
    let mut said = vec![who, seen.status.to_string(), seen.protocol.id().to_owned()];
    said.extend(seen.round_trip.map(|took| format!("{:.1} ms", took.as_secs_f64() * 1_000.0)));
    if let Some(certificate) = &seen.certificate {
        let more = certificate.names.len().saturating_sub(1);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let name = certificate.names.first().map_or("no name", String::as_str);
        let until = certificate.not_after.map(|at| at.to_string().chars().take(10).collect::<String>());
        let until = until.map_or_else(String::new, |until| format!(" until {until}"));
        let issuer = certificate.issuer.as_ref().map_or_else(String::new, |issuer| format!(", by {issuer}"));
        said.push(format!("{name}{more}{until}{issuer}"));
    }
    said.join(", ")
}
