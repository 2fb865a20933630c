//! One trap each: what looks like a tenant and is none, and what is one and does not look it.

use super::{given, names, read, reasons, told_with};
use crate::inventory::discover::Told;

fn ingress(annotation: &str, spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  labels: {{tenant: acme}}\n  annotations:\n    {annotation}\nspec: {spec}\n"
    )
}

fn error(text: &str) -> String {
    told_with(text, None).unwrap_err().to_string()
}

#[test]
fn a_sample_stands_for_the_wildcard_it_is_under() {
    let text = ingress("purgeproof/sample-host: shop.b.example, shop.a.example", "{rules: [{host: '*.a.example'}]}");
    assert_eq!(names(&text), "*.a.example (shop.a.example)");
    let text = ingress("purgeproof/sample-host: a.example", "{rules: [{host: '*.a.example'}]}");
    assert_eq!(names(&text), "*.a.example");
}

#[test]
fn a_sample_stands_for_a_rule_without_a_host() {
    let text = ingress("purgeproof/sample-host: shop.a.example", "{rules: [{http: {paths: []}}]}");
    assert_eq!(names(&text), "shop.a.example");
}

#[test]
fn a_sample_that_is_no_name_is_an_error() {
    let text = ingress("purgeproof/sample-host: https://a.example", "{rules: [{host: '*.a.example'}]}");
    assert_eq!(
        error(&text),
        "f:7: Ingress \"a\": metadata.annotations.purgeproof/sample-host: \"https://a.example\" is no host name, write the name alone without scheme and path"
    );
}

#[test]
fn a_rule_without_a_host_says_what_would_mend_it() {
    let text = ingress("a: b", "{rules: [{http: {paths: []}}]}");
    assert_eq!(
        reasons(&text),
        ["it takes any host, annotate the object with purgeproof/sample-host: a host that stands for it"]
    );
}

#[test]
fn dns_names_stand_for_a_rule_without_a_host_alone() {
    let dns = "external-dns.alpha.kubernetes.io/hostname: a.example, b.example";
    assert_eq!(names(&ingress(dns, "{rules: [{http: {paths: []}}]}")), "a.example, b.example");
    assert_eq!(names(&ingress(dns, "{rules: [{host: c.example}]}")), "c.example");
}

#[test]
fn an_ingress_that_only_redirects_is_still_asked() {
    let text =
        ingress("nginx.ingress.kubernetes.io/permanent-redirect: https://b.example", "{rules: [{host: a.example}]}");
    assert_eq!(names(&text), "a.example");
}

#[test]
fn an_alias_that_another_rule_names_is_that_rules() {
    let one = ingress("nginx.ingress.kubernetes.io/server-alias: b.example, c.example", "{rules: [{host: a.example}]}");
    let other = ingress("a: b", "{rules: [{host: b.example}]}");
    assert_eq!(names(&format!("{one}---\n{other}")), "a.example, b.example, c.example =a.example");
}

#[test]
fn aliases_with_a_dot_before_or_a_star_behind_are_read_as_nginx_does() {
    let text = ingress(
        "nginx.ingress.kubernetes.io/server-alias: .b.example, www.c.*, '*.d.example'",
        "{rules: [{host: a.example}]}",
    );
    assert!(told_with(&text, None).is_err());
    let text = ingress(
        "nginx.ingress.kubernetes.io/server-alias: '.b.example, www.c.*, *.d.example'",
        "{rules: [{host: a.example}]}",
    );
    assert_eq!(
        names(&text),
        "*.b.example =a.example, *.d.example =a.example, ? www.c.*, a.example, b.example =a.example"
    );
}

#[test]
fn the_tenant_is_a_label_or_an_annotation() {
    let text = ingress("customer: blue", "{rules: [{host: a.example}]}");
    let tenant = |key| told_with(&text, Some(key)).unwrap().remove(0);
    assert!(tenant("tenant").starts_with("a.example =acme "));
    assert!(tenant("customer").starts_with("a.example =blue "));
    assert!(tenant("gone").starts_with("a.example @"));
}

