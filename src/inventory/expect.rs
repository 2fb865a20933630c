//! What a deploy pinned: `expect` tables of tenants files, and the `--expect` file that lies over them. It compares
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::InventoryError;
use super::document::Document;
use super::error::near_miss;
use super::pins::{PINS_AND_PATHS, nothing_pinned, pins, some_pins};
use super::reader::Item;
use super::template::{ID, fill_id};
use super::tenants::path_template;
use crate::model::{Expect, Tenant};

/// A tenant's `expect` table.
#[derive(Default)]
pub(super) struct Pinned<'d> {
    everywhere: Expect,
    paths: Vec<Pin<'d>>,
}

/// Pins of one path, which may hold `{id}`.
struct Pin<'d> {
    item: Item<'d>,
    path: Arc<str>,
    expect: Expect,
}

impl<'d> Pinned<'d> {
    /// What a tenant's table says.
    pub(super) fn read(item: &Item<'d>) -> Result<Self, InventoryError> {
        let paths = item.fields(&PINS_AND_PATHS)?.read("paths", |table| {
            table.entries()?.map(|(path, item)| pin(path, item)).collect::<Result<Vec<_>, _>>()
        })?;
        let everywhere = pins(item, &PINS_AND_PATHS)?;
        match paths {
            None if everywhere.is_empty() => Err(nothing_pinned(item)),
            paths => Ok(Self { everywhere, paths: paths.unwrap_or_default() }),
        }
    }

    /// What that comes to for each of a tenant's paths, laid over the file's defaults. With `all_paths`, a path that
    /// the tenant does not have is an error.
    pub(super) fn resolved(
        &self,
        defaults: &Expect,
        paths: &[Arc<str>],
        id: &str,
        all_paths: bool,
    ) -> Result<BTreeMap<Arc<str>, Arc<Expect>>, InventoryError> {
        let mut resolved = BTreeMap::new();
        let everywhere = self.everywhere.over(defaults);
        if !everywhere.is_empty() {
            let everywhere = Arc::new(with_id(&everywhere, id));
            resolved.extend(paths.iter().map(|path| (Arc::clone(path), Arc::clone(&everywhere))));
        }
        let mut seen = BTreeSet::new();
        for pin in &self.paths {
            let path = fill_id(&pin.path, id);
            if !seen.insert(path.clone()) {
                return Err(pin.item.fail(format_args!("the path \"{path}\" stands twice, keep one of them")));
            }
            match paths.iter().find(|known| known.as_ref() == path) {
                Some(path) => lay_over(&mut resolved, path, &with_id(&pin.expect, id)),
                None if all_paths => return Err(unknown_path(&pin.item, &path, paths)),
                None => {}
            }
        }
        Ok(resolved)
    }
}

/// What `defaults` of a tenants file say for every path.
pub(super) fn defaults(item: &Item<'_>) -> Result<Expect, InventoryError> {
    some_pins(item)
}

/// Lays an `--expect` file over what the tenants files pin. Unless the run was `narrowed`, every path and tenant in it
/// must be there: a pin that nothing is held against would look like a gate and be none.
pub(super) fn apply(doc: &Document, tenants: &mut [Tenant], narrowed: bool) -> Result<(), InventoryError> {
    let mut file = File::read(doc)?;
    let mut used = vec![false; file.paths.len()];
    let (templates, plain): (Vec<usize>, Vec<usize>) =
        (0..file.paths.len()).partition(|at| file.paths[*at].path.contains(ID));
    let plain: BTreeMap<Arc<str>, usize> = plain.into_iter().map(|at| (Arc::clone(&file.paths[at].path), at)).collect();
    for Tenant { id, paths, expect, .. } in tenants.iter_mut() {
        for path in &*paths {
            let templates = templates.iter().filter(|at| fill_id(&file.paths[**at].path, id) == **path);
            // What names the tenant's own path is the more special.
            for at in plain.get(path).into_iter().chain(templates) {
                used[*at] = true;
                lay_over(expect, path, &with_id(&file.paths[*at].expect, id));
            }
        }
        if let Some((_, paths_of_tenant)) = file.tenants.remove(&**id) {
            let own = Pinned { everywhere: Expect::default(), paths: paths_of_tenant };
            for (path, pins) in own.resolved(&Expect::default(), paths, id, !narrowed)? {
                lay_over(expect, &path, &pins);
            }
        }
    }
    if narrowed {
        return Ok(());
    }
    if let Some(pin) = file.paths.iter().zip(used).find_map(|(pin, used)| (!used).then_some(pin)) {
        let known: BTreeSet<&str> = tenants.iter().flat_map(|tenant| &tenant.paths).map(|path| &**path).collect();
        let mend = near_miss(&pin.path, known).map_or_else(
            || "take it out or add it to the tenants' paths".to_owned(),
            |meant| format!("did you mean \"{meant}\"?"),
        );
        return Err(pin.item.fail(format_args!("no tenant has the path \"{}\", {mend}", pin.path)));
    }
    match file.tenants.into_iter().next() {
        Some((id, (item, _))) => {
            let known = tenants.iter().map(|tenant| &*tenant.id);
            let mend = near_miss(id, known).map_or_else(
                || "take it out or add it to the tenants".to_owned(),
                |meant| format!("did you mean \"{meant}\"?"),
            );
            Err(item.fail(format_args!("unknown tenant \"{id}\", {mend}")))
        }
        None => Ok(()),
    }
}

