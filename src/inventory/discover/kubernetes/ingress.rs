//! Ingress, by its rules and aliases: certificates' hosts and redirects' targets are none of them.

use std::collections::BTreeSet;

use super::super::super::InventoryError;
use super::super::host_regexp::{Named, names};
use super::Told;
use super::field::Field;
use super::hostname::Hostname;
use super::manifest::Object;
use super::paths::{Match, Paths};
use super::teller::{Place, Teller};

/// Annotations by which controllers give a server more names, with commas between.
const ALIASES: [&str; 4] = [
    "nginx.ingress.kubernetes.io/server-alias",
    "ingress.kubernetes.io/server-alias",
    "haproxy-ingress.github.io/server-alias",
    "konghq.com/host-aliases",
];
/// Names that DNS is given for the whole object; they say what a rule without a host is asked for.
const DNS: &str = "external-dns.alpha.kubernetes.io/hostname";

/// What all Ingresses tell; an alias that another one's rule names is that one's.
pub(super) fn tell_all(objects: &[Object<'_>], told: &mut Vec<Told>) -> Result<(), InventoryError> {
    let is_ingress =
        |object: &&Object<'_>| object.kind == "Ingress" && ["networking.k8s.io", "extensions"].contains(&object.group);
    let mut ruled = BTreeSet::new();
    for object in objects.iter().filter(is_ingress) {
        tell_rules(object, told, &mut ruled)?;
    }
    for object in objects.iter().filter(is_ingress) {
        tell_aliases(object, told, &ruled)?;
    }
    Ok(())
}

fn rules<'n>(object: &Object<'n>) -> Result<Vec<Field<'n>>, InventoryError> {
    object.spec()?.map_or(Ok(Vec::new()), |spec| spec.list("rules"))
}

fn tell_rules(object: &Object<'_>, told: &mut Vec<Told>, ruled: &mut BTreeSet<String>) -> Result<(), InventoryError> {
    let mut teller = Teller::of(object, told)?;
    for rule in rules(object)? {
        match rule.filled("host")? {
            Some(field) => {
                let name = Hostname::read(field.text()?).map_err(|why| field.fail(why))?;
                if let Hostname::One(name) = &name {
                    ruled.insert(name.clone());
                }
                teller.hostname(&Place::from(&field), &name, paths(&rule)?.named());
            }
            None => tell_any(object, &mut teller, &rule, ", a rule without a host")?,
        }
    }
    let Some(spec) = object.spec()? else { return Ok(()) };
    match spec.get("defaultBackend")?.or(spec.get("backend")?) {
        Some(backend) => tell_any(object, &mut teller, &backend, ", default backend"),
        None => Ok(()),
    }
}

fn tell_any(
    object: &Object<'_>,
    teller: &mut Teller<'_>,
    field: &Field<'_>,
    within: &str,
) -> Result<(), InventoryError> {
    let Some((dns, hosts)) = object.annotation(DNS)? else {
        teller.hostname(&Place { field, within }, &Hostname::Any, &[]);
        return Ok(());
    };
    let within = format!(", annotation {DNS}");
    for host in listed(hosts) {
        let name = Hostname::read(host).map_err(|why| dns.fail(why))?;
        teller.hostname(&Place { field: &dns, within: &within }, &name, &[]);
    }
    Ok(())
}

fn paths(rule: &Field<'_>) -> Result<Paths, InventoryError> {
    let within = rule.get("http")?.map_or(Ok(Vec::new()), |http| http.list("paths"))?;
    let mut paths = if within.is_empty() { Paths::everything() } else { Paths::default() };
    for entry in within {
        let how = if entry.word("pathType")? == Some("Exact") { Match::Exact } else { Match::Prefix };
        paths.add(entry.word("path")?.unwrap_or("/"), how);
    }
    Ok(paths)
}

fn tell_aliases(object: &Object<'_>, told: &mut Vec<Told>, ruled: &BTreeSet<String>) -> Result<(), InventoryError> {
    let mut teller = Teller::of(object, told)?;
    let mut first = None;
    for rule in rules(object)? {
        if let Some(Hostname::One(host)) = rule.word("host")?.map(Hostname::read).and_then(Result::ok) {
            first = first.or(Some(host));
        }
    }
    teller.aliases_of(first.as_deref());
    for annotation in ALIASES {
        let Some((field, aliases)) = object.annotation(annotation)? else { continue };
        let within = format!(", annotation {annotation}");
        let place = Place { field: &field, within: &within };
        for alias in listed(aliases) {
            let named = alias_names(alias).map_err(|why| field.fail(why))?;
            let free = |named: &&Named| !matches!(named, Named::Host(host) if ruled.contains(host));
            named.iter().filter(free).for_each(|named| teller.named(&place, named));
        }
    }
    Ok(())
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// As nginx's `server_name` has it: a name, a wildcard at either end, or an expression behind `~`.
fn alias_names(alias: &str) -> Result<Vec<Named>, String> {
    if let Some(expression) = alias.strip_prefix('~') {
        let as_written = |named| match named {
            Named::Pattern { reason, .. } => Named::Pattern { text: alias.to_owned(), reason },
            named => named,
        };
        return Ok(names(expression.strip_prefix('*').unwrap_or(expression)).into_iter().map(as_written).collect());
    }
    if alias.ends_with(".*") {
        return Ok(vec![Named::Pattern { text: alias.to_owned(), reason: "a name with any ending" }]);
    }
    if let Some(name) = alias.strip_prefix('.') {
        return Ok(vec![Named::read(name)?, Named::read(&format!("*.{name}"))?]);
    }
    Ok(vec![Named::read(alias)?])
}