#[test]
fn hosts_lose_their_case_and_a_bad_one_is_an_error_with_its_key() {
    assert_eq!(names(&ingress("a: b", "{rules: [{host: Shop.A.Example}]}")), "shop.a.example");
    for (host, message) in [
        ("a b", "spec.rules[0].host: \"a b\" is no host name, write letters, digits and hyphens with dots between"),
        (
            "bücher.example",
            "spec.rules[0].host: \"bücher.example\" is no host name in ASCII, write it in its xn-- form",
        ),
        ("{a: b}", "spec.rules[0].host: this is a map, write a string"),
        ("7", "spec.rules[0].host: this is a number, write a string"),
    ] {
        assert_eq!(
            error(&ingress("a: b", &format!("{{rules: [{{host: {host}}}]}}"))),
            format!("f:8: Ingress \"a\": {message}")
        );
    }
    assert_eq!(error(&ingress("a: b", "{rules: {}}")), "f:8: Ingress \"a\": spec.rules: this is a map, write a list");
}

#[test]
fn files_beside_manifests_are_passed_over() {
    for text in [
        "",
        "# nothing\n---\n---\n",
        "replicaCount: 1\ningress:\n  hosts: [{host: values.example}]\n",
        "resources: [ingress.yaml]\nnamespace: a\n",
        "- op: replace\n  path: /spec/rules/0/host\n  value: patched.example\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {}}\n",
    ] {
        assert_eq!(names(text), "", "{text}");
    }
}

#[test]
fn what_is_meant_as_an_object_and_is_none_is_an_error() {
    let what = "write kind: Ingress or whatever it is";
    assert_eq!(error("---\napiVersion: v1\nspec: {}\n"), format!("f:2: object: needs \"kind\", {what}"));
    assert_eq!(error("metadata: {name: a}\nspec: {rules: []}\n"), format!("f:1: object: needs \"kind\", {what}"));
    assert_eq!(
        error("kind: Ingress\nmetadata: {name: a}\nspec: {rules: []}\n"),
        "f:1: object: needs \"apiVersion\", write apiVersion: networking.k8s.io/v1 or whatever it is"
    );
    assert_eq!(
        error("kind: Ingress\n---\njust words\n"),
        "f:3: this is no Kubernetes object, write a map with \"apiVersion\" and \"kind\", or take it out"
    );
}

#[test]
fn an_unrendered_helm_template_says_what_to_do() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.tls }}\nspec: {}\n{{- end }}\n";
    let message = error(text);
    let mend = "; this looks like a Helm template, render it with helm template and name what it prints";
    assert!(message.starts_with("f:") && message.ends_with(mend), "{message}");
}

#[test]
fn the_items_of_a_typed_list_may_leave_their_kind_out() {
    let text = "{\"kind\": \"IngressList\", \"apiVersion\": \"networking.k8s.io/v1\", \"items\": [{\"metadata\": {\"name\": \"a\"}, \"spec\": {\"rules\": [{\"host\": \"a.example\"}]}}]}";
    assert_eq!(told_with(text, None).unwrap(), ["a.example @f:1: Ingress \"a\""]);
}

#[test]
fn json_objects_one_after_the_other_and_yaml_in_braces_are_read() {
    let one = |host: &str| {
        format!(
            "{{\"apiVersion\": \"networking.k8s.io/v1\", \"kind\": \"Ingress\", \"spec\": {{\"rules\": [{{\"host\": \"{host}\"}}]}}}}"
        )
    };
    assert_eq!(names(&format!("{}\n{}", one("a.example"), one("b.example"))), "a.example, b.example");
    assert_eq!(names(&format!("[{}, {}]", one("a.example"), one("b.example"))), "a.example, b.example");
    assert_eq!(names(&one("a.example").replace('"', "")), "a.example");
    assert_eq!(names(&format!("{}\n---\n{}", one("a.example"), one("b.example"))), "a.example, b.example");
    assert_eq!(error("{\"kind\": \"Ingress\",\n\"spec\" 1}"), "f:2: expected `:`, mend the JSON here");
}

