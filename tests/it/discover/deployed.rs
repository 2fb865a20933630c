//! Compose files and Kubernetes manifests in folders, as a repository holds them.

use std::fmt::Write as _;

use super::{folder, listed, refused, rows, tenants};

const ROUTED: &str = "services:
  web:
    image: nginx
    labels:
      - traefik.http.routers.web.rule=Host(`shop.example.com`) || Host(`www.shop.example.com`)
      - com.example.tenant=shop
";

#[test]
fn a_folder_of_compose_files_is_read_with_its_tenant_key() {
    let second = "services: { blog: { image: nginx, environment: [\"VIRTUAL_HOST=blog.example.com\"] } }";
    let files = [("shop/compose.yaml", ROUTED), ("blog/docker-compose.yml", second)];
    let list = listed(&files, &["--discover", "compose=.", "--tenant-key", "com.example.tenant", "--path", "/"]);
    assert_eq!(rows(&list), ["blog.example.com: blog.example.com", "shop: shop.example.com www.shop.example.com"]);
    let source = list["tenants"][1]["source"].as_str().unwrap();
    assert!(source.contains("shop/compose.yaml:5: service \"web\", label traefik.http.routers.web.rule"), "{source}");
}

#[test]
fn a_file_that_another_includes_counts_as_a_part_of_that_one() {
    let outer = "include: [{ path: parts/blog.yaml, env_file: blog.env }]\nservices: {}\n";
    let inner = "services: { blog: { image: nginx, labels: { caddy: \"${BLOG_HOST}\" } } }";
    let files = [("compose.yaml", outer), ("parts/blog.yaml", inner), ("blog.env", "BLOG_HOST=blog.example.com\n")];
    let list = listed(&files, &["--discover", "compose=.", "--path", "/"]);
    assert_eq!(rows(&list), ["blog.example.com: blog.example.com"]);
    let alone = folder(&files);
    let ran = tenants(alone.path(), &["--discover", "compose=parts", "--path", "/"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("the variable BLOG_HOST is not set"), "{}", ran.stderr);
}

#[test]
fn a_route_and_its_gateway_may_stand_in_two_files() {
    let gateway = "apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web, namespace: shop }
spec: { gatewayClassName: x, listeners: [{ name: all, port: 443, protocol: HTTPS, hostname: shop.example.com }] }
";
    let route = "apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop, labels: { tenant: acme } }
spec: { parentRefs: [{ name: web }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }
";
    let files = [("gateway.yaml", gateway), ("routes/web.yaml", route)];
    let list = listed(&files, &["--discover", "kubernetes=.", "--tenant-key", "tenant", "--path", "/"]);
    assert_eq!(rows(&list), ["acme: shop.example.com"]);
    assert_eq!(list["unprobeable"], serde_json::json!([]));
}

#[test]
fn a_tenant_key_that_is_on_nothing_is_an_error() {
    let route = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, labels: { tenant: acme } }
spec: { rules: [{ host: shop.example.com }] }
";
    let own = "schema: 1\ntenants: [{ id: acme, host: shop.example.com }]\n";
    let files = [("web.yaml", route), ("hosts.txt", "a.example.com\n"), ("own.yaml", own)];
    let sources = ["--discover", "kubernetes=web.yaml", "--discover", "hosts=hosts.txt", "--path", "/"];
    let message = "--tenant-key: \"tennant\" is on nothing that was discovered, so each host would be a tenant of its \
                   own; correct it or leave it out";
    refused(&files, &[&sources[..], &["--tenant-key", "tennant"]].concat(), message);
    // Where a tenants file says whose they are, it may be that no key is needed.
    for more in [&["--tenant-key", "tenant"][..], &["--tenant-key", "tennant", "--tenants", "own.yaml"]] {
        let list = listed(&files, &[&sources[..], more].concat());
        assert_eq!(rows(&list), ["a.example.com: a.example.com", "acme: shop.example.com"]);
    }
}

#[test]
fn a_source_that_names_no_host_is_an_error() {
    for (kind, text) in [
        ("kubernetes", "{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": []}"),
        ("compose", "{}"),
        ("hosts", "# none\n"),
    ] {
        let folder = folder(&[("empty.json", text), ("hosts.txt", "a.example.com\n")]);
        let source = format!("{kind}=empty.json");
        let ran = tenants(folder.path(), &["--discover", &source, "--discover", "hosts=hosts.txt", "--path", "/"]);
        assert_eq!(ran.code, 2, "{source}: {}", ran.stdout);
        let said = format!("error: --discover {source}: names no host, so it is hardly what was meant");
        assert!(ran.stderr.starts_with(&said), "{}", ran.stderr);
    }
}

#[test]
fn hostile_yaml_is_a_clear_error_within_a_second() {
    let mut bomb = "services:\n  a: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*l{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "  b{level}: &l{level} [{below}]");
    }
    let deep = format!("services: {}", "[".repeat(200_000));
    for (kind, text, why) in [
        ("compose", &bomb, "aliases blow this file up beyond measure"),
        ("kubernetes", &bomb, "aliases blow this file up beyond measure"),
        ("compose", &deep, "recursion limit exceeded, mend the YAML here"),
        ("kubernetes", &deep, "recursion limit exceeded, mend the YAML here"),
    ] {
        let folder = folder(&[("hostile.yaml", text)]);
        let ran = tenants(folder.path(), &["--discover", &format!("{kind}=hostile.yaml"), "--path", "/"]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.starts_with("error: hostile.yaml:") && ran.stderr.contains(why), "{}", ran.stderr);
    }
}
