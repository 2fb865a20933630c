//! The report for a terminal: the outcome first, then regions by verdict, then what is wrong, worst first.

mod convergence;
mod groups;
mod same_pops;
mod told_once;

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

pub(super) use told_once::show as told_once;

use super::text::{defused, unheard, wrapped};
use super::{Format, Look};
use crate::model::{Outcome, Report, Verdict, counted, human};

pub(super) static FORMAT: Format = Format::new("table", "for people, on a terminal", render);

/// Ruled below the header, and else by spaces alone: it reads the same without colour and in a log.
const LINES: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('-').junction('-'));

fn render(report: &Report, look: Look) -> Vec<u8> {
    let mut out = String::new();
    headline(&mut out, report, look);
    if report.summary.checks > 0 {
        regions(&mut out, report, look);
    }
    same_pops::show(&mut out, report, look);
    groups::show(&mut out, report, look);
    origins(&mut out, report, look);
    told_once::show(&mut out, report, look);
    notes(&mut out, report, look);
    unheard(&out).into_bytes()
}

/// The outcome in a sentence.
pub(super) fn said(report: &Report) -> String {
    let said = match report.gate.outcome {
        Outcome::Pass => {
            format!("every edge serves what the origin serves ({})", counted(report.summary.checks, "check"))
        }
        Outcome::Fail => "not every edge serves what the origin serves".to_owned(),
        Outcome::Inconclusive => "too little could be compared to say so".to_owned(),
        Outcome::Empty => "there was nothing to check".to_owned(),
    };
    match (report.gate.outcome, tolerated(report)) {
        (Outcome::Pass, Some(tolerated)) => format!("within what the gate tolerates: {tolerated}"),
        _ => said,
    }
}

pub(super) fn headline(out: &mut String, report: &Report, look: Look) {
    let summary = &report.summary;
    let (word, color) = match report.gate.outcome {
        Outcome::Pass => ("PASS", AnsiColor::Green),
        Outcome::Fail => ("FAIL", AnsiColor::Red),
        Outcome::Inconclusive => ("INCONCLUSIVE", AnsiColor::Yellow),
        Outcome::Empty => ("EMPTY", AnsiColor::Yellow),
    };
    let style = Style::new().bold().fg_color(Some(color.into()));
    let said = said(report);
    let _ = writeln!(out, "{}  {said} (exit code {})", painted(word, style, look), report.gate.exit_code);
    convergence::show(out, report, look);
    for reason in &report.gate.reasons {
        let _ = writeln!(out, "  - {}", wrapped(&defused(&reason.message), width(look), "    "));
    }
    if summary.checks == 0 {
        return;
    }
    let scope = format!(
        "{} x {} in {}: {}, {}, {} over {} in {}",
        counted(summary.tenants, "tenant"),
        counted(summary.edges, "edge"),
        counted(summary.regions, "region"),
        counted(summary.checks, "check"),
        counted(summary.objects, "object"),
        counted(summary.requests, "request"),
        counted(summary.connections, "connection"),
        human(Duration::from_millis(report.run.duration_ms)),
    );
    let _ = writeln!(out, "  {}", wrapped(&scope, width(look), "  "));
    let purged = match &report.run.purged_at {
        Some(at) => format!("purged at {}", defused(at)),
        None => "purge time unknown (--purged-at): nothing is said about time".to_owned(),
    };
    let shares = format!("parity {}%, coverage {}%; {purged}", summary.parity_percent, summary.coverage_percent);
    let _ = writeln!(out, "  {}", wrapped(&shares, width(look), "  "));
    if let Some(note) = report.notes.iter().find(|note| note.id == "reference-is-an-error") {
        let said = format!("warning: {} ({})", defused(&note.summary), counted(note.checks, "object"));
        let _ = writeln!(out, "  {}", painted(&wrapped(&said, width(look), "  "), warning(), look));
    }
    if report.run.insecure {
        let _ = writeln!(out, "  {}", painted("certificates were NOT checked (--insecure)", warning(), look));
    }
    if !report.run.complete {
        let _ = writeln!(out, "  {}", painted("the run ended before every check was made", warning(), look));
    }
}

