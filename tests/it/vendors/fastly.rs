//! Fastly's edge check. The double answers as the API does: the list of fields is that of `Content` in Fastly's own
//! clients (<https://github.com/fastly/fastly-rust/blob/main/docs/Content.md>), the words for errors and the limit of 200
//! requests an hour are those of <https://www.fastly.com/documentation/reference/api/utils/content/>, and what stands in
//! the fields is shaped after an answer recorded for tests of Fastly's client for Go
//! (<https://github.com/fastly/go-fastly/blob/main/fastly/fixtures/content/check.yaml>).

use std::net::TcpListener;
use std::sync::Arc;

use serde_json::{Value, json};

use super::double::{Api, Asked, Told};
use super::{Counter, Files, NEW, OLD, ONE, TOKEN, origin, origin_without_validators, summary};
use crate::support::responder::{Responder, answer};

/// MD5 of `new` and of `old`, as `md5sum` prints them.
const MD5_NEW: &str = "22af645d1859cb5ca6da0c484f1f37ea";
const MD5_OLD: &str = "149603e6c03516362a8da23f624db945";

/// One POP's entry: its name, its machine, and the three letters that `X-Served-By` ends with.
fn pop((name, server, letters): (&str, &str, &str), hash: &str, fields: &[(&str, &str)]) -> Value {
    let mut headers = json!({
        "server": "Varnish", "via": "1.1 varnish", "content-type": "text/plain", "content-length": "3",
        "x-served-by": format!("{server}-{letters}"), "x-cache": "HIT", "x-cache-hits": "1",
        "fastly-debug-path": format!("(D {server}-{letters} 1744214929)"),
    });
    for (name, value) in fields {
        headers[*name] = json!(value);
    }
    json!({
        "hash": hash, "pop": name, "response_time": 0.548_951, "server": server,
        "request": {
            "headers": { "User-Agent": "Fastly/cache-check", "Fastly-Debug": 1, "Host": "a.example", "Expect": "" },
            "method": null, "url": null,
        },
        "response": { "headers": headers, "status": 200 },
    })
}

const AMS: (&str, &str, &str) = ("amsterdam-nl", "cache-ams2100126", "AMS");
const FRA: (&str, &str, &str) = ("frankfurt-de", "cache-fra-etou8220055", "FRA");
const NRT: (&str, &str, &str) = ("tyo-tokyo-jp", "cache-nrt-rjtt7900084", "NRT");

fn fresh(place: (&str, &str, &str)) -> Value {
    pop(place, MD5_NEW, &[("etag", "\"new\""), ("last-modified", NEW), ("age", "0")])
}

fn stale(place: (&str, &str, &str)) -> Value {
    pop(place, MD5_OLD, &[("etag", "\"old\""), ("last-modified", OLD), ("age", "3600")])
}

fn always(pops: Value) -> Api {
    Api::start(move |_| Some(Told::json("200 OK", &pops)))
}

fn region(api: &Api, more: &str) -> String {
    format!("fastly_edge_check = {{ token = '${{VENDOR_TOKEN}}', base_url = 'http://{}'{more} }}", api.address)
}

fn verified(api: &Api, tenants: &str, more: &[&str]) -> (Value, i32) {
    let (report, ran) = Files::new(&origin(), &region(api, ""), tenants).verify(more);
    (report, ran.code)
}

#[test]
fn of_many_pops_the_one_with_the_old_copy_is_named() {
    let api = always(json!([fresh(AMS), stale(FRA), fresh(NRT)]));
    let (report, code) = verified(&api, ONE, &[]);
    assert_eq!(code, 1, "{report:#}");
    let finding = &report["findings"][0];
    assert_eq!((&finding["verdict"], &finding["pop_seen"]), (&json!("stale"), &json!("FRA")), "{report:#}");
    assert_eq!((&finding["edge"], &finding["region"]), (&json!("fastly-edge-check"), &json!("eu")));
    assert!(summary(&report).starts_with("edge fastly-edge-check (FRA) still serves "), "{}", summary(&report));
    let edge = &report["edges"][0];
    assert_eq!((&edge["pops_seen"], &edge["provider"]), (&json!(["AMS", "FRA", "NRT"]), &json!("fastly")));
    let asked = api.asked();
    // One call for all of them, and none again before the accusation.
    assert_eq!(asked.len(), 1);
    let url = "https%3A%2F%2Fa.example%2Fx%3Fv%3D1%26w%3D%25C3%25A9";
    assert_eq!(asked[0].line, format!("GET /content/edge_check?url={url}"));
    assert_eq!(asked[0].field("fastly-key"), Some(TOKEN));
    let command =
        format!("curl -sS -H \"Fastly-Key: $FASTLY_API_TOKEN\" 'http://{}/content/edge_check?url={url}'", api.address);
    assert_eq!(finding["reproduce"], json!(command));
}

