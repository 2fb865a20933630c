//! One trap each: what is a host in one place and none in another, and what every mistake is told.

use super::*;

#[test]
fn labels_and_variables_stand_in_lists_and_maps() {
    for labels in [&["- caddy=a.example"][..], &["caddy: a.example"], &["- \"caddy=a.example\"", "- other"]] {
        assert_eq!(service("labels", labels).unwrap(), ["a.example"], "{labels:?}");
    }
    for variables in [&["- VIRTUAL_HOST=a.example"][..], &["VIRTUAL_HOST: a.example"]] {
        assert_eq!(service("environment", variables).unwrap(), ["a.example"], "{variables:?}");
    }
}

#[test]
fn a_map_within_a_list_is_an_error() {
    assert_eq!(
        service("labels", &["- caddy: a.example"]).unwrap_err(),
        "compose.yaml:5: service \"web\", label caddy: this is a map within a list, write \"KEY=VALUE\""
    );
}

#[test]
fn a_default_with_a_sign_in_it_does_not_part_a_label() {
    assert_eq!(
        service("labels", &["- traefik.http.routers.${NONE:-a=b}.rule=Host(`a.example`)"]).unwrap(),
        ["a.example"]
    );
}

#[test]
fn what_is_switched_off_names_no_host() {
    let rule = "traefik.http.routers.a.rule: Host(`a.example`)";
    for off in
        ["traefik.enable: false", "traefik.enable: \"0\"", "Traefik.Enable: \"FALSE\"", "purgeproof.enable: false"]
    {
        assert_eq!(service("labels", &[rule, off]).unwrap(), [""; 0], "{off}");
    }
    for on in ["traefik.enable: true", "traefik.enable: \"\"", "purgeproof.enable: true"] {
        assert_eq!(service("labels", &[rule, on]).unwrap(), ["a.example"], "{on}");
    }
    // Traefik's switch is Traefik's alone.
    assert_eq!(service("labels", &[rule, "traefik.enable: false", "caddy: b.example"]).unwrap(), ["b.example"]);
}

#[test]
fn labels_are_traefiks_in_any_case() {
    assert_eq!(service("labels", &["Traefik.HTTP.Routers.A.Rule: Host(`a.example`)"]).unwrap(), ["a.example"]);
}

#[test]
fn a_wrong_rule_names_its_label_and_the_mend() {
    assert_eq!(
        service("labels", &["traefik.http.routers.a.rule: Hots(`a.example`)"]).unwrap_err(),
        "compose.yaml:5: service \"web\", label traefik.http.routers.a.rule: \
         the rule has an unknown matcher \"Hots\", did you mean \"Host\"?"
    );
    assert_eq!(
        service("labels", &["caddy: a..example"]).unwrap_err(),
        "compose.yaml:5: service \"web\", label caddy: \
         \"a..example\" is no host name, write letters, digits and hyphens with dots between"
    );
    assert_eq!(
        service("labels", &["traefik.frontend.rule: a.example"]).unwrap_err(),
        "compose.yaml:5: service \"web\", label traefik.frontend.rule: \
         a rule of Traefik 1 has a colon, write Host:shop.example.com"
    );
}

#[test]
fn an_unset_variable_blocks_only_what_it_hides() {
    let fine =
        ["caddy: a.example", "other: ${NONE}", "caddy.basic_auth: ${NONE:?secret}", "traefik.http.services.a.x: $NONE"];
    assert_eq!(service("labels", &fine).unwrap(), ["a.example"]);
    assert_eq!(
        service("labels", &["caddy: ${NONE}.example"]).unwrap_err(),
        "compose.yaml:5: service \"web\", label caddy: the variable NONE is not set, set it in the environment or in .env"
    );
    assert_eq!(
        service("environment", &["- VIRTUAL_HOST"]).unwrap_err(),
        "compose.yaml:5: service \"web\", environment VIRTUAL_HOST: \
         the variable VIRTUAL_HOST is not set, set it in the environment or in .env"
    );
    assert_eq!(
        service("environment", &["VIRTUAL_HOST: ${NONE"]).unwrap_err(),
        "compose.yaml:5: service \"web\", environment VIRTUAL_HOST: \
         \"${\" begins no variable, write \"${NAME}\", or \"$$\" for a dollar sign"
    );
}

#[test]
fn no_message_holds_what_the_environment_says() {
    let secret = "s3cr3t!value";
    for labels in [
        "caddy: $SECRET",
        "traefik.http.routers.a.rule: Host(`$SECRET`)",
        "traefik.http.routers.a.rule: $SECRET",
        "traefik.http.routers.a.rule: Header(`X-Key`, `$SECRET`)",
        "traefik.http.routers.a.rule: HostRegexp(`[$SECRET.*`)",
        "purgeproof.sample-host: $SECRET",
    ] {
        let text = format!(
            "services: {{web: {{image: x, labels: {{caddy_1: \"*.a\", \"{}\": \"{}\"}}}}}}",
            labels.split_once(": ").unwrap().0,
            labels.split_once(": ").unwrap().1
        );
        let said = match all("compose.yaml", Path::new("/nowhere"), &text, &[("SECRET", secret)], None) {
            Ok(told) => told.iter().map(shown).collect::<String>(),
            Err(message) => message,
        };
        assert!(said.contains("${SECRET}") || !said.contains("s3cr"), "{labels}: {said}");
        assert!(!said.contains(secret), "{labels}: {said}");
    }
}