/// An `--expect` file as it stands.
struct File<'d> {
    paths: Vec<Pin<'d>>,
    tenants: BTreeMap<&'d str, (Item<'d>, Vec<Pin<'d>>)>,
}

impl<'d> File<'d> {
    fn read(doc: &'d Document) -> Result<Self, InventoryError> {
        let root = Item::root(doc);
        let mut file = Self { paths: Vec::new(), tenants: BTreeMap::new() };
        for (key, item) in root.entries()? {
            match key {
                "schema" => item.schema()?,
                "tenants" => {
                    for (id, item) in item.entries()? {
                        let pins =
                            item.entries()?.map(|(path, pins)| pin(path, pins.placed(format!("tenant \"{id}\""))));
                        file.tenants.insert(id, (item.clone(), pins.collect::<Result<_, _>>()?));
                    }
                }
                path if path.starts_with('/') => file.paths.push(pin(path, item)?),
                other => {
                    let mend = near_miss(other, ["schema", "tenants"]).map_or_else(
                        || format!("a path begins with a slash, write \"/{other}\""),
                        |meant| format!("did you mean \"{meant}\"?"),
                    );
                    return Err(item.fail(format_args!("unknown key \"{other}\", {mend}")));
                }
            }
        }
        if file.paths.is_empty() && file.tenants.values().all(|(_, pins)| pins.is_empty()) {
            return Err(root.fail("pins nothing, write a path such as \"/app.js\": { etag: '\"33a64df5\"' }"));
        }
        Ok(file)
    }
}

fn pin<'d>(path: &str, item: Item<'d>) -> Result<Pin<'d>, InventoryError> {
    let path = path_template(path).map_err(|why| item.fail(why))?;
    let expect = some_pins(&item)?;
    Ok(Pin { item, path, expect })
}

fn with_id(expect: &Expect, id: &str) -> Expect {
    if expect.is_template() { expect.filled(|value| fill_id(value, id).into()) } else { expect.clone() }
}

fn lay_over(pinned: &mut BTreeMap<Arc<str>, Arc<Expect>>, path: &Arc<str>, over: &Expect) {
    let laid = match pinned.get(path) {
        Some(below) => over.over(below),
        None => over.clone(),
    };
    pinned.insert(Arc::clone(path), laid.into());
}

fn unknown_path(item: &Item<'_>, path: &str, known: &[Arc<str>]) -> InventoryError {
    let mend = near_miss(path, known.iter().map(|known| &**known)).map_or_else(
        || "take it out or add it to the tenant's paths".to_owned(),
        |meant| format!("did you mean \"{meant}\"?"),
    );
    item.fail(format_args!("has no path \"{path}\", {mend}"))
}

#[cfg(test)]
mod tests {
    use super::super::Overrides;
    use super::super::load::{Documents, assembled};
    use super::*;
    use crate::model::Inventory;

    const REGIONS: &str = "schema = 1\n[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n";
    const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

    fn load(tenants: &str, expect: Option<(&str, &str)>, overrides: &Overrides) -> Result<Inventory, InventoryError> {
        let documents = Documents {
            regions: vec![Document::inline("regions.toml", REGIONS)?],
            tenants: vec![Document::inline("tenants.yaml", tenants)?],
            expect: expect.map(|(file, text)| Document::inline(file, text)).transpose()?,
            told: Vec::new(),
            paths: Vec::new(),
        };
        assembled(documents, overrides, &[])
    }

