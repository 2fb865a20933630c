//! Kind `terraform`: resources of CDNs in what `terraform show -json` prints of a state or a plan, child modules too. Of a
//! plan it reads what will be.

use super::reach::{all, documents, get, is_false, items, text, text_of, told, waiting};
use super::{Given, Kind, Told, one_by_one};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Node, Value};

pub(super) const TERRAFORM: Kind = Kind { id: "terraform", endings: &["json"], read: |given| one_by_one(given, read) };

/// By a resource's type, where its values name the hosts that users ask for; `*` is each item of a list.
const HOSTS: [(&str, &[&str]); 15] = [
    ("akamai_property", &["hostnames", "*", "cname_from"]),
    ("aws_cloudfront_distribution", &["aliases", "*"]),
    ("aws_cloudfront_distribution_tenant", &["domain", "*", "domain"]),
    ("azurerm_cdn_endpoint_custom_domain", &["host_name"]),
    ("azurerm_cdn_frontdoor_custom_domain", &["host_name"]),
    ("bunnynet_pullzone_hostname", &["name"]),
    ("cloudflare_custom_hostname", &["hostname"]),
    ("cloudflare_dns_record", &["name"]),
    ("cloudflare_record", &["name"]),
    ("fastly_domain", &["fqdn"]),
    ("fastly_domain_v1", &["fqdn"]),
    ("fastly_service_compute", &["domain", "*", "name"]),
    ("fastly_service_vcl", &["domain", "*", "name"]),
    ("gcore_cdn_resource", &["cname"]),
    ("google_compute_url_map", &["host_rule", "*", "hosts", "*"]),
];

fn read(given: &Given<'_>) -> Result<Vec<Told>, InventoryError> {
    let mut names = Vec::new();
    for document in documents(given)? {
        let values = ["planned_values", "values"].iter().find_map(|key| get(&document, key));
        let root = values.and_then(|values| get(values, "root_module"));
        match root {
            Some(root) => module(given, root, &mut names),
            // A state without any resource has no values at all.
            None if get(&document, "format_version").is_some() && get(&document, "resources").is_none() => {}
            None => {
                let what = "is nothing that terraform show -json prints, save that: terraform show -json > state.json";
                return Err(given.fail(document.line, what));
            }
        }
    }
    Ok(names)
}

fn module(given: &Given<'_>, module: &Node, names: &mut Vec<Told>) {
    for resource in items(get(module, "resources")) {
        let kind = text_of(resource, "type").unwrap_or_default();
        // Data sources look at what somebody else manages.
        let is_managed = text_of(resource, "mode").is_none_or(|mode| mode == "managed");
        let path = HOSTS.iter().find(|(known, _)| *known == kind).map(|(_, path)| *path);
        if let (Some(path), Some(values), true) = (path, get(resource, "values"), is_managed) {
            of_resource(given, &Resource { node: resource, kind, values }, path, names);
        }
    }
    for inner in items(get(module, "child_modules")) {
        self::module(given, inner, names);
    }
}

struct Resource<'n> {
    node: &'n Node,
    kind: &'n str,
    values: &'n Node,
}

fn of_resource(given: &Given<'_>, resource: &Resource<'_>, path: &[&str], names: &mut Vec<Told>) {
    let Resource { node, kind, values } = *resource;
    let object = text_of(node, "address").unwrap_or(kind);
    let tag = |key| {
        ["tags_all", "tags", "labels", "custom_metadata"].iter().find_map(|tags| text_of(get(values, tags)?, key))
    };
    let tenant = given.tenant_key.and_then(|key| tag(key).or_else(|| text_of(values, key)));
    let is_record = matches!(kind, "cloudflare_record" | "cloudflare_dns_record");
    if is_record && !is_proxied(values) {
        return;
    }
    let found = all(values, path);
    if found.is_empty() && is_still_unknown(values, path) {
        let reason = "its hosts are known once the plan is applied, take the state then".to_owned();
        names.push(Told::Unprobeable { pattern: object.to_owned(), source: given.object(node.line, object), reason });
    }
    for (node, host) in found.into_iter().filter_map(|node| Some((node, text(node)?))) {
        let full = if is_record { record(values, host) } else { Some(host) };
        names.push(match full {
            None => {
                let reason = "a record named within its zone, whose name is not here: the state of an applied plan has it, as \"hostname\"";
                let source = given.object(node.line, object);
                Told::Unprobeable { pattern: host.to_owned(), source, reason: reason.to_owned() }
            }
            Some(host) if ["enabled", "active"].iter().any(|key| is_false(values, key)) => {
                waiting(given, node, host, object, "the resource is disabled and serves nobody")
            }
            Some(host) => match text_of(values, "status").filter(|_| kind == "cloudflare_custom_hostname") {
                None | Some("" | "active" | "active_redeploying") => told(given, node, host, object, tenant),
                Some(status) => {
                    waiting(given, node, host, object, &format!("its status is {status}, it may not be served yet"))
                }
            },
        });
    }
}

/// What a plan leaves open is not in its values: whoever names no host on purpose says so with an empty list or null.
fn is_still_unknown(values: &Node, path: &[&str]) -> bool {
    path.first().is_some_and(|key| get(values, key).is_none())
}

/// Whether users reach that name through Cloudflare.
fn is_proxied(values: &Node) -> bool {
    let carries_http = matches!(text_of(values, "type"), None | Some("A" | "AAAA" | "CNAME"));
    carries_http && get(values, "proxied").is_some_and(|node| node.value == Value::Bool(true))
}

/// The whole name: version 4 of the provider computes it beside the one within the zone, version 5 has no other.
fn record<'n>(values: &'n Node, name: &'n str) -> Option<&'n str> {
    text_of(values, "hostname").filter(|host| !host.is_empty()).or_else(|| name.contains('.').then_some(name))
}