fn http_route(spec: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: r, namespace: a}}\nspec: {spec}\n"
    )
}

fn gateway(listeners: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: g, namespace: a}}\nspec: {{listeners: [{listeners}]}}\n"
    )
}

#[test]
fn a_route_whose_gateway_is_elsewhere_keeps_its_hostnames() {
    assert_eq!(
        names(&http_route("{parentRefs: [{name: g}], hostnames: [a.example, '*.b.example']}")),
        "*.b.example, a.example"
    );
    assert_eq!(
        reasons(&http_route("{parentRefs: [{name: g}]}")),
        [
            "it names no host, and its Gateway is not here to name one, annotate the object with purgeproof/sample-host: a host that stands for it"
        ]
    );
}

#[test]
fn a_wildcard_meets_what_is_below_it() {
    let below = gateway("{name: l, protocol: HTTPS, hostname: '*.a.example'}");
    for (hostnames, told) in [
        ("[x.a.example]", "x.a.example"),
        ("[x.y.a.example]", "x.y.a.example"),
        ("['*.y.a.example']", "*.y.a.example"),
        ("['*.example']", "*.a.example"),
        ("[a.example]", "? *.a.example, ? a.example"),
        ("[]", "*.a.example"),
    ] {
        let route = http_route(&format!("{{parentRefs: [{{name: g}}], hostnames: {hostnames}}}"));
        assert_eq!(names(&format!("{route}---\n{below}")), told, "{hostnames}");
    }
}

#[test]
fn a_route_attaches_where_the_listener_lets_it() {
    for (listener, parent, told) in [
        ("{name: l, protocol: HTTP}", "{name: g}", "x.example"),
        ("{name: l, protocol: HTTP, port: 80}", "{name: g, port: 80, sectionName: l}", "x.example"),
        ("{name: l, protocol: HTTP, port: 80}", "{name: g, port: 81}", "? x.example"),
        ("{name: l, protocol: HTTP}", "{name: g, sectionName: m}", "? x.example"),
        ("{name: l, protocol: TLS}", "{name: g}", "? x.example"),
        ("{name: l, protocol: HTTP, allowedRoutes: {kinds: [{kind: GRPCRoute}]}}", "{name: g}", "? x.example"),
        ("{name: l, protocol: HTTP}", "{name: g, namespace: elsewhere}", "x.example"),
    ] {
        let route = http_route(&format!("{{parentRefs: [{parent}], hostnames: [x.example]}}"));
        assert_eq!(names(&format!("{}---\n{route}", gateway(listener))), told, "{listener} {parent}");
    }
}

#[test]
fn a_listener_of_one_namespace_takes_no_route_of_another() {
    let route = http_route("{parentRefs: [{name: g, namespace: a}], hostnames: [x.example]}")
        .replace("namespace: a}\nspec", "namespace: b}\nspec");
    assert_eq!(names(&format!("{}---\n{route}", gateway("{name: l, protocol: HTTP}"))), "? x.example");
    let all = gateway("{name: l, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}");
    assert_eq!(names(&format!("{all}---\n{route}")), "x.example");
}

#[test]
fn a_gateway_without_its_routes_tells_its_listeners() {
    let listeners = "{name: l, protocol: HTTPS, hostname: a.example}, {name: m, protocol: HTTP}, {name: t, protocol: TCP, hostname: b.example}";
    assert_eq!(names(&gateway(listeners)), "a.example");
}

#[test]
fn a_listener_beside_one_of_the_same_host_is_no_trouble() {
    let gateway = gateway(
        "{name: http, protocol: HTTP, hostname: a.example}, {name: https, protocol: HTTPS, hostname: a.example}",
    );
    let route = http_route("{parentRefs: [{name: g, sectionName: https}]}");
    assert_eq!(names(&format!("{gateway}---\n{route}")), "a.example");
}

