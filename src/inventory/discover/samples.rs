//! What stands for a wildcard or a pattern: the tenants file's sample, else a flag's, else the source's own. What has
//! none is told as unprobeable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::merge::{Seen, two_owners};
use super::name::{Name, name};
use super::{Claims, SampleHost, Sighting, Told};
use crate::inventory::InventoryError;
use crate::inventory::error::suggestion;
use crate::inventory::hosts::under;
use crate::model::Unprobeable;

/// With whose it is.
type Unprobeables = Vec<(Arc<str>, Unprobeable)>;

/// Every name that can be asked for, and what cannot.
pub(super) fn resolved(
    told: Vec<Told>,
    flagged: &[SampleHost],
    claims: &Claims,
) -> Result<(Vec<Seen>, Unprobeables), InventoryError> {
    let samples = Samples::of(&told, flagged, claims)?;
    let (mut seen, mut unprobeable) = (Vec::with_capacity(told.len()), Unprobeables::new());
    for (order, told) in told.into_iter().enumerate() {
        let (sighting, listing) = match told {
            Told::Tenants(_) => continue,
            Told::Listed(sighting, listing) => (sighting, Some(listing)),
            Told::Host(sighting) | Told::Wildcard(sighting) => (sighting, None),
            Told::Unprobeable { pattern, source, reason } => {
                let Some(host) = samples.flagged.get(pattern.as_str()) else {
                    unprobeable.push((pattern.as_str().into(), Unprobeable { pattern, source, reason }));
                    continue;
                };
                (Sighting::new(Arc::clone(host), source), None)
            }
        };
        match name(&sighting.host) {
            Ok(Name::Host(host)) => seen.push(Seen { order, sighting: Sighting { host, ..sighting }, listing }),
            Ok(Name::Wildcard(_) | Name::Pattern(_)) => match samples.of_wildcard(&sighting)? {
                Some(host) => {
                    let host = sampled(&host, &sighting)?;
                    seen.push(Seen { order, sighting: Sighting { host, ..sighting }, listing });
                }
                None => unprobeable.push(unsampled(sighting)),
            },
            Err(reason) => {
                let Sighting { host, source, .. } = sighting;
                unprobeable.push((Arc::clone(&host), Unprobeable { pattern: host.to_string(), source, reason }));
            }
        }
    }
    Ok((seen, unprobeable))
}

/// A sample that can be asked for.
fn sampled(host: &str, sighting: &Sighting) -> Result<Arc<str>, InventoryError> {
    if let Ok(Name::Host(host)) = name(host) {
        return Ok(host);
    }
    let what = format!("the sample host \"{host}\" of \"{}\" is no host name, correct it", sighting.host);
    Err(InventoryError::Entry { at: Arc::clone(&sighting.source), what })
}

fn unsampled(Sighting { host, tenant, source, .. }: Sighting) -> (Arc<str>, Unprobeable) {
    let reason = format!(
        "a wildcard stands for no single name: name one with --sample-host '{host}=HOST', or as \"sample_host\" in a tenants \
         file"
    );
    (tenant.unwrap_or_else(|| Arc::clone(&host)), Unprobeable { pattern: host.to_string(), source, reason })
}

/// What stands for what.
struct Samples<'s> {
    flagged: BTreeMap<&'s str, Arc<str>>,
    /// By sources; a wildcard that has one at one place has it everywhere.
    own: BTreeMap<Arc<str>, Arc<str>>,
    claims: &'s Claims,
}

impl<'s> Samples<'s> {
    fn of(told: &[Told], flagged: &'s [SampleHost], claims: &'s Claims) -> Result<Self, InventoryError> {
        let mut own = BTreeMap::new();
        let mut patterns = BTreeSet::new();
        for told in told {
            match told {
                Told::Wildcard(sighting) | Told::Listed(sighting, _) if sighting.host.contains('*') => {
                    patterns.insert(&*sighting.host);
                    if let Some(sample) = &sighting.sample {
                        own.entry(Arc::clone(&sighting.host)).or_insert_with(|| Arc::clone(sample));
                    }
                }
                Told::Unprobeable { pattern, .. } => {
                    patterns.insert(pattern);
                }
                Told::Host(_) | Told::Wildcard(_) | Told::Listed(..) | Told::Tenants(_) => {}
            }
        }
        let mut samples = BTreeMap::new();
        for SampleHost { pattern, host } in flagged {
            let fail = |what: String| InventoryError::flag(format!("--sample-host {pattern}={host}"), what);
            if !patterns.contains(pattern.as_str()) {
                let mend = if patterns.is_empty() {
                    "leave it out".to_owned()
                } else {
                    suggestion(pattern, patterns.iter().copied())
                };
                return Err(fail(format!("no source names \"{pattern}\", {mend}")));
            }
            if let Some((claim, _)) = claims.of_wildcard(pattern) {
                return Err(fail(format!("{} has a sample host for it, keep one of them", claim.source)));
            }
            if !covers(pattern, host) {
                return Err(fail(format!("\"{host}\" is not under \"{pattern}\", correct one")));
            }
            if samples.insert(pattern.as_str(), Arc::clone(host)).is_some() {
                return Err(fail(format!("\"{pattern}\" stands twice, keep one of them")));
            }
        }
        Ok(Self { flagged: samples, own, claims })
    }

    fn of_wildcard(&self, sighting: &Sighting) -> Result<Option<Arc<str>>, InventoryError> {
        let Sighting { host: wildcard, tenant, source, .. } = sighting;
        if let Some((claim, sample)) = self.claims.of_wildcard(wildcard) {
            return match tenant {
                Some(tenant) if *tenant != claim.id => {
                    Err(two_owners(wildcard, (tenant, source), (&claim.id, &claim.source)))
                }
                // One without a sample is an error once its file is read.
                _ => Ok(sample.map(Arc::clone)),
            };
        }
        let own = sighting.sample.as_ref().or_else(|| self.own.get(wildcard));
        if let Some(host) = own.filter(|host| !covers(wildcard, host)) {
            let what = format!("the sample host \"{host}\" is not under \"{wildcard}\", correct one");
            return Err(InventoryError::Entry { at: Arc::clone(source), what });
        }
        Ok(self.flagged.get(&**wildcard).or(own).map(Arc::clone))
    }
}

/// Whether that host may stand for it: any may for what is no plain wildcard.
fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) if suffix.starts_with('.') && !suffix.contains('*') => under(host, suffix),
        _ => true,
    }
}
