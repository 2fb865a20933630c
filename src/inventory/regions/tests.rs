use std::time::Duration;

use super::*;
use crate::model::{AddressFamily, Addresses, Scheme};

mod proxies;

const PROVIDERS: [&str; 2] = ["cloudfront", "fastly"];

fn regions(text: &str) -> Result<Regions, InventoryError> {
    read(&Document::inline("regions.toml", text)?, None, &PROVIDERS)
}

/// A file that is right but for what an edge says.
fn with_edge(edge: &str) -> String {
    format!("schema = 1\n[regions.apac]\nedges = [\n  {{ name = \"nrt\", {edge} }},\n]\n")
}

#[test]
fn every_built_in_is_as_documented() {
    let environment = regions(&with_edge("address = '203.0.113.10'")).unwrap().environment;
    assert_eq!((&*environment.name, &*environment.source), ("production", "regions.toml"));
    assert!(environment.origin.is_none());
    let edge = &environment.edges[0];
    assert_eq!((edge.scheme, edge.port, edge.coalesce), (Scheme::Https, 443, true));
    assert_eq!((edge.addresses, edge.family), (Addresses::All, AddressFamily::Any));
    assert_eq!((&*edge.identity.host, &*edge.identity.sni), ("{host}", "{host}"));
    assert_eq!((edge.pace.timeout, edge.pace.connect_timeout), (Duration::from_secs(5), Duration::from_secs(3)));
    let rate = edge.pace.rate.map(std::num::NonZeroU32::get);
    assert_eq!((edge.pace.concurrency, rate, edge.pace.connections), (64, Some(500), 4));
}

