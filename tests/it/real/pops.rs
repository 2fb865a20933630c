//! Coverage: who answered, and for how many POPs that counts.

use serde_json::json;

use super::cdn::{Edge, HOST, Run, Site, warm};
use super::nginx::Setup;
use crate::support;

/// As Cloudflare writes them: the POP that answered stands behind the dash of `CF-Ray`.
const AMS: &str = "add_header Server cloudflare always; add_header CF-Ray 8926f1e2ab3c4d5e-AMS always; add_header CF-Cache-Status HIT always;";
const FRA: &str = "add_header Server cloudflare always; add_header CF-Ray 8926f1e2ab3c4d5e-FRA always; add_header CF-Cache-Status HIT always;";

fn saying(says: &'static str) -> Setup {
    Setup { says, ..Setup::default() }
}

fn coverage(run: &Run) -> (&serde_json::Value, &serde_json::Value) {
    (&run.report["summary"]["coverage_percent"], &run.report["summary"]["pops_reached"])
}

#[test]
fn another_pop_or_another_provider_is_no_coverage() {
    let site = Site::new();
    let (ams, other) = (site.nginx("ams", &saying(AMS)), site.nginx("other", &saying(AMS)));
    let silent = site.nginx("silent", &Setup::default());
    let edges = [
        Edge::plain("ams", ams.plain).with("pop = \"AMS\""),
        Edge::plain("fra", other.plain).with("pop = \"FRA\""),
        Edge::plain("fastly", other.plain).with("provider = \"fastly\""),
        Edge::plain("silent", silent.plain).with("pop = \"NRT\""),
    ];
    let run = site.verify(&edges, &[]);
    let unverifiable = "1 unverifiable";
    run.assert(3, &[("ams", "1 fresh"), ("fra", unverifiable), ("fastly", unverifiable), ("silent", "1 fresh")]);
    assert_eq!(coverage(&run), (&json!(50.0), &json!(2)));
    assert_eq!(run.report["gate"]["reasons"][0]["code"], "coverage");
    let cause = |edge| &run.finding(edge)["cause"]["id"];
    assert_eq!((cause("fra"), cause("fastly")), (&json!("wrong-pop"), &json!("wrong-provider")));
    assert_eq!(run.finding("fra")["pop_seen"], "AMS");
    // Told with its checks, it is not told again.
    assert_eq!(run.report.get("same_pops"), None);
}

#[test]
fn a_stale_copy_at_another_pop_is_stale_all_the_same() {
    let site = Site::new();
    let ams = site.nginx("ams", &saying(AMS));
    warm(ams.plain);
    site.publish("second", 2);
    let run = site.verify(&[Edge::plain("fra", ams.plain).with("pop = \"FRA\"")], &[]);
    run.assert(1, &[("fra", "1 stale")]);
}

#[test]
fn edges_that_reach_one_pop_are_said_to_be_one() {
    let site = Site::new();
    let (one, other, fra) =
        (site.nginx("one", &saying(AMS)), site.nginx("other", &saying(AMS)), site.nginx("fra", &saying(FRA)));
    let edges = [
        Edge::plain("one", one.plain),
        Edge::plain("other", other.plain),
        // Two machines of one POP, and listed as that.
        Edge::plain("fra1", fra.plain).with("pop = \"FRA\""),
        Edge::plain("fra2", fra.plain).with("pop = \"fra\", headers = { X-Machine = \"2\" }"),
    ];
    let run = site.verify(&edges, &[]);
    run.assert(0, &[("one", "1 fresh"), ("other", "1 fresh"), ("fra1", "1 fresh"), ("fra2", "1 fresh")]);
    assert_eq!(coverage(&run), (&json!(100.0), &json!(2)));
    let same = json!({ "environment": "test", "edges": ["one", "other"], "provider": "cloudflare", "pops": ["AMS"],
                       "addresses": [] });
    assert_eq!(run.report["same_pops"], json!([same]));
    let mut command = support::purgeproof();
    command.args(["verify", "--regions"]).arg(site.path("regions.toml"));
    let ran = support::run(command.arg("--tenants").arg(site.path("tenants.yaml")));
    assert!(ran.stdout.contains("4 edges reached 2 POPs"), "{}", ran.stdout);
    assert!(ran.stdout.contains("one and other reached the same: cloudflare AMS"), "{}", ran.stdout);
}

#[test]
fn one_address_is_coverage_of_one_pop() {
    let site = Site::new();
    let (nginx, fra) = (site.nginx("nginx", &Setup::default()), site.nginx("named", &saying(FRA)));
    let at = |name| Edge::plain(name, nginx.plain);
    let edges = [
        at("fra").with("pop = \"FRA\""),
        at("ams").with("pop = \"AMS\""),
        at("elsewhere").with("pop = \"NRT\", headers = { X-Pop = \"NRT\" }"),
        at("unnamed"),
    ];
    let run = site.verify(&edges, &[]);
    let fresh = "1 fresh";
    run.assert(3, &[("ams", fresh), ("fra", "1 unverifiable"), ("elsewhere", fresh), ("unnamed", fresh)]);
    assert_eq!(coverage(&run), (&json!(75.0), &json!(2)));
    let cause = &run.finding("fra")["cause"];
    let told = "FRA is at the same address as edge \"ams\", which stands for AMS";
    assert_eq!((&cause["id"], &cause["summary"]), (&json!("not-told-apart"), &json!(told)));
    assert_eq!(run.finding("fra")["host"], HOST);
    assert_eq!(run.report["same_pops"][0]["edges"], json!(["ams", "fra", "unnamed"]));
    assert_eq!(run.report["same_pops"][0]["addresses"], json!([nginx.plain.to_string()]));

    // What names its POP settles it, and what nobody claims is no contradiction.
    let at = |name| Edge::plain(name, fra.plain);
    let run = site.verify(&[at("fra").with("pop = \"FRA\""), at("other")], &[]);
    run.assert(0, &[("fra", fresh), ("other", fresh)]);
    assert_eq!(coverage(&run), (&json!(100.0), &json!(1)));
    assert_eq!(run.report["same_pops"][0]["addresses"], json!([fra.plain.to_string()]));
}
