//! Whose each path is, and what stands instead of what.

use crate::inventory::discover::Discover;
use crate::inventory::{Files, Overrides, load};
use crate::model::Inventory;

use super::*;

const REGIONS: &str = "schema = 1\n[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n";
const TENANTS: &str = "schema: 1
tenants:
  - { id: docs, host: Docs.example.com, paths: [/own] }
  - { id: shop, host: shop.example.com, aliases: [www.shop.example.com], paths: [/own] }
  - { id: solo, host: solo.example.com, paths: [/own] }
";

struct World {
    regions: &'static str,
    tenants: &'static str,
    sources: &'static [&'static str],
    overrides: Overrides,
}

impl Default for World {
    fn default() -> Self {
        Self { regions: REGIONS, tenants: TENANTS, sources: &[], overrides: Overrides::default() }
    }
}

fn loaded(World { regions, tenants, sources, overrides }: World) -> Result<Inventory, String> {
    let here = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = here.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let regions = vec![write("regions.toml", regions)];
    let tenants = if tenants.is_empty() { Vec::new() } else { vec![write("tenants.yaml", tenants)] };
    let below = |flag: &&str| {
        let (kind, path) = flag.split_once('=').unwrap();
        format!("{kind}={}/{path}", folder().display()).parse().unwrap()
    };
    let paths = sources.iter().map(below).collect();
    let files = Files { regions, tenants, paths, ..Files::default() };
    let shown = |text: String| short(&text).replace(&format!("{}/", here.path().display()), "");
    load(&files, &overrides, &|_| None, &[]).map_err(|error| shown(error.to_string()))
}

fn paths(inventory: &Inventory) -> Vec<String> {
    let row = |tenant: &crate::model::Tenant| format!("{}: {}", tenant.id, tenant.paths.join(" "));
    inventory.tenants.iter().map(row).collect()
}

fn left(inventory: &Inventory) -> Vec<String> {
    inventory.left_out.iter().map(|lost| short(&format!("{}: {}", lost.source, lost.reason))).collect()
}

#[test]
fn a_url_is_the_tenants_that_has_its_host() {
    let inventory = loaded(World {
        sources: &["sitemap=sitemap/wordpress.xml", "sitemap=sitemap/multilingual.xml"],
        ..World::default()
    })
    .unwrap();
    let expected =
        ["docs: /en/?a=1&b=2 /de/", "shop: / /product/tea/?size=250g&colour=gr%C3%BCn /%C3%BCber-uns/", "solo: /own"];
    assert_eq!(paths(&inventory), expected);
    let expected = ["sitemap/wordpress.xml:19: 1 URL of 1 host that no tenant has, the first is old.example.org"];
    assert_eq!(left(&inventory), expected);
}

#[test]
fn flags_and_sources_are_one_list_instead_of_the_tenants_own() {
    let inventory = loaded(World {
        sources: &["manifest=manifest/propshaft/.manifest.json", "sitemap=sitemap/multilingual.xml"],
        overrides: Overrides { paths: vec!["/{id}.js".to_owned()], ..Overrides::default() },
        ..World::default()
    })
    .unwrap();
    let built = "/assets/application-bfcdf840.css /assets/admin/logo-ae3f0193.svg";
    let expected = [
        format!("docs: /docs.js {built} /en/?a=1&b=2 /de/"),
        format!("shop: /shop.js {built}"),
        format!("solo: /solo.js {built}"),
    ];
    assert_eq!(paths(&inventory), expected);
}

#[test]
fn hosts_are_tenants_where_nothing_else_names_any() {
    let inventory = loaded(World {
        tenants: "",
        sources: &["sitemap=sitemap/pages.txt", "log=log/vhosts.log", "manifest=manifest/shakapacker.json"],
        ..World::default()
    })
    .unwrap();
    let built = "/packs/js/application-2f1c.js /packs/css/application-77.css /packs/js/runtime-91ab.js";
    let expected = [
        format!("docs.example.com: {built} / /guide?page=2 /guide/"),
        format!("intern.example.com: {built} /server-status"),
        format!("shop.example.com: {built} /a.css /app.js"),
        format!("www.shop.example.com: {built} /b.css /app.js"),
    ];
    assert_eq!(paths(&inventory), expected);
    assert_eq!(left(&inventory), [""; 0]);
    let sources: Vec<_> = inventory.tenants.iter().map(|tenant| short(&tenant.source)).collect();
    assert_eq!(sources, ["sitemap/pages.txt:1", "log/vhosts.log", "log/vhosts.log", "log/vhosts.log"]);
}

