use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Digest, KnownRow, Validators};

/// What objects were before the deploy, by an earlier report.
#[derive(Debug, Clone, Default)]
pub struct Baseline(BTreeMap<String, Arc<Validators<'static>>>);

impl Baseline {
    /// By the references of a report.
    pub fn of(rows: Vec<KnownRow>) -> Self {
        Self(rows.into_iter().map(|row| (key(row.object()), Arc::new(validators(row)))).collect())
    }

    /// What that object was.
    pub fn get(&self, object: [&str; 5]) -> Option<&Arc<Validators<'static>>> {
        self.0.get(&key(object))
    }
}

impl KnownRow {
    /// Which object it is: environment, tenant, host, path and variant.
    pub fn object(&self) -> [&str; 5] {
        [&self.environment, &self.tenant, &self.host, &self.path, &self.variant]
    }
}

/// A line break stands in none of them.
fn key(object: [&str; 5]) -> String {
    object.join("\n")
}

fn validators(row: KnownRow) -> Validators<'static> {
    Validators {
        status: row.status,
        etag: row.etag.map(Into::into),
        last_modified: row.last_modified.map(Into::into),
        digest: row.sha256.as_deref().and_then(super::sha256_of).map(|sha256| Digest { sha256, length: 0 }),
        ..Validators::default()
    }
}