#[test]
fn pops_that_all_have_the_new_one_are_fresh() {
    let (report, code) = verified(&always(json!([fresh(AMS), fresh(FRA)])), ONE, &[]);
    assert_eq!((code, &report["summary"]["verdicts"]["fresh"]), (0, &json!(1)), "{report:#}");
}

#[test]
fn a_pop_that_ran_out_of_time_is_unreachable_and_named() {
    let late = pop(FRA, "error-timeout-frankfurt-de", &[]);
    let (report, code) = verified(&always(json!([fresh(AMS), late])), ONE, &[]);
    let finding = &report["findings"][0];
    assert_eq!((code, &finding["verdict"], &finding["phase"]), (3, &json!("unreachable"), &json!("timeout")));
    assert!(summary(&report).starts_with("timeout frankfurt-de (cache-fra-etou8220055): "), "{}", summary(&report));
}

#[test]
fn a_pop_whose_headers_are_missing_is_unreachable() {
    for broken in [json!({ "pop": "frankfurt-de", "hash": null, "response": null }), json!({ "pop": "frankfurt-de" })] {
        let (report, code) = verified(&always(json!([broken, fresh(AMS)])), ONE, &[]);
        assert_eq!((code, &report["findings"][0]["phase"]), (3, &json!("protocol")), "{report:#}");
        assert!(summary(&report).starts_with("protocol frankfurt-de: "), "{}", summary(&report));
    }
}

#[test]
fn a_body_too_large_to_hash_leaves_the_headers() {
    let mut large = fresh(FRA);
    large["hash"] = json!("warning-too-large-frankfurt-de");
    let (report, code) = verified(&always(json!([fresh(AMS), large])), ONE, &[]);
    assert_eq!((code, &report["summary"]["verdicts"]["fresh"]), (0, &json!(1)), "{report:#}");
}

#[test]
fn another_tag_alone_proves_no_other_content() {
    // Another tag over the same bytes; and tags with no POP beside them that has the origin's.
    let same_bytes = pop(FRA, MD5_NEW, &[("etag", "\"other\""), ("last-modified", OLD), ("age", "3600")]);
    for pops in [json!([fresh(AMS), same_bytes]), json!([stale(AMS), stale(FRA)])] {
        let (report, code) = verified(&always(pops), ONE, &[]);
        let finding = &report["findings"][0];
        assert_eq!((code, &finding["verdict"]), (3, &json!("unverifiable")), "{report:#}");
        assert_eq!(finding["cause"]["id"], json!("body-unavailable"));
        assert!(summary(&report).contains("MD5"), "{}", summary(&report));
    }
}

#[test]
fn the_origin_is_asked_again_before_a_pop_is_accused() {
    for (second, looks) in [(fresh(FRA), 3), (stale(FRA), 4)] {
        let counter = Arc::new(Counter::default());
        let looks_taken = Arc::clone(&counter);
        let origin = Responder::start(move |request| {
            looks_taken.next();
            let fields = format!("etag: \"new\"\r\nlast-modified: {NEW}\r\ncontent-type: text/plain\r\n");
            Some(answer(request, "200 OK", &fields, "new"))
        });
        let api = always(json!([fresh(AMS), second]));
        let (report, _) = Files::new(&origin, &region(&api, ""), ONE).verify(&[]);
        // Two at the start, one at the end, and one between them where there is somebody to accuse.
        assert_eq!(counter.next(), looks, "{report:#}");
        assert_eq!(api.asked().len(), 1);
    }
}

/// Five objects; two of them critical, and neither first by name.
const FIVE: &str = "tenants:
- { id: a, host: a.example, paths: [/] }
- { id: b, host: b.example, paths: [/], priority: low }
- { id: c, host: c.example, paths: [/], priority: critical }
- { id: d, host: d.example, paths: [/], priority: high }
- { id: e, host: e.example, paths: [/], priority: critical }";

fn hosts(asked: &[Asked]) -> Vec<String> {
    let host = |asked: &Asked| asked.line.split_once("%2F%2F").unwrap().1[..1].to_owned();
    let mut hosts: Vec<String> = asked.iter().map(host).collect();
    hosts.sort();
    hosts
}

