//! A tenants file as tenants; it knows environments by name and no edge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::InventoryError;
use super::discover::{Discovered, Group};
use super::document::Document;
use super::expect::{self, Pinned};
use super::hosts::{self, Stage};
use super::layer::headers;
use super::paths::Known;
use super::place::name;
use super::reader::{Fields, Item};
use super::select::Selection;
use super::template::{HOST, ID, check, fill_around, fill_id};
use super::variants::Catalogue;
use super::wire::{check_path, layered};
use crate::model::{Expect, Priority, Tenant};

/// What tenants are read against.
pub(super) struct Ground<'g> {
    pub(super) stages: Vec<Stage>,
    pub(super) selection: &'g Selection,
    /// Instead of the tenants' own, where there are any.
    pub(super) paths: Known,
    /// Whether a tenant without paths is an error: what is only listed needs none.
    pub(super) needs_paths: bool,
}

pub(super) const TOP: [&str; 5] = ["schema", "defaults", "variants", "service_levels", "tenants"];
pub(super) const TENANT: [&str; 11] =
    ["id", "host", "hosts", "aliases", "paths", "priority", "headers", "expect", "tags", "variants", "sample_host"];
pub(super) const DEFAULTS: [&str; 5] = ["paths", "priority", "variants", "headers", "expect"];

/// Takes in the variants that a tenants file writes; all files' come before any tenant is read.
pub(super) fn read_variants(doc: &Document, catalogue: &mut Catalogue) -> Result<(), InventoryError> {
    let top = Item::root(doc).fields(&TOP)?;
    top.schema()?;
    top.read("variants", |table| catalogue.read(table)).map(drop)
}

/// The tenants of one file, in its order, with what was found of them elsewhere.
pub(super) fn read(
    doc: &Document,
    ground: &Ground<'_>,
    catalogue: &Catalogue,
    found: &mut Discovered,
) -> Result<Vec<Tenant>, InventoryError> {
    let top = Item::root(doc).fields(&TOP)?;
    let defaults = Defaults::read(doc, catalogue)?.unwrap_or_default();
    let list = top.need("tenants", "a list of tenants, each with an id")?.list()?;
    let mut tenants = Vec::with_capacity(list.len());
    for (at, item) in list.enumerate() {
        let id = item.peek("id");
        let place = id.map_or_else(|| format!("tenant {}", at + 1), |id| format!("tenant \"{id}\""));
        let found = id.and_then(|id| found.take(id)).unwrap_or_default();
        tenants.extend(tenant(&item.placed(place), &defaults.shared, found, ground, catalogue)?);
    }
    Ok(tenants)
}

/// A file's `defaults`.
#[derive(Default)]
pub(super) struct Defaults {
    pub(super) shared: Shared,
    /// Values of the file whose braces are theirs.
    literal: Vec<String>,
}

impl Defaults {
    /// Those of that file, where it has any.
    pub(super) fn read(doc: &Document, catalogue: &Catalogue) -> Result<Option<Self>, InventoryError> {
        let top = Item::root(doc).fields(&TOP)?;
        top.read("defaults", |item| {
            let fields = item.clone().placed("defaults".to_owned()).fields(&DEFAULTS)?;
            let expect = fields.read("expect", expect::defaults)?.unwrap_or_default();
            let shared = Shared { expect, ..Shared::read(&fields, catalogue)? };
            Ok(Self { shared, literal: item.literal() })
        })
    }

    /// What is pinned for a tenant that no file names.
    pub(super) fn pinned(
        &self,
        paths: &[Arc<str>],
        id: &str,
    ) -> Result<BTreeMap<Arc<str>, Arc<Expect>>, InventoryError> {
        Pinned::default().resolved(&self.shared.expect, paths, id, false)
    }

    /// What is sent for a tenant that no file names.
    pub(super) fn headers(&self, id: &str) -> Result<HeaderMap, String> {
        filled_headers(self.shared.headers.clone(), id, &self.literal)
    }
}

