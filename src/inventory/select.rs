//! What a command line says over the files: what is checked, and how; it reads no file but a CA's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use globset::{Glob, GlobSet, GlobSetBuilder};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use super::error::suggestion;
use super::layer::check_certificates;
use super::wire::{header, layered};
use super::{InventoryError, One, Rate, SampleHost, given};
use crate::model::{AddressFamily, Authorities, Edge, Environment, Pace, Priority, Tenant, Trust, Variant};

/// What flags say; each stands before what the files say.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--url`: instead of tenants.
    pub urls: Vec<String>,
    /// `diagnose URL`: tenants files only say whose it is.
    pub one: Option<One>,
    /// `--path`: instead of the tenants' paths.
    pub paths: Vec<String>,
    /// `--tenant-key`: the label or annotation that names a discovered tenant.
    pub tenant_key: Option<String>,
    /// `--sample-host`: what stands for wildcards and patterns that are discovered.
    pub samples: Vec<SampleHost>,
    /// Tenants are listed and nothing is asked of them: they may do without paths and hosts.
    pub only_listed: bool,
    /// `--only`: of each key, any must match.
    pub only: Vec<Choice>,
    /// `--skip`: none may match.
    pub skip: Vec<Choice>,
    /// `--sample`: so many paths of each tenant.
    pub sample: Option<usize>,
    /// `--seed`: which of them.
    pub seed: u64,
    /// `--origin`: instead of the origin's URL.
    pub origin: Option<String>,
    /// `-H`: `Name: value`, to origin and edges.
    pub headers: Vec<String>,
    /// `--variant`: instead of the tenants' variants.
    pub variants: Vec<String>,
    /// `--service-level`: instead of the files'.
    pub service_levels: Vec<(Priority, Duration)>,
    /// How hard edges and origin may be asked.
    pub pace: PaceOverrides,
    /// `--insecure`: accept any certificate.
    pub insecure: bool,
    /// `--cacert`: trusted beside all others.
    pub cacert: Option<PathBuf>,
    /// `-4`, `-6`.
    pub family: Option<AddressFamily>,
    /// Whether edges get the headers that make caches say more, whatever the files say of it.
    pub debug_headers: Option<bool>,
}

/// What flags say of the pace of edges; the origin's follows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PaceOverrides {
    /// `--edge-concurrency`
    pub edge_concurrency: Option<usize>,
    /// `--edge-connections`
    pub edge_connections: Option<usize>,
    /// `--edge-rate`
    pub edge_rate: Option<Rate>,
    /// `--timeout`
    pub timeout: Option<Duration>,
    /// `--connect-timeout`
    pub connect_timeout: Option<Duration>,
}

/// By what checks are selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is its word")]
pub enum Key {
    Tenant,
    Region,
    Edge,
    Provider,
    Path,
    Priority,
    Environment,
}

impl Key {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Tenant, Self::Region, Self::Edge, Self::Provider, Self::Path, Self::Priority, Self::Environment];

    /// The word used in flags.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Region => "region",
            Self::Edge => "edge",
            Self::Provider => "provider",
            Self::Path => "path",
            Self::Priority => "priority",
            Self::Environment => "environment",
        }
    }
}

/// `tenant=acme-*,beta-*`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is looked at.
    pub key: Key,
    /// Any of them may match, the whole word; `*` passes over slashes.
    pub globs: Vec<String>,
}

impl FromStr for Choice {
    type Err = InventoryError;

    fn from_str(text: &str) -> Result<Self, InventoryError> {
        let fail = |what: String| InventoryError::flag(format!("\"{text}\""), what);
        let Some((word, globs)) = text.split_once('=') else {
            return Err(fail("holds no \"=\", write KEY=GLOB such as tenant=acme-*".to_owned()));
        };
        let Some(key) = Key::ALL.into_iter().find(|key| key.id() == word) else {
            return Err(fail(format!("unknown key \"{word}\", {}", suggestion(word, Key::ALL.map(Key::id)))));
        };
        let globs: Vec<String> = split_globs(globs).into_iter().map(str::to_owned).collect();
        if globs.iter().any(String::is_empty) {
            return Err(fail("holds an empty glob, write one such as acme-*".to_owned()));
        }
        for glob in &globs {
            Glob::new(glob).map_err(|error| fail(format!("{}, correct the glob", error.kind())))?;
        }
        Ok(Self { key, globs })
    }
}

