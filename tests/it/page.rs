//! The report as a page: valid, complete, bounded, and nothing that a server sends is more than text in it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use purgeproof::lab::{Options, Planted};
use purgeproof::model::{Finding, PairRow, Report, Verdict};
use purgeproof::report::{Look, named};
use serde_json::{Value, json};

use crate::support::stage::{Stage, missing, pair};
use crate::support::{purgeproof, run};

fn page_of(report: &Report) -> String {
    String::from_utf8((named("html").unwrap().render)(report, Look::PLAIN)).unwrap()
}

fn read(report: Value) -> Report {
    serde_json::from_value(report).unwrap()
}

/// HTML Tidy has nothing to say.
#[track_caller]
fn is_valid(page: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    std::fs::write(&path, page).unwrap();
    let tidy = Command::new("tidy").args(["-e", "-q", "--show-info", "no"]).arg(&path).output();
    let tidy = tidy.unwrap_or_else(|error| panic!("tidy (Debian package tidy): {error}"));
    let said = String::from_utf8_lossy(&tidy.stderr);
    assert!(tidy.status.success() && said.is_empty(), "{said}");
}

/// The tree that a browser makes of a page, and what it logged meanwhile.
fn browsed(page: &Path, profile: &Path) -> (String, String) {
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]);
    chromium.args(["--no-first-run", "--enable-logging=stderr", "--v=0", "--dump-dom", "--timeout=20000"]);
    chromium.arg(format!("--user-data-dir={}", profile.display())).arg(format!("file://{}", page.display()));
    let ran = chromium.output().unwrap_or_else(|error| panic!("chromium (Debian package chromium): {error}"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    (String::from_utf8(ran.stdout).unwrap(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

/// Every text of a report that is no word of a closed vocabulary, with something appended.
fn poison(value: &mut Value, key: &str, poison_with: &str) {
    const CLOSED: [&str; 7] = ["fail_on", "outcome", "phase", "priority", "verdict", "late", "schema"];
    match value {
        Value::String(_) if CLOSED.contains(&key) => {}
        Value::String(text) => text.push_str(poison_with),
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, key, poison_with)),
        Value::Object(fields) => {
            fields.iter_mut().filter(|(name, _)| *name != "verdicts").for_each(|(name, field)| {
                poison(field, name, poison_with);
            });
        }
        _ => {}
    }
}

#[test]
fn whatever_a_server_sends_is_text() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let hostile = format!(
        "\"'></title></style></pre></table><script>document.title='owned'</script><img src={url} \
         onerror=\"document.title='owned'\"><link rel=stylesheet href={url}><a href=javascript:alert(1)>{{{{7*7}}}}\
         <!--\u{0}\u{1b}[2J\r\n\u{202e}gnp\u{2066}&lt;&amp"
    );
    let stage = Stage::purged(Options { tenants: 3, ..Options::default() }, &Planted::demo(&Options::default()));
    let (mut report, _) = stage.verify(&["--within", "1s"]);
    let origin = json!({"environment": "lab", "tenant": "a", "host": "a", "path": "/", "variant": "identity",
        "status": 500, "samples": 1, "consistent": false, "trouble": "it contradicts itself"});
    report["origins"] = json!([origin]);
    let differs = json!([{"header": "vary", "values": {"lab": "origin", "b": null}, "variants": ["identity"]}]);
    report["parity"] = json!([{"path": "/a", "tenants": ["a"], "tenant": "a", "differs": differs}]);
    report["advice"] = json!([{"id": "no-validator", "summary": "s", "why": "w", "fix": "f", "source": "RFC", "path": "/a",
        "tenants": ["a"], "tenant": "a", "environments": ["lab"], "seen": "nothing"}]);
    poison(&mut report, "", &hostile);
    for finding in report["findings"].as_array_mut().unwrap() {
        finding["observed"]["headers"][&hostile] = json!(hostile);
    }
    let page = page_of(&read(report));
    let file = stage.file("page.html");
    std::fs::write(&file, &page).unwrap();

    let (dom, log) = browsed(&file, &stage.file("profile"));
    assert!(!log.contains("CONSOLE"), "{log}");
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "the page asked for something");
    for element in ["<script", "<img", "<link", "href=\"javascript:", "href=\"http", "<!--"] {
        assert!(!dom.contains(element), "{element} in the tree");
    }
    let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    assert!(title.starts_with("FAIL: purgeproof, purge of ") && title.contains("&lt;script&gt;"), "{title}");
    let kept = dom.matches("&lt;script&gt;document.title='owned'&lt;/script&gt;").count();
    assert!(kept > 100, "only {kept} of the hostile texts can be read");
    assert!(dom.contains("\\u{0}\\u{1b}[2J\\u{d}\\u{a}\\u{202e}gnp\\u{2066}&amp;lt;&amp;amp"));
    assert!(!dom.contains(['\u{0}', '\u{1b}', '\u{202e}', '\u{2066}', '\r']));
    is_valid(&page);
}

