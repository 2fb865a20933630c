//! Whole files, with all that they tell and nothing else.

use super::{given, read, shown, told_with};

fn text(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/discover/kubernetes/");
    std::fs::read_to_string(format!("{folder}{file}")).unwrap()
}

#[track_caller]
fn tells(file: &str, expected: &[&str]) {
    assert_eq!(told_with(&text(file), None).unwrap(), expected, "{file}");
}

#[test]
fn a_shop_behind_ingress_nginx() {
    tells(
        "ingress-nginx.yaml",
        &[
            "*.preview.acme.example @f:52: Ingress \"shop/shop\"",
            "? * @f:91: Ingress \"shop/catch-all\", default backend",
            "? ~^t[0-9]+\\.acme\\.example$ @f:17: Ingress \"shop/shop\", annotation nginx.ingress.kubernetes.io/server-alias",
            "de.acme.example =shop.acme.example @f:17: Ingress \"shop/shop\", annotation nginx.ingress.kubernetes.io/server-alias",
            "fr.acme.example =shop.acme.example @f:17: Ingress \"shop/shop\", annotation nginx.ingress.kubernetes.io/server-alias",
            "old.acme.example @f:74: Ingress \"shop/moved\"",
            "shop.acme.example /logo.svg /catalogue @f:28: Ingress \"shop/shop\"",
            "store.acme.example =shop.acme.example @f:17: Ingress \"shop/shop\", annotation nginx.ingress.kubernetes.io/server-alias",
        ],
    );
}

#[test]
fn certificates_and_dns_records_are_no_tenants() {
    tells("cert-manager.yaml", &["www.acme.example @f:47: Ingress \"web/web\""]);
}

#[test]
fn ingresses_of_old_versions() {
    tells(
        "legacy.yaml",
        &[
            "? * @f:25: Ingress \"old\", a rule without a host",
            "? * @f:6: Ingress \"oldest\", default backend",
            "old.example.com @f:24: Ingress \"old\"",
            "oldest.example.com @f:10: Ingress \"oldest\"",
        ],
    );
}

#[test]
fn routes_and_listeners_of_the_gateway_api() {
    tells(
        "gateway-api.yaml",
        &[
            "? bar.example.net @f:102: HTTPRoute \"bar/bar\"",
            "? unused.example.com @f:42: Gateway \"infra/prod-web\", listener \"unused\"",
            "bar.apps.example.com @f:101: HTTPRoute \"bar/bar\"",
            "foo.example.com /bar /logo.png @f:23: HTTPRoute \"foo/foo\", listener \"foo\" of Gateway \"infra/prod-web\"",
            "foo.example.com @f:58: HTTPRoute \"infra/to-https\"",
            "grpc.apps.example.com @f:113: GRPCRoute \"bar/api\"",
        ],
    );
}

#[test]
fn istios_bookinfo_with_more_shelves() {
    tells(
        "bookinfo.yaml",
        &[
            "*.books.example.com /productpage /static @f:41: VirtualService \"default/bookinfo\"",
            "? *.example.org @f:19: Gateway \"default/bookinfo-gateway\"",
            "bookinfo.example.com /productpage /static @f:41: VirtualService \"default/bookinfo\"",
            "shelves.books.example.com @f:79: VirtualService \"default/shelves\"",
        ],
    );
}

#[test]
fn a_knative_domain_mapping() {
    tells("knative.yaml", &["hello.example.com @f:25: DomainMapping \"default/hello.example.com\""]);
}

#[test]
fn openshift_routes() {
    tells(
        "openshift.yaml",
        &[
            "*.tenants.example.com (any.tenants.example.com) @f:22: Route \"shop/tenants\"",
            "? * @f:45: Route \"shop/generated\"",
            "docs.apps.example.com @f:36: Route \"shop/docs\"",
            "www.example.com /shop @f:10: Route \"shop/frontend\"",
        ],
    );
}

#[test]
fn traefik_routes() {
    tells(
        "traefik.yaml",
        &[
            "*.legacy.example.com (one.legacy.example.com) @f:36: IngressRoute \"second\"",
            "*.tenants.example.com @f:20: IngressRoute \"default/simple\"",
            "? PathPrefix(`/ping`) @f:23: IngressRoute \"default/simple\"",
            "? db.example.com @f:48: IngressRouteTCP \"database\"",
            "a.example.com @f:15: IngressRoute \"default/simple\"",
            "b.example.com @f:15: IngressRoute \"default/simple\"",
            "legacy.example.com @f:36: IngressRoute \"second\"",
            "your.example.com @f:10: IngressRoute \"default/simple\"",
        ],
    );
}

#[test]
fn what_helm_prints() {
    tells("helm-template.yaml", &["chart-example.local @f:35: Ingress \"release-shop\""]);
}

#[test]
fn what_helm_prints_on_windows() {
    let crlf = text("helm-template.yaml").replace('\n', "\r\n");
    assert_eq!(told_with(&crlf, None).unwrap(), ["chart-example.local @f:35: Ingress \"release-shop\""]);
}

#[test]
fn what_helm_has_to_say_behind_the_manifests_is_left_out() {
    let head = "NAME: release\nLAST DEPLOYED: Thu Jan  1 00:00:00 2026\nSTATUS: pending-install\nHOOKS:\nMANIFEST:\n";
    let notes = "\nNOTES:\n1. Get the application URL by running these commands:\n  http://chart-example.local/\n";
    let lines = told_with(&format!("{head}{}{notes}", text("helm-template.yaml")), None).unwrap();
    assert_eq!(lines, ["chart-example.local @f:40: Ingress \"release-shop\""]);
}

#[test]
fn what_kubectl_lists_as_json() {
    tells(
        "kubectl-list.json",
        &[
            "*.beta.example.com @f:48: Ingress \"tenant-beta/beta\"",
            "alpha.example.com @f:22: Ingress \"tenant-alpha/alpha\"",
            "beta.example.com @f:47: Ingress \"tenant-beta/beta\"",
        ],
    );
}

#[test]
fn a_namespace_may_be_the_tenant() {
    let lines = told_with(&text("kubectl-list.json"), Some("namespace")).unwrap();
    let tenants: Vec<_> = lines.iter().map(|line| line.split(" @").next().unwrap()).collect();
    assert_eq!(
        tenants,
        ["*.beta.example.com =tenant-beta", "alpha.example.com =tenant-alpha", "beta.example.com =tenant-beta"]
    );
}

#[test]
fn a_tenants_file_in_a_config_map() {
    tells("config-map.yaml", &["tenants @f:7: ConfigMap \"ops/purgeproof\", tenants.yaml:1"]);
}

#[test]
fn a_route_and_its_gateway_may_stand_in_two_files() {
    let all = text("gateway-api.yaml");
    let (gateway, routes) = all.split_once("# Takes the hostname of its listener.").unwrap();
    let files = [given("routes.yaml", routes, None), given("gateway.yaml", gateway, None)];
    let lines = shown(&read(&files).unwrap());
    let foo = "foo.example.com /bar /logo.png @gateway.yaml:23: HTTPRoute \"foo/foo\", listener \"foo\" of Gateway \"infra/prod-web\"";
    assert!(lines.iter().any(|line| line == foo), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("? bar.example.net @routes.yaml:")), "{lines:#?}");
}
