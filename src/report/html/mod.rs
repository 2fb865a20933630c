//! The report as a page: one file that needs no network and no script. It decides nothing.

mod curve;
mod findings;
mod heat;

use std::borrow::Borrow;
use std::fmt;
use std::time::Duration;

use askama::Template;
use askama::filters::{Escaper, Html};

use super::causes::region;
use super::table::said;
use super::text::defused;
use super::told_once::{Difference, Piece, differences, pieces};
use super::{Format, Look};
use crate::model::{EdgeRow, Outcome, RegionRow, Report, Verdict, counted, human};
use curve::Curve;
use findings::Findings;
use heat::{Cell, Heat};

pub(super) static FORMAT: Format =
    Format::new("html", "a page for people: who is stale where, how soon it was fresh, and why", render);

/// Rows shown of what is listed without being counted elsewhere.
const MOST_ORIGINS: usize = 200;
/// Differences and pieces of advice shown.
const MOST_TOLD: usize = 100;
/// Causes told at the top.
const MOST_CAUSES: usize = 5;
/// So few columns may be wide.
const FEW_EDGES: usize = 24;

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let findings = Findings::of(report);
    let page = Page {
        report,
        said: said(report),
        heat: Heat::of(report, &findings),
        curve: report.convergence.as_ref().map(|convergence| Curve::of(report, convergence)),
        findings,
        differences: differences(report),
        advice: pieces(report),
        present: Verdict::ALL
            .into_iter()
            .filter(|verdict| *verdict == Verdict::Fresh || report.summary.verdicts.of(*verdict) > 0)
            .collect(),
    };
    // Writing to memory cannot fail.
    page.render().unwrap_or_default().into_bytes()
}

/// All that the page shows.
#[derive(Template)]
#[template(path = "html/page.html")]
struct Page<'r> {
    report: &'r Report,
    said: String,
    heat: Heat<'r>,
    curve: Option<Curve<'r>>,
    findings: Findings<'r>,
    differences: Vec<Difference<'r>>,
    advice: Vec<Piece<'r>>,
    /// Verdicts with a column of their own.
    present: Vec<Verdict>,
}

impl Page<'_> {
    fn outcome(&self) -> &'static str {
        match self.report.gate.outcome {
            Outcome::Pass => "PASS",
            Outcome::Fail => "FAIL",
            Outcome::Inconclusive => "INCONCLUSIVE",
            Outcome::Empty => "EMPTY",
        }
    }

    fn count(&self, verdict: impl Borrow<Verdict>) -> u64 {
        self.report.summary.verdicts.of(*verdict.borrow())
    }

    fn edges_of(&self, region: &RegionRow) -> usize {
        let is_in = |edge: &&EdgeRow| edge.region == region.name && edge.environment == region.environment;
        self.report.edges.iter().filter(is_in).count()
    }

    fn several_environments(&self) -> bool {
        self.report.environments.len() > 1
    }

    fn policy(&self) -> String {
        let policy = &self.report.gate.policy;
        let fail_on: Vec<&str> = policy.fail_on.iter().map(|verdict| verdict.id()).collect();
        let mut said = vec![format!("fails on {}", fail_on.join(", "))];
        said.extend(policy.max_fail.as_ref().map(|most| format!("tolerates {most}")));
        said.extend(policy.fail_on_advice.then(|| "fails on advice".to_owned()));
        said.push(format!("coverage at least {}%", policy.min_coverage));
        said.extend(policy.min_parity.map(|least| format!("parity at least {least}%")));
        said.join("; ")
    }
}

/// Words from outside as a page may hold them: no markup, and nothing that hides or turns around what is read.
#[derive(Debug, Clone, Copy)]
struct Words;

impl Escaper for Words {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, text: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &defused(text))
    }
}

/// What a cell of the map shows beside its colour.
fn letter(verdict: impl Borrow<Verdict>) -> &'static str {
    match verdict.borrow() {
        Verdict::Fresh | Verdict::Uncached => "·",
        Verdict::Unpurged => "P",
        Verdict::Stale => "S",
        Verdict::Divergent => "D",
        Verdict::Failing => "F",
        Verdict::Unverifiable => "?",
        Verdict::Unreachable => "×",
    }
}

fn of_region(region: &RegionRow, verdict: impl Borrow<Verdict>) -> u64 {
    region.verdicts.of(*verdict.borrow())
}

/// `3,000,000`
fn digits(n: impl Borrow<u64>) -> String {
    let plain = n.borrow().to_string();
    let mut said = String::with_capacity(plain.len() + plain.len() / 3);
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// `3,000 checks`
fn many(n: impl Borrow<u64>, noun: &str) -> String {
    let n = *n.borrow();
    counted(n, noun).replacen(&n.to_string(), &digits(n), 1)
}

fn time(ms: impl Borrow<u64>) -> String {
    human(Duration::from_millis(*ms.borrow()))
}

/// A percentile, or that it was not reached.
fn reached(ms: impl Borrow<Option<u64>>) -> String {
    ms.borrow().map_or("never".to_owned(), time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!([0, 999, 1_000, 9_874, 3_000_000].map(digits), ["0", "999", "1,000", "9,874", "3,000,000"]);
        assert_eq!([many(1, "check"), many(12_000, "check")], ["1 check", "12,000 checks"]);
    }

    #[test]
    fn words_from_outside_are_no_markup_and_turn_nothing_around() {
        let mut out = String::new();
        Words.write_escaped_str(&mut out, "\"><img src=x onerror='a()'>&\u{202e}\u{1b}").unwrap();
        assert!(!out.contains(['<', '>', '"', '\'', '\u{202e}', '\u{1b}']), "{out}");
        assert!(out.ends_with("\\u{202e}\\u{1b}"), "{out}");
    }
}
