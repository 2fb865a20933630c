//! The list as a table.

use std::net::SocketAddr;

use super::list::Row;
use super::seen::Seen;
use crate::model::{Place, Secrets, Silence, counted};
use crate::report::{Look, defused, listing, unheard};

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
    unheard(&format!("{}{lost}\n\n{table}\n", counted(edges.len() as u64, "edge")))
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
