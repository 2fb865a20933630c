use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;

const REGIONS: &str = "schema = 1
[regions.a]
edges = [{ name = 'm', address = '192.0.2.1' }]
";

fn top(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn load_files(regions: &[&str], tenants: &[&str]) -> Result<Inventory, InventoryError> {
    let paths = |files: &[&str]| files.iter().map(|file| top(file)).collect();
    let files = Files { regions: paths(regions), tenants: paths(tenants), ..Files::default() };
    load(&files, &Overrides::default(), &|_| None, &["cloudfront", "fastly"])
}

#[test]
fn the_example_loads_with_no_variable_set() {
    let inventory = load_files(&["regions.toml"], &["fixtures/config/tenants.yaml"]).unwrap();
    let environment = &inventory.environments[0];
    assert_eq!((&*environment.name, environment.edges.len()), ("production", 7));
    assert!(environment.origin.is_some());
    assert_eq!(inventory.tenants.len(), 3);
}

#[test]
fn one_tenants_file_is_the_same_in_all_three_syntaxes() {
    let load = |file| {
        let tenants = load_files(&["regions.toml"], &[file]).unwrap().tenants;
        let row = |tenant: Tenant| format!("{:?}", Tenant { source: "".into(), ..tenant });
        tenants.into_iter().map(row).collect::<Vec<_>>()
    };
    let yaml = load("fixtures/config/tenants.yaml");
    assert_eq!(yaml, load("fixtures/config/tenants.toml"));
    assert_eq!(yaml, load("fixtures/config/tenants.json"));
}

#[test]
fn a_file_that_is_not_there_names_its_flag() {
    for (regions, tenants, mend) in [
        (&["gone.toml"][..], &[][..], ", name a regions file with --regions"),
        (&[], &["gone.yaml"], ", name a tenants file with --tenants"),
        (&[], &["tenants.txt"], "its ending names no syntax, use .yaml, .yml, .toml or .json"),
    ] {
        let error = load_files(regions, tenants).unwrap_err().to_string();
        assert!(error.ends_with(mend), "{error}");
    }
}

#[test]
fn two_files_of_one_environment_are_an_error() {
    let docs = ["a.toml", "b.toml"].map(|file| Document::inline(file, REGIONS).unwrap());
    let error = assemble(docs.into(), Vec::new(), &Overrides::default(), &[]).unwrap_err().to_string();
    let message = "b.toml: is the environment \"production\", as is a.toml, give one of them another \"environment\"";
    assert_eq!(error, message);
}

#[test]
fn one_files_secret_stays_out_of_another_files_error() {
    let regions = format!("host = '{{id}}.${{SECRET}}'\n{REGIONS}");
    let regions = vec![Document::inline("regions.toml", &regions).unwrap()];
    let text = "schema: 1\ntenants: [{ id: a, paths: [/] }, { id: b, host: a.hunter22, paths: [/] }]";
    let tenants = vec![Document::inline("tenants.yaml", text).unwrap()];
    let error = assemble(regions, tenants, &Overrides::default(), &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "tenants.yaml:2: tenant \"b\": the host \"a.***\" is tenant \"a\"'s at tenants.yaml:2, give it to one of them"
    );
}

#[test]
fn several_tenants_files_are_one_list_and_share_their_variants() {
    let one = "schema: 1\ntenants: [{ id: b, host: b, paths: [/], variants: [mobile] }]";
    let two =
        "schema: 1\nvariants: { mobile: { headers: { User-Agent: m } } }\ntenants: [{ id: a, host: a, paths: [/] }]";
    let tenants = [("1.yaml", one), ("2.yaml", two)].map(|(file, text)| Document::inline(file, text).unwrap());
    let regions = vec![Document::inline("regions.toml", REGIONS).unwrap()];
    let inventory = assemble(regions, tenants.into(), &Overrides::default(), &[]).unwrap();
    let sources: Vec<_> = inventory.tenants.iter().map(|tenant| &*tenant.source).collect();
    assert_eq!(sources, ["2.yaml:3", "1.yaml:2"]);
}

#[test]
fn an_environment_in_which_nobody_has_a_host_is_an_error() {
    let regions = |name: &str| format!("environment = '{name}'\n{REGIONS}");
    let load = |other: &str, flags: &Overrides| {
        let docs = [("a.toml", regions("blue")), ("b.toml", regions(other))];
        let docs = docs.map(|(file, text)| Document::inline(file, &text).unwrap());
        let text = "schema: 1\ntenants: [{ id: a, hosts: { blue: a, green: a.green }, paths: [/] }]";
        let tenants = vec![Document::inline("tenants.yaml", text).unwrap()];
        assemble(docs.into(), tenants, flags, &[]).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(load("green", &Overrides::default()), Ok(()));
    let message =
        "b.toml: no tenant has a host in the environment \"red\", give one of them a host there or leave this file out";
    assert_eq!(load("red", &Overrides::default()), Err(message.to_owned()));
    let narrowed = Overrides { only: vec!["tenant=a".parse().unwrap()], ..Overrides::default() };
    assert_eq!(load("red", &narrowed), Ok(()));
}

#[test]
fn urls_are_tenants_of_their_own() {
    let regions = vec![Document::inline("regions.toml", REGIONS).unwrap()];
    let urls = ["https://b.example/x", "https://a.example/?q", "https://b.example/y"].map(str::to_owned).into();
    let overrides = Overrides { urls, ..Overrides::default() };
    let inventory = assemble(regions, Vec::new(), &overrides, &[]).unwrap();
    let rows: Vec<_> =
        inventory.tenants.iter().map(|tenant| (&*tenant.id, tenant.paths.len(), tenant.priority)).collect();
    assert_eq!(rows, [("a.example", 1, Priority::Normal), ("b.example", 2, Priority::Normal)]);
    let files = Files { tenants: vec![top("fixtures/config/tenants.yaml")], ..Files::default() };
    let error = load(&files, &overrides, &|_| None, &[]).unwrap_err().to_string();
    assert_eq!(error, "--url: stands instead of tenants, leave out --tenants");
}

#[test]
fn a_long_list_of_hosts_loads() {
    let mut text = "schema: 1\ndefaults: &d { paths: &p [/a, /b] }\ntenants:\n".to_owned();
    for number in 0..50_000 {
        let _ = writeln!(text, "- {{id: t{number}, host: t{number}.example.com, paths: *p}}");
    }
    let regions = vec![Document::inline("regions.toml", REGIONS).unwrap()];
    let tenants = vec![Document::inline("tenants.yaml", &text).unwrap()];
    let inventory = assemble(regions, tenants, &Overrides::default(), &[]).unwrap();
    assert_eq!(inventory.tenants.len(), 50_000);
}

proptest! {
    #[test]
    fn no_text_makes_loading_panic(text in "((schema|tenants|id|host|paths|regions|edges|name|address|x)|[\\[\\]{}:=,'\"*/.-]|1|\n| ){0,60}") {
        for file in ["x.toml", "x.yaml", "x.json"] {
            for (regions, tenants) in [(file, None), ("", Some(file))] {
                let regions = if regions.is_empty() { Ok(Vec::new()) } else { Document::inline(regions, &text).map(|doc| vec![doc]) };
                let tenants = tenants.map(|file| Document::inline(file, &text)).transpose();
                if let (Ok(regions), Ok(tenants)) = (regions, tenants) {
                    let _ = assemble(regions, tenants.into_iter().collect(), &Overrides::default(), &[]);
                }
            }
        }
    }
}
