//! The same inventory from texts that are at hand already; of files it reads those alone that a text names itself.

use std::path::Path;

use super::document::Document;
use super::load::{Documents, assembled};
use super::tree::{Env, Format};
use super::{InventoryError, Overrides, discover};
use crate::model::Inventory;

/// A file's text. Errors call it by the file's name, its ending tells the syntax, and what it names itself lies beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'t> {
    /// The file's name; it need not be there.
    pub file: &'t Path,
    /// What it says.
    pub text: &'t str,
}

/// What files say, as a command line would name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts<'t> {
    /// As of `--regions`: one environment each.
    pub regions: Vec<Text<'t>>,
    /// As of `--tenants`: together one list.
    pub tenants: Vec<Text<'t>>,
    /// As of `--discover`: a kind of source, and its files.
    pub discover: Vec<(&'t str, Vec<Text<'t>>)>,
    /// As of `--expect`.
    pub expect: Option<Text<'t>>,
}

/// What is to be checked, by texts and flags; as [`super::load`].
pub fn load_texts(
    texts: &Texts<'_>,
    overrides: &Overrides,
    env: &Env<'_>,
    providers: &[&str],
) -> Result<Inventory, InventoryError> {
    let read = |Text { file, text }: &Text<'_>| Document::told(file, text, "--regions", Some(Format::Toml), env);
    let regions = texts.regions.iter().map(read).collect::<Result<_, _>>()?;
    let read = |Text { file, text }: &Text<'_>| Document::told(file, text, "--tenants", None, env);
    let tenants = texts.tenants.iter().map(read).collect::<Result<_, _>>()?;
    let read = |Text { file, text }: &Text<'_>| Document::told(file, text, "--expect", None, env);
    let expect = texts.expect.as_ref().map(read).transpose()?;
    let mut told = Vec::new();
    for (kind, files) in &texts.discover {
        told.extend(discover::told_by(kind, files, overrides.tenant_key.as_deref(), env)?);
    }
    assembled(Documents { regions, tenants, expect, told, paths: Vec::new() }, overrides, providers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_what_files_say() {
        let regions = "schema = 1\n[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n";
        let text = |file, text| Text { file: Path::new(file), text };
        let texts = Texts {
            regions: vec![text("regions.toml", regions)],
            tenants: vec![text("t.yaml", "schema: 1\ntenants: [{ id: a, host: a.example, paths: [/x] }]")],
            discover: vec![("hosts", vec![text("hosts.txt", "b.example\n")])],
            expect: Some(text("e.json", r#"{ "/x": { "status": 200 } }"#)),
        };
        let inventory =
            load_texts(&texts, &Overrides { paths: vec!["/x".to_owned()], ..Overrides::default() }, &|_| None, &[]);
        let tenants = inventory.unwrap().tenants;
        let told: Vec<_> = tenants.iter().map(|tenant| (&*tenant.id, &*tenant.source, tenant.expect.len())).collect();
        assert_eq!(told, [("a", "t.yaml:2", 1), ("b.example", "hosts.txt:1", 1)]);
    }

    #[test]
    fn an_error_names_the_text_by_its_file() {
        let load =
            |texts: Texts<'_>| load_texts(&texts, &Overrides::default(), &|_| None, &[]).unwrap_err().to_string();
        let text = |file, text| Text { file: Path::new(file), text };
        let error = load(Texts { tenants: vec![text("a/t.yaml", "schema: 1\ntenant: []")], ..Texts::default() });
        assert!(error.starts_with("a/t.yaml:2: "), "{error}");
        let error = load(Texts { discover: vec![("composer", Vec::new())], ..Texts::default() });
        assert!(error.ends_with("did you mean \"compose\"?"), "{error}");
    }
}