#[test]
fn a_budget_goes_to_the_critical_first_and_the_rest_is_said_not_to_be_asked() {
    let api = always(json!([fresh(AMS)]));
    let files = Files::new(&origin(), &region(&api, ", calls = 3"), FIVE);
    let (report, ran) = files.verify(&[]);
    assert_eq!(hosts(&api.asked()), ["c", "d", "e"]);
    let verdicts = &report["summary"]["verdicts"];
    assert_eq!((&verdicts["fresh"], &verdicts["unreachable"]), (&json!(3), &json!(2)), "{report:#}");
    assert_eq!((ran.code, &report["summary"]["coverage_percent"]), (3, &json!(60.0)));
    let finding = &report["findings"][0];
    assert_eq!((&finding["phase"], &finding["cause"]["id"]), (&json!("unasked"), &json!("vendor-not-asked")));
    let said = format!("unasked {}: not asked: its budget of 3 calls an hour goes to what is more urgent", api.address);
    assert_eq!(summary(&report), said);
    let line = "region eu: Fastly's edge check: 3 calls of 3 an hour; 2 checks not asked\n";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
    let dry = files.run(&["--dry-run"]);
    assert!(dry.code == 0 && dry.stdout.contains(line), "{}", dry.stdout);
    assert_eq!(api.asked().len(), 3, "a dry run asked");
}

#[test]
fn convergence_is_waited_for_within_the_budget() {
    for (calls, looks, verdict) in [(10, 3, "fresh"), (2, 2, "stale")] {
        let counter = Counter::default();
        let old = if calls == 2 { usize::MAX } else { 2 };
        let api = Api::start(move |_| {
            let second = if counter.next() < old { stale(FRA) } else { fresh(FRA) };
            Some(Told::json("200 OK", &json!([fresh(AMS), second])))
        });
        let files = Files::new(&origin(), &region(&api, &format!(", calls = {calls}")), ONE);
        let (report, _) = files.verify(&["--within", "12s", "--interval", "100ms"]);
        assert_eq!(report["summary"]["verdicts"][verdict], json!(1), "{report:#}");
        assert_eq!(api.asked().len(), looks, "calls = {calls}");
    }
}

#[test]
fn a_token_that_is_refused_is_named_and_never_shown() {
    for (status, code) in [("401 Unauthorized", "401"), ("403 Forbidden", "403")] {
        let api = Api::start(move |_| {
            let text = format!("Provided credentials {TOKEN} are missing or invalid");
            Some(Told::json(status, &json!({ "msg": text })))
        });
        let files = Files::new(&origin(), &region(&api, ""), FIVE);
        let (report, ran) = files.verify(&["--edge-concurrency", "1"]);
        assert_eq!((ran.code, &report["summary"]["verdicts"]["unreachable"]), (3, &json!(5)));
        let said = format!("protocol {}: it answers {code}: fastly_edge_check.token is not accepted, ", api.address);
        assert!(summary(&report).starts_with(&said), "{}", summary(&report));
        assert_eq!(api.asked().len(), 1, "who is refused does not ask again");
        files.tells_no_token();
    }
}

#[test]
fn a_token_is_in_no_output_though_the_vendor_sends_it_back() {
    let api = always(json!([pop(FRA, MD5_OLD, &[("etag", "\"old\""), ("x-echo", TOKEN), ("x-served-by", TOKEN)])]));
    let named = region(&api, "");
    let in_clear = named.replace("${VENDOR_TOKEN}", TOKEN);
    for region in [named, in_clear] {
        Files::new(&origin(), &region, ONE).tells_no_token();
    }
}

#[test]
fn a_rate_limit_that_is_spent_ends_the_asking() {
    let counter = Counter::default();
    let api = Api::start(move |_| match counter.next() {
        0 => Some(Told::json("200 OK", &json!([fresh(AMS)]))),
        _ => {
            Some(Told::json("429 Too Many Requests", &json!({ "msg": "Too many requests" })).with("retry-after: 1800"))
        }
    });
    let files = Files::new(&origin(), &region(&api, ""), FIVE);
    let (report, ran) = files.verify(&["--edge-concurrency", "1"]);
    let verdicts = &report["summary"]["verdicts"];
    assert_eq!((ran.code, &verdicts["fresh"], &verdicts["unreachable"]), (3, &json!(1), &json!(4)));
    let said = format!("protocol {}: it answers 429: the rate limit is spent, more in 30 min", api.address);
    assert_eq!(summary(&report), said);
    assert_eq!(hosts(&api.asked()), ["c", "e"], "the critical ones first, and none after the refusal");
}

