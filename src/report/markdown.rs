//! The report for a job's summary or a comment: the outcome, regions by verdict, then what is wrong, worst first.

use std::fmt::Write as _;
use std::time::Duration;

use super::causes::{Group, grouped, region};
use super::text::defused;
use super::told_once::{differences, pieces};
use super::{Format, Look};
use crate::model::{Finding, FreshMs, Outcome, Report, Verdict, counted, human};

pub(super) static FORMAT: Format = Format::new("markdown", "for a job's summary or a comment", render);

/// GitHub takes a step's summary up to 1 MiB; what follows the causes needs little.
const MOST_BYTES: usize = 900 << 10;
/// Checks named of one cause.
const MOST_NAMED: usize = 20;

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let mut out = String::new();
    headline(&mut out, report);
    if report.summary.checks > 0 {
        regions(&mut out, report);
    }
    causes(&mut out, report);
    origins(&mut out, report);
    told_once(&mut out, report);
    for note in &report.notes {
        let (checks, summary) = (counted(note.checks, "check"), prose(&note.summary));
        let _ = writeln!(out, "\n> **note** {} ({checks}): {summary}", code(&note.id));
    }
    out.into_bytes()
}

fn headline(out: &mut String, report: &Report) {
    let (mark, word) = match report.gate.outcome {
        Outcome::Pass => ("✅", "PASS"),
        Outcome::Fail => ("❌", "FAIL"),
        Outcome::Inconclusive => ("⚠️", "INCONCLUSIVE"),
        Outcome::Empty => ("⚠️", "EMPTY"),
    };
    let _ = writeln!(out, "## {mark} purgeproof: {word} (exit code {})\n", report.gate.exit_code);
    for reason in &report.gate.reasons {
        let _ = writeln!(out, "- {}", prose(&reason.message));
    }
    let summary = &report.summary;
    let _ = writeln!(
        out,
        "- {} x {} in {}: {}; parity {}%, coverage {}%",
        counted(summary.tenants, "tenant"),
        counted(summary.edges, "edge"),
        counted(summary.regions, "region"),
        counted(summary.checks, "check"),
        summary.parity_percent,
        summary.coverage_percent,
    );
    if let Some(purged_at) = &report.run.purged_at {
        let _ = writeln!(out, "- purged at {}", code(purged_at));
    }
    if let Some(convergence) = &report.convergence {
        let FreshMs { p50, p95, p99, last } = convergence.fresh_ms;
        let time = |ms: Option<u64>| ms.map_or("never".to_owned(), |ms| human(Duration::from_millis(ms)));
        let _ = writeln!(
            out,
            "- fresh: 50% within {}, 95% within {}, 99% within {}, the last at {}; {} already when first asked, {} never",
            time(p50),
            time(p95),
            time(p99),
            time(last),
            convergence.at_first_look,
            counted(convergence.unsettled, "check"),
        );
    }
    if report.run.insecure {
        out.push_str("- certificates were **not** checked (`--insecure`)\n");
    }
    if !report.run.complete {
        out.push_str("- the run ended before every check was made\n");
    }
}

fn regions(out: &mut String, report: &Report) {
    let counts = &report.summary.verdicts;
    let shown: Vec<Verdict> =
        Verdict::ALL.into_iter().filter(|verdict| *verdict == Verdict::Fresh || counts.of(*verdict) > 0).collect();
    let header: Vec<&str> = shown.iter().map(|verdict| verdict.id()).collect();
    let _ = writeln!(out, "\n| environment | region | edges | {} | coverage |", header.join(" | "));
    let _ = writeln!(out, "|---|---|--:|{}--:|", "--:|".repeat(shown.len()));
    for region in &report.regions {
        let edges =
            report.edges.iter().filter(|edge| edge.region == region.name && edge.environment == region.environment);
        let cells: Vec<String> = shown.iter().map(|verdict| region.verdicts.of(*verdict).to_string()).collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {}% |",
            cell(&region.environment),
            cell(&region.name),
            edges.count(),
            cells.join(" | "),
            region.coverage_percent
        );
    }
}

fn causes(out: &mut String, report: &Report) {
    let groups = grouped(report);
    for (nth, group) in groups.iter().enumerate() {
        let told = cause(report, group);
        if out.len() + told.len() > MOST_BYTES {
            let left = &groups[nth..];
            let checks: usize = left.iter().map(|group| group.findings.len()).sum();
            let (causes, checks) = (counted(left.len() as u64, "more cause"), counted(checks as u64, "check"));
            let _ = writeln!(out, "\n... and {causes} with {checks}");
            break;
        }
        out.push_str(&told);
    }
    if report.summary.findings_left_out > 0 {
        let left_out = counted(report.summary.findings_left_out, "more finding");
        let _ = writeln!(out, "\n... and {left_out}, of which no details were kept");
    }
}

