//! Response heads out of a HAR file, as browsers export them. It never reads a body.

use http::Version;
use serde::Deserialize;

use super::heads::{field, version};
use crate::model::Head;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    response: Response,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Response {
    status: i64,
    http_version: Option<String>,
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

/// The heads of a HAR file in its order; none where this is no HAR. A response without a valid status (blocked,
/// aborted) is none.
pub(super) fn parse(json: &[u8]) -> Option<Vec<Head>> {
    let har: Har = serde_json::from_slice(json).ok()?;
    Some(har.log.entries.iter().filter_map(|entry| head(&entry.response)).collect())
}

fn head(response: &Response) -> Option<Head> {
    let status = u16::try_from(response.status).ok().filter(|status| (200..=999).contains(status))?;
    let said = response.http_version.as_deref().unwrap_or_default();
    let mut head = Head {
        version: version(said.rsplit(['/', 'h', 'H']).next().unwrap_or(said)).unwrap_or(Version::HTTP_11),
        status,
        fields: http::HeaderMap::with_capacity(response.headers.len().min(64)),
    };
    for pair in &response.headers {
        // Browsers put repeated lines of one name into one value, a line each.
        for line in pair.value.lines() {
            field(&mut head.fields, pair.name.as_bytes(), line.as_bytes());
        }
    }
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answered_entry_is_a_head() {
        let har = br#"{"log":{"version":"1.2","entries":[
            {"request":{},"response":{"status":301,"httpVersion":"http/1.1","headers":[
                {"name":"Location","value":"https://a.example/"},{"name":"X-Cache","value":"MISS\nHIT"}]}},
            {"request":{},"response":{"status":0,"httpVersion":"","headers":[]}},
            {"response":{"status":200,"httpVersion":"h2","headers":[
                {"name":":status","value":"200"},{"name":"age","value":"7"}]}}]}}"#;
        let heads = parse(har).unwrap();
        assert_eq!(heads.len(), 2);
        assert_eq!(heads[0].version, Version::HTTP_11);
        assert_eq!(heads[0].joined("x-cache").as_deref(), Some("MISS, HIT"));
        assert_eq!(heads[1].version, Version::HTTP_2);
        assert_eq!(heads[1].first("age").as_deref(), Some("7"));
        assert_eq!(heads[1].fields.len(), 1);
    }

    #[test]
    fn other_json_is_no_har() {
        assert!(parse(b"{}").is_none());
        assert!(parse(b"{\"log\":").is_none());
        assert!(parse(b"{\"log\":{}}").is_some_and(|heads| heads.is_empty()));
    }
}
