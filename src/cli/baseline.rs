//! `--baseline`: the references of a JSON report that was saved before the deploy.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::AppError;
use crate::inventory::given;
use crate::model::{Baseline, KnownRow, SCHEMA};

/// As much of a report as a baseline takes.
#[derive(Deserialize)]
struct Saved {
    references: Option<Vec<KnownRow>>,
}

/// The baseline in that file.
pub(super) fn read(path: Option<&Path>) -> Result<Option<Arc<Baseline>>, AppError> {
    let Some(path) = path else { return Ok(None) };
    let fail = |what: String| AppError::Usage(format!("--baseline {}: {what}", path.display()));
    let bytes = given::read(path)
        .map_err(|error| fail(format!("cannot be read ({error}), name a report saved with --report json=PATH")))?;
    parsed(&bytes).map(|baseline| Some(Arc::new(baseline))).map_err(fail)
}

fn parsed(bytes: &[u8]) -> Result<Baseline, String> {
    let report: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| format!("is no JSON ({error}), name a report saved with --report json=PATH"))?;
    match report.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) => return Err(format!("has the schema \"{other}\", this version reads {SCHEMA}")),
        None => return Err("is no report: it has no \"schema\", name one saved with --report json=PATH".to_owned()),
    }
    let saved: Saved = serde_json::from_value(report)
        .map_err(|error| format!("\"references\" cannot be read ({error}), save the report again"))?;
    match saved.references {
        Some(rows) if !rows.is_empty() => Ok(Baseline::of(rows)),
        Some(_) => Err("holds no reference: the origin gave none in that run, save one where it does".to_owned()),
        None => Err("has no \"references\": an earlier version wrote it, save the report again".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_baseline_has_its_message() {
        for (text, message) in [
            (
                "{",
                "is no JSON (EOF while parsing an object at line 1 column 1), name a report saved with --report json=PATH",
            ),
            ("[]", "is no report: it has no \"schema\", name one saved with --report json=PATH"),
            (
                r#"{"schema": "purgeproof.report/2"}"#,
                "has the schema \"purgeproof.report/2\", this version reads purgeproof.report/1",
            ),
            (
                r#"{"schema": "purgeproof.report/1"}"#,
                "has no \"references\": an earlier version wrote it, save the report again",
            ),
            (
                r#"{"schema": "purgeproof.report/1", "references": []}"#,
                "holds no reference: the origin gave none in that run, save one where it does",
            ),
            (
                r#"{"schema": "purgeproof.report/1", "references": {}}"#,
                "\"references\" cannot be read (invalid type: map, expected a sequence), save the report again",
            ),
        ] {
            assert_eq!(parsed(text.as_bytes()).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        let text = r#"{"schema": "purgeproof.report/1", "more": 1, "references": [{"environment": "e", "tenant": "t",
            "host": "h", "path": "/", "variant": "identity", "status": 200, "etag": "\"a\"", "last_modified": null,
            "sha256": null, "more": {}}]}"#;
        let baseline = parsed(text.as_bytes()).unwrap();
        assert_eq!(baseline.get(["e", "t", "h", "/", "identity"]).unwrap().etag.as_deref(), Some("\"a\""));
        assert!(baseline.get(["e", "t", "h", "/", "gzip"]).is_none());
    }
}
