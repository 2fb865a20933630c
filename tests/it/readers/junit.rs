//! `JUnit`: cases, and what is told of each.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Counts, Findings, Told};

/// One case.
#[derive(Debug, Default)]
pub(crate) struct Case {
    pub(crate) class: String,
    pub(crate) name: String,
    /// Each `failure` and `error`: its name, its type, its message.
    pub(crate) wrong: Vec<[String; 3]>,
    /// The text of that, or of `system-out`.
    pub(crate) told: String,
}

/// Every case; the numbers that suites give are those of their cases.
pub(crate) fn cases(text: &str) -> Vec<Case> {
    let mut reader = Reader::from_str(text);
    let (mut cases, mut suites): (Vec<Case>, Vec<[u64; 3]>) = (Vec::new(), Vec::new());
    let mut inside = false;
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("no XML: {error}"));
        match event {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                b"testsuite" => {
                    suites.push(["tests", "failures", "errors"].map(|name| attribute(&tag, name).parse().unwrap()));
                }
                b"testcase" => cases.push(Case {
                    class: attribute(&tag, "classname"),
                    name: attribute(&tag, "name"),
                    ..Case::default()
                }),
                name @ (b"failure" | b"error") => {
                    let name = String::from_utf8(name.to_vec()).unwrap();
                    let wrong = [name, attribute(&tag, "type"), attribute(&tag, "message")];
                    cases.last_mut().unwrap().wrong.push(wrong);
                    inside = true;
                }
                name => inside = name == b"system-out",
            },
            Event::End(_) => inside = false,
            Event::Text(text) if inside => push(&mut cases, &text.xml10_content().unwrap()),
            Event::GeneralRef(known) if inside => {
                let name = format!("&{};", known.xml10_content().unwrap());
                push(&mut cases, &quick_xml::escape::unescape(&name).unwrap());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let of = |kind: &str| cases.iter().filter(|case| case.wrong.iter().any(|wrong| wrong[0] == kind)).count() as u64;
    let sums = suites.iter().fold([0; 3], |sums, suite| [0, 1, 2].map(|at| sums[at] + suite[at]));
    assert_eq!(sums, [cases.len() as u64, of("failure"), of("error")]);
    cases
}

fn push(cases: &mut [Case], text: &str) {
    if let Some(case) = cases.last_mut() {
        case.told.push_str(text);
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let found = tag.try_get_attribute(name).unwrap().unwrap_or_else(|| panic!("no {name}"));
    found.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned()
}

pub(super) fn read(text: &str) -> Told {
    let cases = cases(text);
    let gate = &cases[0];
    let (outcome, code) = gate.told.lines().next().and_then(|line| line.trim().split_once(", exit code ")).unwrap();
    let counts =
        gate.told.lines().rev().find_map(|line| line.split_once(" checks: ")).map(|(_, counts)| counts).unwrap();
    let count = |text: &str| {
        let (count, verdict) = text.split_once(' ')?;
        Some((verdict.to_owned(), count.parse().unwrap()))
    };
    let counts: Counts = counts.split(", ").filter_map(count).collect();
    let mut findings = Findings::new();
    for case in &cases[1..] {
        let mut lines = case.told.lines();
        while let Some(line) = lines.next() {
            if let Some(why) = line.split_once(": ").and_then(|_| lines.clone().next()?.strip_prefix("  why: ")) {
                let (_, cause) = why.strip_suffix(')').unwrap().rsplit_once(" (").unwrap();
                let verdict = line.split_once(": ").unwrap().0;
                *findings.entry((verdict.to_owned(), cause.to_owned())).or_default() += 1;
            }
        }
    }
    let all = !cases.iter().any(|case| case.told.contains("more findings"));
    Told {
        outcome: Some(outcome.to_owned()),
        exit_code: code.parse().ok(),
        counts: Some(counts),
        findings: all.then_some(findings),
    }
}
