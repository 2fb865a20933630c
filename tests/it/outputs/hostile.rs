//! What edges and files may say harms no reader of any format.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};

use purgeproof::lab::{Options, Planted};
use purgeproof::report;
use serde_json::{Value, json};

use super::{file, into, text, valid};
use crate::readers::{github, junit, openmetrics};
use crate::support::stage::Stage;
use crate::support::{purgeproof, run};

/// For terminals, XML, workflow commands, Markdown, HTML, exposition formats and spreadsheets.
const HOSTILE: &str = "\u{1b}[31m\u{9b}2J ]]> \u{0}\n::error::x ##[error]y\n::set-output name=a::b\r\n | `<b>` **c** [d](https://e.example) \
    <img src=x onerror=y> &amp; \"'\\| =1+1 {f=\"g\"} 1\n# EOF\n\u{202e}\u{fffe}\u{ffff}\u{fffd} https://evil.example \
    www.evil.example @team #1 %0A::warning::z, file=h --> \u{2028}";

/// Keys whose values a report could not be read without, or whose values mean something.
const KEPT: [&str; 14] = [
    "schema",
    "verdict",
    "outcome",
    "phase",
    "priority",
    "fail_on",
    "late",
    "max_fail",
    "source",
    "started_at",
    "finished_at",
    "last_passed_at",
    "rung",
    "says",
];

/// A report in which every section says something.
fn talkative() -> Value {
    let options = Options { tenants: 3, ..Options::default() };
    let planted = Planted::demo(&options);
    let (mut report, _) = Stage::purged(options, &planted).verify(&["--within", "400ms", "--advise"]);
    report["parity"] = json!([{
        "path": "/a", "tenants": ["t"], "tenant": "t",
        "differs": [{ "header": "cache-control", "values": { "one": "no-store", "two": null }, "variants": ["gzip"] }],
    }]);
    report["advice"] = json!([{
        "id": "no-validator", "summary": "s", "why": "w", "fix": "f", "source": "RFC 9110 section 8.8", "path": "/a",
        "tenants": ["t"], "tenant": "t", "environments": ["one"], "seen": "x",
    }]);
    report
}

