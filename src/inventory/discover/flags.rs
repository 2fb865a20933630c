//! `--discover KIND=PATH` and `--sample-host PATTERN=HOST` as they are typed; no file is read here.

use std::str::FromStr;
use std::sync::Arc;

use super::{ALL, Kind};
use crate::inventory::InventoryError;
use crate::inventory::error::suggestion;
use crate::inventory::wire::check_host;

/// `compose=deploy/`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discover {
    kind: &'static str,
    /// A file, a folder, a glob, or `-` for standard input.
    pub(super) path: String,
}

impl Discover {
    pub(super) fn kind(&self) -> Option<&'static Kind> {
        ALL.iter().find(|kind| kind.id == self.kind)
    }

    /// Every kind there is.
    pub fn kinds() -> impl Iterator<Item = &'static str> + Clone {
        ALL.iter().map(|kind| kind.id)
    }

    /// Whether it is read from standard input.
    pub(in crate::inventory) fn is_stdin(&self) -> bool {
        self.path == "-"
    }

    pub(super) fn fail(&self, what: impl Into<String>) -> InventoryError {
        InventoryError::flag(format!("--discover {}={}", self.kind, self.path), what)
    }
}

impl FromStr for Discover {
    type Err = InventoryError;

    fn from_str(text: &str) -> Result<Self, InventoryError> {
        let fail = |what: String| InventoryError::flag(format!("\"{text}\""), what);
        let Some((word, path)) = text.split_once('=') else {
            return Err(fail("holds no \"=\", write KIND=PATH such as hosts=hosts.txt".to_owned()));
        };
        let Some(kind) = Self::kinds().find(|kind| *kind == word) else {
            return Err(unknown(text, word));
        };
        if path.is_empty() {
            return Err(fail(format!("names no path, write {kind}=PATH, or {kind}=- for standard input")));
        }
        Ok(Self { kind, path: path.to_owned() })
    }
}

/// The error of a kind that there is not, within what was typed.
pub(super) fn unknown(text: &str, word: &str) -> InventoryError {
    let what = format!("unknown kind \"{word}\", {}", suggestion(word, Discover::kinds()));
    InventoryError::flag(format!("\"{text}\""), what)
}

/// `*.example.com=shop.example.com`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleHost {
    /// A wildcard, or a pattern as `purgeproof tenants` lists it.
    pub(super) pattern: String,
    /// What is asked in its place.
    pub(super) host: Arc<str>,
}

impl FromStr for SampleHost {
    type Err = InventoryError;

    fn from_str(text: &str) -> Result<Self, InventoryError> {
        let fail = |what: String| InventoryError::flag(format!("\"{text}\""), what);
        // A pattern may hold "=", a host may not.
        let Some((pattern, host)) = text.rsplit_once('=').filter(|(pattern, _)| !pattern.is_empty()) else {
            return Err(fail("write WILDCARD=HOST such as *.example.com=shop.example.com".to_owned()));
        };
        check_host(host).map_err(fail)?;
        Ok(Self { pattern: pattern.to_owned(), host: host.to_ascii_lowercase().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_kind_and_a_path() {
        let source: Discover = "hosts=a=b.txt".parse().unwrap();
        assert_eq!((source.kind, source.path.as_str()), ("hosts", "a=b.txt"));
        for (text, message) in [
            ("hosts.txt", "\"hosts.txt\": holds no \"=\", write KIND=PATH such as hosts=hosts.txt"),
            ("host=x", "\"host=x\": unknown kind \"host\", did you mean \"hosts\"?"),
            ("hosts=", "\"hosts=\": names no path, write hosts=PATH, or hosts=- for standard input"),
        ] {
            assert_eq!(text.parse::<Discover>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_sample_stands_behind_the_last_equals_sign() {
        let sample: SampleHost = "HostRegexp(`a=b`)=Shop.example.com".parse().unwrap();
        assert_eq!((sample.pattern.as_str(), &*sample.host), ("HostRegexp(`a=b`)", "shop.example.com"));
        for text in ["*.example.com", "=a.example", "*.example.com=a b"] {
            assert!(text.parse::<SampleHost>().is_err(), "{text}");
        }
    }
}
