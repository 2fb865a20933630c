//! The files as editors know them: a JSON Schema of each, key by key as the readers take them. It reads no file.

use serde_json::{Map, Value, json};

use super::{layer, origin, pins, regions, tenants, vantage, variants};
use crate::model::Priority;

/// Of regions files.
pub fn regions_schema(providers: &[&str]) -> Value {
    let layer = || layer_keys(providers);
    let edge =
        Table::new(&regions::EDGE).keys(place()).keys([("pop", text()), ("address", text()), ("hostname", text())]);
    let edge = edge.also(&layer::KEYS, layer()).needs(&["name"]);
    let region = Table::new(&regions::REGION)
        .keys(place())
        .keys([("edges", list(&edge.schema(), 0))])
        .also(&layer::KEYS, layer())
        .also(&vantage::KEYS, [("fastly_edge_check", fastly().schema()), ("globalping", globalping().schema())]);
    let top = Table::new(&regions::TOP)
        .keys([
            ("schema", json!({ "const": 1 })),
            ("environment", text()),
            ("host", text()),
            ("origin", origin().schema()),
            ("defaults", Table::new(&layer::KEYS).keys(layer()).schema()),
            ("regions", json!({ "type": "object", "minProperties": 1, "additionalProperties": region.schema() })),
        ])
        .needs(&["schema", "regions"]);
    top.document("regions.toml of purgeproof")
}

/// Of tenants files.
pub fn tenants_schema() -> Value {
    let tenant = Table::new(&tenants::TENANT)
        .keys(shared(expect_with_paths()))
        .keys([
            ("id", text()),
            ("host", text()),
            ("hosts", map(&json!({ "anyOf": [text(), list(&text(), 0)] }))),
            ("aliases", list(&text(), 0)),
            ("tags", list(&text(), 0)),
            ("sample_host", text()),
        ])
        .needs(&["id"]);
    let variant = Table::new(&variants::KEYS).keys([("headers", map(&text()))]).needs(&["headers"]);
    let levels = Priority::ALL.map(Priority::id);
    let top = Table::new(&tenants::TOP)
        .keys([
            ("schema", json!({ "const": 1 })),
            ("defaults", Table::new(&tenants::DEFAULTS).keys(shared(expect(&pins::PINS).schema())).schema()),
            ("variants", map(&variant.schema())),
            ("service_levels", Table::new(&levels).keys(levels.map(|priority| (priority, duration()))).schema()),
            ("tenants", list(&tenant.schema(), 0)),
        ])
        .needs(&["schema", "tenants"]);
    top.document("tenants file of purgeproof")
}

/// A table of which every key is known.
struct Table {
    known: Vec<&'static str>,
    keys: Map<String, Value>,
    needs: Vec<&'static str>,
}