/// What tenants may leave to the file's `defaults`.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) paths: Vec<Arc<str>>,
    pub(super) priority: Option<Priority>,
    pub(super) variants: Vec<usize>,
    headers: HeaderMap,
    expect: Expect,
}

impl Shared {
    fn read(fields: &Fields<'_>, catalogue: &Catalogue) -> Result<Self, InventoryError> {
        let priorities = Priority::ALL.map(|priority| (priority.id(), priority));
        Ok(Self {
            paths: fields.read("paths", paths)?.unwrap_or_default(),
            priority: fields.read("priority", |item| item.word(&priorities))?,
            variants: fields.read("variants", |list| catalogue.chosen(list))?.unwrap_or_default(),
            headers: fields.read("headers", headers)?.unwrap_or_default(),
            expect: Expect::default(),
        })
    }
}

/// Absent where the selection leaves it out.
fn tenant(
    item: &Item<'_>,
    defaults: &Shared,
    found: Group,
    ground: &Ground<'_>,
    catalogue: &Catalogue,
) -> Result<Option<Tenant>, InventoryError> {
    let fields = item.fields(&TENANT)?;
    let id = name(&fields.need("id", "id: tenant-abc")?)?;
    let own = Shared::read(&fields, catalogue)?;
    let tags = fields.read("tags", |list| list.list()?.map(|tag| Ok(name(&tag)?.to_string())).collect())?;
    let listed = found.listing.map(|listed| listed.listing).unwrap_or_default();
    let priority = own.priority.or(listed.priority).or(defaults.priority).unwrap_or_default();
    if !ground.selection.takes_tenant(&id, priority) {
        return Ok(None);
    }
    let hosts = hosts::read(&fields, &id, &ground.stages, &found.hosts)?;
    let given = ground.paths.of_tenant(&hosts, &ground.stages);
    let templates = [&*given, &own.paths, &listed.paths, &defaults.paths];
    let templates = templates.into_iter().find(|paths| !paths.is_empty()).unwrap_or_default();
    if templates.is_empty() && ground.needs_paths {
        return Err(fields.fail("has no paths, add \"paths\" here or to \"defaults\", or use --path"));
    }
    let paths = filled(templates, &id).map_err(|why| fields.fail(why))?;
    let pinned = fields.read("expect", Pinned::read)?.unwrap_or_default();
    let variants = [own.variants, defaults.variants.clone(), catalogue.otherwise()];
    Ok(Some(Tenant {
        hosts,
        expect: pinned.resolved(&defaults.expect, &paths, &id, ground.paths.is_empty())?,
        paths,
        variants: variants.into_iter().find(|chosen| !chosen.is_empty()).unwrap_or_default(),
        priority,
        headers: filled_headers(layered(&own.headers, &defaults.headers), &id, &item.literal())
            .map_err(|why| fields.fail(why))?,
        tags: tags.unwrap_or(listed.tags),
        source: item.source(),
        also: std::iter::once(found.source).filter(|place| !place.is_empty()).chain(found.also).collect(),
        prefixes: found.prefixes,
        id,
    }))
}

fn paths(list: &Item<'_>) -> Result<Vec<Arc<str>>, InventoryError> {
    list.list()?.map(|item| path_template(&item.text()?).map_err(|why| item.fail(why))).collect()
}

/// A path that may hold `{id}` and `{host}`.
pub(super) fn path_template(text: &str) -> Result<Arc<str>, String> {
    check_path(text)?;
    check(text, &[ID, HOST]).map_err(|why| format!("the path \"{text}\": {why}"))?;
    Ok(text.into())
}

