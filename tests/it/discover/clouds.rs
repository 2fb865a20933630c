//! What vendors' own tools print.

use super::{listed, lost, refused, rows};

/// Shapes and values as in AWS's examples of `get-distribution-config`, `list-distributions`, `list-distribution-tenants`
/// and `get-distribution-tenant-by-domain`.
const CLOUDFRONT: &str = r#"{
  "ETag": "E37HOT42DHPVYH",
  "DistributionConfig": {
    "CallerReference": "cli-example",
    "Aliases": { "Quantity": 2, "Items": ["www.example.com", "*.example.org"] },
    "Origins": { "Quantity": 1, "Items": [{ "Id": "o", "DomainName": "origin.example.com" }] },
    "Enabled": true
  }
}
{
  "DistributionList": {
    "Items": [
      { "Id": "EMLARXS9EXAMPLE", "DomainName": "d111111abcdef8.cloudfront.net", "Enabled": true,
        "Aliases": { "Quantity": 1, "Items": ["shop.example.com"] } },
      { "Id": "EDFDVBD6EXAMPLE", "DomainName": "d930174dauwrn8.cloudfront.net", "Enabled": false,
        "Aliases": { "Quantity": 1, "Items": ["old.example.com"] } },
      { "Id": "E1XNX8R2GOAABC", "Enabled": true, "Aliases": { "Quantity": 0 } }
    ]
  }
}
{ "DistributionTenantList": [
  { "Id": "dt_1", "DistributionId": "E1XNX8R2GOAABC", "Name": "acme", "Enabled": true,
    "Domains": [{ "Domain": "acme.example", "Status": "active" }, { "Domain": "www.acme.example", "Status": "active" }] },
  { "Id": "dt_2", "Name": "globex", "Enabled": true, "Domains": [{ "Domain": "globex.example", "Status": "inactive" }] }
] }
{ "ETag": "E23ZP02F085ABC", "DistributionTenant": { "Id": "dt_3", "Name": "example-tenant-4", "Enabled": false,
  "Domains": [{ "Domain": "example.net", "Status": "active" }] } }
"#;

#[test]
fn aliases_and_domains_of_cloudfront_are_tenants() {
    let list = listed(&[("all.json", CLOUDFRONT)], &["--discover", "cloudfront=all.json"]);
    let names = ["acme.example", "shop.example.com", "www.acme.example", "www.example.com"];
    assert_eq!(rows(&list), names.map(|name| format!("{name}: {name}")));
    assert_eq!(list["tenants"][1]["source"], "all.json:14: distribution \"EMLARXS9EXAMPLE\"");
    assert_eq!(list["tenants"][0]["source"], "all.json:23: distribution tenant \"acme\"");
    let reasons = lost(&list);
    let heads: Vec<&str> = reasons.iter().map(|lost| lost.split(',').next().unwrap()).collect();
    assert_eq!(
        heads,
        [
            "*.example.org: a wildcard stands for no single name: name one with --sample-host '*.example.org=HOST'",
            "example.net: the distribution tenant is disabled and serves nobody",
            "globex.example: its status is inactive",
            "old.example.com: the distribution is disabled and serves nobody",
        ]
    );
}

#[test]
fn a_field_of_a_distribution_tenant_can_be_the_tenants_id() {
    let args = ["--discover", "cloudfront=all.json", "--tenant-key", "Name"];
    let list = listed(&[("all.json", CLOUDFRONT)], &args);
    assert_eq!(rows(&list)[0], "acme: acme.example www.acme.example");
}

#[test]
fn a_list_that_is_cut_off_is_an_error() {
    let text = r#"{ "DistributionList": { "Items": [] },
  "NextToken": "eyJNYXJrZXIi" }"#;
    refused(
        &[("l.json", text)],
        &["--discover", "cloudfront=l.json"],
        "l.json:1: is cut off and more follows (NextToken, NextMarker or IsTruncated), list all of it: without --max-items and --no-paginate",
    );
    let folder = super::folder(&[("l.json", "{\"Buckets\": []}")]);
    let ran = super::tenants(folder.path(), &["--discover", "cloudfront=l.json"]);
    assert!(
        ran.code == 2 && ran.stderr.starts_with("error: l.json:1: holds no distribution, save what"),
        "{}",
        ran.stderr
    );
}

