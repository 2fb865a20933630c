//! A JSON report that was saved before, as the model. It opens no file.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Report, SCHEMA};

impl Report {
    /// What a JSON report says, or why it is none that this version reads.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        /// Told apart before the whole is read, so that the message can say more than which key is missing.
        #[derive(Deserialize)]
        struct Named {
            schema: Option<String>,
            #[serde(default)]
            partial: Option<Claims>,
        }
        let named: Named = serde_json::from_slice(bytes)
            .map_err(|error| format!("is no JSON report ({error}), name one saved with --report json=PATH"))?;
        match named.schema.as_deref() {
            Some(SCHEMA) => {}
            Some(other) => return Err(format!("has the schema \"{other}\", this version reads {SCHEMA}")),
            None => return Err("is no report: it has no \"schema\", name one saved with --report json=PATH".to_owned()),
        }
        if named.partial.is_some_and(|claims| !claims.are_covered()) {
            return Err("says of more objects than its tenants have (\"partial\"), save it again".to_owned());
        }
        serde_json::from_slice(bytes).map_err(|error| format!("is not a whole report ({error}), save it again"))
    }
}

/// How much a partition says it is of: a few digits stand for a whole run of verdicts, so that is looked at before room is
/// made for them. What is not there counts nothing here; that it is missing is told when the whole is read.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    tenants: Vec<Tenant>,
    #[serde(default)]
    lanes: Vec<Lane>,
}

#[derive(Deserialize)]
struct Tenant {
    #[serde(default)]
    variants: Vec<IgnoredAny>,
    #[serde(default)]
    hosts: Vec<Vec<Host>>,
}

#[derive(Deserialize)]
struct Host {
    #[serde(default)]
    paths: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Lane {
    #[serde(default)]
    verdicts: Vec<(IgnoredAny, u32)>,
}

impl Claims {
    /// Whether no lane says of more objects than there are in all environments.
    fn are_covered(&self) -> bool {
        let objects = |tenant: &Tenant| {
            let paths = tenant.hosts.iter().flatten().map(|host| host.paths.len()).sum::<usize>();
            (paths as u64).saturating_mul(tenant.variants.len() as u64)
        };
        let objects = self.tenants.iter().map(objects).fold(0, u64::saturating_add);
        self.lanes.iter().all(|lane| lane.verdicts.iter().map(|(_, many)| u64::from(*many)).sum::<u64>() <= objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_report_has_its_message() {
        for (text, message) in [
            (
                "{",
                "is no JSON report (EOF while parsing an object at line 1 column 1), name one saved with --report json=PATH",
            ),
            ("{}", "is no report: it has no \"schema\", name one saved with --report json=PATH"),
            (r#"{"schema": "x/9"}"#, "has the schema \"x/9\", this version reads purgeproof.report/1"),
            (
                r#"{"schema": "purgeproof.report/1", "partial": { "tenants": [{ "variants": ["gzip"], "hosts": [[{ "paths": ["/a"] }]] }],
                    "lanes": [{ "verdicts": [["fresh", 1], ["stale", 4294967295]] }] }}"#,
                "says of more objects than its tenants have (\"partial\"), save it again",
            ),
            (
                r#"{"schema": "purgeproof.report/1"}"#,
                "is not a whole report (missing field `tool` at line 1 column 33), save it again",
            ),
        ] {
            assert_eq!(Report::from_json(text.as_bytes()).unwrap_err(), message, "{text}");
        }
    }
}