#[test]
fn the_map_has_the_worst_tenants_first_and_the_good_in_one_line() {
    let planted = Planted { missed_tenant: Some("tenant-002".to_owned()), ..missing("fra") };
    let mut stage = Stage::purged(pair(3), &planted);
    let (report, _) = stage.verify(&[]);
    let page = page_of(&read(report.clone()));
    is_valid(&page);
    let row = |tenant: &str| page.find(&format!("<th scope=\"row\" title=\"{tenant}\">")).unwrap();
    assert!(row("tenant-002") < row("tenant-001") && row("tenant-001") < row("tenant-003"));
    for (tenant, edge) in [("tenant-001", "fra"), ("tenant-002", "ams"), ("tenant-002", "fra"), ("tenant-003", "fra")] {
        let cell = format!("<td class=\"stale\" title=\"{tenant} at {edge}: 1 stale\">S</td>");
        assert_eq!(page.matches(&cell).count(), 1, "{cell}");
    }
    assert_eq!(page.matches("<td></td><td class=\"stale\"").count(), 2, "ams is good for two tenants");
    assert!(!page.contains("fresh at every edge"));

    let planted = Planted { missed_tenant: Some("tenant-002".to_owned()), ..Planted::nothing() };
    stage = Stage::purged(pair(3), &planted);
    let page = page_of(&read(stage.verify(&[]).0));
    assert!(page.contains("<p>2 tenants are fresh at every edge.</p>"), "{page}");
    assert_eq!(page.matches("<th scope=\"row\" title=\"tenant-").count(), 1);
}

#[test]
fn a_finding_shows_the_edges_headers_beside_the_origins() {
    let stage = Stage::purged(pair(1), &missing("fra"));
    let (report, _) = stage.verify(&[]);
    let finding = &report["findings"][0];
    let page = page_of(&read(report.clone()));
    let quoted = |text: &Value| text.as_str().unwrap().replace('"', "&#34;").replace('\'', "&#39;");
    let [edge, origin] = ["observed", "reference"].map(|side| quoted(&finding[side]["etag"]));
    let row = format!(
        "<tr class=\"differs\"><th scope=\"row\">etag</th><td>{edge}</td><td>{origin}</td><td class=\"says\">different</td>"
    );
    assert!(page.contains(&row), "no {row}");
    assert!(page.contains("<tr><th scope=\"row\">status</th><td>200</td><td>200</td>"));
    assert!(page.contains(&format!("<pre>{}</pre>", quoted(&finding["reproduce"]))));
    for part in ["summary", "why", "fix"] {
        assert!(page.contains(&quoted(&finding["cause"][part])), "{part}");
    }
}

