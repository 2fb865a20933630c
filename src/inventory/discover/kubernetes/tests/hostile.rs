//! Files that mean ill, or nothing.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{given, read, told_with};

fn error(text: &str) -> String {
    told_with(text, None).unwrap_err().to_string()
}

#[test]
fn a_billion_laughs_over_several_documents_is_a_clear_error() {
    let mut bomb = String::new();
    for _ in 0..50 {
        bomb.push_str("---\nkind: ConfigMap\nl0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for level in 1..4 {
            let below = vec![format!("*l{}", level - 1); 10].join(", ");
            let _ = writeln!(bomb, "l{level}: &l{level} [{below}]");
        }
    }
    let message = error(&bomb);
    assert!(message.ends_with("aliases blow this file up beyond measure, write it out"), "{message}");
}

#[test]
fn deep_nesting_is_a_clear_error() {
    for text in ["[".repeat(200_000), "- ".repeat(200_000), "{\"a\":".repeat(200_000)] {
        let message = error(&text);
        assert!(message.starts_with("f:1: ") && message.len() < 200, "{message}");
    }
}

#[test]
fn huge_keys_and_names_are_clear_errors() {
    let key = "k".repeat(2_000_000);
    assert_eq!(told_with(&format!("{{\"kind\": \"Ingress\", \"{key}\": 1}}"), None).unwrap(), [""; 0]);
    let message = error(&format!("kind: Ingress\nspec: {{ \"{key}\": 1 }}"));
    assert!(message.starts_with("f:2: ") && message.len() < 200, "{} bytes", message.len());
    let message =
        error(&format!("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: {key} }}\nspec: 1"));
    assert!(message.len() < 500, "{} bytes", message.len());
    let host = "h".repeat(2_000_000);
    let message = error(&format!("kind: Route\nspec: {{ host: \"{host}\" }}"));
    assert!(message.contains("is no host name"), "{}", &message[..200]);
    assert!(message.len() < 1_000, "{} bytes", message.len());
}

#[test]
fn many_services_on_a_large_gateway_are_read_in_time() {
    let mut text =
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec:\n  servers:\n  - hosts:\n"
            .to_owned();
    for number in 0..5_000 {
        let _ = writeln!(text, "    - t{number}.example.com");
    }
    for number in 0..5_000 {
        let _ = writeln!(
            text,
            "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nspec: {{gateways: [g], hosts: [t{number}.example.com]}}"
        );
    }
    assert_eq!(told_with(&text, None).unwrap().len(), 5_000);
}

#[test]
fn more_pairs_of_hosts_than_a_machine_can_bear_are_a_clear_error() {
    let hosts =
        |what: &str| (0..2_000).map(|number| format!("\"*.{what}{number}.example\"")).collect::<Vec<_>>().join(",");
    let text = format!(
        "{{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"Gateway\",\"metadata\":{{\"name\":\"g\"}},\"spec\":{{\"servers\":[{{\"hosts\":[{}]}}]}}}}\n\
         {{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"spec\":{{\"gateways\":[\"g\"],\"hosts\":[{}]}}}}",
        hosts("a"),
        hosts("b")
    );
    let message = error(&text);
    assert!(message.ends_with("than can be compared, name fewer files at once"), "{message}");
}

const WORDS: &str = "(apiVersion: networking.k8s.io/v1\n|kind: (Ingress|HTTPRoute|Gateway|VirtualService|Route|ConfigMap|IngressRoute|List)\n|spec:|metadata:| name: a| annotations:| rules:| hosts:| hostnames:| items:| data:|[\\[\\]{}:,*-]|---\n|\n| |x\\.example)";

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\PC\n\t]{0,200}") {
        let _ = read(&[given("f", &text, Some("tenant"))]);
    }

    #[test]
    fn no_almost_right_text_makes_it_panic(parts in prop::collection::vec(WORDS, 0..40)) {
        let _ = read(&[given("f", &parts.concat(), Some("tenant"))]);
    }
}
