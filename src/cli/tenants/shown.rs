//! The list as a table and as JSON.

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use crate::cli::edges::masked;
use crate::model::{Hosts, Inventory, LeftOut, Priority, Secrets, Tenant, counted};
use crate::report::{Look, defused, listing, unheard, unspoken};

/// One tenant as other programs read it.
#[derive(Serialize)]
struct Entry<'t> {
    id: &'t str,
    /// The first of its hosts, in the first of its environments.
    host: Option<&'t str>,
    /// All of them, by environment.
    hosts: &'t Hosts,
    /// Those beside `host`.
    aliases: Vec<&'t str>,
    paths: &'t [Arc<str>],
    priority: Priority,
    source: &'t str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    also: &'t [Arc<str>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    prefixes: &'t [Arc<str>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'t [String],
}

impl<'t> Entry<'t> {
    fn of(tenant: &'t Tenant) -> Self {
        let (host, aliases) = hosts(tenant);
        Self {
            id: &tenant.id,
            host,
            hosts: &tenant.hosts,
            aliases,
            paths: &tenant.paths,
            priority: tenant.priority,
            source: &tenant.source,
            also: &tenant.also,
            prefixes: &tenant.prefixes,
            tags: &tenant.tags,
        }
    }
}

/// The first host, and every other one, whatever the environment.
fn hosts(tenant: &Tenant) -> (Option<&str>, Vec<&str>) {
    let mut all: Vec<&str> = Vec::new();
    for host in tenant.hosts.values().flatten() {
        if !all.contains(&&**host) {
            all.push(host);
        }
    }
    let mut all = all.into_iter();
    (all.next(), all.collect())
}

/// As other programs read it, a line for each.
pub(super) fn json(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let secrets = &inventory.secrets;
    out.write_all(b"{\"schema\":\"purgeproof.tenants/1\",\"tenants\":")?;
    lines(inventory.tenants.iter().map(Entry::of), secrets, out)?;
    out.write_all(b",\"unprobeable\":")?;
    lines(inventory.unprobeable.iter(), secrets, out)?;
    if !inventory.left_out.is_empty() {
        out.write_all(b",\"left_out\":")?;
        lines(inventory.left_out.iter(), secrets, out)?;
    }
    out.write_all(b"}\n")
}

fn lines<T: Serialize>(items: impl Iterator<Item = T>, secrets: &Secrets, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (nth, item) in items.enumerate() {
        out.write_all(if nth == 0 { b"\n" } else { b",\n" })?;
        let item = if secrets.is_empty() {
            serde_json::to_string(&item)?
        } else {
            serde_json::to_string(&masked(serde_json::to_value(&item)?, secrets))?
        };
        out.write_all(unspoken(&item).as_bytes())?;
    }
    out.write_all(b"]")
}

/// For people.
pub(super) fn table(inventory: &Inventory, look: Look) -> String {
    let Inventory { tenants, unprobeable, left_out, secrets, .. } = inventory;
    let cell = |text: String| defused(&secrets.mask(&text));
    let tenant = |tenant: &Tenant| {
        let (host, aliases) = hosts(tenant);
        let hosts = host.into_iter().chain(aliases).map(|host| cell(host.to_owned())).collect::<Vec<_>>();
        let paths = tenant.paths.iter().map(|path| cell(path.to_string())).collect::<Vec<_>>();
        let places = std::iter::once(&tenant.source).chain(&tenant.also);
        let places = places.map(|place| cell(place.to_string())).collect::<Vec<_>>();
        let columns = [hosts, paths, places].map(|lines| shortened(&lines));
        std::iter::once(format!("{}\n{}", cell(tenant.id.to_string()), tenant.priority.id())).chain(columns).collect()
    };
    let mut out = counted(tenants.len() as u64, "tenant");
    if !unprobeable.is_empty() {
        out = format!("{out}, {} that cannot be asked for", counted(unprobeable.len() as u64, "name"));
    }
    let header = ["tenant", "hosts", "paths", "from"];
    let rows: Vec<Vec<String>> = tenants.iter().map(tenant).collect();
    if !rows.is_empty() {
        out = format!("{out}\n\n{}", listing(&header, rows, look.width.max(100)));
    }
    if !unprobeable.is_empty() {
        let row = |lost: &crate::model::Unprobeable| {
            [&lost.pattern, &*lost.source, &lost.reason].map(|text| cell(text.to_owned())).into()
        };
        let rows = unprobeable.iter().map(row).collect();
        out = format!("{out}\n\n{}", listing(&["cannot be asked for", "from", "why"], rows, look.width.max(100)));
    }
    if !left_out.is_empty() {
        let row = |lost: &LeftOut| [&*lost.source, &lost.reason].map(|text| cell(text.to_owned())).into();
        out = format!(
            "{out}\n\n{}",
            listing(&["from", "left out"], left_out.iter().map(row).collect(), look.width.max(100))
        );
    }
    unheard(&format!("{out}\n"))
}

/// The first few, and how many more there are.
fn shortened(lines: &[String]) -> String {
    const SHOWN: usize = 4;
    match lines {
        [] => "-".to_owned(),
        lines if lines.len() <= SHOWN => lines.join("\n"),
        lines => format!("{}\nand {} more", lines[..SHOWN - 1].join("\n"), lines.len() - (SHOWN - 1)),
    }
}
