//! The list as a tenants file says the same again.

use serde_json::Value;

use super::{folder, tenants};

const FILE: &str = r#"schema: 1
service_levels: { critical: 1500ms }
defaults: { paths: ["/a.js?x=%20", "/{host}/y"], variants: [identity, mobile] }
variants:
  mobile: { headers: { User-Agent: "Mobile/1.0 #1" } }
tenants:
  - { id: "no", host: a.example, aliases: [www.a.example], priority: critical, tags: ["1", "a: b"], headers: { X-Tenant: "{id}: 'q' \"d\"" } }
  - { id: "Ü \"x\" \\ #", hosts: { production: [b.example], staging: b.test }, variants: [gzip] }
  - id: "*.c"
    host: "*.c.example"
    sample_host: x.c.example
    expect: { status: 200, paths: { "/x": { etag: '"33a64df5"', headers: { X-Build: "1.0" } } } }
    paths: [/x, /y]
"#;

/// Everything but where it came from.
fn content(list: &str) -> Value {
    let mut list: Value = serde_json::from_str(list).unwrap();
    for tenant in list["tenants"].as_array_mut().unwrap() {
        let tenant = tenant.as_object_mut().unwrap();
        for place in ["source", "also", "prefixes"] {
            tenant.remove(place);
        }
    }
    list["tenants"].take()
}

#[test]
fn a_list_that_is_written_reads_back_the_same() {
    let files =
        [("t.yaml", FILE.to_owned()), ("t.csv", "host,id,paths\nd.example,d,/d?a=1|/e\n*.e.example,,\n".to_owned())];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let folder = folder(&files);
    let args = ["--tenants", "t.yaml", "--discover", "csv=t.csv"];
    let listed = |args: &[&str]| {
        let ran = tenants(folder.path(), args);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        ran
    };
    let first = listed(&[&args[..], &["--format", "json"]].concat());
    let written = listed(&[&args[..], &["--format", "tenants"]].concat());
    assert!(written.stderr.starts_with("warning: 1 name cannot be asked for"), "{}", written.stderr);
    assert!(written.stdout.contains("\n# not here: *.e.example (t.csv:3): a wildcard"), "{}", written.stdout);
    std::fs::write(folder.path().join("again.yaml"), &written.stdout).unwrap();
    let again = listed(&["--tenants", "again.yaml", "--format", "json"]);
    assert_eq!(content(&again.stdout), content(&first.stdout), "{}", written.stdout);
    // What JSON does not show, variants, headers and pins, the file does.
    let rewritten = listed(&["--tenants", "again.yaml", "--format", "tenants"]).stdout;
    let said = |text: &str| {
        text.lines().filter(|line| !line.trim_start().starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said(&rewritten), said(&written.stdout));
    for words in ["  critical: \"1500ms\"", "User-Agent", "33a64df5", "variants: [gzip]", "x-tenant: "] {
        assert!(written.stdout.to_lowercase().contains(&words.to_lowercase()), "{words}: {}", written.stdout);
    }
}

#[test]
fn a_secret_is_not_written_into_a_file() {
    let text = "schema: 1\ntenants: [{ id: a, host: a.example, headers: { X-Key: '${KEY}' } }]\n";
    let folder = folder(&[("t.yaml", text)]);
    let mut command = crate::support::purgeproof();
    command.current_dir(folder.path()).env("KEY", "hunter22").args([
        "tenants",
        "--tenants",
        "t.yaml",
        "--format",
        "tenants",
    ]);
    let ran = crate::support::run(&mut command);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.starts_with("error: tenant \"a\" (t.yaml:2): a tenants file with a secret"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter22"));
}
