//! A `ConfigMap` that holds a tenants file; any other is nobody's business.

use super::super::super::InventoryError;
use super::super::super::document::Document;
use super::super::super::tree::{Format, Node, Value};
use super::super::Told;
use super::manifest::Object;
use super::teller::Teller;

const KEYS: [(&str, Format); 4] = [
    ("tenants.yaml", Format::Yaml),
    ("tenants.yml", Format::Yaml),
    ("tenants.toml", Format::Toml),
    ("tenants.json", Format::Json),
];

pub(super) fn tell(object: &Object<'_>, teller: &mut Teller<'_>) -> Result<(), InventoryError> {
    let Some(data) = object.root.get("data")? else { return Ok(()) };
    for (key, format) in KEYS {
        let Some(field) = data.get(key)? else { continue };
        let text = field.text()?;
        let ours =
            format.parse(text).map_or_else(|_| says_so(text), |root| has(&root, "schema") && has(&root, "tenants"));
        if ours {
            let given = field.given;
            let file = given.object(field.line, &format!("{}, {key}", object.label));
            teller.told.push(Told::Tenants(Document::parse(&file, given.folder, format, text, given.env)?));
        }
    }
    Ok(())
}

fn has(root: &Node, key: &str) -> bool {
    matches!(&root.value, Value::Map(entries) if entries.iter().any(|entry| &*entry.key == key))
}

/// Other programs have a `tenants.yaml` too; one that cannot be read is ours by its words.
fn says_so(text: &str) -> bool {
    ["schema", "tenants"]
        .iter()
        .all(|key| text.lines().any(|line| line.trim_start_matches(['"', '{', '[', ' ']).starts_with(key)))
}
