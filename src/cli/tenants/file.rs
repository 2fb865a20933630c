//! The list as a tenants file: what it says, read again, is the same inventory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::yaml;
use crate::cli::AppError;
use crate::model::{Expect, Inventory, Priority, ServiceLevels, Tenant, hex};
use crate::report::defused;

/// Variants that need no writing down.
const BUILT_IN: [&str; 3] = ["identity", "gzip", "br"];

/// What came from the environment or from files, and credentials, are not written into another file.
pub(super) fn holds_no_secret(inventory: &Inventory) -> Result<(), AppError> {
    let is_secret = |content: Value| {
        let text = content.to_string();
        inventory.secrets.mask(&text) != text
    };
    let mend =
        "a tenants file with a secret in it is not written, leave that out with --skip, or write \"${NAME}\" yourself";
    if let Some(tenant) = inventory.tenants.iter().find(|known| is_secret(json!(tenant(known, inventory)))) {
        let id = inventory.secrets.mask(&tenant.id);
        return Err(AppError::Usage(format!("tenant \"{id}\" ({}): {mend}", inventory.secrets.mask(&tenant.source))));
    }
    if is_secret(variants(inventory)) {
        return Err(AppError::Usage(format!("variants: {mend}")));
    }
    Ok(())
}

/// The file; what it cannot say stands in comments.
pub(super) fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "schema: 1")?;
    for (key, value) in [("service_levels", levels(inventory.levels)), ("variants", variants(inventory))] {
        if value.as_object().is_some_and(|table| !table.is_empty()) {
            write!(out, "{}", yaml::entry(key, &value, 0))?;
        }
    }
    writeln!(out, "tenants:{}", if inventory.tenants.is_empty() { " []" } else { "" })?;
    for known in &inventory.tenants {
        for place in std::iter::once(&known.source).chain(&known.also) {
            writeln!(out, "  # {}", comment(place, inventory))?;
        }
        write!(out, "{}", yaml::item(&tenant(known, inventory), 2))?;
    }
    for lost in &inventory.unprobeable {
        let words = format!("not here: {} ({}): {}", lost.pattern, lost.source, lost.reason);
        writeln!(out, "# {}", comment(&words, inventory))?;
    }
    for lost in &inventory.left_out {
        writeln!(out, "# {}", comment(&format!("left out: {}: {}", lost.source, lost.reason), inventory))?;
    }
    Ok(())
}

fn comment(text: &str, inventory: &Inventory) -> String {
    defused(&inventory.secrets.mask(text))
}

fn levels(levels: ServiceLevels) -> Value {
    if levels == ServiceLevels::default() {
        return json!({});
    }
    levels.in_ms().into_iter().map(|(priority, ms)| (priority.id().to_owned(), json!(format!("{ms}ms")))).collect()
}

fn variants(inventory: &Inventory) -> Value {
    let own = inventory.variants.iter().filter(|variant| !BUILT_IN.contains(&&*variant.name));
    own.map(|variant| (variant.name.to_string(), json!({ "headers": headers(&variant.headers) }))).collect()
}

fn headers(lines: &HeaderMap) -> Value {
    lines.iter().map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes())))).collect()
}

/// What differs from what is usual, key by key.
fn tenant(tenant: &Tenant, inventory: &Inventory) -> Vec<(&'static str, Value)> {
    let mut entry = vec![("id", json!(&*tenant.id))];
    let mut say = |key: &'static str, value: Value, is_usual: bool| {
        if !is_usual {
            entry.push((key, value));
        }
    };
    if let Some((host, aliases)) = everywhere(tenant, inventory) {
        say("host", json!(&**host), false);
        say("aliases", json!(texts(aliases)), aliases.is_empty());
    } else {
        let hosts: Map<_, _> =
            tenant.hosts.iter().map(|(name, hosts)| (name.to_string(), json!(texts(hosts)))).collect();
        say("hosts", Value::Object(hosts), tenant.hosts.is_empty());
    }
    say("paths", json!(texts(&tenant.paths)), tenant.paths.is_empty());
    say("priority", json!(tenant.priority.id()), tenant.priority == Priority::default());
    let names: Vec<&str> = tenant.variants.iter().map(|variant| &*inventory.variants[*variant].name).collect();
    say("variants", json!(names), names == [BUILT_IN[0]]);
    say("headers", headers(&tenant.headers), tenant.headers.is_empty());
    let pins: Map<_, _> = tenant.expect.iter().map(|(path, expect)| (path.to_string(), pins(expect))).collect();
    say("expect", json!({ "paths": pins }), tenant.expect.is_empty());
    say("tags", json!(tenant.tags), tenant.tags.is_empty());
    entry
}

fn texts(words: &[Arc<str>]) -> Vec<&str> {
    words.iter().map(|word| &**word).collect()
}

/// Its hosts, where they are the same in all environments that this run knows.
fn everywhere<'t>(tenant: &'t Tenant, inventory: &Inventory) -> Option<(&'t Arc<str>, &'t [Arc<str>])> {
    let known: BTreeSet<&str> = match inventory.environments.as_slice() {
        [] => BTreeSet::from(["production"]),
        known => known.iter().map(|environment| &*environment.name).collect(),
    };
    let named: BTreeMap<&str, &[Arc<str>]> =
        tenant.hosts.iter().map(|(name, hosts)| (&**name, hosts.as_slice())).collect();
    let first = named.values().next()?;
    let is_same = named.values().all(|hosts| hosts == first) && named.keys().copied().collect::<BTreeSet<_>>() == known;
    first.split_first().filter(|_| is_same)
}

fn pins(expect: &Expect) -> Value {
    let mut pins = Map::new();
    pins.extend(expect.status.map(|status| ("status".to_owned(), json!(status))));
    pins.extend(expect.etag.as_ref().map(|tag| ("etag".to_owned(), json!(&**tag))));
    pins.extend(expect.last_modified.as_ref().map(|date| ("last_modified".to_owned(), json!(&**date))));
    pins.extend(expect.sha256.map(|hash| ("sha256".to_owned(), json!(hex(&hash)))));
    if !expect.headers.is_empty() {
        let lines: Map<_, _> = expect.headers.iter().map(|(name, value)| (name.to_string(), json!(&**value))).collect();
        pins.insert("headers".to_owned(), Value::Object(lines));
    }
    Value::Object(pins)
}
