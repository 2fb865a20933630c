//! Who is who: tenant keys, hosts seen several times, tenants files beside.

use serde_json::json;

use super::{listed, lost, refused, rows};

const TABLE: &str =
    "host,id,priority,paths,tags\nwww.acme.example,acme,low,/table.js,gold\nshop.acme.example,acme,,,\n";
const HOSTS: &str = "www.acme.example\nglobex.example\n*.initech.example\n";
const FILE: &str = "schema: 1
defaults: { paths: [/default.js], priority: high, variants: [identity, gzip] }
tenants:
  - { id: acme, host: acme.example, paths: [/own.js], priority: critical, tags: [beta] }
  - { id: initech, host: '*.initech.example', sample_host: tps.initech.example }
";

#[test]
fn one_host_at_several_places_is_one() {
    let files = [("h.txt", HOSTS), ("t.csv", TABLE)];
    let list = listed(&files, &["--discover", "hosts=h.txt", "--discover", "csv=t.csv"]);
    assert_eq!(rows(&list), ["acme: www.acme.example shop.acme.example", "globex.example: globex.example"]);
    let acme = &list["tenants"][0];
    assert_eq!((&acme["source"], &acme["also"]), (&json!("h.txt:1"), &json!(["t.csv:2", "t.csv:3"])));
}

#[test]
fn what_a_tenants_file_says_wins_and_discovery_adds_hosts() {
    let files = [("h.txt", HOSTS), ("t.csv", TABLE), ("t.yaml", FILE)];
    let args = ["--discover", "hosts=h.txt", "--discover", "csv=t.csv", "--tenants", "t.yaml"];
    let list = listed(&files, &args);
    assert_eq!(
        rows(&list),
        [
            "acme: acme.example www.acme.example shop.acme.example",
            "globex.example: globex.example",
            "initech: tps.initech.example"
        ]
    );
    let [acme, globex, _] = list["tenants"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!(
        (&acme["paths"], &acme["priority"], &acme["tags"], &acme["source"]),
        (&json!(["/own.js"]), &json!("critical"), &json!(["beta"]), &json!("t.yaml:4"))
    );
    // As though the file listed it.
    assert_eq!((&globex["paths"], &globex["priority"]), (&json!(["/default.js"]), &json!("high")));
    assert!(lost(&list).is_empty());
}

#[test]
fn a_table_stands_between_a_tenants_own_words_and_the_defaults() {
    let file = "schema: 1\ndefaults: { paths: [/default.js], priority: high }\ntenants: [{ id: acme }]\n";
    let args = ["--discover", "csv=t.csv", "--tenants", "t.yaml"];
    let acme = &listed(&[("t.csv", TABLE), ("t.yaml", file)], &args)["tenants"][0];
    assert_eq!(
        (&acme["paths"], &acme["priority"], &acme["tags"], &acme["host"]),
        (&json!(["/table.js"]), &json!("low"), &json!(["gold"]), &json!("www.acme.example"))
    );
    let acme = &listed(&[("t.csv", TABLE)], &["--discover", "csv=t.csv", "--path", "/flag.js"])["tenants"][0];
    assert_eq!(acme["paths"], json!(["/flag.js"]));
}

#[test]
fn one_host_of_two_tenants_is_an_error_with_both_places() {
    let args = ["--discover", "csv=t.csv"];
    refused(
        &[("t.csv", "host,id\na.example,one\nA.example.,two\n")],
        &args,
        "t.csv:3: \"a.example\" is tenant \"two\"'s here and tenant \"one\"'s at t.csv:2, give it to one of them",
    );
    let files = [("t.csv", "host,id\nacme.example,other\n"), ("t.yaml", FILE)];
    refused(
        &files,
        &["--discover", "csv=t.csv", "--tenants", "t.yaml"],
        "t.csv:2: \"acme.example\" is tenant \"other\"'s here and tenant \"acme\"'s at t.yaml:4, give it to one of them",
    );
    let files = [("t.csv", "host,id\n*.initech.example,other\n"), ("t.yaml", FILE)];
    refused(
        &files,
        &["--discover", "csv=t.csv", "--tenants", "t.yaml"],
        "t.csv:2: \"*.initech.example\" is tenant \"other\"'s here and tenant \"initech\"'s at t.yaml:5, give it to one of them",
    );
}

#[test]
fn a_tenant_that_is_left_out_keeps_its_hosts() {
    let args = ["--discover", "hosts=h.txt", "--tenants", "t.yaml", "--skip", "tenant=acme"];
    let file = FILE.replace("acme.example, paths", "acme.example, aliases: [www.acme.example], paths");
    let list = listed(&[("h.txt", HOSTS), ("t.yaml", &file)], &args);
    assert_eq!(rows(&list), ["globex.example: globex.example", "initech: tps.initech.example"]);
}

#[test]
fn hosts_of_a_template_are_the_tenants_own() {
    let regions = "schema = 1\nenvironment = 'staging'\nhost = '{id}.shops.example'\n[origin]\nurl = 'https://o.example'\n[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n";
    let files = [
        ("r.toml", regions),
        ("t.yaml", "schema: 1\ntenants: [{ id: acme, priority: low }]\n"),
        ("h.txt", "acme.shops.example\n"),
    ];
    let list = listed(&files, &["--regions", "r.toml", "--tenants", "t.yaml", "--discover", "hosts=h.txt"]);
    assert_eq!(rows(&list), ["acme: acme.shops.example"]);
    assert_eq!(list["tenants"][0]["hosts"], json!({ "staging": ["acme.shops.example"] }));
}

#[test]
fn a_host_of_another_environment_is_known_already() {
    let file = "schema: 1\ntenants: [{ id: acme, hosts: { production: a.example, staging: a.test } }]\n";
    let files = [("t.yaml", file), ("h.txt", "a.test\n")];
    let list = listed(&files, &["--tenants", "t.yaml", "--discover", "hosts=h.txt"]);
    assert_eq!(list["tenants"][0]["hosts"], json!({ "production": ["a.example"], "staging": ["a.test"] }));
    assert_eq!(list["tenants"].as_array().unwrap().len(), 1);
}

#[test]
fn a_flag_can_name_what_stands_for_a_wildcard() {
    let files = [("h.txt", HOSTS), ("t.yaml", FILE)];
    let flag = "*.initech.example=a.initech.example";
    let list = listed(&files, &["--discover", "hosts=h.txt", "--sample-host", flag]);
    assert_eq!((rows(&list)[0].as_str(), lost(&list).len()), ("a.initech.example: a.initech.example", 0));
    assert_eq!(list["tenants"][0]["source"], "h.txt:3");
    for (flag, more, message) in [
        ("*.initech.example=a.example", None, "\"a.example\" is not under \"*.initech.example\", correct one"),
        (
            "*.initec.example=a.initec.example",
            None,
            "no source names \"*.initec.example\", did you mean \"*.initech.example\"?",
        ),
        (flag, Some("t.yaml"), "t.yaml:5 has a sample host for it, keep one of them"),
    ] {
        let mut args = vec!["--discover", "hosts=h.txt", "--sample-host", flag];
        args.extend(more.iter().flat_map(|file| ["--tenants", file]));
        refused(&files, &args, &format!("--sample-host {flag}: {message}"));
    }
}
