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
    assert_eq!((&b.headers["x-default"], &b.headers["x-own"]), (&"b".parse().unwrap(), &"hunter22".parse().unwrap()));
    assert_eq!((b.tags.as_slice(), inventory.secrets.mask("hunter22").as_str()), (&["beta".to_owned()][..], "***"));
}

#[test]
fn a_tenant_without_a_host_takes_the_environments_template() {
    let inventory =
        tenants_of(&[STAGING], "tenants.toml", "schema = 1\ndefaults = { paths = ['/'] }\ntenants = [{ id = 'abc' }]")
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
        ("{ id: a, host: a, hosts: { production: b } }", "tenant \"a\": has \"host\" and \"hosts\", keep one of them"),
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
        ("{ id: a, host: a, variants: [gzp] }", "tenant \"a\": \"variants\": unknown \"gzp\", did you mean \"gzip\"?"),
        ("{ id: a, host: a, priority: hgih }", "tenant \"a\": \"priority\": unknown \"hgih\", did you mean \"high\"?"),
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
