//! Header fields and names as vendors' APIs write them. It sends nothing.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

/// What every request of ours names itself.
pub(super) const USER_AGENT: &str = concat!("purgeproof/", env!("CARGO_PKG_VERSION"));

/// Header fields from JSON: a value is a string, a number, or a list of them. What is no field is left out.
pub(super) fn fields(json: &Map<String, Value>) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for (name, value) in json {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        let lines = match value {
            Value::Array(lines) => lines.as_slice(),
            one => std::slice::from_ref(one),
        };
        for line in lines.iter().filter_map(line) {
            fields.append(&name, line);
        }
    }
    fields
}

fn line(value: &Value) -> Option<HeaderValue> {
    match value {
        Value::String(text) => HeaderValue::from_bytes(text.as_bytes()).ok(),
        Value::Number(number) => HeaderValue::from_str(&number.to_string()).ok(),
        _ => None,
    }
}

/// The name in `name:port` and `[address]:port`.
pub(super) fn name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// The port in `name:port`.
pub(super) fn port(host: &str) -> Option<u16> {
    let after_brackets = host.rfind(']').map_or(0, |end| end + 1);
    host[after_brackets..].rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_be_a_string_a_number_or_a_list() {
        let json =
            serde_json::json!({ "Age": 12, "x-cache": ["MISS", "HIT"], "etag": "\"a\"", "no field": "x", "n": null });
        let fields = fields(json.as_object().unwrap());
        assert_eq!(fields["age"], "12");
        assert_eq!(fields.get_all("x-cache").iter().collect::<Vec<_>>(), ["MISS", "HIT"]);
        assert_eq!((fields["etag"].to_str().unwrap(), fields.len()), ("\"a\"", 4));
    }

    #[test]
    fn a_host_is_a_name_and_a_port() {
        for (host, name_of, port_of) in [
            ("a.example", "a.example", None),
            ("a.example:8443", "a.example", Some(8443)),
            ("[::1]:80", "::1", Some(80)),
            ("[::1]", "::1", None),
        ] {
            assert_eq!((name(host), port(host)), (name_of, port_of));
        }
    }
}