/// The tenant's paths, none twice; a path without a placeholder is shared with every other tenant that has it.
pub(super) fn filled(templates: &[Arc<str>], id: &str) -> Result<Vec<Arc<str>>, String> {
    let (mut paths, mut seen) = (Vec::with_capacity(templates.len()), BTreeSet::new());
    for template in templates {
        let path = if template.contains(ID) {
            let path = fill_id(template, id);
            check_path(&path)?;
            path.into()
        } else {
            Arc::clone(template)
        };
        if seen.insert(Arc::clone(&path)) {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn filled_headers(mut lines: HeaderMap, id: &str, literal: &[String]) -> Result<HeaderMap, String> {
    for (name, value) in &mut lines {
        if let Some(template) = value.to_str().ok().filter(|text| text.contains(ID)) {
            let filled = fill_around(template, literal, |part| fill_id(part, id).into_owned());
            *value = HeaderValue::from_str(&filled).map_err(|_| {
                format!("the header \"{name}\" cannot hold this tenant's id, write ids in visible ASCII")
            })?;
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::super::Overrides;
    use super::super::load::assemble;
    use super::*;
    use crate::model::Inventory;

    const PRODUCTION_ALONE: &str = "schema = 1
[regions.a]
edges = [{ name = 'm', address = '192.0.2.1' }]
";
    const STAGING: &str = "schema = 1
environment = 'staging'
host = '{id}.staging.example.com'
[regions.a]
edges = [{ name = 'm', address = '192.0.2.2' }]
";

    fn tenants_of(regions: &[&str], file: &str, text: &str) -> Result<Inventory, InventoryError> {
        let regions = regions.iter().map(|text| Document::inline("regions.toml", text)).collect::<Result<_, _>>()?;
        assemble(regions, vec![Document::inline(file, text)?], &Overrides::default(), &[])
    }

    fn with_tenant(tenant: &str) -> String {
        format!("schema: 1\ndefaults: {{ paths: [/] }}\ntenants:\n  - {tenant}\n")
    }

    #[test]
    fn a_tenants_file_is_read_as_documented() {
        let text = "schema: 1
defaults:
  paths: [/assets/app.js, '/{id}/x?h={host}']
  variants: [identity, gzip]
  headers: { X-Default: '{id}', X-Own: default }
variants:
  mobile: { headers: { User-Agent: Mobile/1.0 } }
tenants:
  - id: b
    host: b.example.com
    aliases: [www.b.example.com]
    headers: { X-Own: '${SECRET}' }
    tags: [beta]
  - id: a
    hosts: { production: [a.example.com, a2.example.com], staging: a.test }
    paths: [/a.js, /a.js]
    priority: critical
    variants: [mobile, br, identity]
";
        let inventory = tenants_of(&[PRODUCTION_ALONE, STAGING], "tenants.yaml", text).unwrap();
        let names: Vec<_> = inventory.variants.iter().map(|variant| &*variant.name).collect();
        assert_eq!(names, ["br", "gzip", "identity", "mobile"]);
        let [a, b] = inventory.tenants.as_slice() else { panic!("not two") };
        assert_eq!(
            (&*a.id, a.priority, &*a.source, &a.variants),
            ("a", Priority::Critical, "tenants.yaml:14", &vec![3, 0, 2])
        );
        assert_eq!(a.hosts["production"], ["a.example.com".into(), "a2.example.com".into()]);
        assert_eq!((&a.hosts["staging"], &a.paths), (&vec!["a.test".into()], &vec!["/a.js".into()]));
        assert_eq!(b.hosts["staging"], ["b.example.com".into(), "www.b.example.com".into()]);
        assert_eq!(b.paths, ["/assets/app.js".into(), "/b/x?h={host}".into()]);
        assert_eq!(
            (&b.headers["x-default"], &b.headers["x-own"]),
            (&"b".parse().unwrap(), &"hunter22".parse().unwrap())
        );
        assert_eq!((b.tags.as_slice(), inventory.secrets.mask("hunter22").as_str()), (&["beta".to_owned()][..], "***"));
    }

    #[test]
    fn a_tenant_without_a_host_takes_the_environments_template() {
        let inventory = tenants_of(
            &[STAGING],
            "tenants.toml",
            "schema = 1\ndefaults = { paths = ['/'] }\ntenants = [{ id = 'abc' }]",
        )
        .unwrap();
        assert_eq!(inventory.tenants[0].hosts["staging"], ["abc.staging.example.com".into()]);
        let identity = inventory.tenants[0].variants.iter().map(|variant| &*inventory.variants[*variant].name);
        assert_eq!(identity.collect::<Vec<_>>(), ["identity"]);
    }

    #[test]
    fn tenants_told_apart_by_path_need_no_host() {
        let regions = "schema = 1
[origin]
url = 'https://origin.example.com'
[defaults]
host = '{hostname}'
[regions.us]
edges = [{ name = 'm', hostname = 'cdn-us.example.com' }]
";
        let text = r#"{"schema": 1, "defaults": {"paths": ["/{id}/asset.js"]}, "tenants": [{"id": "a"}, {"id": "b"}]}"#;
        let inventory = tenants_of(&[regions], "tenants.json", text).unwrap();
        assert_eq!(inventory.tenants[1].hosts["production"], ["origin.example.com".into()]);
        assert_eq!(inventory.tenants[1].paths, ["/b/asset.js".into()]);
    }

    #[test]
    fn a_wildcard_is_asked_under_its_sample() {
        let text = with_tenant("{ id: a, host: '*.example.com', sample_host: Shop.Example.com }");
        let inventory = tenants_of(&[PRODUCTION_ALONE], "tenants.yaml", &text).unwrap();
        assert_eq!(inventory.tenants[0].hosts["production"], ["Shop.Example.com".into()]);
    }

    #[test]
    fn a_host_in_an_environment_of_another_run_is_left_out() {
        let text = with_tenant("{ id: a, hosts: { production: a.example, staging: b.example } }");
        let inventory = tenants_of(&[PRODUCTION_ALONE], "tenants.yaml", &text).unwrap();
        assert_eq!(inventory.tenants[0].hosts.keys().map(|name| &**name).collect::<Vec<_>>(), ["production"]);
    }

    #[test]
    fn without_regions_hosts_are_as_written() {
        let text = with_tenant("{ id: a, hosts: { blue: a.example } }");
        let inventory = tenants_of(&[], "tenants.yaml", &text).unwrap();
        assert_eq!(inventory.tenants[0].hosts["blue"], ["a.example".into()]);
    }

    #[test]
    fn every_bad_tenant_has_its_message() {
        for (tenant, message) in [
            ("{ id: a, hots: x }", "tenant \"a\": unknown key \"hots\", did you mean \"host\"?"),
            (
                "{ id: a, host: a, proxy: b }",
                "tenant \"a\": unknown key \"proxy\", known here: id, host, hosts, aliases, paths, priority, headers, expect, tags, variants, sample_host",
            ),
            ("{ host: a }", "tenant 1: needs \"id\", write id: tenant-abc"),
            ("{ id: 7, host: a }", "tenant 1: \"id\" is a number, write a string: put it in quotes"),
            (
                "{ id: a }",
                "tenant \"a\": has no host in \"production\", add \"host\" here or a \"host\" template to its regions file",
            ),
            (
                "{ id: a, host: a, hosts: { production: b } }",
                "tenant \"a\": has \"host\" and \"hosts\", keep one of them",
            ),
            (
                "{ id: a, hosts: { prodution: a } }",
                "tenant \"a\": \"prodution\": unknown \"prodution\", did you mean \"production\"?",
            ),
            (
                "{ id: a, hosts: { live: a } }",
                "tenant \"a\": has hosts in live alone, and this run knows production, add a host there or leave the tenant out with --skip",
            ),
            (
                "{ id: a, host: 'a b' }",
                "tenant \"a\": \"host\": \"a b\" is no host name, write letters, digits and hyphens with dots between",
            ),
            (
                "{ id: a, host: 'https://a' }",
                "tenant \"a\": \"host\": \"https://a\" is no host name, write the name alone without scheme and path",
            ),
            (
                "{ id: a, host: '*.a.example' }",
                "tenant \"a\": \"host\": \"*.a.example\" is a wildcard, add a \"sample_host\" that stands for it",
            ),
            (
                "{ id: a, host: '*.a.example', sample_host: b.example }",
                "tenant \"a\": \"host\": \"sample_host\" \"b.example\" is not under \"*.a.example\", correct one",
            ),
            (
                "{ id: a, host: a.example, sample_host: b.example }",
                "tenant \"a\": has a \"sample_host\" and no wildcard host, take it out",
            ),
            (
                "{ id: a, host: a.example, aliases: [A.example] }",
                "tenant \"a\": the host \"A.example\" stands twice, keep one of them",
            ),
            (
                "{ id: a, host: a, paths: [x.js] }",
                "tenant \"a\": the path \"x.js\" does not begin with a slash, write \"/x.js\"",
            ),
            (
                "{ id: a, host: a, paths: ['/a b'] }",
                "tenant \"a\": the path \"/a b\" holds what no request line may hold, percent-encode it",
            ),
            (
                "{ id: a, host: a, paths: ['/a#b'] }",
                "tenant \"a\": the path \"/a#b\" holds a fragment, which is never sent, leave it out or write %23",
            ),
            (
                "{ id: a, host: a, paths: ['/{idd}'] }",
                "tenant \"a\": the path \"/{idd}\": unknown placeholder \"{idd}\", did you mean \"{id}\"?",
            ),
            (
                "{ id: a, host: a, variants: [gzp] }",
                "tenant \"a\": \"variants\": unknown \"gzp\", did you mean \"gzip\"?",
            ),
            (
                "{ id: a, host: a, priority: hgih }",
                "tenant \"a\": \"priority\": unknown \"hgih\", did you mean \"high\"?",
            ),
            (
                "{ id: a, host: a, headers: { Host: b } }",
                "tenant \"a\": the header \"Host\" has a key of its own, use \"host\"",
            ),
            ("{ id: a, host: a, headers: { X: '${NOPE}' } }", "the environment variable NOPE is not set, set it"),
            ("{ id: a, host: a, headers: { X: '${EMPTY}' } }", "the environment variable EMPTY is empty, set it"),
        ] {
            let error =
                tenants_of(&[PRODUCTION_ALONE], "tenants.yaml", &with_tenant(tenant)).expect_err(tenant).to_string();
            assert_eq!(error, format!("tenants.yaml:4: {message}"));
        }
    }

    #[test]
    fn what_two_tenants_share_is_an_error_that_names_both() {
        let two = |second: &str| with_tenant(&format!("{{ id: a, host: a.example }}\n  - {second}"));
        for (second, message) in [
            ("{ id: a, host: b.example }", "tenant \"a\": this id is taken at tenants.yaml:4, choose another"),
            (
                "{ id: b, host: A.example }",
                "tenant \"b\": the host \"a.example\" is tenant \"a\"'s at tenants.yaml:4, give it to one of them",
            ),
        ] {
            let error = tenants_of(&[PRODUCTION_ALONE], "tenants.yaml", &two(second)).unwrap_err().to_string();
            assert_eq!(error, format!("tenants.yaml:5: {message}"));
        }
    }

    #[test]
    fn every_bad_file_has_its_message() {
        for (text, message) in [
            ("", "1: this is empty, write a table"),
            ("schema: 1\n", "1: needs \"tenants\", write a list of tenants, each with an id"),
            ("schema: 1\ntenants: {}\n", "2: \"tenants\" is a table, write a list"),
            (
                "schema: 1\ntenants: [{id: a, host: a}]\n",
                "2: tenant \"a\": has no paths, add \"paths\" here or to \"defaults\", or use --path",
            ),
            (
                "schema: 1\nvariants: { gzip: { headers: {} } }\ntenants: []\n",
                "2: variant \"gzip\": this one is built in, choose another name",
            ),
            (
                "schema: 1\ntenants:\n- id: a\n  id: b\n",
                "4: the key \"id\" stands twice, it is already on line 3, keep one of them",
            ),
        ] {
            let error = tenants_of(&[PRODUCTION_ALONE], "tenants.yaml", text).expect_err(text).to_string();
            assert_eq!(error, format!("tenants.yaml:{message}"));
        }
    }
}
