//! Annotations for GitHub Actions: workflow commands, as many as are shown, each at the tenants file's line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::causes::{Group, grouped};
use super::severity::{self, Severity};
use super::text::{clipped, defused};
use super::{Format, Look};
use crate::model::{Report, Verdict, counted, file_and_line};

pub(super) static FORMAT: Format = Format {
    step_summary: Some(&super::markdown::FORMAT),
    ..Format::new("github", "annotations for GitHub Actions, and the step's summary", render)
};

/// Of each level, GitHub shows so many in a step.
const MOST: usize = 10;
/// Characters of one annotation: long ones are cut where nobody sees it.
const LONGEST: usize = 2_000;

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let mut out = String::new();
    let verdict = format!("{} (exit code {})", report.gate.outcome.id(), report.gate.exit_code);
    let reasons: Vec<String> = report.gate.reasons.iter().map(|reason| reason.message.clone()).collect();
    let said = if reasons.is_empty() { counted(report.summary.checks, "check") } else { reasons.join("; ") };
    let level = match severity::of_gate(&report.gate) {
        Severity::Good | Severity::Notice => "notice",
        Severity::Inconclusive => "warning",
        Severity::Failing => "error",
    };
    command(&mut out, level, None, &format!("purgeproof: {verdict}"), &said);
    // A gate that compares error pages with error pages is green for the wrong reason.
    let note = report.notes.iter().find(|note| note.id == "reference-is-an-error");
    if let Some(note) = note {
        let title = format!("purgeproof: {} ({})", note.id, counted(note.checks, "object"));
        command(&mut out, "warning", None, &title, &format!("{}\n{}", note.summary, note.fix));
    }
    if report.run.insecure {
        let said = "whoever answered may not be the CDN (--insecure)";
        command(&mut out, "warning", None, "purgeproof: certificates were NOT checked", said);
    }
    let sources: BTreeMap<&str, &str> =
        report.tenants.iter().filter_map(|tenant| Some((tenant.id.as_str(), tenant.source.as_deref()?))).collect();
    let groups = grouped(report);
    for shown in ["error", "warning"] {
        let is_shown = |verdict: Verdict| name(verdict, report) == Some(shown);
        let counts = Verdict::ALL.into_iter().filter(|verdict| is_shown(*verdict));
        let checks = counts.map(|verdict| report.summary.verdicts.of(verdict)).fold(0, u64::saturating_add);
        let of_level: Vec<&Group<'_>> = groups.iter().filter(|group| is_shown(group.verdict)).collect();
        // The gate's own has one of the places; the note and the certificates have one of the warnings each.
        let warned = usize::from(note.is_some()) + usize::from(report.run.insecure);
        let room = MOST - usize::from(level == shown) - if shown == "warning" { warned } else { 0 };
        annotate_all(&mut out, shown, &of_level, checks, room, &sources);
    }
    out.into_bytes()
}

/// As many as there is room for; where that is not all of so many checks, the last says how many more there are.
fn annotate_all(
    out: &mut String,
    level: &str,
    groups: &[&Group<'_>],
    checks: u64,
    room: usize,
    sources: &BTreeMap<&str, &str>,
) {
    let covered = |groups: &[&Group<'_>]| groups.iter().map(|group| group.findings.len() as u64).sum::<u64>();
    let all_fit = groups.len() <= room && covered(groups) >= checks;
    let told = if all_fit { groups.len() } else { groups.len().min(room - 1) };
    for group in &groups[..told] {
        annotate(out, level, group, sources);
    }
    if !all_fit {
        let more = counted(checks.saturating_sub(covered(&groups[..told])), "more check");
        let said = format!("{more}; see the step's summary or the report");
        command(out, level, None, "purgeproof: not all is shown", &said);
    }
}

/// Failing verdicts are errors; what is inconclusive or unpurged is a warning.
fn name(verdict: Verdict, report: &Report) -> Option<&'static str> {
    match severity::of(verdict, &report.gate.policy) {
        Severity::Good => None,
        Severity::Notice | Severity::Inconclusive => Some("warning"),
        Severity::Failing => Some("error"),
    }
}

fn annotate(out: &mut String, level: &str, group: &Group<'_>, sources: &BTreeMap<&str, &str>) {
    let Some(first) = group.findings.first() else { return };
    let checks = counted(group.findings.len() as u64, "check");
    let title = format!("{} {} ({checks})", group.verdict.id(), group.cause);
    let more = match group.findings.len() {
        1 => String::new(),
        n => format!(" and {}", counted(n as u64 - 1, "more check")),
    };
    let said = format!(
        "{}\nFirst: {}{} [{}] at {}{more}\nFix: {}\n{}",
        group.said(),
        first.host,
        first.path,
        first.variant,
        first.edge,
        group.fix,
        first.reproduce
    );
    command(out, level, sources.get(first.tenant.as_str()).copied(), &title, &said);
}

/// One workflow command on one line. Whatever came from outside is escaped, so that it can neither end the line nor the
/// property it stands in.
fn command(out: &mut String, level: &str, source: Option<&str>, title: &str, message: &str) {
    let lines: Vec<String> = message.split('\n').map(defused).collect();
    let message = escaped(&clipped(&lines.join("\n"), LONGEST));
    let place = source.and_then(file_and_line);
    let place = place.map_or(String::new(), |(file, line)| format!("file={},line={line},", property(file)));
    let _ = writeln!(out, "::{level} {place}title={}::{message}", property(title));
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(&defused(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_cannot_start_a_command() {
        let mut out = String::new();
        command(&mut out, "error", Some("a,b:c.yaml:12"), "t::x,\n", "one\n::set-output name=x::y\r%0A");
        assert_eq!(out.lines().count(), 1, "{out}");
        assert!(
            out.starts_with("::error file=a%2Cb%3Ac.yaml,line=12,title=t%3A%3Ax%2C\\u{a}::one%0A::set-output"),
            "{out}"
        );
        assert!(out.ends_with("y\\u{d}%250A\n"), "{out}");
        let mut out = String::new();
        command(&mut out, "error", Some("\u{1b}[31m\u{7f}.yaml:12"), "t", "x");
        assert_eq!(out, "::error file=\\u{1b}[31m\\u{7f}.yaml,line=12,title=t::x\n");
    }
}