/// What is not as it should be in a run that passes.
fn tolerated(report: &Report) -> Option<String> {
    let counts = &report.summary.verdicts;
    let named = Verdict::ALL.into_iter().filter(|verdict| !verdict.is_good() && counts.of(*verdict) > 0);
    let named: Vec<String> = named.map(|verdict| format!("{} {}", counts.of(verdict), verdict.id())).collect();
    (!named.is_empty()).then(|| named.join(", "))
}

fn regions(out: &mut String, report: &Report, look: Look) {
    let shown: Vec<Verdict> = Verdict::ALL
        .into_iter()
        .filter(|verdict| *verdict == Verdict::Fresh || report.summary.verdicts.of(*verdict) > 0)
        .collect();
    let several = report.environments.len() > 1;
    let mut table = plain_table(look.width.saturating_sub(1));
    let mut header = vec![Cell::new("region"), Cell::new("edges")];
    header.extend(shown.iter().map(|verdict| Cell::new(verdict.id())));
    header.push(Cell::new("coverage"));
    table.set_header(header);
    for region in &report.regions {
        let edges =
            report.edges.iter().filter(|edge| edge.region == region.name && edge.environment == region.environment);
        let name = if several { format!("{}/{}", region.environment, region.name) } else { region.name.clone() };
        let mut row = vec![Cell::new(defused(&name)), Cell::new(edges.count())];
        row.extend(shown.iter().map(|verdict| match region.verdicts.of(*verdict) {
            0 => Cell::new("."),
            n => Cell::new(n),
        }));
        row.push(Cell::new(format!("{}%", region.coverage_percent)));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let _ = writeln!(out, "\n{}", indented(&table));
}

fn origins(out: &mut String, report: &Report, look: Look) {
    const SHOWN: usize = 5;
    if report.origins.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", painted("ORIGIN", warning(), look));
    for row in report.origins.iter().take(SHOWN) {
        let said = format!("{}{} [{}]: {}", row.host, row.path, row.variant, row.trouble);
        let _ = writeln!(out, "  {}", wrapped(&defused(&said), width(look), "    "));
    }
    if report.origins.len() > SHOWN {
        let _ = writeln!(out, "  ... and {}", counted((report.origins.len() - SHOWN) as u64, "more object"));
    }
}

fn notes(out: &mut String, report: &Report, look: Look) {
    for (nth, note) in report.notes.iter().enumerate() {
        let gap = if nth == 0 { "\n" } else { "" };
        let said = defused(&format!("note  {} ({}): {}", note.id, counted(note.checks, "check"), note.summary));
        let _ = writeln!(out, "{gap}{}", wrapped(&said, width(look), "      "));
    }
}

/// Rows of plain words, in as many columns as there are headers.
pub fn listing(header: &[&str], rows: Vec<Vec<String>>, width: u16) -> String {
    let mut table = plain_table(width.saturating_sub(1));
    table.set_header(header.to_vec());
    table.add_rows(rows);
    indented(&table)
}

fn plain_table(width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(LINES).set_content_arrangement(ContentArrangement::Dynamic).set_width(width).force_no_tty();
    table
}

/// Its lines, indented as everything below the headline is.
fn indented(table: &Table) -> String {
    table.lines().map(|line| format!(" {}", line.trim_end())).collect::<Vec<_>>().join("\n")
}

fn width(look: Look) -> usize {
    usize::from(look.width).saturating_sub(2)
}

pub(super) fn painted(text: &str, style: Style, look: Look) -> String {
    if look.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

pub(super) const fn failure() -> Style {
    Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)))
}

pub(super) const fn warning() -> Style {
    Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)))
}
