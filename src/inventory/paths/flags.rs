//! `--paths-from KIND=PATH` as it is typed; no file is read here.

use std::str::FromStr;

use super::{ALL, Kind};
use crate::inventory::InventoryError;
use crate::inventory::error::suggestion;
use crate::inventory::tenants::path_template;

/// `sitemap=public/sitemap.xml`, `manifest=dist/.vite/manifest.json@/static/`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathsFrom {
    kind: &'static str,
    /// A file, or `-` for standard input.
    pub(super) path: String,
    /// Begins and ends with a slash.
    pub(super) prefix: Option<String>,
}

impl PathsFrom {
    pub(super) fn kind(&self) -> Option<&'static Kind> {
        ALL.iter().find(|kind| kind.id == self.kind)
    }

    /// Every kind there is.
    pub fn kinds() -> impl Iterator<Item = &'static str> + Clone {
        ALL.iter().map(|kind| kind.id)
    }

    /// As it was typed.
    pub(super) fn flag(&self) -> String {
        let prefix = self.prefix.as_ref().map(|prefix| format!("@{prefix}")).unwrap_or_default();
        format!("--paths-from {}={}{prefix}", self.kind, self.path)
    }

    pub(super) fn fail(&self, what: impl Into<String>) -> InventoryError {
        InventoryError::flag(self.flag(), what)
    }

    /// Whether it is read from standard input.
    pub(in crate::inventory) fn is_stdin(&self) -> bool {
        self.path == "-"
    }
}

impl FromStr for PathsFrom {
    type Err = InventoryError;

    fn from_str(text: &str) -> Result<Self, InventoryError> {
        let fail = |what: String| InventoryError::flag(format!("\"{text}\""), what);
        let Some((word, path)) = text.split_once('=') else {
            return Err(fail("holds no \"=\", write KIND=PATH such as sitemap=sitemap.xml".to_owned()));
        };
        let Some(kind) = ALL.iter().find(|kind| kind.id == word) else {
            return Err(fail(format!("unknown kind \"{word}\", {}", suggestion(word, Self::kinds()))));
        };
        let (path, prefix) = match path.rsplit_once("@/").filter(|_| kind.takes_prefix) {
            Some((path, prefix)) => (path, Some(format!("/{prefix}"))),
            None => (path, None),
        };
        if path.is_empty() {
            let id = kind.id;
            return Err(fail(format!("names no path, write {id}=PATH, or {id}=- for standard input")));
        }
        let prefix = prefix.map(|prefix| if prefix.ends_with('/') { prefix } else { prefix + "/" });
        prefix.iter().try_for_each(|prefix| path_template(prefix).map(drop)).map_err(fail)?;
        Ok(Self { kind: kind.id, path: path.to_owned(), prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_kind_and_a_path() {
        for (text, path, prefix) in [
            ("sitemap=a=b.xml", "a=b.xml", None),
            ("log=-", "-", None),
            ("manifest=dist/manifest.json", "dist/manifest.json", None),
            ("manifest=dist/manifest.json@/static", "dist/manifest.json", Some("/static/")),
            ("manifest=-@/", "-", Some("/")),
            ("manifest=node_modules/@scope/m.json@/a/{id}/", "node_modules/@scope/m.json", Some("/a/{id}/")),
            ("sitemap=odd@/sitemap.xml", "odd@/sitemap.xml", None),
        ] {
            let source: PathsFrom = text.parse().unwrap();
            assert_eq!((source.path.as_str(), source.prefix.as_deref()), (path, prefix), "{text}");
        }
    }

    #[test]
    fn a_bad_source_says_what_to_write() {
        for (text, message) in [
            ("sitemap.xml", "\"sitemap.xml\": holds no \"=\", write KIND=PATH such as sitemap=sitemap.xml"),
            ("site=x", "\"site=x\": unknown kind \"site\", write one of: log, manifest, sitemap"),
            ("logs=x", "\"logs=x\": unknown kind \"logs\", did you mean \"log\"?"),
            ("log=", "\"log=\": names no path, write log=PATH, or log=- for standard input"),
            (
                "manifest=@/x/",
                "\"manifest=@/x/\": names no path, write manifest=PATH, or manifest=- for standard input",
            ),
            (
                "manifest=x@/{ids}/",
                "\"manifest=x@/{ids}/\": the path \"/{ids}/\": unknown placeholder \"{ids}\", did you mean \"{id}\"?",
            ),
        ] {
            assert_eq!(text.parse::<PathsFrom>().unwrap_err().to_string(), message);
        }
    }
}
