//! Paths of a route as paths to ask for; it invents none.

use std::sync::Arc;

use super::super::super::wire::check_path;

/// How a route says a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Exact,
    Prefix,
    Expression,
}

/// The paths of one host.
#[derive(Default)]
pub(super) struct Paths {
    named: Vec<Arc<str>>,
    /// All below `/` come here as well, so the named ones are not what there is.
    everything: bool,
}

impl Paths {
    pub(super) fn everything() -> Self {
        Self { named: Vec::new(), everything: true }
    }

    pub(super) fn add(&mut self, written: &str, how: Match) {
        // Some controllers say a prefix with a star.
        let starred = written.strip_suffix('*').filter(|_| how != Match::Exact);
        let path = starred.unwrap_or(written);
        match how {
            Match::Prefix | Match::Expression if path.is_empty() || path == "/" => self.everything = true,
            Match::Expression => {}
            _ if path.contains(['\\', '^', '$', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|']) => {}
            _ if check_path(path).is_ok() && !self.named.iter().any(|named| **named == *path) => {
                self.named.push(path.into());
            }
            _ => {}
        }
    }

    /// None where all below `/` come here.
    pub(super) fn named(&self) -> &[Arc<str>] {
        if self.everything { &[] } else { &self.named }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(paths: &[(&str, Match)]) -> String {
        let mut all = Paths::default();
        for (path, how) in paths {
            all.add(path, *how);
        }
        all.named().join(" ")
    }

    #[test]
    fn prefixes_and_exact_paths_are_asked_for() {
        let paths = [("/shop", Match::Prefix), ("/logo.png", Match::Exact), ("/img/*", Match::Prefix)];
        assert_eq!(named(&paths), "/shop /logo.png /img/");
        assert_eq!(named(&[("/", Match::Exact)]), "/");
    }

    #[test]
    fn with_all_below_the_root_none_is_named() {
        assert_eq!(named(&[("/logo.png", Match::Exact), ("/", Match::Prefix)]), "");
        assert_eq!(named(&[("/*", Match::Prefix), ("/api", Match::Prefix)]), "");
    }

    #[test]
    fn expressions_are_no_paths() {
        assert_eq!(
            named(&[("/api(/|$)(.*)", Match::Prefix), ("/v[0-9]+", Match::Expression), ("a", Match::Exact)]),
            ""
        );
    }
}