#[test]
fn the_curve_has_a_line_for_each_region_its_service_level_and_what_never_settled() {
    let options = Options { tenants: 4, ..Options::default() };
    let stage = Stage::purged(options, &missing("kix"));
    let (report, _) = stage.verify(&["--within", "1s"]);
    let regions = report["convergence"]["by"]["region"].as_object().unwrap();
    let checks: BTreeMap<&str, f64> =
        report["regions"].as_array().unwrap().iter().fold(BTreeMap::new(), |mut sums, row| {
            let counts = row["verdicts"].as_object().unwrap().values();
            sums.insert(row["name"].as_str().unwrap(), counts.map(|count| count.as_f64().unwrap()).sum());
            sums
        });
    for (name, region) in regions {
        let curve = region["curve"].as_array().unwrap();
        let shares: Vec<f64> = curve.iter().map(|point| point["fresh"].as_f64().unwrap()).collect();
        let settled = 1.0 - region["unsettled"].as_f64().unwrap() / checks[name.as_str()];
        assert!(shares.is_sorted() && (shares.last().unwrap() - settled).abs() < 1e-9, "{name}: {shares:?}, {settled}");
        assert_eq!(curve.last().unwrap()["ms"], region["fresh_ms"]["last"]);
    }
    let page = page_of(&read(report.clone()));
    is_valid(&page);
    for name in regions.keys() {
        assert_eq!(page.matches(&format!("<title>{name}</title></path>")).count(), 1, "{name}");
    }
    assert!(page.contains(">normal 1 min</text>") && page.contains(">never fresh: 4 checks (8.3%)</text>"), "{page}");
}

#[test]
fn a_saved_report_makes_the_same_page_as_its_run() {
    let stage = Stage::purged(pair(2), &missing("fra"));
    let file = |name: &str| stage.file(name);
    let report = |format: &str, name: &str| format!("{format}={}", file(name).display());
    let ran = run(stage.command().args(["--report", &report("json", "r.json"), "--report", &report("html", "a.html")]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let ran = run(purgeproof().arg("render").arg(file("r.json")).args(["--report", &report("html", "b.html")]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(std::fs::read(file("a.html")).unwrap() == std::fs::read(file("b.html")).unwrap());
}

#[test]
fn what_passed_and_what_was_empty_are_valid_pages_too() {
    let stage = Stage::purged(pair(2), &Planted::nothing());
    let page = page_of(&read(stage.verify(&["--insecure"]).0));
    is_valid(&page);
    assert!(
        page.contains("<p>2 tenants are fresh at every edge.</p>") && page.contains("Certificates were NOT checked")
    );
    let page = page_of(&read(stage.verify(&["--only", "tenant=nobody"]).0));
    is_valid(&page);
    assert!(page.contains(">EMPTY</span>"));
}

/// 3,000,000 pairs, of which a hundredth are bad: as many rows as a report keeps.
fn vast(small: &Report) -> Report {
    let mut report = small.clone();
    let (edge, tenant, finding) = (&small.edges[0], &small.tenants[0], &small.findings[0]);
    report.edges.clear();
    for nth in 0..300 {
        report.edges.push(purgeproof::model::EdgeRow { name: format!("edge-{nth:03}"), ..edge.clone() });
    }
    report.tenants.clear();
    report.pairs.clear();
    for nth in 0..10_000_u64 {
        let mut tenant = purgeproof::model::TenantRow { id: format!("tenant-{nth:05}"), ..tenant.clone() };
        tenant.verdicts = purgeproof::model::Counts { fresh: 300, ..Default::default() };
        if nth % 60 == 0 {
            tenant.verdicts = purgeproof::model::Counts { stale: 300, ..Default::default() };
            report.pairs.extend(report.edges.iter().map(|edge| PairRow {
                environment: edge.environment.clone(),
                region: edge.region.clone(),
                edge: edge.name.clone(),
                tenant: tenant.id.clone(),
                verdicts: [(Verdict::Stale, 1)].into(),
            }));
        }
        report.tenants.push(tenant);
    }
    let row = |pair: &PairRow| Finding { edge: pair.edge.clone(), tenant: pair.tenant.clone(), ..finding.clone() };
    report.findings = report.pairs.iter().take(10_000).map(row).collect();
    report
}

#[test]
fn ten_thousand_tenants_at_three_hundred_edges_fit_a_page() {
    let stage = Stage::purged(pair(1), &missing("fra"));
    let report = vast(&read(stage.verify(&[]).0));
    assert_eq!((report.pairs.len(), report.findings.len()), (50_100, 10_000));
    let page = page_of(&report);
    is_valid(&page);
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert!(page.contains("<p>9,833 tenants are fresh at every edge.</p>"));
    assert!(page.contains("… and 67 more tenants with problems"));
    assert!(page.contains("… and 9,000 more checks of this cause"));
    assert_eq!(page.matches("<details").count(), 1_000);
}