#[test]
fn a_sample_stands_below_a_wildcard_or_for_a_pattern() {
    let sample = |host: &str, sample: &str| {
        service("labels", &[&format!("caddy: {host}"), &format!("purgeproof.sample-host: {sample}")])
    };
    assert_eq!(sample("\"*.a.example\"", "x.a.example").unwrap(), ["*.a.example by x.a.example"]);
    assert_eq!(sample("\":80\"", "x.a.example").unwrap(), ["x.a.example"]);
    assert_eq!(
        sample("\"*.a.example\"", "a.example").unwrap_err(),
        "compose.yaml:6: service \"web\", label purgeproof.sample-host: \
         \"a.example\" is below no wildcard of this service, correct it or take it out"
    );
    assert_eq!(
        sample("\"*.a.example\"", "\"*.b.a.example\"").unwrap_err(),
        "compose.yaml:6: service \"web\", label purgeproof.sample-host: \"*.b.a.example\" is no single name, write one"
    );
}

#[test]
fn an_empty_tenant_label_is_an_error() {
    let text = "services: {web: {labels: {caddy: a.example, team: \"\"}}}";
    assert_eq!(
        all("compose.yaml", Path::new("/nowhere"), text, &[], Some("team")).map(drop).unwrap_err(),
        "compose.yaml:1: service \"web\", label team: is empty, write the tenant's id or take it out"
    );
}

#[test]
fn a_wrong_text_within_a_variable_names_its_line() {
    let message = service("environment", &["VIRTUAL_HOST_MULTIPORTS: |", "  a.example:", "  a.example:"]).unwrap_err();
    assert_eq!(
        message,
        "compose.yaml:5: service \"web\", environment VIRTUAL_HOST_MULTIPORTS: in line 2 of its text: \
         the key \"a.example\" stands twice, it is already on line 1, keep one of them"
    );
    let message = service("environment", &["VIRTUAL_HOST_MULTIPORTS: a.example"]).unwrap_err();
    assert!(message.contains("this is no map of hosts"), "{message}");
}

#[test]
fn files_that_are_no_compose_files_name_nothing() {
    for text in ["", "# nothing", "http: {routers: {}}", "- hosts: all", "services: [docker:dind]", "a: 1\n---\nb: 2\n"]
    {
        assert_eq!(told(text).unwrap(), [""; 0], "{text}");
    }
    assert_eq!(told("just words").unwrap_err(), "compose.yaml:1: this is no Compose file, write \"services:\"");
    assert!(told("services: [").unwrap_err().starts_with("compose.yaml:1: "));
}

#[test]
fn each_document_of_a_file_is_read() {
    let text = "services: {a: {labels: {caddy: a.example}}}\n---\nservices: {b: {labels: {caddy: b.example}}}\n";
    assert_eq!(told(text).unwrap(), ["a.example", "b.example"]);
}

#[test]
fn what_is_extended_or_included_must_be_there() {
    for (text, message) in [
        (
            "services:\n  a: {extends: b}\n",
            "compose.yaml:2: service \"a\": compose.yaml has no service \"b\" to extend, correct its name",
        ),
        (
            "services:\n  a: {extends: {file: no.yaml, service: b}}\n",
            "compose.yaml:2: service \"a\": the file \"no.yaml\" that it extends is not there, correct its path",
        ),
        ("include: [no.yaml]\n", "compose.yaml:1: include: the file \"no.yaml\" is not there, correct its path"),
        (
            "include: [\"$NONE\"]\n",
            "compose.yaml:1: include: the variable NONE is not set, set it in the environment or in .env",
        ),
    ] {
        assert_eq!(told(text).unwrap_err(), message);
    }
}

#[test]
fn files_that_include_one_another_end() {
    let folder = tempfile::tempdir().unwrap();
    let text = "include: [a.yaml]\nservices: {a: {labels: {caddy: a.example}}}\n";
    std::fs::write(folder.path().join("a.yaml"), text).unwrap();
    let told = all("a.yaml", folder.path(), text, &[], None).unwrap();
    assert!(told.iter().map(shown).all(|line| line == "a.example"));
}

#[test]
fn a_broken_dotenv_is_told_where_it_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "A=1\ns3cret value\n").unwrap();
    let read = |host: &str| {
        let text = format!("services: {{a: {{labels: {{caddy: \"{host}\"}}}}}}");
        all("a.yaml", folder.path(), &text, &[], None).map(|told| told.len())
    };
    assert_eq!(read("a$A.example"), Ok(1));
    let message = read("a$B.example").unwrap_err();
    assert!(message.ends_with(".env:2: this is no NAME=value, correct it"), "{message}");
}

#[test]
fn addresses_lose_scheme_port_and_case() {
    for (address, name) in [
        ("https://A.Example.", "a.example"),
        ("a.example:8443", "a.example"),
        ("http://a.example:80/x/*", "a.example at /x/"),
        ("a.example/", "a.example"),
        ("192.0.2.1:80", "192.0.2.1"),
        ("https://", "? https://: any name"),
        ("\"*\"", "? *: any name"),
        ("\"[2001:db8::1]:80\"", "? [2001:db8::1]:80: an address and no name"),
    ] {
        assert_eq!(service("environment", &[&format!("VIRTUAL_HOST: {address}")]).unwrap(), [name], "{address}");
    }
}

#[test]
fn lower_numbers_of_sites_are_not_mistaken_for_higher_ones() {
    let labels = ["caddy_1: \"*.a.example\"", "caddy_10: b.example", "caddy_10.@x.host: c.example"];
    assert_eq!(service("labels", &labels).unwrap(), ["*.a.example", "b.example"]);
}
