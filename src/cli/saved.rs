//! JSON reports that were saved before, read back.

use std::path::Path;

use super::AppError;
use crate::inventory::given;
use crate::model::{Report, SCHEMA};

/// The report in that file; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Report, AppError> {
    let fail = |what: String| AppError::Usage(format!("{}: {what}", path.display()));
    let bytes = bytes(path)
        .map_err(|error| fail(format!("cannot be read ({error}), name a report saved with --report json=PATH")))?;
    parsed(&bytes).map_err(fail)
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() == "-" { given::standard_input() } else { given::read(path) }
}

fn parsed(bytes: &[u8]) -> Result<Report, String> {
    /// Told apart before the whole is read, so that the message can say more than which key is missing.
    #[derive(serde::Deserialize)]
    struct Named {
        schema: Option<String>,
    }
    let named: Named = serde_json::from_slice(bytes)
        .map_err(|error| format!("is no JSON report ({error}), name one saved with --report json=PATH"))?;
    match named.schema.as_deref() {
        Some(SCHEMA) => {}
        Some(other) => return Err(format!("has the schema \"{other}\", this version reads {SCHEMA}")),
        None => return Err("is no report: it has no \"schema\", name one saved with --report json=PATH".to_owned()),
    }
    serde_json::from_slice(bytes).map_err(|error| format!("is not a whole report ({error}), save it again"))
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
                r#"{"schema": "purgeproof.report/1"}"#,
                "is not a whole report (missing field `tool` at line 1 column 33), save it again",
            ),
        ] {
            assert_eq!(parsed(text.as_bytes()).unwrap_err(), message, "{text}");
        }
    }
}