fn spoil(value: &mut Value) {
    match value {
        Value::String(text) => text.push_str(HOSTILE),
        Value::Array(items) => items.iter_mut().for_each(spoil),
        Value::Object(fields) => {
            fields.iter_mut().filter(|(name, _)| !KEPT.contains(&name.as_str())).for_each(|(_, field)| spoil(field));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[track_caller]
fn moves_no_terminal(format: &str, text: &str) {
    let obeyed =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if let Some(at) = text.find(obeyed) {
        let around: String = text[at..].chars().take(40).collect();
        panic!("{format} has {around:?}");
    }
}

#[test]
fn a_report_whose_every_word_is_hostile_harms_no_reader() {
    let plain = talkative();
    let mut spoilt = plain.clone();
    spoil(&mut spoilt);
    let folder = tempfile::tempdir().unwrap();
    for format in report::ALL {
        if ["table", "markdown", "html", "junit"].contains(&format.id) {
            let said = text(format.id, &plain);
            assert!(said.contains("no-validator") && said.contains("cache-control"), "{}: {said}", format.id);
        }
        let shown = text(format.id, &spoilt);
        moves_no_terminal(format.id, &shown);
        fs::write(file(folder.path(), format.id), &shown).unwrap();
        valid::holds(format.id, &file(folder.path(), format.id));
    }
    let both = |format: &str| (text(format, &plain), text(format, &spoilt));

    for format in ["table", "json", "ndjson"] {
        let shown = both(format).1;
        let heard = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[");
        assert_eq!(shown.lines().find(heard), None, "{format}");
    }
    assert_eq!(serde_json::from_str::<Value>(&both("json").1).unwrap(), spoilt);
    let lines: Vec<Value> = both("ndjson").1.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&lines, spoilt["findings"].as_array().unwrap());

    let (before, after) = both("junit");
    let (before, after) = (junit::cases(&before), junit::cases(&after));
    let wrong = |cases: &[junit::Case]| cases.iter().map(|case| case.wrong.len()).collect::<Vec<_>>();
    assert_eq!(wrong(&after), wrong(&before));
    assert!(after.iter().any(|case| case.told.contains("]]>") && case.told.contains("<b>")), "nothing is lost");

    let (before, after) = both("github");
    let (before, after) = (github::commands(&before), github::commands(&after));
    let levels =
        |commands: &[github::Command]| commands.iter().map(|command| command.level.clone()).collect::<Vec<_>>();
    assert_eq!(levels(&after), levels(&before));
    for command in &after {
        assert!(command.properties.keys().all(|name| ["file", "line", "title"].contains(&&**name)), "{command:?}");
    }

    let (before, after) = both("openmetrics");
    assert_eq!(openmetrics::samples(&after).len(), openmetrics::samples(&before).len());
}

/// Tags that the text of a page alone does not bring.
fn tags(html: &str) -> Vec<&str> {
    let mut tags: Vec<&str> = html.split('<').skip(1).map(|rest| rest.split(['>', ' ']).next().unwrap()).collect();
    tags.sort_unstable();
    tags
}

#[test]
fn no_word_from_outside_is_markup() {
    let plain = talkative();
    let folder = tempfile::tempdir().unwrap();
    let shown = |report: &Value| {
        let path = folder.path().join("r.md");
        fs::write(&path, text("markdown", report)).unwrap();
        valid::html(&path)
    };
    let mut spoilt = plain.clone();
    spoil(&mut spoilt);
    let (before, after) = (shown(&plain), shown(&spoilt));
    assert_eq!(tags(&after), tags(&before), "{after}");
    for beginning in ["- a", "+ a", "1. a", "12) a", "# a", "> a", "    a", "---", "===", "***", "```", "~~~", "| a |"]
    {
        let mut report = plain.clone();
        for said in ["summary", "fix"] {
            report["findings"][0]["cause"][said] = beginning.into();
        }
        report["gate"]["reasons"][0]["message"] = beginning.into();
        let html = shown(&report);
        for (tag, least) in [("ol", 0), ("hr", 0), ("blockquote", 1), ("pre", 0), ("h1", 0)] {
            let found = tags(&html).iter().filter(|found| **found == tag).count();
            assert!(found <= least, "{beginning:?} makes {tag}: {html}");
        }
    }
}

/// Answers every request on every connection with these bytes.
fn saying(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while let Some(Ok(line)) = lines.next() {
                    if line.is_empty() && stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[test]
fn an_edge_that_answers_with_hostile_fields_harms_no_reader() {
    let origin = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\netag: \"new\"\r\nlast-modified: Sat, 21 Nov 2026 06:00:00 GMT\r\n\r\n");
    let edge = saying(
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nage: 9999\r\nx-cache: HIT ::error::x | `<b>`\r\nserver: \xff\xfe]]>&\r\n\
          last-modified: Fri, 20 Nov 2026 06:00:00 GMT\r\ncontent-type: =1+1|<script>\xc2\x9b2J\r\n\
          location: javascript:alert(1)%0A::error::\r\nvia: 1.1 \xe2\x80\xae``|evil\r\n\
          etag: \"\xff]]>::error::|`b`\xc2\x9b31m<i>\"\r\n\r\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let regions = format!(
        "schema = 1\n[origin]\nurl = 'http://{origin}'\n[defaults]\nscheme = 'http'\n[regions.eu]\nedges = [{{ name = 'fra', address = '{edge}' }}]\n"
    );
    fs::write(folder.path().join("regions.toml"), regions).unwrap();
    let mut command = purgeproof();
    command.current_dir(folder.path()).args(["verify", "--url", "http://a.example/%7C%3Cb%3E::error::"]);
    into(&mut command, folder.path());
    let ran = run(command.args(["--format", "github", "--body", "never"]));
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    for format in report::ALL {
        let path = file(folder.path(), format.id);
        let shown = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", format.id));
        moves_no_terminal(format.id, &shown);
        valid::holds(format.id, &path);
    }
    let json: Value = serde_json::from_slice(&fs::read(file(folder.path(), "json")).unwrap()).unwrap();
    // Bytes that are no UTF-8 are shown as what cannot be shown.
    assert_eq!(json["findings"][0]["observed"]["etag"], "\"\u{fffd}]]>::error::|`b`\u{9b}31m<i>\"");
    assert!(github::commands(&ran.stdout).iter().all(|command| command.level == "error"), "{}", ran.stdout);
}