#[test]
fn what_passes_tls_on_is_told_and_not_asked() {
    let route = "apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: TLSRoute\nmetadata: {name: r}\nspec: {parentRefs: [{name: g}], hostnames: [db.example]}\n";
    assert_eq!(names(route), "? db.example");
    assert!(reasons(route)[0].starts_with("it passes TLS or TCP on"));
}

fn virtual_service(spec: &str) -> String {
    format!(
        "apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {{name: v, namespace: a}}\nspec: {spec}\n"
    )
}

#[test]
fn a_gateway_of_istio_may_be_written_in_three_ways() {
    let gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: b}\nspec: {servers: [{hosts: [x.example]}]}\n";
    for reference in ["b/g", "g.b.svc.cluster.local", "g.b"] {
        let service = virtual_service(&format!("{{gateways: [{reference}], hosts: ['*'], http: [{{}}]}}"));
        assert_eq!(names(&format!("{service}---\n{gateway}")), "x.example", "{reference}");
    }
    // Of its own namespace, so this is another gateway, and elsewhere.
    let service = virtual_service("{gateways: [g], hosts: [y.example], http: [{}]}");
    assert_eq!(names(&format!("{service}---\n{gateway}")), "x.example, y.example");
}

#[test]
fn a_host_that_no_server_takes_is_told() {
    let gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: a}\nspec: {servers: [{hosts: [b/x.example, y.example]}]}\n";
    let service = virtual_service("{gateways: [g], hosts: [x.example, y.example, z.example], http: [{}]}");
    assert_eq!(names(&format!("{gateway}---\n{service}")), "? x.example, ? x.example, ? z.example, y.example");
}

#[test]
fn names_of_the_mesh_are_no_tenants_even_on_a_gateway() {
    let service = virtual_service(
        "{gateways: [mesh, elsewhere], hosts: [reviews, reviews.a.svc.cluster.local, r.a.svc, '*.a.svc.cluster.local', a.example], http: [{}]}",
    );
    assert_eq!(names(&service), "a.example");
    for mesh in ["{hosts: [a.example], http: [{}]}", "{gateways: [mesh], hosts: [a.example], http: [{}]}"] {
        assert_eq!(names(&virtual_service(mesh)), "", "{mesh}");
    }
}

#[test]
fn a_virtual_service_of_tls_alone_is_told_and_not_asked() {
    assert_eq!(
        names(&virtual_service(
            "{gateways: [elsewhere], hosts: [db.example], tls: [{match: [{sniHosts: [db.example]}]}]}"
        )),
        "? db.example"
    );
}

#[test]
fn a_bad_traefik_rule_names_its_line_and_key() {
    let text = "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\nspec:\n  routes:\n  - kind: Rule\n    match: Hots(`a.example`)\n";
    assert_eq!(
        error(text),
        "f:7: IngressRoute \"a\": spec.routes[0].match: the rule has an unknown matcher \"Hots\", did you mean \"Host\"?"
    );
}

#[test]
fn a_tenants_file_within_is_read_with_its_own_lines() {
    let text = "kind: ConfigMap\nmetadata: {name: a}\ndata:\n  tenants.toml: |\n    schema = 1\n    [[tenants]]\n    id = 'b'\n    host = 'b.example'\n";
    let mut told = read(&[given("f", text, None)]).unwrap();
    let Some(Told::Tenants(document)) = told.pop() else { panic!("no tenants file") };
    assert_eq!(document.fail(3, "x").to_string(), "f:4: ConfigMap \"a\", tenants.toml:3: x");
}

#[test]
fn a_broken_tenants_file_within_is_an_error_and_another_programs_is_not() {
    let config_map = |text: &str| format!("kind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  tenants.yaml: |\n{text}");
    assert_eq!(
        error(&config_map("    schema: 1\n    tenants:\n    - id: a\n      id: b\n")),
        "f:4: ConfigMap \"a\", tenants.yaml:4: the key \"id\" stands twice, it is already on line 3, keep one of them"
    );
    assert_eq!(names(&config_map("    {{ range .Tenants }}\n    - x: [\n")), "");
}
