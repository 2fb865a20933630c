//! Kind `cloudfront`: distributions and distribution tenants as `aws cloudfront` prints them (JSON), one answer or
//! several one behind the other. A distribution's own name under cloudfront.net is no tenant.

use super::reach::{all, documents, get, is_false, items, text, text_of, told, waiting};
use super::{Given, Kind, Told, one_by_one};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Node, Value};

pub(super) const CLOUDFRONT: Kind =
    Kind { id: "cloudfront", endings: &["json"], read: |given| one_by_one(given, read) };

fn read(given: &Given<'_>) -> Result<Vec<Told>, InventoryError> {
    let documents = documents(given)?;
    let mut names = Vec::new();
    for document in &documents {
        let distributions = one_or(document, "Distribution", &["DistributionList", "Items", "*"]);
        let configs = all(document, &["DistributionConfig"]);
        let tenants = one_or(document, "DistributionTenant", &["DistributionTenantList", "*"]);
        let is_known = ["DistributionList", "DistributionTenantList"].iter().any(|key| get(document, key).is_some());
        if distributions.is_empty() && configs.is_empty() && tenants.is_empty() && !is_known {
            return Err(given.fail(document.line, "holds no distribution, save what one of these prints: aws cloudfront \
                list-distributions, get-distribution, get-distribution-config, list-distribution-tenants, get-distribution-tenant"));
        }
        for distribution in distributions.into_iter().chain(configs) {
            of_distribution(given, distribution, &mut names);
        }
        for tenant in tenants {
            of_tenant(given, tenant, &mut names);
        }
    }
    if let Some(cut) = documents.last().filter(|document| is_cut_off(document)) {
        return Err(given.fail(
            cut.line,
            "is cut off and more follows (NextToken, NextMarker or IsTruncated), list all of \
            it: without --max-items and --no-paginate",
        ));
    }
    Ok(names)
}

fn one_or<'n>(document: &'n Node, one: &str, many: &[&str]) -> Vec<&'n Node> {
    let mut found = all(document, &[one]);
    found.extend(all(document, many));
    found
}

fn is_cut_off(document: &Node) -> bool {
    let marked = |node: &Node| {
        ["NextToken", "NextMarker"].iter().any(|key| text_of(node, key).is_some_and(|text| !text.is_empty()))
    };
    let list = get(document, "DistributionList");
    let truncated = list.and_then(|list| get(list, "IsTruncated")).is_some_and(|node| node.value == Value::Bool(true));
    marked(document) || list.is_some_and(marked) || truncated
}

fn of_distribution(given: &Given<'_>, distribution: &Node, names: &mut Vec<Told>) {
    let config = get(distribution, "DistributionConfig").unwrap_or(distribution);
    let object = match text_of(distribution, "Id").or_else(|| text_of(config, "CallerReference")) {
        Some(id) => format!("distribution \"{id}\""),
        None => "distribution".to_owned(),
    };
    let tenant = given.tenant_key.and_then(|key| tag(distribution, key).or_else(|| text_of(config, key)));
    for alias in all(config, &["Aliases", "Items", "*"]) {
        if let Some(host) = text(alias) {
            names.push(if is_false(config, "Enabled") {
                waiting(given, alias, host, &object, "the distribution is disabled and serves nobody")
            } else {
                told(given, alias, host, &object, tenant)
            });
        }
    }
}

fn of_tenant(given: &Given<'_>, tenant: &Node, names: &mut Vec<Told>) {
    let name = text_of(tenant, "Name").or_else(|| text_of(tenant, "Id")).unwrap_or_default();
    let object = format!("distribution tenant \"{name}\"");
    let id = given.tenant_key.and_then(|key| tag(tenant, key).or_else(|| text_of(tenant, key)));
    for domain in items(get(tenant, "Domains")) {
        let Some(host) = text_of(domain, "Domain") else { continue };
        let status = text_of(domain, "Status").unwrap_or("active");
        names.push(if is_false(tenant, "Enabled") {
            waiting(given, domain, host, &object, "the distribution tenant is disabled and serves nobody")
        } else if status != "active" {
            waiting(given, domain, host, &object, &format!("its status is {status}"))
        } else {
            told(given, domain, host, &object, id)
        });
    }
}

/// `Tags` as the API has them: items of a key and a value.
fn tag<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    let tags = all(node, &["Tags", "Items", "*"]);
    tags.into_iter().find(|tag| text_of(tag, "Key") == Some(key)).and_then(|tag| text_of(tag, "Value"))
}
