//! What tenants files say of hosts, skimmed before they are read in full: who owns a name, and what stands for a wildcard.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::name::{Name, name};
use super::reach::{get, text};
use crate::inventory::document::Document;
use crate::inventory::hosts::Stage;
use crate::inventory::template::fill_id;
use crate::inventory::tree::{Entry, Node, Value};

/// By name.
#[derive(Default)]
pub(in crate::inventory) struct Claims {
    hosts: BTreeMap<Arc<str>, Claim>,
    wildcards: BTreeMap<Arc<str>, (Claim, Option<Arc<str>>)>,
}

/// Which tenant, and where that is said.
#[derive(Clone)]
pub(super) struct Claim {
    pub(super) id: Arc<str>,
    pub(super) source: Arc<str>,
}

impl Claims {
    pub(in crate::inventory) fn of(docs: &[Document], stages: &[Stage]) -> Self {
        let mut claims = Self::default();
        for doc in docs {
            let Some(Value::List(tenants)) = get(doc.root(), "tenants").map(|node| &node.value) else { continue };
            for node in tenants {
                if let Some(id) = get(node, "id").and_then(text) {
                    claims.take_in(node, &Claim { id: id.into(), source: doc.source(node.line) }, stages);
                }
            }
        }
        claims
    }

    /// Whether a tenants file gives that host to anybody.
    pub(in crate::inventory) fn hold(&self, host: &str) -> bool {
        self.hosts.contains_key(host)
    }

    pub(super) fn of_host(&self, host: &str) -> Option<&Claim> {
        self.hosts.get(host)
    }

    /// Who has that wildcard, and what stands for it.
    pub(super) fn of_wildcard(&self, wildcard: &str) -> Option<(&Claim, Option<&Arc<str>>)> {
        self.wildcards.get(wildcard).map(|(claim, sample)| (claim, sample.as_ref()))
    }

    fn take_in(&mut self, tenant: &Node, claim: &Claim, stages: &[Stage]) {
        let sample = get(tenant, "sample_host").and_then(text).and_then(host_of);
        let everywhere = get(tenant, "host");
        let by_stage: &[Entry] = match get(tenant, "hosts").map(|node| &node.value) {
            Some(Value::Map(entries)) => entries,
            _ => &[],
        };
        let nodes =
            everywhere.into_iter().chain(get(tenant, "aliases")).chain(by_stage.iter().map(|entry| &entry.node));
        for written in nodes.flat_map(texts) {
            match name(written) {
                Ok(Name::Host(host)) => self.host(host, claim),
                Ok(Name::Wildcard(wildcard)) => {
                    if let Some(sample) = &sample {
                        self.host(Arc::clone(sample), claim);
                    }
                    self.wildcards.entry(wildcard).or_insert_with(|| (claim.clone(), sample.clone()));
                }
                Ok(Name::Pattern(_)) | Err(_) => {}
            }
        }
        if everywhere.is_none() {
            let named = |stage: &&Stage| by_stage.iter().any(|entry| *entry.key == *stage.name);
            for template in stages.iter().filter(|stage| !named(stage)).filter_map(|stage| stage.template.as_ref()) {
                if let Some(host) = host_of(&fill_id(template, &claim.id)) {
                    self.host(host, claim);
                }
            }
        }
    }

    fn host(&mut self, host: Arc<str>, claim: &Claim) {
        self.hosts.entry(host).or_insert_with(|| claim.clone());
    }
}

fn host_of(text: &str) -> Option<Arc<str>> {
    match name(text) {
        Ok(Name::Host(host)) => Some(host),
        _ => None,
    }
}

/// The one, or all of a list.
fn texts(node: &Node) -> Vec<&str> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(text).collect(),
        _ => text(node).into_iter().collect(),
    }
}
