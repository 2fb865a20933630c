//! Files in the shapes that projects use, each with exactly what it tells.

use super::*;

fn file(name: &str, set: &[(&str, &str)], tenant_key: Option<&str>) -> Result<Vec<String>, String> {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<_> = all(name, path.parent().unwrap(), &text, set, tenant_key)?.iter().map(shown).collect();
    lines.sort();
    lines.dedup();
    Ok(lines)
}

#[test]
fn traefik_3_names_what_its_rules_hold_for() {
    let expected = [
        "*.apps.example.com",
        "? !Host(`internal.example.com`) && PathPrefix(`/status`): a rule that names no host",
        "? ^t[0-9]+\\.example\\.com$: a regular expression that many names match",
        "? db.example.com: a TCP router: no label says whether it is HTTP",
        "? jmap.example.com: a TCP router: no label says whether it is HTTP",
        "blog.example.com",
        "news.example.com",
        "shop.example.com",
        "traefik.example.com",
        "whoami.example.com",
        "www.blog.example.com",
    ];
    assert_eq!(file("traefik-v3.yaml", &[], None).unwrap(), expected);
}

#[test]
fn traefik_2_has_expressions_in_braces_and_default_rules() {
    let expected = [
        "*.v2.example.com",
        "? traefik.enable=true: no router, so that Traefik's default rule names the host, write a rule",
        "? traefik.http.routers.health: a router without a rule, so that Traefik's default rule names the host, write a rule",
        "v2.example.com",
        "www.v2.example.com",
    ];
    assert_eq!(file("traefik-v2.yml", &[], None).unwrap(), expected);
}

#[test]
fn traefik_1_has_rules_with_colons() {
    let expected = [
        "*.one.example.com",
        "? PathPrefixStrip:/admin: a rule that names no host",
        "monitor.example.com",
        "one.example.com",
        "two.example.com",
    ];
    assert_eq!(file("traefik-v1.yml", &[], None).unwrap(), expected);
}

#[test]
fn nginx_proxy_has_hosts_in_the_environment() {
    let expected = [
        "*.dot.example.com",
        "*.wild.example.com",
        "? wild.*: a wildcard that stands for more than the first label",
        "? ~^re\\..*\\.nip\\.io: a regular expression that many names match",
        "dot.example.com",
        "json.example.com",
        "one.ports.example.com",
        "shop.re.example.com",
        "site.example.com",
        "site.example.com at /api/",
        "two.ports.example.com at /a",
        "two.ports.example.com at /b",
        "www.ports.example.com",
        "www.re.example.com",
        "www.site.example.com",
    ];
    assert_eq!(file("nginx-proxy.yml", &[], None).unwrap(), expected);
}

#[test]
fn caddy_has_addresses_of_sites() {
    let expected = [
        "*.any.example.com",
        "? :8443: any name",
        "? localhost: a name of the machine itself",
        "? {$SITE_ADDRESS}: a placeholder that the proxy fills in, write the name or a variable of Compose's",
        "? {{index .Names 0}}.example.com: a template that Caddy fills in, write the name or a variable of Compose's",
        "a.example.com",
        "b.example.com",
        "c.example.com at /files/",
        "d.example.com",
        "one.sites.example.com",
        "two-b.sites.example.com",
        "two.sites.example.com",
        "whoami.example.com",
    ];
    assert_eq!(file("caddy.yaml", &[], None).unwrap(), expected);
}

#[test]
fn swarm_has_labels_below_deploy_and_variables_in_their_keys() {
    let expected = ["api.example.com", "dashboard.example.com", "worker.example.com", "www.example.com"];
    assert_eq!(file("swarm-stack.yml", &[("DOMAIN", "example.com")], None).unwrap(), expected);
    assert_eq!(
        file("swarm-stack.yml", &[], None).unwrap_err(),
        "swarm-stack.yml:16: service \"backend\", label traefik.http.routers.${STACK_NAME?Variable not set}-backend-http.rule: \
         the variable DOMAIN is not set, set it in the environment or in .env (\"Variable not set\")"
    );
}

#[test]
fn one_image_for_every_tenant_is_told_apart_by_a_label() {
    let expected = [
        "*.resellers.example.com of resellers by first.resellers.example.com",
        "acme.example.com of acme",
        "globex.example.com of globex",
        "r1.example.com of resellers",
        "unnamed.example.com",
        "www.acme.example of acme",
    ];
    assert_eq!(file("saas.yaml", &[], Some("com.example.tenant")).unwrap(), expected);
}

#[test]
fn what_compose_itself_prints_is_read_and_its_dollars_are_escaped() {
    let expected =
        ["caddy.example.com", "eu.shop.example.com", "shop.example.com", "us.shop.example.com", "www.shop.example.com"];
    assert_eq!(file("config.json", &[], None).unwrap(), expected);
    let text = std::fs::read_to_string(folder().join("config.json")).unwrap();
    let piped = all("standard input", Path::new("/nowhere"), &text, &[], None).unwrap();
    assert_eq!(piped.len(), expected.len());
    assert!(piped.iter().any(|told| source(told) == "standard input:9: service \"web\", environment VIRTUAL_HOST"));
}

#[test]
fn composes_own_tags_empty_or_replace() {
    assert_eq!(file("override.yaml", &[], None).unwrap(), ["override.example.com"]);
}

#[test]
fn variables_come_from_the_environment_then_dotenv_and_hosts_from_files_of_a_service() {
    let set = [("FROM_BOTH", "won"), ("VIRTUAL_HOST", "inherited.example.com")];
    let expected = [
        "? $${not}.a-variable.example.com: a placeholder that the proxy fills in, write the name or a variable of Compose's",
        "? VIRTUAL_HOST: its env_file is not there, which may say VIRTUAL_HOST",
        "dotenv.example.com",
        "env-file.base.example.com",
        "inherited.example.com",
        "own.example.com",
        "won.example.com",
    ];
    let expected = expected.map(|line| line.replace("$$", "$"));
    assert_eq!(file("env/compose.yaml", &set, None).unwrap(), expected);
}

#[test]
fn what_a_project_includes_and_extends_is_read() {
    let expected = [
        "? oci://registry.example.net/project:latest: a project elsewhere, which is not fetched",
        "again.example.com of again",
        "base.example.com of again",
        "base.example.com of base",
        "blog.example.com",
        "edge.example.com of base",
        "shop.example.com",
    ];
    assert_eq!(file("include/compose.yaml", &[], Some("com.example.tenant")).unwrap(), expected);
}

#[test]
fn a_source_names_file_line_and_label() {
    let text = std::fs::read_to_string(folder().join("saas.yaml")).unwrap();
    let told = all("deploy/saas.yaml", &folder(), &text, &[], None).unwrap();
    assert_eq!(source(&told[0]), "deploy/saas.yaml:23: service \"acme\", label traefik.http.routers.acme.rule");
}
