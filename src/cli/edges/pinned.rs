//! `--write`: the regions file again, with addresses in place of names. What is not known for certain is left as it is.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::super::AppError;
use super::list::Row;
use crate::inventory::given;
use crate::model::{Edge, Place};

/// Keys whose values are paths, seen from the file's own folder.
const PATHS: [&str; 4] = ["ca_file", "client_cert", "client_key", "file"];
const HOSTNAME: &str = "{hostname}";

/// The file's text, and what was left as it is and why. Secrets stay as the file names them.
pub(super) fn regions(from: &Path, to: &Path, rows: &[Row<'_>]) -> Result<(String, Vec<String>), AppError> {
    let broken = |what: String| AppError::Usage(format!("--write: {}: {what}", from.display()));
    let text = given::text(from).map_err(|error| broken(error.to_string()))?;
    let mut file: Table = text.parse().map_err(|error: toml::de::Error| broken(error.to_string()))?;
    let folder = |path: &Path| std::path::absolute(path).ok().and_then(|path| path.parent().map(Path::to_owned));
    if let Some(base) = folder(from).filter(|base| folder(to).as_ref() != Some(base)) {
        rebase(&mut file, &base);
    }
    let mut left = Vec::new();
    let mut by_edge: BTreeMap<(&str, &str), Vec<&Row<'_>>> = BTreeMap::new();
    for row in rows {
        by_edge.entry((&row.edge.id.region, &row.edge.id.edge)).or_default().push(row);
    }
    for (region, table) in file.get_mut("regions").and_then(Value::as_table_mut).into_iter().flatten() {
        let Some(edges) = table.get_mut("edges").and_then(Value::as_array_mut) else { continue };
        let mut pinned = Vec::with_capacity(edges.len());
        for edge in std::mem::take(edges) {
            let name = edge.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            match by_edge.get(&(region.as_str(), name.as_str())).map(|rows| addresses(rows)) {
                Some(Ok((of, addresses))) => pinned.extend(pin(&edge, of, &addresses)),
                Some(Err(Some(why))) => {
                    left.push(format!("--write: edge \"{name}\" ({region}) is left as it is: {why}"));
                    pinned.push(edge);
                }
                Some(Err(None)) | None => pinned.push(edge),
            }
        }
        *edges = pinned;
    }
    let text = toml::to_string_pretty(&file).map_err(|error| broken(error.to_string()))?;
    let from = from.display().to_string().replace(char::is_control, " ");
    Ok((format!("# {from}, with addresses as `purgeproof edges --write` found them.\n\n{text}"), left))
}

/// The addresses that stand for an edge whoever is asked for; or why there are none, where that is worth a word.
fn addresses<'e>(rows: &[&Row<'e>]) -> Result<(&'e Edge, Vec<String>), Option<&'static str>> {
    let first = rows.first().ok_or(None)?;
    if matches!(first.edge.place, Place::Address(..) | Place::Proxy(_) | Place::Vantage(_)) {
        return Err(None);
    }
    let found: Result<Vec<_>, _> =
        rows.iter().map(|row| row.found.as_ref().and_then(|found| found.as_ref().ok()).ok_or(())).collect();
    let found = found.map_err(|()| Some("it could not be found"))?;
    if found.windows(2).any(|pair| pair[0].addresses != pair[1].addresses) {
        return Err(Some("its address is another one for each tenant"));
    }
    if first
        .edge
        .headers
        .values()
        .any(|value| value.as_bytes().windows(HOSTNAME.len()).any(|w| w == HOSTNAME.as_bytes()))
    {
        return Err(Some("its headers hold {hostname}"));
    }
    let addresses = found.first().map(|found| found.addresses.iter().map(ToString::to_string).collect());
    Ok((first.edge, addresses.unwrap_or_default()))
}

/// One edge for each address.
fn pin(entry: &Value, edge: &Edge, addresses: &[String]) -> Vec<Value> {
    let Some(entry) = entry.as_table() else { return vec![entry.clone()] };
    let pinned = |(nth, address): (usize, &String)| {
        let mut pinned = entry.clone();
        for key in ["hostname", "resolver", "client_subnet"] {
            pinned.remove(key);
        }
        pinned.insert("address".to_owned(), Value::String(address.clone()));
        if addresses.len() > 1 {
            pinned.insert("name".to_owned(), Value::String(format!("{}-{}", edge.id.edge, nth + 1)));
        }
        if let Place::Hostname { name, .. } = &edge.place {
            for (key, template) in [("host", &edge.identity.host), ("sni", &edge.identity.sni)] {
                if template.contains(HOSTNAME) {
                    pinned.insert(key.to_owned(), Value::String(template.replace(HOSTNAME, name)));
                }
            }
        }
        Value::Table(pinned)
    };
    addresses.iter().enumerate().map(pinned).collect()
}

/// Relative paths, seen from another folder.
fn rebase(table: &mut Table, base: &Path) {
    for (key, value) in table.iter_mut() {
        match value {
            Value::String(path) if PATHS.contains(&key.as_str()) && !path.contains("${") => {
                *path = base.join(&*path).display().to_string();
            }
            Value::Table(table) => rebase(table, base),
            Value::Array(items) => {
                items.iter_mut().filter_map(Value::as_table_mut).for_each(|table| rebase(table, base));
            }
            _ => {}
        }
    }
}
