//! Suites and cases as Jenkins and GitLab read them, in XML 1.0; knows nothing of reports.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::defused;

pub(super) struct Suite<'r> {
    pub(super) name: String,
    pub(super) cases: Vec<Case<'r>>,
}

pub(super) struct Case<'r> {
    pub(super) class: String,
    pub(super) name: &'r str,
    /// At most one: of several, Jenkins shows the first alone.
    pub(super) wrong: Option<Wrong>,
    /// GitLab shows the text of an element, not its message.
    pub(super) told: String,
}

pub(super) struct Wrong {
    /// `failure` or `error`.
    pub(super) element: &'static str,
    pub(super) kind: &'static str,
    pub(super) message: String,
}

/// The whole file.
pub(super) fn document(suites: &[Suite<'_>]) -> Vec<u8> {
    // Writing to memory cannot fail.
    written(suites).unwrap_or_default()
}

fn written(suites: &[Suite<'_>]) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = counts(suites.iter().flat_map(|suite| &suite.cases));
    let all =
        writer.create_element("testsuites").with_attribute(("name", "purgeproof")).with_attributes(shown(&counts));
    all.write_inner_content(|writer| suites.iter().try_for_each(|one| suite(writer, one)))?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn suite(writer: &mut Writer<Vec<u8>>, suite: &Suite<'_>) -> io::Result<()> {
    let counts = counts(suite.cases.iter());
    let element = writer.create_element("testsuite").with_attribute(("name", &*allowed(&suite.name)));
    let element = element.with_attributes(shown(&counts));
    element.write_inner_content(|writer| suite.cases.iter().try_for_each(|one| case(writer, one))).map(drop)
}

fn case(writer: &mut Writer<Vec<u8>>, case: &Case<'_>) -> io::Result<()> {
    let element = writer.create_element("testcase").with_attribute(("name", &*allowed(case.name)));
    let element = element.with_attribute(("classname", &*allowed(&case.class)));
    let told: Vec<String> = case.told.split('\n').map(allowed).collect();
    let told = told.join("\n");
    let text = BytesText::new(&told);
    match &case.wrong {
        None if told.is_empty() => element.write_empty(),
        None => {
            element.write_inner_content(|writer| writer.create_element("system-out").write_text_content(text).map(drop))
        }
        Some(Wrong { element: name, kind, message }) => element.write_inner_content(|writer| {
            let wrong = writer.create_element(*name).with_attribute(("type", *kind));
            wrong.with_attribute(("message", &*allowed(message))).write_text_content(text).map(drop)
        }),
    }
    .map(drop)
}

/// Tests, failures and errors.
fn counts<'c, 'r: 'c>(cases: impl Iterator<Item = &'c Case<'r>>) -> [(&'static str, String); 3] {
    let (mut tests, mut failures, mut errors) = (0_usize, 0_usize, 0_usize);
    for case in cases {
        tests += 1;
        match &case.wrong {
            Some(wrong) if wrong.element == "failure" => failures += 1,
            Some(_) => errors += 1,
            None => {}
        }
    }
    [("tests", tests.to_string()), ("failures", failures.to_string()), ("errors", errors.to_string())]
}

fn shown<'a>(counts: &'a [(&'static str, String); 3]) -> impl Iterator<Item = (&'a str, &'a str)> {
    counts.iter().map(|(name, count)| (*name, count.as_str()))
}

/// Without what XML 1.0 forbids even where it is escaped (section 2.2): control characters are spelled out, and these
/// two are none.
fn allowed(text: &str) -> String {
    defused(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