#[test]
fn what_is_no_answer_says_how() {
    let answers: [(&str, &'static str, &str); 5] = [
        ("<html>", "200 OK", "protocol {}: its answer is not JSON: "),
        ("{\"pops\": 3}", "200 OK", "protocol {}: its answer is no list of POPs: "),
        ("[]", "200 OK", "protocol {}: it names no place that was asked"),
        ("{\"msg\":\"no such service\"}", "400 Bad Request", "protocol {}: it answers 400: no such service"),
        ("", "503 Service Unavailable", "protocol {}: it answers 503"),
    ];
    for (body, status, said) in answers {
        let api = Api::start(move |_| Some(Told(status, String::new(), body.to_owned())));
        let (report, code) = verified(&api, ONE, &[]);
        let said = said.replace("{}", &api.address.to_string());
        assert!(code == 3 && summary(&report).starts_with(&said), "{}", summary(&report));
    }
}

#[test]
fn an_api_out_of_reach_is_so_by_its_phase() {
    let silent = Api::start(|_| None);
    let (report, ran) = Files::new(&origin(), &region(&silent, ", timeout = '300ms'"), ONE).verify(&[]);
    let said = format!("timeout {}: no result within 300 ms", silent.address);
    assert_eq!((ran.code, summary(&report)), (3, said.as_str()));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, said) in [
        (format!("http://{closed}"), format!("connect {closed}: ")),
        (format!("https://{}", silent.address), format!("tls {}: ", silent.address)),
        ("https://api.purgeproof.invalid".to_owned(), "dns api.purgeproof.invalid: ".to_owned()),
    ] {
        // A server that speaks no TLS answers nothing that is TLS.
        let plain = Api::start(|_| None);
        let url = url.replace(&silent.address.to_string(), &plain.address.to_string());
        let said = said.replace(&silent.address.to_string(), &plain.address.to_string());
        let region = format!("fastly_edge_check = {{ token = 'abcdef', base_url = '{url}', timeout = '2s' }}");
        let (report, ran) = Files::new(&origin(), &region, ONE).verify(&[]);
        assert!(ran.code == 3 && summary(&report).starts_with(&said), "{url}: {}", summary(&report));
    }
}

#[test]
fn what_the_api_cannot_send_is_not_asked() {
    let named =
        |tenant: &str| format!("variants: {{ mobile: {{ headers: {{ User-Agent: m }} }} }}\ntenants: [{tenant}]");
    for (tenant, said) in [
        ("{ id: a, host: a.example, paths: [/], variants: [gzip] }", "cannot send the header accept-encoding: gzip"),
        ("{ id: a, host: a.example, paths: [/], variants: [mobile] }", "cannot send the header user-agent: m"),
        ("{ id: a, host: a.example, paths: [/], headers: { X-Tenant: a } }", "cannot send the header x-tenant: a"),
        ("{ id: a, host: a.example, paths: ['/?k=${TENANT_SECRET}'] }", "the URL holds a secret, which is not told to"),
    ] {
        let api = always(json!([fresh(AMS)]));
        let (report, code) = verified(&api, &named(tenant), &[]);
        assert_eq!((code, &report["findings"][0]["phase"]), (3, &json!("unasked")), "{report:#}");
        assert!(summary(&report).contains(said), "{}", summary(&report));
        assert!(api.asked().is_empty());
    }
}

#[test]
fn what_cannot_be_asked_takes_nothing_from_the_budget() {
    let tenants = "tenants:
- { id: a, host: a.example, paths: [/], priority: critical, headers: { X-Tenant: a } }
- { id: b, host: b.example, paths: [/] }";
    let api = always(json!([fresh(AMS)]));
    let (report, _) = Files::new(&origin(), &region(&api, ", calls = 1"), tenants).verify(&[]);
    assert_eq!(hosts(&api.asked()), ["b"], "{report:#}");
}

#[test]
fn without_validators_on_either_side_nothing_is_claimed() {
    let api = always(json!([pop(AMS, MD5_NEW, &[])]));
    let (report, ran) = Files::new(&origin_without_validators(), &region(&api, ""), ONE).verify(&[]);
    assert_eq!((ran.code, &report["findings"][0]["verdict"]), (3, &json!("unverifiable")), "{report:#}");
}
