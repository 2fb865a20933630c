//! Kind `cloudflare`: custom hostnames as Cloudflare's API lists them (`GET zones/:id/custom_hostnames`), every page, one
//! behind the other. What is not active yet is told and not asked; origins are no tenants.

use super::reach::{documents, get, items, text_of, told, waiting};
use super::{Given, Kind, Told, one_by_one};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Node, Value};

pub(super) const CLOUDFLARE: Kind =
    Kind { id: "cloudflare", endings: &["json"], read: |given| one_by_one(given, read) };

fn read(given: &Given<'_>) -> Result<Vec<Told>, InventoryError> {
    let (mut names, mut listed, mut total) = (Vec::new(), 0, None);
    for page in documents(given)? {
        if get(&page, "success").is_some_and(|node| node.value == Value::Bool(false)) {
            let why =
                items(get(&page, "errors")).first().and_then(|error| text_of(error, "message")).unwrap_or("no reason");
            return Err(given.fail(page.line, format!("is an answer that failed (\"{why}\"), save one that succeeded")));
        }
        match get(&page, "result") {
            Some(Node { value: Value::List(hostnames), .. }) => {
                names.extend(hostnames.iter().filter_map(|hostname| one(given, hostname)));
                listed += hostnames.len();
            }
            Some(hostname @ Node { value: Value::Map(_), .. }) => names.extend(one(given, hostname)),
            _ if text_of(&page, "hostname").is_some() => names.extend(one(given, &page)),
            _ => {
                let what =
                    "holds no \"result\" with custom hostnames, save what GET zones/:id/custom_hostnames answers";
                return Err(given.fail(page.line, what));
            }
        }
        let info = get(&page, "result_info");
        if let Some(Node { value: Value::Int(count), line }) = info.and_then(|info| get(info, "total_count")) {
            total = Some((*count, *line));
        }
    }
    match total {
        Some((total, line)) if usize::try_from(total).is_ok_and(|total| listed < total) => {
            let what = format!(
                "\"total_count\" is {total} and {listed} are here, save every page (page=1, 2, …) into this file, one behind the \
                 other"
            );
            Err(given.fail(line, what))
        }
        _ => Ok(names),
    }
}

fn one(given: &Given<'_>, hostname: &Node) -> Option<Told> {
    let host = text_of(hostname, "hostname")?;
    let id = text_of(hostname, "id").map_or_else(String::new, |id| format!(" \"{id}\""));
    let origin = text_of(hostname, "custom_origin_server").filter(|origin| !origin.is_empty());
    let origin = origin.map_or_else(String::new, |origin| format!(", custom origin {origin}"));
    let object = format!("custom hostname{id}{origin}");
    let metadata = get(hostname, "custom_metadata");
    let by_key = |key| metadata.and_then(|metadata| text_of(metadata, key)).or_else(|| text_of(hostname, key));
    Some(match text_of(hostname, "status") {
        None | Some("active" | "active_redeploying") => {
            told(given, hostname, host, &object, given.tenant_key.and_then(by_key))
        }
        Some(status) => {
            waiting(given, hostname, host, &object, &format!("its status is {status}, it may not be served yet"))
        }
    })
}
