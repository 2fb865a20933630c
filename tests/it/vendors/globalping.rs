//! Globalping. The double answers as its `OpenAPI` document says
//! (<https://github.com/jsdelivr/globalping/blob/master/public/v1/spec.yaml>, with `components/schemas.yaml`,
//! `components/responses.yaml` and the example `getHttpMeasurementResponse` in `components/examples.yaml`).

use std::sync::Mutex;

use serde_json::{Value, json};

use super::double::{Api, Told};
use super::{Counter, Files, NEW, OLD, ONE, TOKEN, origin, origin_without_validators, summary};

/// A finished test at a Cloudflare POP.
fn finished(pop: &str, fields: &[(&str, Value)]) -> Value {
    let mut headers = json!({
        "date": "Wed, 04 Nov 2026 10:00:05 GMT", "content-type": "text/plain", "server": "cloudflare",
        "cf-cache-status": "HIT", "cf-ray": format!("7e6bdb9999778a57-{pop}"), "connection": "close",
    });
    for (name, value) in fields {
        headers[*name] = value.clone();
    }
    json!({
        "status": "finished", "resolvedAddress": "192.0.2.20", "headers": headers, "rawHeaders": "", "rawOutput": "",
        "rawBody": "new", "truncated": false, "statusCode": 200, "statusCodeName": "OK",
        "timings": { "total": 325, "download": 1, "firstByte": 219, "dns": 37, "tls": 36, "tcp": 32 },
        "tls": { "authorized": true, "protocol": "TLSv1.3", "cipherName": "TLS_AES_256_GCM_SHA384" },
    })
}

fn fresh(pop: &str) -> Value {
    finished(pop, &[("etag", json!("\"new\"")), ("last-modified", json!(NEW)), ("age", json!("0"))])
}

fn stale(pop: &str) -> Value {
    let mut stale = finished(pop, &[("etag", json!("\"old\"")), ("last-modified", json!(OLD)), ("age", json!("3600"))]);
    stale["rawBody"] = json!("old");
    stale
}

fn measured(status: &str, results: &[Value]) -> Value {
    let item = |result: &Value| {
        json!({
            "probe": {
                "continent": "AS", "region": "Eastern Asia", "country": "JP", "state": null, "city": "Tokyo",
                "asn": 2516, "network": "KDDI", "longitude": 139.7, "latitude": 35.7, "tags": [], "resolvers": [],
            },
            "result": result,
        })
    };
    json!({
        "id": "9J2BCohDSuxoiaOD", "type": "http", "status": status, "target": "a.example",
        "createdAt": "2026-11-04T10:00:05.161Z", "updatedAt": "2026-11-04T10:00:06.310Z", "probesCount": results.len(),
        "results": results.iter().map(item).collect::<Vec<_>>(),
    })
}

fn created() -> Told {
    Told::json("202 Accepted", &json!({ "id": "9J2BCohDSuxoiaOD", "probesCount": 1 }))
}

/// Every measurement ends with these results.
fn always(results: Vec<Value>) -> Api {
    Api::start(move |asked| {
        let done = || Told::json("200 OK", &measured("finished", &results));
        Some(if asked.line.starts_with("POST ") { created() } else { done() })
    })
}

fn region(api: &Api, keys: &str) -> String {
    format!("globalping = {{ from = ['Tokyo'], base_url = 'http://{}'{keys} }}", api.address)
}

fn verified(api: &Api, tenants: &str) -> (Value, i32) {
    let (report, ran) = Files::new(&origin(), &region(api, ""), tenants).verify(&[]);
    (report, ran.code)
}