/// At commas outside of braces: `a,{b,c}` is two.
fn split_globs(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut globs) = (0_usize, 0, Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                globs.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    globs.push(&text[start..]);
    globs
}

/// `--only` and `--skip`, ready to match.
pub(super) struct Selection {
    only: BTreeMap<Key, GlobSet>,
    skip: BTreeMap<Key, GlobSet>,
}

impl Selection {
    pub(super) fn of(overrides: &Overrides) -> Result<Self, InventoryError> {
        Ok(Self { only: sets("--only", &overrides.only)?, skip: sets("--skip", &overrides.skip)? })
    }

    /// What is not known is skipped by no glob, and taken by none.
    fn takes(&self, key: Key, word: Option<&str>) -> bool {
        let matches =
            |sets: &BTreeMap<Key, GlobSet>| sets.get(&key).map(|set| word.is_some_and(|word| set.is_match(word)));
        matches(&self.only).unwrap_or(true) && !matches(&self.skip).unwrap_or(false)
    }

    pub(super) fn takes_tenant(&self, id: &str, priority: Priority) -> bool {
        self.takes(Key::Tenant, Some(id)) && self.takes(Key::Priority, Some(priority.id()))
    }

    /// Whether tenants may have been left out.
    pub(super) fn narrows_tenants(&self) -> bool {
        [Key::Tenant, Key::Priority].iter().any(|key| self.only.contains_key(key) || self.skip.contains_key(key))
    }

    fn takes_edge(&self, edge: &Edge) -> bool {
        self.takes(Key::Region, Some(&edge.id.region))
            && self.takes(Key::Edge, Some(&edge.id.edge))
            && self.takes(Key::Provider, edge.provider.as_deref())
    }

    /// Takes out edges, then environments without any.
    pub(super) fn keep_environments(&self, environments: &mut Vec<Environment>) {
        environments.retain_mut(|environment| {
            environment.edges.retain(|edge| self.takes_edge(edge));
            self.takes(Key::Environment, Some(&environment.name)) && !environment.edges.is_empty()
        });
    }

    /// Takes out paths, and hosts in environments that are not there, then tenants without any.
    pub(super) fn keep_tenants(&self, tenants: &mut Vec<Tenant>, known: impl Fn(&str) -> bool, only_listed: bool) {
        tenants.retain_mut(|tenant| {
            let (pathless, hostless) = (tenant.paths.is_empty(), tenant.hosts.is_empty());
            tenant.paths.retain(|path| self.takes(Key::Path, Some(path)));
            tenant.hosts.retain(|environment, _| known(environment));
            let lost = (tenant.paths.is_empty() && !pathless) || (tenant.hosts.is_empty() && !hostless);
            !lost && (only_listed || !(pathless || hostless))
        });
    }
}

fn sets(flag: &str, choices: &[Choice]) -> Result<BTreeMap<Key, GlobSet>, InventoryError> {
    let mut builders: BTreeMap<Key, GlobSetBuilder> = BTreeMap::new();
    let fail = |key: Key, error: globset::Error| {
        InventoryError::flag(format!("{flag} {}", key.id()), format!("{error}, correct the glob"))
    };
    for Choice { key, globs } in choices {
        let builder = builders.entry(*key).or_insert_with(GlobSetBuilder::new);
        for glob in globs {
            builder.add(Glob::new(glob).map_err(|error| fail(*key, error))?);
        }
    }
    builders.into_iter().map(|(key, builder)| Ok((key, builder.build().map_err(|error| fail(key, error))?))).collect()
}

