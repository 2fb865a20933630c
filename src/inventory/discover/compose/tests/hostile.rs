//! Files that mean harm end in a clear error, and soon.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn error(text: &str) -> String {
    told(text).unwrap_err()
}

#[test]
fn a_billion_laughs_are_a_clear_error() {
    let mut bomb = "services:\n  l0: &l0 {labels: {caddy: a.example}}\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*l{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "  l{level}: &l{level} [{below}]");
    }
    let message = error(&bomb);
    assert!(message.starts_with("compose.yaml:"), "{message}");
    assert!(message.ends_with("aliases blow this file up beyond measure, write it out"), "{message}");
}

#[test]
fn deep_nesting_is_a_clear_error() {
    for text in [
        format!("services: {}", "[".repeat(100_000)),
        format!("services: {}", "{a: ".repeat(100_000)),
        format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
    ] {
        let message = error(&text);
        assert!(message.starts_with("compose.yaml:1: ") && message.len() < 200, "{message}");
    }
}

#[test]
fn huge_keys_and_values_do_not_blow_messages_up() {
    let huge = "x".repeat(2_000_000);
    let message = error(&format!("services:\n  ? {huge}\n  : labels: {{caddy: \"${{NONE}}\"}}\n"));
    assert!(message.len() < 500 && message.contains("NONE is not set"), "{}", message.len());
    let message = error(&format!("services:\n  web:\n    labels: {{\"caddy\": \"a {huge}\"}}\n"));
    assert!(message.contains("this grows beyond 65536 bytes"), "{}", message.len());
    let message = error(&format!("services:\n  web:\n    labels: {{\"caddy\": \"{}\"}}\n", "y".repeat(60_000)));
    assert!(message.len() < 500, "{}", message.len());
    let message = error(&format!(
        "services:\n  web:\n    labels:\n      ? caddy.{huge}\n      : 1\n      ? caddy.{huge}\n      : 2\n"
    ));
    assert!(message.len() < 500 && message.contains("stands twice"), "{}", message.len());
}

#[test]
fn services_that_extend_one_another_end() {
    let circle = "services:\n  a: {extends: b}\n  b: {extends: {service: a}}\n";
    assert!(error(circle).contains("\"extends\" leads in a circle or too far, take it out"), "{}", error(circle));
    let mut wide = "services:\n  base:\n    labels:\n".to_owned();
    for label in 0..5_000 {
        let _ = writeln!(wide, "      caddy_{label}.tls: internal");
    }
    for service in 0..5_000 {
        let _ = writeln!(wide, "  s{service}: {{extends: base}}");
    }
    assert!(error(&wide).contains("\"extends\" blows this file up beyond measure, write it out"));
}

#[test]
fn variables_do_not_blow_a_file_up() {
    let long = "x".repeat(30_000);
    let mut text = "services:\n".to_owned();
    for service in 0..1_000 {
        let _ = writeln!(text, "  s{service}: {{labels: {{purgeproof.enable: \"$LONG\"}}}}");
    }
    let message = all("compose.yaml", Path::new("/nowhere"), &text, &[("LONG", &long)], None).map(drop).unwrap_err();
    assert!(message.ends_with("variables blow this file up beyond measure, shorten them"), "{message}");
}

#[test]
fn a_service_offers_a_bounded_number_of_names() {
    let many: Vec<_> = (0..20_000).map(|number| format!("n{number}.example")).collect();
    let text = format!(
        "services:\n  web:\n    image: x\n    environment: {{VIRTUAL_HOST: \"~a.*\"}}\n    labels: {{purgeproof.sample-host: \"{}\"}}\n",
        many[..3_000].join(",")
    );
    assert!(error(&text).ends_with("these are more than 16 names, take the others out"), "{}", error(&text));
}

/// Pieces that such files are made of, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "services:\n",
        "  web:\n",
        "  a: &a\n",
        "    <<: *a\n",
        "    image: x\n",
        "    labels:\n",
        "    deploy:\n      labels:\n",
        "    environment:\n",
        "    env_file: x\n",
        "    extends: web\n",
        "include: [x]\n",
        "      - ",
        "      ",
        "caddy: ",
        "caddy_0=",
        "caddy.@x.host: ",
        "VIRTUAL_HOST=",
        "VIRTUAL_HOST_MULTIPORTS: ",
        "traefik.http.routers.a.rule=",
        "traefik.tcp.routers.a.tls.passthrough: true\n",
        "traefik.frontend.rule: ",
        "traefik.enable=",
        "Host(`a.example`)",
        "HostRegexp(`{a:[a-z]+}.b`)",
        "\"",
        "'",
        "`",
        "${",
        "}",
        "${A:-",
        "$A",
        "$$",
        "*.example.com",
        "a.example",
        "http://",
        ":80",
        "/x",
        ",",
        "~^",
        "é",
        "{{",
        "(",
        "\n",
        "{",
        "[",
        "]",
        "!reset ",
        "---\n",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\PC\n\t]{0,200}") {
        let _ = told(&text);
    }

    #[test]
    fn no_almost_right_text_makes_it_panic(text in pieces()) {
        let _ = told(&text);
    }

    #[test]
    fn no_label_or_variable_makes_it_panic(value in "\\PC{0,40}|[`$*~.:/,{}()|&!a-z\"]{0,60}") {
        let value = value.replace('\'', "''");
        for key in ["caddy", "traefik.http.routers.a.rule", "traefik.frontend.rule", "purgeproof.sample-host", "traefik.enable"] {
            let _ = service("labels", &[&format!("{key}: '{value}'")]);
        }
        for key in ["VIRTUAL_HOST", "VIRTUAL_HOST_MULTIPORTS", "VIRTUAL_PATH"] {
            let _ = service("environment", &[&format!("{key}: '{value}'"), "VIRTUAL_HOST: a.example"]);
        }
    }
}