#[test]
fn the_nearest_table_wins() {
    let text = "schema = 1
[defaults]
timeout = '1s'
edge_rate = 'none'
headers = { X-A = 'defaults', X-B = 'defaults' }
host = '{id}.example.com'
sni = 'sni.example.com'
[regions.b]
timeout = '2s'
edges = [
  { name = 'z', address = '[2001:db8::1]:8443', timeout = '3s', scheme = 'http', headers = { X-A = 'edge' } },
  { name = 'a', hostname = 'edge.example', host = '{hostname}' },
]
[regions.a]
name = 'First'
resolver = 'udp://192.0.2.53'
edges = [{ name = 'm', hostname = 'm.example', port = 8080 }]
";
    let edges = regions(text).unwrap().environment.edges;
    let names: Vec<_> = edges.iter().map(|edge| (&*edge.id.region, &*edge.id.edge)).collect();
    assert_eq!(names, [("a", "m"), ("b", "a"), ("b", "z")]);
    assert_eq!(edges.iter().map(|edge| edge.pace.timeout.as_secs()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(edges.iter().map(|edge| edge.port).collect::<Vec<_>>(), [8080, 443, 80]);
    assert!(edges.iter().all(|edge| edge.pace.rate.is_none()));
    assert_eq!(
        (&edges[2].headers["x-a"], &edges[2].headers["x-b"]),
        (&"edge".parse().unwrap(), &"defaults".parse().unwrap())
    );
    assert_eq!((&*edges[0].identity.host, &*edges[0].identity.sni), ("{id}.example.com", "sni.example.com"));
    assert_eq!((&*edges[1].identity.host, &*edges[1].identity.sni), ("{hostname}", "sni.example.com"));
    assert_eq!(edges[0].region_title.as_deref(), Some("First"));
    let lookup = Lookup { resolver: Some(Arc::new("udp://192.0.2.53".parse().unwrap())), subnet: None };
    assert_eq!(edges[0].place, Place::Hostname { name: "m.example".into(), lookup });
    assert_eq!(edges[2].place, Place::Address("2001:db8::1".parse().unwrap(), Some(8443)));
}

#[test]
fn an_edge_without_a_place_is_where_the_tenants_name_leads() {
    let text = "schema = 1
[regions.a]
resolver = 'tls://dns.example@192.0.2.53'
client_subnet = '198.51.100.0/24'
edges = [
  { name = '1' },
  { name = '2', client_subnet = '2001:db8::/56' },
  { name = '3', resolver = 'udp://192.0.2.1' },
  { name = '4', address = '192.0.2.1' },
  { name = '5', hostname = 'edge.example' },
]
";
    let edges = regions(text).unwrap().environment.edges;
    let lookups = edges.iter().map(|edge| {
        let lookup = edge.place.lookup()?;
        Some((lookup.resolver.as_ref()?.to_string(), lookup.subnet?.to_string()))
    });
    let (tls, v4) = ("tls://dns.example@192.0.2.53".to_owned(), "198.51.100.0/24".to_owned());
    let expected = [
        Some((tls.clone(), v4.clone())),
        Some((tls.clone(), "2001:db8::/56".to_owned())),
        Some(("udp://192.0.2.1".to_owned(), v4.clone())),
        None,
        Some((tls, v4)),
    ];
    assert_eq!(lookups.collect::<Vec<_>>(), expected);
    let own_name = edges.iter().map(|edge| matches!(edge.place, Place::Tenant(_)));
    assert_eq!(own_name.collect::<Vec<_>>(), [true, true, true, false, false]);
}

#[test]
fn an_origin_takes_its_pace_from_the_edges_unless_it_names_its_own() {
    let text = "schema = 1
host = '{id}.example.com'
[origin]
url = 'https://origin.example.com/base/'
headers = { X-Auth = '${SECRET}', X-File = { file = 'word.txt' } }
ca_file = 'ca.pem'
samples = 3
rate = 'none'
[defaults]
edge_concurrency = 7
[regions.a]
edges = [{ name = 'm', address = '192.0.2.1' }]
";
    let doc = Document::inline("regions.toml", text).unwrap();
    let Regions { environment, host } = read(&doc, None, &PROVIDERS).unwrap();
    let origin = environment.origin.unwrap();
    assert_eq!((&*origin.authority, &*origin.base_path, origin.samples), ("origin.example.com", "/base", 3));
    assert_eq!((origin.pace.concurrency, origin.pace.rate), (7, None));
    assert_eq!(
        (&origin.headers["x-auth"], &origin.headers["x-file"]),
        (&"hunter22".parse().unwrap(), &"from-a-file".parse().unwrap())
    );
    assert_eq!((origin.trust.authorities.len(), host.as_deref()), (1, Some("{id}.example.com")));
    assert_eq!(doc.into_secrets().mask("hunter22 from-a-file"), "*** ***");
}

#[test]
fn a_flag_is_an_origin_of_its_own() {
    let doc = Document::inline("regions.toml", &with_edge("address = '203.0.113.10'")).unwrap();
    let flag = OriginUrl::parse("http://127.0.0.1:8080").unwrap();
    let origin = read(&doc, Some(&flag), &PROVIDERS).unwrap().environment.origin.unwrap();
    assert_eq!((origin.scheme, &*origin.authority), (Scheme::Http, "127.0.0.1:8080"));
}

#[test]
fn every_bad_edge_has_its_message() {
    for (edge, message) in [
        (
            "address = '192.0.2.1', client_subnet = '198.51.100.0/24'",
            "has an \"address\", which is not looked up, and a \"client_subnet\", keep one of them",
        ),
        (
            "client_subnet = '198.51.100.7/24'",
            "\"client_subnet\": \"198.51.100.7/24\" has bits behind its prefix, write \"198.51.100.0/24\"",
        ),
        (
            "client_subnet = 'apac'",
            "\"client_subnet\": \"apac\" is no subnet, write it like \"198.51.100.0/24\" or \"2001:db8::/56\"",
        ),
        ("host = '{hostname}'", "\"host\" or \"sni\" is {hostname} and it has none, give it a \"hostname\""),
        ("address = '192.0.2.1', hostname = 'a'", "has an \"address\" and a \"hostname\", keep one of them"),
        (
            "address = '192.0.2.300'",
            "\"address\": \"192.0.2.300\" is no IP address, write it like \"203.0.113.10\" or \"[2001:db8::1]:8443\"",
        ),
        ("address = 'edge.example'", "\"address\": \"edge.example\" is a name, use \"hostname\" instead"),
        ("address = '192.0.2.1:0'", "\"address\": \"192.0.2.1:0\" has port 0, write one from 1 to 65535"),
        ("hostname = '192.0.2.1'", "\"hostname\": \"192.0.2.1\" is an address, use \"address\" instead"),
        ("hostname = 'a.example:80'", "\"hostname\": \"a.example:80\" holds a port, write it as \"port\""),
        (
            "hostname = 'a', resolver = 'udq://192.0.2.1'",
            "\"resolver\": \"udq://192.0.2.1\" is no resolver, did you mean \"udp://\"?",
        ),
        (
            "hostname = 'a', resolver = '192.0.2.1'",
            "\"resolver\": \"192.0.2.1\" is no resolver, write \"udp://192.0.2.53\", \"tcp://192.0.2.53:53\", \
             \"tls://dns.example@192.0.2.53\" or \"https://dns.example/dns-query\"",
        ),
        ("resolver = 'udp://dns.example'", "\"resolver\": \"udp://dns.example\" needs an IP address, not a name"),
        ("address = '192.0.2.1', port = 0", "\"port\": 0 does not do, write a whole number from 1 to 65535"),
        ("address = '192.0.2.1', port = '80'", "\"port\" is a string, write a whole number from 1 to 65535"),
        ("address = '192.0.2.1', timeout = '5'", "\"timeout\": \"5\" has no unit, write \"5s\""),
        ("address = '192.0.2.1', timeout = 5", "\"timeout\": 5 has no unit, write \"5s\""),
        ("address = '192.0.2.1', timeout = '0s'", "\"timeout\": nothing ends in no time, write \"5s\""),
        (
            "address = '192.0.2.1', edge_rate = 0",
            "\"edge_rate\": 0 does not do, write a whole number from 1 to 4294967295",
        ),
        ("address = '192.0.2.1', edge_rate = 'non'", "\"edge_rate\": unknown \"non\", did you mean \"none\"?"),
        (
            "address = '192.0.2.1', provider = 'cloudfrnt'",
            "\"provider\": unknown \"cloudfrnt\", did you mean \"cloudfront\"?",
        ),
        (
            "address = '192.0.2.1', provider = 'acme'",
            "\"provider\": unknown \"acme\", write one of: cloudfront, fastly",
        ),
        ("address = '192.0.2.1', ip = 'ipv4'", "\"ip\": unknown \"ipv4\", write one of: any, v4, v6"),
        ("address = '192.0.2.1', coalesce = 'no'", "\"coalesce\" is a string, write true or false"),
        (
            "address = '192.0.2.1', host = '{hostnme}'",
            "\"host\": unknown placeholder \"{hostnme}\", did you mean \"{hostname}\"?",
        ),
        (
            "address = '192.0.2.1', host = '{hostname}'",
            "\"host\" or \"sni\" is {hostname} and it has none, give it a \"hostname\"",
        ),
        (
            "address = '192.0.2.1', host = 'a b'",
            "\"host\": \"a b\" is no host name, write letters, digits and hyphens with dots between",
        ),
        (
            "address = '192.0.2.1', headers = { 'X A' = '1' }",
            "\"X A\" is no header name, write a token such as X-Tenant",
        ),
        ("address = '192.0.2.1', headers = { X-A = 1 }", "\"X-A\" is a number, write a string: put it in quotes"),
        (
            "address = '192.0.2.1', headers = { X-A = \"${SECRET}\\n\" }",
            "the value of the header \"X-A\" is not visible ASCII, percent-encode or leave it out",
        ),
        (
            "address = '192.0.2.1', host = '${SECRET} x'",
            "\"host\": \"*** x\" is no host name, write letters, digits and hyphens with dots between",
        ),
        (
            "address = '192.0.2.1', ca_file = 'word.txt'",
            "\"ca_file\": \"word.txt\" holds no PEM certificate, name a file with -----BEGIN CERTIFICATE-----",
        ),
        (
            "address = '192.0.2.1', client_key = 'word.txt'",
            "\"client_key\": \"word.txt\" holds no PEM key, name a file with -----BEGIN PRIVATE KEY-----",
        ),
        ("address = '192.0.2.1', client_cert = 'ca.pem'", "has a \"client_cert\" without its key, add \"client_key\""),
    ] {
        let error = regions(&with_edge(edge)).expect_err(edge).to_string();
        assert_eq!(error, format!("regions.toml:4: region \"apac\", edge \"nrt\": {message}"));
    }
}

#[test]
fn a_misspelt_key_and_a_variable_that_is_missed_name_their_line() {
    for (edge, message) in [
        ("adress = '1'", "region \"apac\": unknown key \"adress\", did you mean \"address\"?"),
        ("address = '${NOPE}'", "the environment variable NOPE is not set, set it"),
        ("headers = { X-A = 'Key ${EMPTY}' }", "the environment variable EMPTY is empty, set it"),
        ("proxy = 'http://a:${EMPTY}@proxy.example:3128'", "the environment variable EMPTY is empty, set it"),
        ("fastly_edge_check = { token = '${EMPTY}' }", "the environment variable EMPTY is empty, set it"),
    ] {
        let error = regions(&with_edge(edge)).unwrap_err().to_string();
        assert_eq!(error, format!("regions.toml:4: {message}"));
    }
}

#[test]
fn an_empty_variable_is_nothing_where_no_credential_stands() {
    let edges = regions(&with_edge("address = '192.0.2.1', host = 'www${EMPTY}.example'")).unwrap().environment.edges;
    assert_eq!(&*edges[0].identity.host, "www.example");
}

#[test]
fn debug_headers_are_off_unless_the_nearest_table_says_so() {
    let text = "schema = 1
[defaults]
debug_headers = true
[regions.a]
edges = [
  { name = 'on', address = '192.0.2.1' },
  { name = 'zoff', address = '192.0.2.2', debug_headers = false },
]
";
    let edges = regions(text).unwrap().environment.edges;
    assert_eq!(edges.iter().map(|edge| edge.debug_headers).collect::<Vec<_>>(), [true, false]);
    let edges = regions(&with_edge("address = '192.0.2.1'")).unwrap().environment.edges;
    assert!(!edges[0].debug_headers);
    let error = regions(&with_edge("address = '192.0.2.1', debug_headers = 'yes'")).unwrap_err().to_string();
    assert!(error.ends_with("\"debug_headers\" is a string, write true or false"), "{error}");
}

#[test]
fn a_key_of_another_version_is_an_unknown_key() {
    for key in ["fastly_edge_check", "globalping"] {
        let error = regions(&with_edge(&format!("address = '192.0.2.1', {key} = 'x'"))).unwrap_err().to_string();
        assert!(error.contains(&format!("unknown key \"{key}\", known here: name, pop, address")), "{error}");
    }
}

#[test]
fn every_bad_file_has_its_message() {
    let edge = "[regions.a]\nedges = [{ name = 'm', address = '192.0.2.1' }]\n";
    for (text, message) in [
        ("", "1: needs \"schema\", write schema = 1 (schema: 1 in YAML)"),
        ("schema = 2", "1: \"schema\": this version reads schema 1 alone, write 1"),
        ("schema = 1\n", "1: needs \"regions\", write a table [regions.NAME] with its edges"),
        ("schema = 1\n[regions]\n", "1: has no regions, add a table [regions.NAME] with its edges"),
        ("schema = 1\n[regions.a]\nedges = []\n", "3: region \"a\": has no edges, add one or take the region out"),
        (
            "schema = 1\n[regions.a]\n",
            "2: region \"a\": needs \"edges\", write edges = [ { name = \"fra1\", address = \"203.0.113.10\" } ]",
        ),
        ("schema = 1\n[region.a]\n", "2: unknown key \"region\", did you mean \"regions\"?"),
        (
            "schema = 1\n[regions.a]\nedges = [\n{ name = 'm', address = '192.0.2.1' },\n{ name = 'm', address = '192.0.2.2' }]\n",
            "5: region \"a\": the edge \"m\" stands twice, it is already on line 4, rename one of them",
        ),
        (
            "schema = 1\n[regions.a]\nedges = [{ address = '192.0.2.1' }]",
            "3: region \"a\": needs \"name\", write name = \"fra1\"",
        ),
        (
            &format!("schema = 1\n[origin]\nsamples = 2\n{edge}"),
            "2: origin: needs \"url\", write url = \"https://origin.example.com\" or use --origin",
        ),
        (
            &format!("schema = 1\n[origin]\nurl = 'https://o'\nsamples = 0\n{edge}"),
            "4: origin: \"samples\": 0 does not do, write a whole number from 1 to 1000",
        ),
        (
            &format!("schema = 1\n[origin]\nurl = 'o.example'\n{edge}"),
            "3: origin: \"url\": \"o.example\" has no scheme, write \"https://o.example\"",
        ),
        (
            &format!("schema = 1\n[defaults]\ntimout = '5s'\n{edge}"),
            "3: defaults: unknown key \"timout\", did you mean \"timeout\"?",
        ),
        (
            &format!("schema = 1\nhost = '{{host}}.example'\n{edge}"),
            "2: \"host\": unknown placeholder \"{host}\", write one of: {id}",
        ),
    ] {
        let error = regions(text).expect_err(text).to_string();
        assert_eq!(error, format!("regions.toml:{message}"));
    }
    let twice = regions("schema = 1\n[regions.a]\nedges = []\n[regions.a]\n").unwrap_err().to_string();
    assert!(twice.starts_with("regions.toml:4: duplicate key"), "{twice}");
    let gone = regions(&with_edge("address = '192.0.2.1', ca_file = 'gone.pem'")).unwrap_err().to_string();
    assert!(gone.contains("edge \"nrt\": \"ca_file\": the file \"gone.pem\" cannot be read (No such file"), "{gone}");
}
