use super::super::document::Document;
use super::super::load::assemble;
use super::*;
use crate::model::Inventory;

const REGIONS: &str = "schema = 1
[origin]
url = 'https://origin.example.com'
headers = { X-A = 'file', X-B = 'file' }
concurrency = 3
[regions.apac]
edges = [{ name = 'nrt', address = '192.0.2.1', provider = 'fastly' }, { name = 'syd', address = '192.0.2.2' }]
[regions.eu]
edges = [{ name = 'fra', address = '192.0.2.3' }]
";
const TENANTS: &str = "schema: 1
defaults: { paths: [/a.js, /b.css, /c/d.js, /e] }
tenants:
  - { id: acme-1, host: a1.example, priority: high }
  - { id: acme-2, host: a2.example }
  - { id: beta, host: b.example, variants: [gzip] }
";

fn inventory(overrides: &Overrides) -> Result<Inventory, InventoryError> {
    let regions = vec![Document::inline("regions.toml", REGIONS)?];
    assemble(regions, vec![Document::inline("tenants.yaml", TENANTS)?], overrides, &["fastly"])
}

fn chosen(only: &[&str], skip: &[&str]) -> (String, String, String) {
    let choices = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    let inventory = inventory(&Overrides { only: choices(only), skip: choices(skip), ..Overrides::default() }).unwrap();
    let edges = inventory.environments.iter().flat_map(|environment| &environment.edges).map(|edge| &*edge.id.edge);
    let ids = inventory.tenants.iter().map(|tenant| &*tenant.id);
    let paths = inventory.tenants.first().into_iter().flat_map(|tenant| tenant.paths.iter().map(|path| &**path));
    (edges.collect::<Vec<_>>().join(" "), ids.collect::<Vec<_>>().join(" "), paths.collect::<Vec<_>>().join(" "))
}

#[test]
fn only_needs_any_of_each_key_and_skip_none() {
    let (all, every, paths) = ("nrt syd fra", "acme-1 acme-2 beta", "/a.js /b.css /c/d.js /e");
    for (only, skip, expected) in [
        (&[][..], &[][..], (all, every, paths)),
        (&["tenant=acme-*"], &[], (all, "acme-1 acme-2", paths)),
        (&["tenant=acme-1", "tenant=b*"], &[], (all, "acme-1 beta", paths)),
        (&["tenant=acme-*,beta", "priority=normal"], &["tenant=*-2"], (all, "beta", paths)),
        (&["path=*.js"], &["path=/a*"], (all, every, "/c/d.js")),
        (&["region=apac"], &["edge=syd"], ("nrt", every, paths)),
        (&["provider=fastly"], &[], ("nrt", every, paths)),
        (&[], &["provider=fastly"], ("syd fra", every, paths)),
        (&["environment={production,x}"], &[], (all, every, paths)),
        (&["environment=staging"], &[], ("", "", "")),
        (&["path=/none"], &[], (all, "", "")),
    ] {
        let (edges, ids, paths) = chosen(only, skip);
        assert_eq!((edges.as_str(), ids.as_str(), paths.as_str()), expected, "{only:?} {skip:?}");
    }
}

#[test]
fn a_bad_choice_says_what_to_write() {
    for (text, message) in [
        ("acme", "\"acme\": holds no \"=\", write KEY=GLOB such as tenant=acme-*"),
        ("tennant=a", "\"tennant=a\": unknown key \"tennant\", did you mean \"tenant\"?"),
        ("tenant=a,", "\"tenant=a,\": holds an empty glob, write one such as acme-*"),
    ] {
        assert_eq!(text.parse::<Choice>().unwrap_err().to_string(), message);
    }
    assert!("tenant=[".parse::<Choice>().unwrap_err().to_string().ends_with(", correct the glob"));
}

#[test]
fn a_sample_depends_on_seed_and_tenant_alone() {
    let sampled = |seed| inventory(&Overrides { sample: Some(2), seed, ..Overrides::default() }).unwrap().tenants;
    let paths = |tenants: &[Tenant]| tenants.iter().map(|tenant| tenant.paths.clone()).collect::<Vec<_>>();
    let first = paths(&sampled(1));
    assert!(first.iter().all(|paths| paths.len() == 2));
    assert_eq!(first, paths(&sampled(1)));
    assert!((2..20).any(|seed| paths(&sampled(seed)) != first));
}

#[test]
fn flags_stand_before_files() {
    let overrides = Overrides {
        paths: vec!["/{id}.js".to_owned()],
        origin: Some("http://127.0.0.1:81/x".to_owned()),
        headers: vec!["X-A: flag".to_owned(), "X-C:flag".to_owned()],
        variants: vec!["br".to_owned()],
        pace: PaceOverrides {
            edge_concurrency: Some(1),
            edge_connections: Some(2),
            edge_rate: Some("none".parse().unwrap()),
            timeout: Some(Duration::from_secs(9)),
            connect_timeout: Some(Duration::from_secs(8)),
        },
        insecure: true,
        cacert: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/config/ca.pem").into()),
        family: Some(AddressFamily::V6),
        ..Overrides::default()
    };
    let inventory = inventory(&overrides).unwrap();
    let environment = &inventory.environments[0];
    let (edge, origin) = (&environment.edges[0], environment.origin.as_ref().unwrap());
    assert_eq!((&*origin.authority, &*origin.base_path), ("127.0.0.1:81", "/x"));
    let values = |headers: &HeaderMap| {
        ["x-a", "x-b", "x-c"].map(|name| headers.get(name).map(|value| value.to_str().unwrap().to_owned()))
    };
    assert_eq!(values(&origin.headers), ["flag", "file", "flag"].map(|value| Some(value.to_owned())));
    assert_eq!(values(&edge.headers), [Some("flag".to_owned()), None, Some("flag".to_owned())]);
    assert_eq!(edge.pace, origin.pace);
    assert_eq!((edge.pace.concurrency, edge.pace.connections, edge.pace.rate), (1, 2, None));
    assert_eq!((edge.trust.authorities.len(), edge.trust.insecure, origin.trust.authorities.len()), (1, true, 1));
    assert_eq!((edge.family, origin.family), (AddressFamily::V6, AddressFamily::V6));
    assert_eq!(inventory.variants.iter().map(|variant| &*variant.name).collect::<Vec<_>>(), ["br"]);
    assert_eq!(inventory.tenants[2].paths, ["/beta.js".into()]);
}

#[test]
fn a_bad_flag_names_itself() {
    let with = |set: fn(&mut Overrides)| {
        let mut overrides = Overrides::default();
        set(&mut overrides);
        inventory(&overrides).unwrap_err().to_string()
    };
    assert_eq!(with(|o| o.variants = vec!["gzp".to_owned()]), "--variant gzp: unknown variant, did you mean \"gzip\"?");
    assert_eq!(with(|o| o.headers = vec!["X".to_owned()]), "--header: holds no colon, write \"Name: value\"");
    assert_eq!(
        with(|o| o.paths = vec!["x".to_owned()]),
        "--path: the path \"x\" does not begin with a slash, write \"/x\""
    );
    assert_eq!(with(|o| o.origin = Some("x".to_owned())), "--origin: \"x\" has no scheme, write \"https://x\"");
    assert!(with(|o| o.cacert = Some("gone.pem".into())).starts_with("--cacert gone.pem: cannot be read"));
}