/// Fields as the API's reference has them.
fn page(page: u32, total: u32, hostnames: &str) -> String {
    format!(
        "{{\"result\": [{hostnames}],\n\"result_info\": {{\"page\": {page}, \"per_page\": 2, \"total_count\": {total}}},\n\"success\": true, \"errors\": [], \"messages\": []}}\n"
    )
}

#[test]
fn custom_hostnames_of_cloudflare_come_page_by_page() {
    let first = page(
        1,
        3,
        r#"{"id": "1", "hostname": "app.acme.example", "status": "active", "custom_metadata": {"customer": "acme"}},
{"id": "2", "hostname": "www.acme.example", "status": "active", "custom_metadata": {"customer": "acme"}, "custom_origin_server": "origin2.example.com"}"#,
    );
    let second = page(
        2,
        3,
        r#"{"id": "3", "hostname": "new.example", "status": "pending", "ssl": {"status": "pending_validation"}}"#,
    );
    let text = format!("{first}{second}");
    let args = ["--discover", "cloudflare=all.json", "--tenant-key", "customer"];
    let list = listed(&[("all.json", &text)], &args);
    assert_eq!(rows(&list), ["acme: app.acme.example www.acme.example"]);
    let source = list["tenants"][0]["also"][0].as_str().unwrap();
    assert_eq!(source, "all.json:2: custom hostname \"2\", custom origin origin2.example.com");
    assert_eq!(
        lost(&list),
        [
            "new.example: its status is pending, it may not be served yet, mend that there or leave it out with --skip 'tenant=new.example'"
        ]
    );
    refused(
        &[("1.json", &first)],
        &["--discover", "cloudflare=1.json"],
        "1.json:3: \"total_count\" is 3 and 2 are here, save every page (page=1, 2, …) into this file, one behind the other",
    );
    let failed =
        r#"{"success": false, "errors": [{"code": 10000, "message": "Authentication error"}], "result": null}"#;
    refused(
        &[("1.json", failed)],
        &["--discover", "cloudflare=1.json"],
        "1.json:1: is an answer that failed (\"Authentication error\"), save one that succeeded",
    );
}

