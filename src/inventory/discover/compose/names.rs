//! Names as the labels and variables of proxies write them, and what of them can be asked for; nothing is left out.

use std::sync::Arc;

use super::super::host_regexp::{Named, names};
use super::super::{Sighting, Told};
use super::interpolate::Filled;
use super::service::{Field, Service};
use super::variables::Variables;
use crate::inventory::{InventoryError, check_path};

const SAMPLE: &str = "purgeproof.sample-host";
/// Names that one service may offer.
const SAMPLES: usize = 16;

/// One name, and where it was seen.
pub(super) struct Seen {
    pub(super) named: Named,
    pub(super) path: Option<Arc<str>>,
    pub(super) source: Arc<str>,
}

impl Seen {
    pub(super) fn new(named: Named, field: &Field, filled: &Filled) -> Self {
        let named = match named {
            Named::Host(host) if host == "localhost" => pattern(&host, "a name of the machine itself"),
            // As it is written: a rule may hold more of the environment than a host.
            Named::Pattern { text, reason } => Named::Pattern { text: filled.shown(&text).into_owned(), reason },
            named => named,
        };
        Self { named, path: None, source: Arc::clone(&field.source) }
    }
}

pub(super) fn pattern(text: &str, reason: &'static str) -> Named {
    Named::Pattern { text: text.to_owned(), reason }
}

/// `https://shop.example.com:8443/path`, of which all but the name may lack; and what nginx takes for a name.
pub(super) fn address(
    written: &str,
    field: &Field,
    filled: &Filled,
) -> Result<impl Iterator<Item = Seen>, InventoryError> {
    let (name, path) = if written.starts_with('~') { (written, None) } else { parts(written) };
    let named = read(written, name).map_err(|why| field.fail(filled.fault(&why)))?;
    let seen = move |named| Seen { path: path.clone(), ..Seen::new(named, field, filled) };
    Ok(named.into_iter().map(seen).collect::<Vec<_>>().into_iter())
}

fn parts(written: &str) -> (&str, Option<Arc<str>>) {
    let is_scheme = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let rest = written.split_once("://").filter(|(scheme, _)| is_scheme(scheme)).map_or(written, |(_, rest)| rest);
    let end = rest.find('/').unwrap_or(rest.len());
    (&rest[..end], path(&rest[end..]))
}

/// A path that says more than `/`, without what stands for all below.
pub(super) fn path(written: &str) -> Option<Arc<str>> {
    let path = written.strip_suffix('*').unwrap_or(written);
    let says = path.starts_with('/') && path != "/" && !path.contains(['*', '{']) && check_path(path).is_ok();
    says.then(|| path.into())
}

fn read(written: &str, name: &str) -> Result<Vec<Named>, String> {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let bare =
        if bare.len() < name.len() || name.ends_with(':') { bare.strip_suffix(':').unwrap_or(name) } else { name };
    if let Some(expression) = name.strip_prefix('~') {
        let as_written = |named| match named {
            Named::Pattern { reason, .. } => pattern(written, reason),
            named => named,
        };
        return Ok(names(expression).into_iter().map(as_written).collect());
    }
    if bare.is_empty() || bare == "*" {
        return Ok(vec![pattern(written, "any name")]);
    }
    if bare.contains(['{', '}']) {
        return Ok(vec![pattern(
            written,
            "a placeholder that the proxy fills in, write the name or a variable of Compose's",
        )]);
    }
    if bare.starts_with('[') {
        return Ok(vec![pattern(written, "an address and no name")]);
    }
    if let Some(below) = bare.strip_prefix('.') {
        return Ok(vec![Named::read(below)?, Named::read(&format!("*.{below}"))?]);
    }
    if bare.strip_prefix("*.").unwrap_or(bare).contains('*') {
        return Ok(vec![pattern(written, "a wildcard that stands for more than the first label")]);
    }
    Ok(vec![Named::read(bare)?])
}

/// What a service's names tell, each with its tenant and, where no single name is meant, with one that the service
/// offers by label.
pub(super) fn tell(
    service: &Service,
    seen: &[Seen],
    tenant: Option<&Arc<str>>,
    variables: &Variables<'_>,
    told: &mut Vec<Told>,
) -> Result<(), InventoryError> {
    let samples = samples(service, variables)?;
    let under_one = |sample: &Arc<str>| seen.iter().any(|seen| seen.is_above(sample));
    let (under, free): (Vec<_>, Vec<_>) = samples.into_iter().partition(under_one);
    let patterns = seen.iter().any(|seen| matches!(seen.named, Named::Pattern { .. }));
    if let (false, Some(sample), Some(label)) = (patterns, free.first(), service.label(SAMPLE)) {
        return Err(label.fail(format!("\"{sample}\" is below no wildcard of this service, correct it or take it out")));
    }
    for seen in seen {
        match &seen.named {
            Named::Host(host) => told.push(Told::Host(seen.sighting(host, tenant, None))),
            Named::Wildcard(host) => {
                let sample = under.iter().find(|sample| seen.is_above(sample));
                told.push(Told::Wildcard(seen.sighting(host, tenant, sample)));
            }
            Named::Pattern { text, reason } if free.is_empty() => told.push(Told::Unprobeable {
                pattern: text.clone(),
                source: Arc::clone(&seen.source),
                reason: format!("{reason}; label the service {SAMPLE}=NAME with a name that it serves"),
            }),
            Named::Pattern { .. } => {
                told.extend(free.iter().map(|sample| Told::Host(seen.sighting(sample, tenant, None))));
            }
        }
    }
    Ok(())
}

/// Names that a service offers for its wildcards and patterns.
fn samples(service: &Service, variables: &Variables<'_>) -> Result<Vec<Arc<str>>, InventoryError> {
    let Some(label) = service.label(SAMPLE) else { return Ok(Vec::new()) };
    let filled = label.filled(variables)?;
    let sample = |written: &str| match Named::read(written) {
        Ok(Named::Host(host)) => Ok(host.into()),
        Ok(_) => Err(label.fail(format!("\"{}\" is no single name, write one", filled.shown(written)))),
        Err(why) => Err(label.fail(filled.fault(&why))),
    };
    let written = filled.text.split(',').map(str::trim).filter(|written| !written.is_empty());
    let samples = written.take(SAMPLES + 1).map(sample).collect::<Result<Vec<_>, _>>()?;
    if samples.len() > SAMPLES {
        return Err(label.fail(format!("these are more than {SAMPLES} names, take the others out")));
    }
    Ok(samples)
}

impl Seen {
    fn sighting(&self, host: &str, tenant: Option<&Arc<str>>, sample: Option<&Arc<str>>) -> Sighting {
        Sighting {
            host: host.into(),
            tenant: tenant.cloned(),
            sample: sample.cloned(),
            paths: self.path.iter().cloned().collect(),
            source: Arc::clone(&self.source),
        }
    }

    /// Whether this is a wildcard that the name is below.
    fn is_above(&self, name: &str) -> bool {
        let Named::Wildcard(wildcard) = &self.named else { return false };
        let above = wildcard.trim_start_matches('*');
        name.len() > above.len() && name.ends_with(above)
    }
}
