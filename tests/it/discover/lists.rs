//! Lists and tables.

use super::{listed, lost, refused, rows};

#[test]
fn a_list_has_a_name_on_each_line() {
    let text = "\u{feff}# all of them\nShop.Example.com\r\nwww.example.com. # the old one\n\nhttps://a.example:443/x\nbücher.example\nb.example:8443\n";
    let list = listed(&[("hosts.txt", text)], &["--discover", "hosts=hosts.txt"]);
    let names = ["a.example", "b.example:8443", "shop.example.com", "www.example.com", "xn--bcher-kva.example"];
    assert_eq!(rows(&list), names.map(|name| format!("{name}: {name}")));
    assert_eq!(list["tenants"][2]["source"], "hosts.txt:2");
    assert_eq!(list["tenants"][2]["hosts"]["production"][0], "shop.example.com");
}

#[test]
fn a_hosts_file_has_names_behind_addresses() {
    let text =
        "127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n203.0.113.10 a.example b.example # both\n192.0.2.1\n";
    let list = listed(&[("hosts", text)], &["--discover", "hosts=hosts"]);
    assert_eq!(rows(&list), ["192.0.2.1: 192.0.2.1", "a.example: a.example", "b.example: b.example"]);
}

#[test]
fn wildcards_and_patterns_of_a_list_are_told() {
    let list = listed(&[("h.txt", "*.example.com\nshop-*.example.com\na.example\n")], &["--discover", "hosts=h.txt"]);
    assert_eq!(rows(&list), ["a.example: a.example"]);
    assert_eq!(
        lost(&list),
        [
            "*.example.com: a wildcard stands for no single name: name one with --sample-host '*.example.com=HOST', or as \"sample_host\" in a tenants file",
            "shop-*.example.com: a pattern stands for no single name, name a host with --sample-host",
        ]
    );
    assert_eq!(list["unprobeable"][0]["source"], "h.txt:1");
}

#[test]
fn what_is_no_name_is_an_error_at_its_line() {
    for (text, message) in [
        (
            "a.example\na b\n",
            "h.txt:2: \"b\" stands behind \"a\", write one name on a line, or begin it with an address",
        ),
        ("a/b\n", "h.txt:1: \"a/b\" is no host name, write the name alone without scheme and path"),
        ("ftp://a.example/\n", "h.txt:1: the scheme \"ftp\" is not spoken here, write https:// or http://"),
        (
            "https://u:p@a.example/\n",
            "h.txt:1: a URL with credentials would show them to everyone, write the name alone",
        ),
    ] {
        refused(&[("h.txt", text)], &["--discover", "hosts=h.txt"], message);
    }
}

#[test]
fn a_table_says_whose_each_name_is() {
    let text = "\u{feff}Customer;Host;Tenant ID;Priority;Paths;Tags\r\n\
        \"Acme; \"\"the\"\" first\r\nof them\";www.acme.example,acme.example;acme;Critical;/a.js|/b?x=1,2;beta gold\r\n\
        Globex;globex.example;;;;\r\n;;;;;\r\n\
        Acme;shop.acme.example;acme;;/c;\r\n";
    let list = listed(&[("t.csv", text)], &["--discover", "csv=t.csv"]);
    assert_eq!(
        rows(&list),
        ["acme: www.acme.example acme.example shop.acme.example", "globex.example: globex.example"]
    );
    let acme = &list["tenants"][0];
    assert_eq!((acme["priority"].as_str(), acme["source"].as_str()), (Some("critical"), Some("t.csv:2")));
    assert_eq!(acme["paths"], serde_json::json!(["/a.js", "/b?x=1,2", "/c"]));
    assert_eq!(acme["tags"], serde_json::json!(["beta", "gold"]));
    assert_eq!((&list["tenants"][1]["source"], &list["tenants"][1]["priority"]), (&"t.csv:4".into(), &"normal".into()));
    assert_eq!(acme["also"], serde_json::json!(["t.csv:6"]));
}

#[test]
fn the_tenant_key_names_a_column() {
    let text = "domain\taccount\na.example\t7\nb.example\t7\n";
    let list = listed(&[("t.tsv", text)], &["--discover", "csv=t.tsv", "--tenant-key", "Account"]);
    assert_eq!(rows(&list), ["7: a.example b.example"]);
    refused(
        &[("t.tsv", text)],
        &["--discover", "csv=t.tsv", "--tenant-key", "acount"],
        "t.tsv:1: no column is named \"acount\", as --tenant-key says, did you mean \"account\"?",
    );
}

#[test]
fn a_row_may_bring_the_sample_of_its_wildcard() {
    let text = "host,sample_host,id,priority\n*.a.example,x.a.example,a,high\n*.b.example,,b,\n";
    let list = listed(&[("t.csv", text)], &["--discover", "csv=t.csv"]);
    assert_eq!((rows(&list), lost(&list).len()), (vec!["a: x.a.example".to_owned()], 1));
    assert_eq!(list["tenants"][0]["priority"], "high");
}

#[test]
fn a_table_that_is_wrong_says_where() {
    for (text, message) in [
        ("", "t.csv:1: is empty, write a first row that names the columns: host, id, priority, paths, tags"),
        (
            "name,site\na,b\n",
            "t.csv:1: the first row names no column \"host\", write one: host (or hostname, domain), and as you like id, aliases, priority, paths, tags, sample_host",
        ),
        ("host,id\na.example,b,c\n", "t.csv:2: has 3 cells under 2 columns, put a cell with commas in quotes"),
        ("host,priority\na.example,hihg\n", "t.csv:2: \"priority\": unknown \"hihg\", did you mean \"high\"?"),
        ("host,id\n,b\n", "t.csv:2: names no host, write one or leave the row out"),
        ("host,paths\na.example,x.js\n", "t.csv:2: the path \"x.js\" does not begin with a slash, write \"/x.js\""),
        (
            "host,note\na.example,\"5\nb.example,x\n",
            "t.csv:2: a quote in this row or before it is not closed, close it, or write it twice",
        ),
        (
            "host,id,priority\na.example,a,high\nb.example,a,low\n",
            "t.csv:3: tenant \"a\": its priority is low here and high at t.csv:2, keep one of them",
        ),
    ] {
        refused(&[("t.csv", text)], &["--discover", "csv=t.csv"], message);
    }
}
