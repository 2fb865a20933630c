//! What an object tells, as everybody is told: with its tenant, its samples and its source.

use std::sync::Arc;

use super::super::super::InventoryError;
use super::super::super::wire::check_name;
use super::super::host_regexp::Named;
use super::super::{Sighting, Told};
use super::NOT_HTTP;
use super::field::Field;
use super::hostname::{Hostname, under};
use super::manifest::Object;

/// The annotation that names hosts which stand for the wildcards and patterns of its object.
pub(super) const SAMPLE: &str = "purgeproof/sample-host";

/// Tells of one object.
pub(super) struct Teller<'t> {
    label: &'t str,
    tenant: Option<Arc<str>>,
    samples: Vec<Arc<str>>,
    pub(super) told: &'t mut Vec<Told>,
}

/// Where a name stands.
pub(super) struct Place<'p, 'n> {
    pub(super) field: &'p Field<'n>,
    /// `, listener "https"`, or nothing.
    pub(super) within: &'p str,
}

impl<'t> Teller<'t> {
    pub(super) fn of(object: &'t Object<'_>, told: &'t mut Vec<Told>) -> Result<Self, InventoryError> {
        let tenant = object.root.given.tenant_key.map_or(Ok(None), |key| object.tenant(key))?;
        Ok(Self { label: &object.label, tenant, samples: samples(object)?, told })
    }

    /// What a route takes: nothing says that HTTP answers where TLS or TCP is passed on.
    pub(super) fn routed(&mut self, place: &Place<'_, '_>, name: &Hostname, http: bool, paths: &[Arc<str>]) {
        match name {
            Hostname::One(text) | Hostname::Below(text) if !http => {
                self.unprobeable(place, text, NOT_HTTP.to_owned());
            }
            Hostname::Any if !http => {}
            name => self.hostname(place, name, paths),
        }
    }

    /// A host, a wildcard, or any host.
    pub(super) fn hostname(&mut self, place: &Place<'_, '_>, name: &Hostname, paths: &[Arc<str>]) {
        match name {
            Hostname::One(name) => self.told.push(Told::Host(self.sighting(place, name, paths))),
            Hostname::Below(name) => {
                let sample = self.samples.iter().find(|sample| under(sample, name)).cloned();
                self.wildcard(place, name, sample, paths);
            }
            Hostname::Any => self.pattern(place, "*", "it takes any host"),
        }
    }

    pub(super) fn wildcard(&mut self, place: &Place<'_, '_>, name: &str, sample: Option<Arc<str>>, paths: &[Arc<str>]) {
        let sighting = self.sighting(place, name, paths);
        self.told.push(Told::Wildcard(Sighting { sample, ..sighting }));
    }

    /// What no single name stands for, unless the object says which does.
    pub(super) fn pattern(&mut self, place: &Place<'_, '_>, pattern: &str, why: &str) {
        if self.samples.is_empty() {
            let mend = format!("annotate the object with {SAMPLE}: a host that stands for it");
            return self.unprobeable(place, pattern, format!("{why}, {mend}"));
        }
        for sample in self.samples.clone() {
            let sighting = self.sighting(place, &sample, &[]);
            self.told.push(Told::Host(sighting));
        }
    }

    pub(super) fn unprobeable(&mut self, place: &Place<'_, '_>, pattern: &str, reason: String) {
        let source = self.source(place);
        self.told.push(Told::Unprobeable { pattern: pattern.to_owned(), source, reason });
    }

    /// What a rule or an expression names.
    pub(super) fn named(&mut self, place: &Place<'_, '_>, named: &Named) {
        match named {
            Named::Host(name) => self.hostname(place, &Hostname::One(name.clone()), &[]),
            Named::Wildcard(name) => self.hostname(place, &Hostname::Below(name.clone()), &[]),
            Named::Pattern { text, reason } => self.pattern(place, text, &format!("this is {reason}")),
        }
    }

    /// An alias is one more host of the tenant that has the first.
    pub(super) fn aliases_of(&mut self, host: Option<&str>) {
        if self.tenant.is_none() {
            self.tenant = host.map(Into::into);
        }
    }

    pub(super) fn source(&self, place: &Place<'_, '_>) -> Arc<str> {
        place.field.given.object(place.field.line, &format!("{}{}", self.label, place.within))
    }

    fn sighting(&self, place: &Place<'_, '_>, name: &str, paths: &[Arc<str>]) -> Sighting {
        Sighting {
            host: name.into(),
            tenant: self.tenant.clone(),
            sample: None,
            paths: paths.to_vec(),
            source: self.source(place),
        }
    }
}

impl<'p, 'n> From<&'p Field<'n>> for Place<'p, 'n> {
    fn from(field: &'p Field<'n>) -> Self {
        Self { field, within: "" }
    }
}

/// One name, or several with commas between.
fn samples(object: &Object<'_>) -> Result<Vec<Arc<str>>, InventoryError> {
    let Some((field, text)) = object.annotation(SAMPLE)? else { return Ok(Vec::new()) };
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let checked = names.map(|name| match check_name(name) {
        Ok(()) => Ok(name.to_ascii_lowercase().into()),
        Err(why) => Err(field.fail(format_args!("\"{}\" {why}", name.escape_debug()))),
    });
    checked.collect()
}
