//! Proxies of edges, regions and defaults.

use super::*;

#[test]
fn every_bad_proxy_has_its_message() {
    for (edge, message) in [
        (
            "address = '192.0.2.1', proxy = 'http://ada:s3cret@proxy.example:3128'",
            "has an \"address\" and a \"proxy\", keep one of them",
        ),
        ("hostname = 'a', proxy = 'http://proxy.example:3128'", "has a \"hostname\" and a \"proxy\", keep one of them"),
        (
            "resolver = 'udp://192.0.2.1', proxy = 'http://proxy.example:3128'",
            "has a \"resolver\" and a \"proxy\", which resolves names itself, keep one of them",
        ),
        (
            "client_subnet = '198.51.100.0/24', proxy = 'http://proxy.example:3128'",
            "has a \"client_subnet\" and a \"proxy\", which resolves names itself, keep one of them",
        ),
        (
            "proxy = 'socks5://ada:s3cret@proxy.example:1080'",
            "\"proxy\": \"socks5://***@proxy.example:1080\" would have names resolved here, where they may lead \
             elsewhere, did you mean \"socks5h://\"?",
        ),
        (
            "proxy = 'http://ada:${SECRET}@proxy.example'",
            "\"proxy\": \"http://***@proxy.example\" has no port, write it behind the host: \"proxy.example:3128\"",
        ),
        (
            "proxy = 'http://proxy.example:3128', host = '{hostname}'",
            "\"host\" or \"sni\" is {hostname} and it has none, give it a \"hostname\"",
        ),
    ] {
        let error = regions(&with_edge(edge)).expect_err(edge).to_string();
        assert_eq!(error, format!("regions.toml:4: region \"apac\", edge \"nrt\": {message}"));
    }
}

#[test]
fn the_nearest_proxy_counts_and_its_password_is_a_secret() {
    let text = "schema = 1
[defaults]
proxy = 'http://ada:${SECRET}@far.example:3128'
[regions.a]
edges = [{ name = '1' }, { name = '2', proxy = 'socks5h://ada:in-clear@near.example:1080' }]
[regions.b]
proxy = 'http://region.example:3128'
edges = [{ name = '3' }]
";
    let doc = Document::inline("regions.toml", text).unwrap();
    let edges = read(&doc, None, &PROVIDERS).unwrap().environment.edges;
    let shown = edges.iter().map(|edge| match &edge.place {
        Place::Proxy(proxy) => proxy.to_string(),
        other => panic!("{other:?}"),
    });
    let expected = ["http://***@far.example:3128", "socks5h://***@near.example:1080", "http://region.example:3128"];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
    assert_eq!(doc.into_secrets().mask("hunter22 in-clear"), "*** ***");
}

#[test]
fn a_region_with_a_proxy_has_no_other_way() {
    let proxy = "proxy = 'http://proxy.example:3128'";
    for (defaults, region, edge, message) in [
        (
            "",
            proxy,
            "address = '192.0.2.1'",
            "6: region \"a\", edge \"m\": has an \"address\" and the \"proxy\" of its region or [defaults], keep one of them",
        ),
        (
            proxy,
            "",
            "hostname = 'a'",
            "6: region \"a\", edge \"m\": has a \"hostname\" and the \"proxy\" of its region or [defaults], keep one of them",
        ),
        (
            proxy,
            "resolver = 'udp://192.0.2.1'",
            "",
            "4: region \"a\": has a \"proxy\", which resolves names itself, and a \"resolver\" or \"client_subnet\", keep one of them",
        ),
    ] {
        let edge = if edge.is_empty() { String::new() } else { format!(", {edge}") };
        let text =
            format!("schema = 1\n[defaults]\n{defaults}\n[regions.a]\n{region}\nedges = [{{ name = 'm'{edge} }}]\n");
        assert_eq!(regions(&text).unwrap_err().to_string(), format!("regions.toml:{message}"));
    }
}