impl Table {
    fn new(known: &[&'static str]) -> Self {
        Self { known: known.to_vec(), keys: Map::new(), needs: Vec::new() }
    }

    fn keys<const N: usize>(mut self, keys: [(&'static str, Value); N]) -> Self {
        self.keys.extend(keys.into_iter().map(|(key, value)| (key.to_owned(), value)));
        self
    }

    fn also<const N: usize>(mut self, known: &[&'static str], keys: [(&'static str, Value); N]) -> Self {
        self.known.extend(known);
        self.keys(keys)
    }

    fn needs(self, needs: &[&'static str]) -> Self {
        Self { needs: needs.to_vec(), ..self }
    }

    fn schema(self) -> Value {
        // What a reader takes and nobody described is better anything than an error.
        let described = |key: &&str| (String::from(*key), self.keys.get(*key).cloned().unwrap_or(Value::Bool(true)));
        let properties: Map<String, Value> = self.known.iter().map(described).collect();
        json!({ "type": "object", "properties": properties, "required": self.needs, "additionalProperties": false })
    }

    fn document(self, title: &str) -> Value {
        let mut schema = self.schema();
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
        schema["title"] = title.into();
        schema
    }
}

/// A string, or the file that holds it.
fn text() -> Value {
    json!({ "anyOf": [{ "type": "string" }, file()] })
}

fn file() -> Value {
    let path = json!({ "type": "string" });
    json!({ "type": "object", "properties": { "file": path }, "required": ["file"], "additionalProperties": false })
}

/// One of a few words, or what stands for one.
fn word(words: &[&str]) -> Value {
    json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": "\\$\\{" }, file()] })
}

fn duration() -> Value {
    text()
}

fn whole(least: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn rate() -> Value {
    json!({ "anyOf": [whole(1, u32::MAX), word(&["none"])] })
}

fn map(values: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": values })
}

fn list(items: &Value, least: u32) -> Value {
    json!({ "type": "array", "items": items, "minItems": least })
}

fn layer_keys(providers: &[&str]) -> [(&'static str, Value); 19] {
    [
        ("scheme", word(&["https", "http"])),
        ("port", whole(1, 65_535)),
        ("provider", word(providers)),
        ("timeout", duration()),
        ("connect_timeout", duration()),
        ("edge_concurrency", whole(1, 1_000_000)),
        ("edge_rate", rate()),
        ("edge_connections", whole(1, 1_000_000)),
        ("coalesce", flag()),
        ("debug_headers", flag()),
        ("headers", map(&text())),
        ("host", text()),
        ("sni", text()),
        ("addresses", word(&["all", "first"])),
        ("ip", word(&["any", "v4", "v6"])),
        ("ca_file", text()),
        ("client_cert", text()),
        ("client_key", text()),
        ("proxy", text()),
    ]
}

fn place() -> [(&'static str, Value); 3] {
    [("name", text()), ("resolver", text()), ("client_subnet", text())]
}

fn origin() -> Table {
    Table::new(&origin::KEYS).keys([
        ("url", text()),
        ("host", text()),
        ("sni", text()),
        ("headers", map(&text())),
        ("ca_file", text()),
        ("client_cert", text()),
        ("client_key", text()),
        ("samples", whole(1, 1_000)),
        ("concurrency", whole(1, 1_000_000)),
        ("rate", rate()),
    ])
}

fn fastly() -> Table {
    let keys = [
        ("name", text()),
        ("token", text()),
        ("calls", whole(1, 1_000_000)),
        ("base_url", text()),
        ("timeout", duration()),
    ];
    Table::new(&vantage::FASTLY).keys(keys).needs(&["token"])
}

fn globalping() -> Table {
    let keys = [
        ("from", list(&text(), 1)),
        ("limit", whole(1, 200)),
        ("resolver", text()),
        ("token", text()),
        ("tests", whole(1, 1_000_000)),
        ("base_url", text()),
        ("timeout", duration()),
    ];
    Table::new(&vantage::GLOBALPING).keys(keys).needs(&["from"])
}

fn shared(expect: Value) -> [(&'static str, Value); 5] {
    [
        ("paths", list(&text(), 0)),
        ("priority", word(&Priority::ALL.map(Priority::id))),
        ("variants", list(&text(), 0)),
        ("headers", map(&text())),
        ("expect", expect),
    ]
}

fn expect(known: &[&'static str]) -> Table {
    Table::new(known).keys([
        ("status", whole(200, 599)),
        ("etag", text()),
        ("last_modified", text()),
        ("sha256", text()),
        ("headers", map(&text())),
    ])
}

fn expect_with_paths() -> Value {
    expect(&pins::PINS_AND_PATHS).keys([("paths", map(&expect(&pins::PINS).schema()))]).schema()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that are not described, and descriptions of keys that no reader takes, wherever in a schema.
    fn amiss(schema: &Value) -> Vec<String> {
        match schema {
            Value::Object(keys) => {
                let open = keys.get("properties").and_then(Value::as_object).into_iter().flatten();
                let undescribed = open.filter(|(_, schema)| **schema == Value::Bool(true)).map(|(key, _)| key.clone());
                undescribed.chain(keys.values().flat_map(amiss)).collect()
            }
            Value::Array(items) => items.iter().flat_map(amiss).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_key_that_a_reader_takes_is_described() {
        assert_eq!(amiss(&regions_schema(&["fastly"])), Vec::<String>::new());
        assert_eq!(amiss(&tenants_schema()), Vec::<String>::new());
    }

    #[test]
    fn no_key_is_described_that_a_reader_does_not_take() {
        let tables = [
            Table::new(&layer::KEYS).keys(layer_keys(&[])),
            origin(),
            fastly(),
            globalping(),
            expect(&pins::PINS),
            Table::new(&tenants::DEFAULTS).keys(shared(Value::Null)),
        ];
        for table in tables {
            let mut known: Vec<String> = table.known.iter().map(ToString::to_string).collect();
            known.sort();
            assert_eq!(table.keys.keys().cloned().collect::<Vec<_>>(), known);
        }
    }
}