#[test]
fn a_hostname_that_waits_can_be_left_out() {
    let text = page(1, 1, r#"{"id": "3", "hostname": "new.example", "status": "pending"}"#);
    let args = ["--discover", "cloudflare=-.json", "--skip", "tenant=new.example"];
    assert!(lost(&listed(&[("-.json", &text)], &args)).is_empty());
}

/// As Terraform's pages have the representation of values, and the providers' pages their resources.
fn values(resources: &str, children: &str) -> String {
    format!(
        "{{\"root_module\": {{\"resources\": [{resources}],\n\"child_modules\": [{{\"address\": \"module.a\", \"resources\": [],\n\"child_modules\": [{{\"address\": \"module.a.module.b\", \"resources\": [{children}]}}]}}]}}}}"
    )
}

#[test]
fn resources_of_every_cdn_in_a_state_are_tenants() {
    let resource = |kind: &str, values: &str| {
        format!(
            "{{\"address\": \"{kind}.x\", \"mode\": \"managed\", \"type\": \"{kind}\", \"name\": \"x\", \"values\": {values}}}"
        )
    };
    let here = [
        resource(
            "aws_cloudfront_distribution",
            r#"{"aliases": ["cf.example"], "enabled": true, "domain_name": "d1.cloudfront.net"}"#,
        ),
        resource(
            "aws_cloudfront_distribution_tenant",
            r#"{"name": "t", "enabled": true, "domain": [{"domain": "cft.example", "status": "active"}]}"#,
        ),
        resource(
            "cloudflare_record",
            r#"{"name": "www", "hostname": "www.cf4.example", "type": "CNAME", "proxied": true}"#,
        ),
        resource(
            "cloudflare_record",
            r#"{"name": "direct", "hostname": "direct.cf4.example", "type": "A", "proxied": false}"#,
        ),
        resource("cloudflare_dns_record", r#"{"name": "cf5.example", "type": "A", "proxied": true}"#),
        resource("cloudflare_custom_hostname", r#"{"hostname": "saas.example", "status": "pending"}"#),
        resource("aws_route53_record", r#"{"name": "r53.example"}"#),
    ];
    let child = [
        resource(
            "fastly_service_vcl",
            r#"{"domain": [{"name": "vcl.example", "comment": ""}, {"name": "*.wild.example"}]}"#,
        ),
        resource("fastly_service_compute", r#"{"domain": [{"name": "compute.example"}]}"#),
        resource("fastly_domain", r#"{"fqdn": "versionless.example"}"#),
        resource(
            "akamai_property",
            r#"{"hostnames": [{"cname_from": "ak.example", "cname_to": "ak.example.edgekey.net"}]}"#,
        ),
        resource("akamai_edge_hostname", r#"{"edge_hostname": "ak.example.edgekey.net"}"#),
    ];
    let state = format!(
        "{{\"format_version\": \"1.0\", \"terraform_version\": \"1.9.0\",\n\"values\": {}}}",
        values(&here.join(",\n"), &child.join(",\n"))
    );
    let list = listed(&[("state.json", &state)], &["--discover", "terraform=state.json"]);
    let names = [
        "ak.example",
        "cf.example",
        "cf5.example",
        "cft.example",
        "compute.example",
        "vcl.example",
        "versionless.example",
        "www.cf4.example",
    ];
    assert_eq!(rows(&list), names.map(|name| format!("{name}: {name}")));
    assert_eq!(list["tenants"][1]["source"], "state.json:2: aws_cloudfront_distribution.x");
    let patterns: Vec<&str> =
        list["unprobeable"].as_array().unwrap().iter().map(|lost| lost["pattern"].as_str().unwrap()).collect();
    assert_eq!(patterns, ["*.wild.example", "saas.example"]);
}

#[test]
fn of_a_plan_it_is_read_what_will_be() {
    let resource = |aliases: &str| {
        format!(
            "{{\"address\": \"aws_cloudfront_distribution.x\", \"mode\": \"managed\", \"type\": \"aws_cloudfront_distribution\", \"values\": {{\"enabled\": true, \"tags_all\": {{\"tenant\": \"acme\"}}{aliases}}}}}"
        )
    };
    let after = values(&resource(", \"aliases\": [\"new.example\"]"), &resource(""));
    let before = values(&resource(", \"aliases\": [\"old.example\"]"), "");
    let plan = format!(
        "{{\"format_version\": \"1.2\", \"prior_state\": {{\"values\": {before}}}, \"planned_values\": {after}}}"
    );
    let args = ["--discover", "terraform=plan.json", "--tenant-key", "tenant"];
    let list = listed(&[("plan.json", &plan)], &args);
    assert_eq!(rows(&list), ["acme: new.example"]);
    assert_eq!(
        lost(&list),
        ["aws_cloudfront_distribution.x: its hosts are known once the plan is applied, take the state then"]
    );
}

#[test]
fn what_terraform_does_not_print_is_refused() {
    let message = "s.json:1: is nothing that terraform show -json prints, save that: terraform show -json > state.json";
    let raw = "{\"version\": 4, \"resources\": []}";
    refused(&[("s.json", raw)], &["--discover", "terraform=s.json"], message);
    let message = "--discover terraform=s.json: names no host, so it is hardly what was meant; correct kind or path, or leave it out";
    refused(&[("s.json", "{\"format_version\": \"1.0\"}")], &["--discover", "terraform=s.json"], message);
}

#[test]
fn json_that_is_hostile_is_an_error() {
    let deep = "[".repeat(100_000);
    for kind in ["cloudfront", "cloudflare", "terraform"] {
        for text in [deep.as_str(), "", "{", "{\"a\": 1, \"a\": 2}", "nul"] {
            let folder = super::folder(&[("x.json", text)]);
            let ran = super::tenants(folder.path(), &["--discover", &format!("{kind}=x.json")]);
            assert!(ran.code == 2 && ran.stderr.starts_with("error: x.json:1: "), "{kind}: {}", ran.stderr);
        }
    }
}