fn cause(report: &Report, group: &Group<'_>) -> String {
    let mut out = String::new();
    let checks = counted(group.findings.len() as u64, "check");
    let _ = writeln!(out, "\n### {}: {} ({checks})\n", group.verdict.id(), code(group.cause));
    let _ = writeln!(out, "{}\n\n**Fix:** {}\n", prose(&group.said()), prose(group.fix));
    out.push_str("| tenant | edge | object | variant | POP |\n|---|---|---|---|---|\n");
    for finding in group.findings.iter().take(MOST_NAMED) {
        let Finding { tenant, edge, host, path, variant, pop_seen, .. } = finding;
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            cell(tenant),
            cell(&format!("{}/{edge}", region(report, finding))),
            cell(&format!("{host}{path}")),
            cell(variant),
            pop_seen.as_deref().map_or(String::new(), cell),
        );
    }
    if group.findings.len() > MOST_NAMED {
        let _ = writeln!(out, "\n... and {}", counted((group.findings.len() - MOST_NAMED) as u64, "more check"));
    }
    if let Some(first) = group.findings.first() {
        let _ = writeln!(out, "\nThe first again: {}", code(&first.reproduce));
    }
    out
}

fn origins(out: &mut String, report: &Report) {
    const SHOWN: usize = 20;
    if report.origins.is_empty() {
        return;
    }
    out.push_str("\n### origin\n\n");
    for row in report.origins.iter().take(SHOWN) {
        let object = code(&format!("{}{}", row.host, row.path));
        let _ = writeln!(out, "- {object} {}: {}", code(&row.variant), prose(&row.trouble));
    }
    if report.origins.len() > SHOWN {
        let _ = writeln!(out, "- ... and {}", counted((report.origins.len() - SHOWN) as u64, "more object"));
    }
}

/// Differences between environments, and advice.
fn told_once(out: &mut String, report: &Report) {
    const SHOWN: usize = 20;
    let all = differences(report);
    if !all.is_empty() {
        out.push_str("\n### between environments\n\n");
    }
    for difference in all.iter().take(SHOWN) {
        let values = difference.values().map(|(environment, value)| format!("{} {}", prose(environment), code(&value)));
        let values = values.collect::<Vec<_>>().join("; ");
        let _ = writeln!(out, "- {}: {values}; {}", code(difference.header), prose(&difference.place()));
    }
    more(out, all.len(), SHOWN, "more difference");
    let all = pieces(report);
    if !all.is_empty() {
        out.push_str("\n### advice\n\n");
    }
    for piece in all.iter().take(SHOWN) {
        let row = piece.row;
        let (place, seen) = (prose(&piece.place()), code(&piece.seen()));
        let _ = writeln!(out, "- {}: {}; {place}: {seen}", code(&row.id), prose(&row.summary));
        let _ = writeln!(out, "  Fix: {} ({})", prose(&row.fix), prose(&row.source));
    }
    more(out, all.len(), SHOWN, "more piece");
}

fn more(out: &mut String, all: usize, shown: usize, noun: &str) {
    if all > shown {
        let _ = writeln!(out, "- ... and {}", counted((all - shown) as u64, noun));
    }
}

/// Words from outside, as words: no character of them is markup (`CommonMark` section 2.5: a reference stands for text),
/// not at the beginning of a line either, nor a link that is found by itself.
fn prose(text: &str) -> String {
    let text = defused(text);
    let mut safe = String::new();
    for (at, c) in text.char_indices() {
        let is_word = match c {
            ':' => text[at + 1..].starts_with(' ') || at + 1 == text.len(),
            '.' | ')' => !text[..at].bytes().all(|byte| byte.is_ascii_digit()) && !text[..at].ends_with("www"),
            ' ' | '-' | '+' | '=' => at > 0,
            _ => c.is_ascii_alphanumeric() || !c.is_ascii() || ",;(/%?!'".contains(c),
        };
        if is_word {
            safe.push(c);
        } else {
            let _ = write!(safe, "&#{};", u32::from(c));
        }
    }
    safe
}

/// Words from outside, as they are: a code span whose fence is longer than any in it (`CommonMark` section 6.1).
fn code(text: &str) -> String {
    let text = defused(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The same in a table, where a bar ends the cell even within code, and a backslash may stand for itself before it.
fn cell(text: &str) -> String {
    if text.contains(['|', '\\']) { format!("<code>{}</code>", prose(text)) } else { code(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(prose("<b>|`*@x_[a](b)#"), "&#60;b&#62;&#124;&#96;&#42;&#64;x&#95;&#91;a&#93;(b)&#35;");
        assert_eq!(prose("a\nb"), "a\\u{a}b".replace('\\', "&#92;").replace('{', "&#123;").replace('}', "&#125;"));
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(""), "`  `");
        assert_eq!(cell("a|b"), "<code>a&#124;b</code>");
        assert_eq!(cell("a\\|b"), "<code>a&#92;&#124;b</code>");
        assert_eq!(prose("http://www.a.example: x"), "http&#58;//www&#46;a.example: x");
        for (text, safe) in
            [("- a", "&#45; a"), ("1. a", "1&#46; a"), ("1) a", "1&#41; a"), (" a", "&#32;a"), ("=", "&#61;")]
        {
            assert_eq!(prose(text), safe);
        }
    }
}