#[test]
fn sources_without_any_host_need_tenants() {
    for (source, flag) in [
        ("manifest=manifest/vite.json", "manifest=manifest/vite.json"),
        ("log=log/combined.log", "log=log/combined.log"),
    ] {
        let sources: &'static [&'static str] = Box::leak(Box::new([source]));
        let error = loaded(World { tenants: "", sources, ..World::default() }).unwrap_err();
        let message = "names no host: say whose paths these are, with --tenants, --discover or --url";
        assert_eq!(error, format!("--paths-from {flag}: {message}"));
    }
}

#[test]
fn a_source_whose_hosts_are_no_tenants_is_an_error() {
    let tenants = "schema: 1\ntenants: [{ id: a, host: a.example, paths: [/] }]\n";
    for (sources, message) in [
        (
            &["sitemap=sitemap/pages.txt"][..],
            "--paths-from sitemap=sitemap/pages.txt: none of its hosts is a tenant's, the first is \"docs.example.com\" \
             (sitemap/pages.txt:1): name tenants with these hosts, or correct the path",
        ),
        (
            &["manifest=manifest/vite.json", "log=log/vhosts.log"],
            "--paths-from log=log/vhosts.log: none of its hosts is a tenant's, the first is \"docs.example.com\" \
             (log/vhosts.log): name tenants with these hosts, or correct the path",
        ),
    ] {
        assert_eq!(loaded(World { tenants, sources, ..World::default() }).unwrap_err(), message);
    }
    // Some of what it names is of all.
    let sources = &["manifest=manifest/webpack.json"];
    let inventory = loaded(World { tenants, sources, ..World::default() }).unwrap();
    let expected = ["manifest/webpack.json:5: 2 URLs of 1 host that no tenant has, the first is cdn.example.net"];
    assert_eq!(left(&inventory), expected);
}

#[test]
fn a_tenant_that_is_not_selected_still_has_its_hosts() {
    let overrides = Overrides { only: vec!["tenant=solo".parse().unwrap()], ..Overrides::default() };
    let inventory = loaded(World { sources: &["sitemap=sitemap/pages.txt"], overrides, ..World::default() }).unwrap();
    assert_eq!((paths(&inventory), left(&inventory)), (vec!["solo: /own".to_owned()], Vec::new()));
}

#[test]
fn a_tenant_of_whom_nothing_is_told_needs_paths_of_its_own() {
    let tenants = "schema: 1\ntenants: [{ id: docs, host: docs.example.com }, { id: x, host: x.example }]\n";
    let error = loaded(World { tenants, sources: &["sitemap=sitemap/pages.txt"], ..World::default() }).unwrap_err();
    assert!(error.starts_with("tenants.yaml:2: tenant \"x\": has no paths, "), "{error}");
}

#[test]
fn what_hosts_of_one_tenant_were_asked_for_counts_together() {
    let sources = &["log=log/vhosts.log"];
    let most = |sample| {
        let overrides = Overrides { sample, ..Overrides::default() };
        paths(&loaded(World { sources, overrides, ..World::default() }).unwrap())
    };
    assert_eq!(most(None), ["docs: /guide/", "shop: /app.js /b.css /a.css", "solo: /own"]);
    assert_eq!(most(Some(2)), ["docs: /guide/", "shop: /app.js /b.css", "solo: /own"]);
}

#[test]
fn several_logs_count_together_with_those_of_all() {
    let overrides = Overrides { sample: Some(2), ..Overrides::default() };
    let sources = &["log=log/combined.log", "log=log/combined.log", "log=log/vhosts.log"];
    let inventory = loaded(World { sources, overrides, ..World::default() }).unwrap();
    let expected = ["docs: /assets/app.js /old", "shop: /assets/app.js /old", "solo: /assets/app.js /old"];
    assert_eq!(paths(&inventory), expected);
}