#[test]
fn a_measurement_is_waited_for_and_each_place_names_its_pop() {
    // What was measured from where is known by the id that the API gave for it.
    let places = Mutex::new(Vec::new());
    let looks = Counter::default();
    let api = Api::start(move |asked| {
        let mut places = places.lock().unwrap();
        if asked.line == "POST /v1/measurements" {
            places.push(asked.json()["locations"][0]["magic"].as_str().unwrap().to_owned());
            let id = format!("id-{}", places.len() - 1);
            return Some(Told::json("202 Accepted", &json!({ "id": id, "probesCount": 1 })));
        }
        let id: usize = asked.line.strip_prefix("GET /v1/measurements/id-").unwrap().parse().unwrap();
        if looks.next() < 2 {
            let pending = json!({ "status": "in-progress", "rawOutput": "" });
            return Some(Told::json("200 OK", &measured("in-progress", &[pending])));
        }
        let pop = if places[id] == "Tokyo" { "NRT" } else { "FRA" };
        Some(Told::json("200 OK", &measured("finished", &[fresh(pop)])))
    });
    let region = format!(
        "globalping = {{ from = ['Tokyo', 'AS16509+Frankfurt'], base_url = 'http://{}', token = '${{VENDOR_TOKEN}}' }}",
        api.address
    );
    let (report, ran) = Files::new(&origin(), &region, ONE).verify(&[]);
    assert_eq!((ran.code, &report["summary"]["verdicts"]["fresh"]), (0, &json!(2)), "{report:#}");
    let edges = report["edges"].as_array().unwrap();
    let row = |edge: &Value| (edge["name"].clone(), edge["pops_seen"].clone(), edge["provider"].clone());
    assert_eq!(
        edges.iter().map(row).collect::<Vec<_>>(),
        [("AS16509+Frankfurt", "FRA"), ("Tokyo", "NRT")].map(|(name, pop)| (
            json!(name),
            json!([pop]),
            json!("cloudflare")
        ))
    );
    let asked = api.asked();
    let posted = asked.iter().find(|asked| asked.body.contains("Tokyo")).unwrap();
    assert_eq!(
        posted.json(),
        json!({
            "type": "http", "target": "a.example", "locations": [{ "magic": "Tokyo", "limit": 1 }],
            "measurementOptions": {
                "protocol": "HTTPS", "port": 443,
                "request": {
                    "host": "a.example", "path": "/x", "query": "v=1&w=%C3%A9", "method": "GET",
                    "headers": { "accept-encoding": "identity" },
                },
            },
        })
    );
    assert_eq!(posted.field("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert!(ran.stderr.contains("region eu: Globalping: 2 tests of 500 an hour\n"), "{}", ran.stderr);
}

#[test]
fn of_several_probes_the_one_that_saw_the_old_copy_is_shown() {
    let api = always(vec![fresh("NRT"), stale("KIX")]);
    let files = Files::new(&origin(), &region(&api, ", limit = 2"), ONE);
    let (report, ran) = files.verify(&[]);
    let finding = &report["findings"][0];
    assert_eq!(
        (ran.code, &finding["verdict"], &finding["pop_seen"]),
        (1, &json!("stale"), &json!("KIX")),
        "{report:#}"
    );
    assert_eq!((&finding["edge"], &finding["address"]), (&json!("Tokyo"), &json!("192.0.2.20:443")));
    assert_eq!(
        finding["timings_ms"],
        json!({ "resolve": 37.0, "connect": 32.0, "tls": 36.0, "first_byte": 219.0, "total": 325.0 })
    );
    assert_eq!(report["edges"][0]["pops_seen"], json!(["KIX", "NRT"]));
    assert!(ran.stderr.contains("region eu: Globalping: 2 tests of 250 an hour\n"), "{}", ran.stderr);
    assert_eq!(api.asked()[0].json()["locations"][0]["limit"], json!(2));
    let command = finding["reproduce"].as_str().unwrap();
    assert!(command.starts_with("curl -sS -H \"Content-Type: application/json\" -d '{"), "{command}");
}

#[test]
fn a_probe_that_failed_is_unreachable_with_its_words_and_place() {
    for (result, said) in [
        (
            json!({ "status": "failed", "failureSource": "target", "rawOutput": "connect ECONNREFUSED 192.0.2.20:443\nmore" }),
            "protocol Tokyo, JP (AS2516): the probe's test is failed (target): connect ECONNREFUSED 192.0.2.20:443",
        ),
        (
            json!({ "status": "failed", "failureSource": "resolver", "rawOutput": "queryA ESERVFAIL a.example" }),
            "dns Tokyo, JP (AS2516): the probe's test is failed (resolver): queryA ESERVFAIL a.example",
        ),
        (json!({ "status": "offline", "rawOutput": "" }), "protocol Tokyo, JP (AS2516): the probe's test is offline"),
    ] {
        let (report, code) = verified(&always(vec![fresh("NRT"), result]), ONE);
        assert_eq!((code, summary(&report)), (3, said));
    }
}

#[test]
fn a_certificate_that_the_probe_does_not_trust_is_no_answer() {
    let mut result = fresh("NRT");
    result["tls"] = json!({ "authorized": false, "error": "self-signed certificate", "protocol": "TLSv1.3" });
    let api = always(vec![result]);
    let (report, code) = verified(&api, ONE);
    assert_eq!((code, summary(&report)), (3, "tls Tokyo, JP (AS2516): self-signed certificate"));
    let (report, ran) = Files::new(&origin(), &region(&api, ""), ONE).verify(&["--insecure"]);
    assert_eq!((ran.code, &report["summary"]["verdicts"]["fresh"]), (0, &json!(1)));
}

#[test]
fn a_body_that_came_whole_settles_what_headers_do_not() {
    let untagged = |body: &str, truncated: bool| {
        let mut result = finished("NRT", &[("age", json!("0"))]);
        (result["rawBody"], result["truncated"]) = (json!(body), json!(truncated));
        result
    };
    for (body, truncated, verdict) in [
        ("new", false, "fresh"),
        ("other", false, "divergent"),
        ("new", true, "unverifiable"),
        ("ne\u{fffd}", false, "unverifiable"),
    ] {
        let api = always(vec![untagged(body, truncated)]);
        let (report, _) = Files::new(&origin_without_validators(), &region(&api, ""), ONE).verify(&[]);
        assert_eq!(report["summary"]["verdicts"][verdict], json!(1), "{body}, {truncated}: {report:#}");
    }
}

#[test]
fn without_bodies_a_place_is_asked_by_head() {
    let api = always(vec![fresh("NRT")]);
    let (report, _) = Files::new(&origin(), &region(&api, ""), ONE).verify(&["--body", "never"]);
    assert_eq!(report["summary"]["verdicts"]["fresh"], json!(1), "{report:#}");
    assert_eq!(api.asked()[0].json()["measurementOptions"]["request"]["method"], json!("HEAD"));
}

#[test]
fn a_secret_is_not_told_to_a_third_party() {
    let tenant = |keys: &str| format!("tenants: [{{ id: a, host: a.example, paths: [/], {keys} }}]");
    for (keys, said) in [
        ("headers: { X-Key: 'k ${TENANT_SECRET}' }", "the header x-key holds a secret"),
        ("headers: { Cookie: sid=1 }", "the header cookie holds a secret"),
        ("headers: { Authorization: Basic YTpi }", "the header authorization holds a secret"),
        ("variants: [gzip], headers: { X-Tenant: '${TENANT_SECRET}' }", "the header x-tenant holds a secret"),
    ] {
        let api = always(vec![fresh("NRT")]);
        let (report, code) = verified(&api, &tenant(keys));
        assert_eq!((code, &report["findings"][0]["phase"]), (3, &json!("unasked")), "{report:#}");
        assert!(summary(&report).contains(said), "{}", summary(&report));
        assert!(api.asked().is_empty());
    }
}

#[test]
fn headers_that_are_no_secret_are_sent() {
    let api = always(vec![fresh("NRT")]);
    let (report, _) = verified(
        &api,
        "tenants: [{ id: a, host: a.example, paths: [/], variants: [gzip], headers: { X-Tenant: '{id}' } }]",
    );
    assert_eq!(report["summary"]["verdicts"]["fresh"], json!(1), "{report:#}");
    let sent = &api.asked()[0].json()["measurementOptions"]["request"]["headers"];
    assert_eq!(sent, &json!({ "accept-encoding": "gzip", "x-tenant": "a" }));
}

#[test]
fn errors_of_the_api_are_told_in_its_words() {
    let error = |kind: &str, message: &str| json!({ "error": { "type": kind, "message": message } });
    let spent =
        error("rate_limit_exceeded", "This measurement exceeds the remaining hourly rate limit for your IP address.");
    for (status, body, line, said) in [
        (
            "422 Unprocessable Content",
            error("no_probes_found", "No matching IPv4 probes available."),
            "x-a: b",
            "protocol {}: it answers 422: No matching IPv4 probes available.",
        ),
        (
            "429 Too Many Requests",
            spent,
            "x-ratelimit-limit: 250\r\nx-ratelimit-consumed: 0\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1200",
            "protocol {}: it answers 429: the rate limit of 250 tests is spent, more in 20 min",
        ),
        (
            "401 Unauthorized",
            error("unauthorized", "Unauthorized."),
            "x-a: b",
            "protocol {}: it answers 401: globalping.token is not accepted, give one",
        ),
        ("202 Accepted", json!({ "id": "../../x" }), "x-a: b", "protocol {}: its answer names no measurement"),
    ] {
        let api = Api::start(move |_| Some(Told::json(status, &body).with(line)));
        let (report, code) = verified(&api, ONE);
        let said = said.replace("{}", &api.address.to_string());
        assert_eq!((code, summary(&report)), (3, said.as_str()));
    }
}

#[test]
fn a_look_too_many_at_one_measurement_is_waited_for() {
    let looks = Counter::default();
    let api = Api::start(move |asked| {
        if asked.line.starts_with("POST ") {
            return Some(created());
        }
        let busy = json!({ "error": { "type": "too_many_requests", "message": "Too many requests. Please retry in 1 second." } });
        Some(match looks.next() {
            0 => Told::json("429 Too Many Requests", &busy).with("retry-after: 1"),
            _ => Told::json("200 OK", &measured("finished", &[fresh("NRT")])),
        })
    });
    let (report, code) = verified(&api, ONE);
    assert_eq!((code, &report["summary"]["verdicts"]["fresh"]), (0, &json!(1)), "{report:#}");
}

#[test]
fn a_measurement_that_never_ends_is_given_up() {
    let api = Api::start(|asked| {
        let pending = json!({ "status": "in-progress", "rawOutput": "" });
        Some(if asked.line.starts_with("POST ") {
            created()
        } else {
            Told::json("200 OK", &measured("in-progress", &[pending]))
        })
    });
    let (report, ran) = Files::new(&origin(), &region(&api, ", timeout = '1200ms'"), ONE).verify(&[]);
    let said = format!("timeout {}: no result within 1.2 s", api.address);
    assert_eq!((ran.code, summary(&report)), (3, said.as_str()));
}

#[test]
fn an_object_is_asked_for_at_all_places_or_at_none() {
    let api = always(vec![fresh("NRT"), fresh("NRT")]);
    let keys = format!(
        "globalping = {{ from = ['Tokyo', 'Osaka'], limit = 2, tests = 7, base_url = 'http://{}' }}",
        api.address
    );
    let tenants = "tenants: [{ id: a, host: a.example, paths: [/a] }, { id: b, host: b.example, paths: [/b], priority: critical }]";
    let (report, ran) = Files::new(&origin(), &keys, tenants).verify(&[]);
    let posted = api.asked().into_iter().filter(|asked| asked.line.starts_with("POST ")).collect::<Vec<_>>();
    assert_eq!(posted.len(), 2);
    assert!(posted.iter().all(|asked| asked.body.contains("b.example")));
    assert_eq!(
        (&report["summary"]["verdicts"]["fresh"], &report["summary"]["verdicts"]["unreachable"]),
        (&json!(2), &json!(2))
    );
    let line = "region eu: Globalping: 4 tests of 7 an hour; 2 checks not asked\n";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
}

#[test]
fn the_token_is_in_no_output() {
    let api = always(vec![stale("KIX")]);
    Files::new(&origin(), &region(&api, ", token = '${VENDOR_TOKEN}'"), ONE).tells_no_token();
}