/// Leaves so many paths, chosen by the seed and the tenant's id; the others' order stays.
pub(super) fn sample(tenant: &mut Tenant, count: usize, seed: u64) {
    if tenant.paths.len() <= count {
        return;
    }
    let rank = |path: &Arc<str>| {
        let mut hash = Sha256::new();
        for part in
            [&seed.to_be_bytes()[..], &(tenant.id.len() as u64).to_be_bytes(), tenant.id.as_bytes(), path.as_bytes()]
        {
            hash.update(part);
        }
        hash.finalize()
    };
    let mut ranked: Vec<_> = tenant.paths.iter().map(|path| (rank(path), Arc::clone(path))).collect();
    ranked.sort();
    let chosen: BTreeSet<_> = ranked.into_iter().take(count).map(|(_, path)| path).collect();
    tenant.paths.retain(|path| chosen.contains(path));
}

/// Flags on edges and origins, prepared.
pub(super) struct Applied<'o> {
    overrides: &'o Overrides,
    headers: HeaderMap,
    ca: Option<Authorities>,
}

impl<'o> Applied<'o> {
    pub(super) fn of(overrides: &'o Overrides) -> Result<Self, InventoryError> {
        let mut headers = HeaderMap::new();
        for line in &overrides.headers {
            let Some((name, value)) = line.split_once(':') else {
                return Err(InventoryError::flag("--header", "holds no colon, write \"Name: value\""));
            };
            let (name, value) =
                header(name.trim(), value.trim()).map_err(|why| InventoryError::flag("--header", why))?;
            headers.append(name, value);
        }
        let ca = overrides.cacert.as_ref().map(|path| {
            let fail = |what: String| InventoryError::flag(format!("--cacert {}", path.display()), what);
            let pem = given::read(path).map_err(|error| fail(format!("cannot be read ({error}), correct the path")))?;
            check_certificates(&pem).map_err(|why| fail(why.to_owned()))?;
            Ok(Authorities { file: path.display().to_string().into(), pem: pem.into() })
        });
        Ok(Self { overrides, headers, ca: ca.transpose()? })
    }

    /// A header that a variant sets is the variant's to choose: laid over it, every variant would be the same one.
    pub(super) fn leaves_variants_alone(&self, variants: &[Variant]) -> Result<(), InventoryError> {
        let set = variants.iter().find_map(|variant| {
            let name = self.headers.keys().find(|name| variant.headers.contains_key(*name))?;
            Some((name, &variant.name))
        });
        set.map_or(Ok(()), |(name, variant)| {
            Err(InventoryError::flag(
                "--header",
                format!(
                    "the variant \"{variant}\" sets the header \"{name}\" itself, choose with --variant, or add a variant \
                     with this value to the tenants file"
                ),
            ))
        })
    }

    pub(super) fn on(&self, environment: &mut Environment) {
        for edge in &mut environment.edges {
            self.on_parts(&mut edge.headers, &mut edge.pace, &mut edge.trust, &mut edge.family);
            edge.debug_headers = self.overrides.debug_headers.unwrap_or(edge.debug_headers);
        }
        if let Some(origin) = &mut environment.origin {
            self.on_parts(&mut origin.headers, &mut origin.pace, &mut origin.trust, &mut origin.family);
        }
    }

    fn on_parts(&self, headers: &mut HeaderMap, pace: &mut Pace, trust: &mut Trust, family: &mut AddressFamily) {
        let flags = &self.overrides.pace;
        pace.concurrency = flags.edge_concurrency.unwrap_or(pace.concurrency);
        pace.connections = flags.edge_connections.unwrap_or(pace.connections);
        pace.rate = flags.edge_rate.map_or(pace.rate, Rate::per_second);
        pace.timeout = flags.timeout.unwrap_or(pace.timeout);
        pace.connect_timeout = flags.connect_timeout.unwrap_or(pace.connect_timeout);
        *family = self.overrides.family.unwrap_or(*family);
        trust.insecure |= self.overrides.insecure;
        trust.authorities.extend(self.ca.iter().cloned());
        if !self.headers.is_empty() {
            *headers = layered(&self.headers, headers);
        }
    }
}

#[cfg(test)]
mod tests;