#[test]
fn of_a_log_the_twenty_most_requested_are_taken() {
    let here = tempfile::tempdir().unwrap();
    let log: String = (1..=30_usize)
        .flat_map(|number| {
            let line = format!("192.0.2.1 - - [11/Feb/2026:10:00:01 +0000] \"GET /{number:02} HTTP/1.1\" 200 5\n");
            std::iter::repeat_n(line, number)
        })
        .collect();
    std::fs::write(here.path().join("a.log"), log).unwrap();
    let source: PathsFrom = format!("log={}/a.log", here.path().display()).parse().unwrap();
    let known = Known::of(Vec::new(), told(&[source], false).unwrap(), None);
    let expected: Vec<String> = (11..=30).rev().map(|number| format!("/{number:02}")).collect();
    assert_eq!(known.shared().iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

#[test]
fn a_sample_of_a_sitemap_is_chosen_by_the_seed() {
    let sampled = |seed| {
        let overrides = Overrides { sample: Some(1), seed, ..Overrides::default() };
        paths(&loaded(World { sources: &["sitemap=sitemap/wordpress.xml"], overrides, ..World::default() }).unwrap())
    };
    assert_eq!(sampled(1), sampled(1));
    assert!((2..40).any(|seed| sampled(seed) != sampled(1)));
}

#[test]
fn a_host_that_tenants_share_is_nobodys() {
    let regions = "schema = 1
[origin]
url = 'https://docs.example.com'
[defaults]
host = '{hostname}'
[regions.us]
edges = [{ name = 'm', hostname = 'cdn-us.example.com' }]
";
    let tenants = "schema: 1\ndefaults: { paths: ['/{id}/x'] }\ntenants: [{ id: a }, { id: b }]\n";
    let error =
        loaded(World { regions, tenants, sources: &["sitemap=sitemap/pages.txt"], ..World::default() }).unwrap_err();
    assert!(error.contains("none of its hosts is a tenant's"), "{error}");
}

#[test]
fn discovered_tenants_and_urls_have_hosts_too() {
    let here = tempfile::tempdir().unwrap();
    let hosts = here.path().join("hosts.txt");
    std::fs::write(&hosts, "docs.example.com\nx.example\n").unwrap();
    let path = |path: &str| format!("sitemap={}/{path}", folder().display()).parse().unwrap();
    let files = Files {
        discover: vec![format!("hosts={}", hosts.display()).parse::<Discover>().unwrap()],
        paths: vec![path("sitemap/pages.txt")],
        ..Files::default()
    };
    let overrides = Overrides { only_listed: true, ..Overrides::default() };
    let inventory = load(&files, &overrides, &|_| None, &[]).unwrap();
    assert_eq!(paths(&inventory), ["docs.example.com: / /guide?page=2", "x.example: "]);
    let files = Files { paths: vec![path("sitemap/wordpress.xml")], ..Files::default() };
    let urls = vec!["https://old.example.org/x".to_owned(), "https://y.example/y".to_owned()];
    let inventory = load(&files, &Overrides { urls, ..Overrides::default() }, &|_| None, &[]).unwrap();
    assert_eq!(paths(&inventory), ["old.example.org: /moved/", "y.example: /y"]);
}

#[test]
fn a_host_of_a_regions_template_is_the_tenants() {
    let regions =
        "schema = 1\nhost = '{id}.example.com'\n[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n";
    let tenants = "schema: 1\ntenants: [{ id: docs }]\n";
    let inventory =
        loaded(World { regions, tenants, sources: &["sitemap=sitemap/pages.txt"], ..World::default() }).unwrap();
    assert_eq!(paths(&inventory), ["docs: / /guide?page=2"]);
}

#[test]
fn standard_input_is_read_once() {
    let sources: Vec<PathsFrom> = ["log=-", "sitemap=-"].iter().map(|flag| flag.parse().unwrap()).collect();
    let message = "standard input is read once, name a file here";
    let error = told(&sources, false).map(drop).unwrap_err().to_string();
    assert_eq!(error, format!("--paths-from sitemap=-: {message}"));
    let error = told(&sources[..1], true).map(drop).unwrap_err().to_string();
    assert_eq!(error, format!("--paths-from log=-: {message}"));
}

#[test]
fn a_file_that_is_not_there_names_the_flag() {
    let source: PathsFrom = "manifest=gone.json@/x".parse().unwrap();
    let error = told(&[source], false).map(drop).unwrap_err().to_string();
    assert!(error.starts_with("--paths-from manifest=gone.json@/x/: cannot be read ("), "{error}");
    assert!(error.ends_with("), correct the path or its rights"), "{error}");
}