    fn pinned<'i>(inventory: &'i Inventory, tenant: usize, path: &str) -> Option<&'i Expect> {
        inventory.tenants[tenant].expect.get(path).map(|expect| &**expect)
    }

    fn build(expect: Option<&Expect>) -> &str {
        expect.map_or("", |expect| &expect.headers["x-build"])
    }

    #[test]
    fn every_key_is_read() {
        let text = format!(
            "schema: 1\ntenants: [{{ id: a, host: a, paths: [/x], expect: {{ status: 200, etag: 'W/\"1\"', \
             last_modified: 'Sun, 06 Nov 1994 08:49:37 GMT', sha256: {HASH}, headers: {{ X-Build: '1.2', X-B: '${{SECRET}}' }} }} }}]"
        );
        let inventory = load(&text, None, &Overrides::default()).unwrap();
        let expect = pinned(&inventory, 0, "/x").unwrap();
        assert_eq!((expect.status, expect.etag.as_deref()), (Some(200), Some("W/\"1\"")));
        assert_eq!(expect.last_modified.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(expect.sha256.map(|hash| (hash[1], hash[31])), Some((0x11, 0xff)));
        assert_eq!((&*expect.headers["x-build"], &*expect.headers["x-b"]), ("1.2", "hunter22"));
    }

    #[test]
    fn the_more_special_pin_wins_key_by_key() {
        let tenants = "schema: 1
defaults: { paths: [/x, /y, /z, /w, /v], expect: { headers: { X-Build: default, X-All: '{id}' } } }
tenants:
- { id: a, host: a, expect: { headers: { X-Build: tenant }, paths: { /y: { headers: { X-Build: path } }, /z: { headers: { X-Build: path } }, /w: { status: 404 } } } }
- { id: b, host: b }
";
        let file = "/z: { headers: { X-Build: file } }\n/v: { headers: { X-Build: file } }
tenants: { a: { /v: { headers: { X-Build: 'file of {id}' } } } }";
        let inventory = load(tenants, Some(("pins.yaml", file)), &Overrides::default()).unwrap();
        let builds = |tenant| ["/x", "/y", "/z", "/w", "/v"].map(|path| build(pinned(&inventory, tenant, path)));
        assert_eq!(builds(0), ["tenant", "path", "file", "tenant", "file of a"]);
        assert_eq!(builds(1), ["default", "default", "file", "default", "file"]);
        assert_eq!(pinned(&inventory, 0, "/w").unwrap().status, Some(404));
        assert_eq!(&*pinned(&inventory, 1, "/z").unwrap().headers["x-all"], "b");
    }

    #[test]
    fn paths_and_values_may_hold_the_id_and_the_host() {
        let tenants = "schema: 1\ntenants: [{ id: a, host: a, paths: ['/{id}/x'] }, { id: b, host: b, paths: ['/{id}/x', /b/y] }]";
        let file = "schema = 1\n'/{id}/x' = { etag = '\"{id}-{host}\"' }\n'/b/x' = { headers = { X-Build = '{a}' } }";
        let inventory = load(tenants, Some(("pins.toml", file)), &Overrides::default()).unwrap();
        assert_eq!(pinned(&inventory, 0, "/a/x").unwrap().etag.as_deref(), Some("\"a-{host}\""));
        let b = pinned(&inventory, 1, "/b/x").unwrap();
        assert_eq!((b.etag.as_deref(), build(Some(b))), (Some("\"b-{host}\""), "{a}"));
        assert!(pinned(&inventory, 1, "/b/y").is_none());
    }

    #[test]
    fn what_a_flag_leaves_out_may_still_be_pinned() {
        let tenants = "schema: 1\ntenants: [{ id: a, host: a, paths: [/x], expect: { paths: { /x: { status: 404 } } } }, { id: b, host: b, paths: [/y] }]";
        let file = ("pins.json", r#"{"/y": {"status": 404}, "tenants": {"b": {"/y": {"status": 410}}}}"#);
        let only = Overrides { only: vec!["tenant=a".parse().unwrap()], ..Overrides::default() };
        let paths = Overrides { paths: vec!["/y".to_owned()], ..Overrides::default() };
        assert!(load(tenants, Some(file), &only).is_ok());
        assert_eq!(pinned(&load(tenants, Some(file), &paths).unwrap(), 0, "/y").unwrap().status, Some(404));
        let sample = Overrides { sample: Some(1), ..Overrides::default() };
        assert!(load(tenants, Some(file), &sample).is_ok());
    }

    #[test]
    fn every_bad_pin_of_a_tenant_has_its_message() {
        for (expect, message) in [
            ("{}", "\"expect\": pins nothing, write one or more of: status, etag, last_modified, sha256, headers"),
            (
                "{ headers: {} }",
                "\"expect\": pins nothing, write one or more of: status, etag, last_modified, sha256, headers",
            ),
            ("{ etga: x }", "unknown key \"etga\", did you mean \"etag\"?"),
            ("{ md5: x }", "unknown key \"md5\", known here: status, etag, last_modified, sha256, headers, paths"),
            ("{ status: 99 }", "\"status\": 99 does not do, write a whole number from 200 to 599"),
            ("{ etag: '' }", "\"etag\": \"\" is no entity tag, write it as the header does: '\"33a64df5\"'"),
            (
                "{ last_modified: '2024-01-02' }",
                "\"last_modified\": \"2024-01-02\" is no date of HTTP, write \"Sun, 06 Nov 1994 08:49:37 GMT\"",
            ),
            ("{ sha256: abc }", "\"sha256\": \"abc\" is no SHA-256, write 64 hexadecimal digits"),
            ("{ headers: { X Y: a } }", "\"X Y\" is no header name, write a token such as X-Build"),
            ("{ headers: { X-Build: 1.2 } }", "\"X-Build\" is a number, write a string: put it in quotes"),
            ("{ headers: { X: a, x: b } }", "the header \"x\" stands twice, keep one of them"),
            ("{ headers: { ETag: a } }", "the header \"ETag\" has a key of its own, use \"etag\""),
            ("{ headers: { Set-Cookie: a } }", "the header \"Set-Cookie\" is never shown, pin another one"),
            ("{ headers: { Age: '0' } }", "the header \"Age\" is another in every answer, pin another one"),
            (
                "{ headers: { X: \"a\\nb\" } }",
                "the value of the header \"X\" is not visible ASCII, no answer can match it",
            ),
            ("{ paths: { x: { status: 200 } } }", "the path \"x\" does not begin with a slash, write \"/x\""),
            (
                "{ paths: { /other: { status: 404 } } }",
                "has no path \"/other\", take it out or add it to the tenant's paths",
            ),
            ("{ paths: { /abd: { status: 404 } } }", "has no path \"/abd\", did you mean \"/abc\"?"),
            (
                "{ paths: { '/{id}': { status: 404 }, /a: { status: 404 } } }",
                "the path \"/a\" stands twice, keep one of them",
            ),
            (
                "{ paths: { /abc: {} } }",
                "\"/abc\": pins nothing, write one or more of: status, etag, last_modified, sha256, headers",
            ),
        ] {
            let tenants = format!("schema: 1\ntenants:\n- {{ id: a, host: a, paths: [/a, /abc], expect: {expect} }}");
            let error = load(&tenants, None, &Overrides::default()).expect_err(expect).to_string();
            assert_eq!(error, format!("tenants.yaml:3: tenant \"a\": {message}"));
        }
    }

    #[test]
    fn every_bad_file_of_pins_has_its_message() {
        let tenants = "schema: 1\ntenants: [{ id: shop-a, host: a, paths: [/app.js] }]";
        for (file, message) in [
            ("schema: 1", "1: pins nothing, write a path such as \"/app.js\": { etag: '\"33a64df5\"' }"),
            ("schema: 2\n/app.js: { status: 404 }", "1: \"schema\": this version reads schema 1 alone, write 1"),
            ("[]", "1: this is a list, write a table"),
            ("app.js: { status: 404 }", "1: unknown key \"app.js\", a path begins with a slash, write \"/app.js\""),
            ("tenant: {}", "1: unknown key \"tenant\", did you mean \"tenants\"?"),
            (
                "/app.js: { status: 404 }\n/ap.js: { status: 404 }",
                "2: no tenant has the path \"/ap.js\", did you mean \"/app.js\"?",
            ),
            (
                "/favicon.ico: { status: 404 }",
                "1: no tenant has the path \"/favicon.ico\", take it out or add it to the tenants' paths",
            ),
            (
                "tenants:\n  shop-b: { /app.js: { status: 404 } }",
                "2: unknown tenant \"shop-b\", did you mean \"shop-a\"?",
            ),
            (
                "tenants:\n  shop-a:\n    /ap.js: { status: 404 }",
                "3: tenant \"shop-a\": has no path \"/ap.js\", did you mean \"/app.js\"?",
            ),
            (
                "/app.js: { status: 404 }\n/app.js: { status: 410 }",
                "2: the key \"/app.js\" stands twice, it is already on line 1, keep one of them",
            ),
            (
                "/app.js: { expect: { status: 404 } }",
                "1: unknown key \"expect\", known here: status, etag, last_modified, sha256, headers",
            ),
        ] {
            let error = load(tenants, Some(("pins.yaml", file)), &Overrides::default()).expect_err(file).to_string();
            assert_eq!(error, format!("pins.yaml:{message}"));
        }
    }
}
