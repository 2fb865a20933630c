use proptest::prelude::*;

use super::*;

/// Hosts and wildcards as they are, a pattern as `?`.
fn shown(rule: &str) -> String {
    let show = |named| match named {
        Named::Host(name) | Named::Wildcard(name) => name,
        Named::Pattern { .. } => "?".to_owned(),
    };
    match hosts(rule) {
        Ok(named) => named.into_iter().map(show).collect::<Vec<_>>().join(" "),
        Err(why) => panic!("{rule}: {why}"),
    }
}

#[test]
fn hosts_stand_in_backticks_or_quotes_and_several_in_one() {
    for (rule, names) in [
        ("Host(`shop.example.com`)", "shop.example.com"),
        ("Host(\"shop.example.com\")", "shop.example.com"),
        ("Host(`b.example`, `a.example`)", "b.example a.example"),
        ("host(`Shop.Example.com`)", "shop.example.com"),
        ("HOST ( `a.example` )", "a.example"),
        ("HostHeader(`a.example`)", "a.example"),
        ("HostSNI(`db.example`)", "db.example"),
        ("Host(`*.example.com`)", "*.example.com"),
        ("Host(`a.example`) || Host(`a.example`)", "a.example"),
    ] {
        assert_eq!(shown(rule), names, "{rule}");
    }
}

#[test]
fn operators_bind_as_in_go() {
    for (rule, names) in [
        ("Host(`a.example`) && PathPrefix(`/x`)", "a.example"),
        ("PathPrefix(`/x`) && (Host(`a.example`) || Host(`b.example`))", "a.example b.example"),
        ("Host(`a.example`) || Host(`b.example`) && Path(`/x`)", "a.example b.example"),
        ("Host(`a.example`)&&!Path(`/x`)||Host(`b.example`)", "a.example b.example"),
        ("Host(`a.example`, `b.example`) && HostRegexp(`^.+$`)", "a.example b.example"),
        ("Host(`a.example.com`) && HostRegexp(`^[a-z]+\\.example\\.com$`)", "a.example.com"),
    ] {
        assert_eq!(shown(rule), names, "{rule}");
    }
}

#[test]
fn a_host_under_a_negation_is_no_host() {
    for (rule, names) in [
        ("!Host(`a.example`)", "?"),
        ("Host(`a.example`) && !Host(`b.example`)", "a.example"),
        ("Host(`a.example`, `b.example`) && !Host(`b.example`)", "a.example"),
        ("Host(`a.example`) && !(Host(`b.example`) || Path(`/x`))", "a.example"),
        ("!(!Host(`a.example`))", "a.example"),
        ("!(!Host(`a.example`) || Path(`/x`))", "a.example"),
        ("!(Host(`a.example`) && Path(`/x`))", "?"),
    ] {
        assert_eq!(shown(rule), names, "{rule}");
    }
}

#[test]
fn a_rule_or_branch_without_a_host_is_a_pattern() {
    for (rule, names, reason) in [
        ("PathPrefix(`/`)", "?", "a rule that names no host"),
        ("Host(`a.example`) || Path(`/x`)", "a.example ?", "a rule with a branch that names no host"),
        ("Host(`a.example`) && Host(`b.example`)", "?", "a rule that no host fits"),
    ] {
        assert_eq!(shown(rule), names, "{rule}");
        assert_eq!(hosts(rule).unwrap().pop(), Some(Named::Pattern { text: rule.to_owned(), reason }));
    }
}

#[test]
fn expressions_of_both_versions_are_read() {
    for (rule, names) in [
        ("HostRegexp(`^shop\\.example\\.com$`)", "shop.example.com"),
        ("HostRegexp(`shop.example.com`)", "shop.example.com"),
        ("HostRegexp(`^.+\\.example\\.com$`)", "*.example.com"),
        ("HostRegexp(`{subdomain:[a-z]+}.example.com`)", "*.example.com"),
        ("HostRegexp(`example.com`, `{sub:[a-z0-9-]+}.example.com`)", "example.com *.example.com"),
        ("HostRegexp(`{sub:(www|shop)}.example.com`)", "www.example.com shop.example.com"),
        ("HostRegexp(`{label}.example.com`)", "*.example.com"),
        ("HostRegexp(`{any:.+}`)", "?"),
        ("HostRegexp(`^[a-z]{2,5}\\.example\\.com$`)", "*.example.com"),
        ("HostRegexp(`{sub:t[0-9]{3}}.example.com`)", "?"),
        ("HostRegexp(\"^shop\\\\.example\\\\.com$\")", "shop.example.com"),
    ] {
        assert_eq!(shown(rule), names, "{rule}");
    }
    let pattern = Named::Pattern {
        text: "{sub:t[0-9]+}.example.com".to_owned(),
        reason: "a regular expression that many names match",
    };
    assert_eq!(hosts("HostRegexp(`{sub:t[0-9]+}.example.com`)"), Ok(vec![pattern]));
}

#[test]
fn other_matchers_name_no_host() {
    for other in [
        "Path(`/a`, `/b`)",
        "PathRegexp(`^/x`)",
        "Headers(`Host`, `no.example`)",
        "Header(`X`, `no.example`)",
        "HeadersRegexp(`X`, `no`)",
        "HeaderRegexp(`X`, `no`)",
        "Method(`GET`)",
        "ClientIP(`192.0.2.0/24`)",
        "Query(`a=b`)",
        "QueryRegexp(`a`, `b`)",
        "ALPN(`h2`)",
    ] {
        assert_eq!(shown(&format!("{other} && Host(`a.example`)")), "a.example", "{other}");
    }
}

#[test]
fn every_bad_rule_has_its_message() {
    for (rule, message) in [
        ("", "the rule ends where a matcher such as Host(`shop.example.com`) is missing, add it"),
        ("Host(`a.example`", "the rule ends where \",\" or \")\" is missing, add it"),
        ("Host(`a.example)", "the rule has a value without its closing `, add it"),
        ("Host('a.example')", "the rule has \"\\'\" at character 6, write a value in backticks, `…`"),
        ("Host()", "Host() holds nothing, write Host(`…`)"),
        ("Host(`a b`)", "Host: \"a b\" is no host name, write letters, digits and hyphens with dots between"),
        ("Hots(`a.example`)", "the rule has an unknown matcher \"Hots\", did you mean \"Host\"?"),
        ("Host:a.example,b.example", "\"Host:\" is of Traefik 1, write Host(`…`)"),
        ("Host(`a.example`) Path(`/`)", "the rule has \"P\" at character 19, write the end, && or ||"),
        ("(Host(`a.example`)", "the rule ends where \")\" is missing, add it"),
    ] {
        assert_eq!(hosts(rule), Err(message.to_owned()), "{rule}");
    }
}

#[test]
fn hostile_rules_are_clear_errors() {
    for rule in ["(".repeat(100_000), "!".repeat(100_000)] {
        assert_eq!(hosts(&rule), Err("the rule is nested too deep, flatten it".to_owned()));
    }
    let many = format!("({})", vec!["Host(`a.example`)"; 2_000].join("||"));
    let message = "the rule joins more hosts by && than can be told apart, split it";
    assert_eq!(hosts(&vec![many.as_str(); 1_000].join("&&")), Err(message.to_owned()));
}

proptest! {
    #[test]
    fn no_rule_makes_it_panic(rule in "(Host|HostRegexp|Path|[`\"(),!|&{}:.a*]|&&|\\|\\||\\PC){0,40}") {
        if let Ok(named) = hosts(&rule) {
            prop_assert!(!named.is_empty());
        }
    }
}
