//! The report for a terminal: the outcome first, then regions by verdict, then what is wrong, worst first.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::text::{defused, wrapped};
use super::{Format, Look};
use crate::model::{Finding, Outcome, Report, Verdict, counted, human};

pub(super) static FORMAT: Format = Format { id: "table", about: "for people, on a terminal", render };

/// Groups shown, and findings shown of each.
const GROUPS: usize = 12;
const EXAMPLES: usize = 3;

fn render(report: &Report, look: Look) -> Vec<u8> {
    let mut out = String::new();
    headline(&mut out, report, look);
    if report.summary.checks > 0 {
        regions(&mut out, report, look);
    }
    findings(&mut out, report, look);
    origins(&mut out, report, look);
    out.into_bytes()
}

fn headline(out: &mut String, report: &Report, look: Look) {
    let summary = &report.summary;
    let (word, color) = match report.gate.outcome {
        Outcome::Pass => ("PASS", AnsiColor::Green),
        Outcome::Fail => ("FAIL", AnsiColor::Red),
        Outcome::Inconclusive => ("INCONCLUSIVE", AnsiColor::Yellow),
        Outcome::Empty => ("EMPTY", AnsiColor::Yellow),
    };
    let style = Style::new().bold().fg_color(Some(color.into()));
    let said = match report.gate.outcome {
        Outcome::Pass => format!("every edge serves what the origin serves ({})", counted(summary.checks, "check")),
        Outcome::Fail => "not every edge serves what the origin serves".to_owned(),
        Outcome::Inconclusive => "too little could be compared to say so".to_owned(),
        Outcome::Empty => "there was nothing to check".to_owned(),
    };
    let said = match (report.gate.outcome, tolerated(report)) {
        (Outcome::Pass, Some(tolerated)) => format!("within what the gate tolerates: {tolerated}"),
        _ => said,
    };
    let _ = writeln!(out, "{}  {said} (exit code {})", painted(word, style, look), report.gate.exit_code);
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
        Some(at) => format!("purged at {at}"),
        None => "purge time unknown (--purged-at): nothing is said about time".to_owned(),
    };
    let _ = writeln!(out, "  parity {}%, coverage {}%; {purged}", summary.parity_percent, summary.coverage_percent);
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
    let mut table = plain_table(look);
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
    let _ = writeln!(out, "\n{}", table.trim_fmt());
}

/// Findings that say the same of the same, told once.
struct Group<'r> {
    verdict: Verdict,
    cause: &'r str,
    summary: &'r str,
    fix: &'r str,
    findings: Vec<&'r Finding>,
}

fn grouped(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for finding in &report.findings {
        let cause = &finding.cause;
        let place = *places.entry((finding.verdict, &cause.id, &cause.summary)).or_insert_with(|| {
            groups.push(Group {
                verdict: finding.verdict,
                cause: &cause.id,
                summary: &cause.summary,
                fix: &cause.fix,
                findings: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].findings.push(finding);
    }
    // The worst first, and among equals what explains the most.
    groups.sort_by_key(|group| (group.verdict.rank(), std::cmp::Reverse(group.findings.len())));
    groups
}

fn findings(out: &mut String, report: &Report, look: Look) {
    let groups = grouped(report);
    for group in groups.iter().take(GROUPS) {
        let style = if group.verdict.is_comparable() { failure() } else { warning() };
        let count = counted(group.findings.len() as u64, "check");
        let verdict = painted(&group.verdict.id().to_uppercase(), style, look);
        let _ = writeln!(out, "\n{verdict}  {} ({count})", group.cause);
        let _ = writeln!(out, "  {}", wrapped(&defused(group.summary), width(look), "  "));
        let _ = writeln!(out, "  fix: {}", wrapped(&defused(group.fix), width(look), "       "));
        let _ = writeln!(out, "{}", examples(group, look));
        if group.findings.len() > EXAMPLES {
            let _ = writeln!(out, "  ... and {} more", group.findings.len() - EXAMPLES);
        }
    }
    let hidden: usize = groups.iter().skip(GROUPS).map(|group| group.findings.len()).sum();
    if hidden > 0 {
        let _ =
            writeln!(out, "\n... and {} of other kinds (--format json shows all)", counted(hidden as u64, "finding"));
    }
    if report.summary.findings_left_out > 0 {
        let left_out = counted(report.summary.findings_left_out, "finding");
        let _ = writeln!(out, "\n{left_out} beyond --max-findings left out; the counts are exact");
    }
}

fn examples(group: &Group<'_>, look: Look) -> String {
    let mut table = plain_table(look);
    table.set_header(["edge", "tenant, object", "seen, and what it should be"]);
    for finding in group.findings.iter().take(EXAMPLES) {
        let place = format!("{}\n{}", finding.edge, finding.region);
        let object = format!("{}\n{}{}\n{}", finding.tenant, finding.host, finding.path, finding.variant);
        table.add_row([defused_lines(&place), defused_lines(&object), defused_lines(&seen(finding))]);
    }
    let third = ColumnConstraint::UpperBoundary(Width::Percentage(34));
    table.set_constraints([ColumnConstraint::UpperBoundary(Width::Percentage(20)), third]);
    table.lines().map(|line| format!("  {}", line.trim_end())).collect::<Vec<_>>().join("\n")
}

/// What came, and why that counts.
fn seen(finding: &Finding) -> String {
    let mut lines = Vec::new();
    for evidence in &finding.evidence {
        let rung = &evidence.rung;
        lines.push(match (&evidence.edge, &evidence.reference) {
            (Some(edge), Some(reference)) if rung != "age" => {
                format!("{rung} {}: {}, origin {}", evidence.says, short(edge), short(reference))
            }
            _ if rung == "age" => evidence.says.clone(),
            _ => format!("{rung} {}", evidence.says),
        });
    }
    if let Some(layers) = layers(finding) {
        lines.push(layers);
    }
    if lines.is_empty() {
        lines.push(finding.address.clone().unwrap_or_else(|| "not asked".to_owned()));
    }
    lines.join("\n")
}

fn layers(finding: &Finding) -> Option<String> {
    let shown = |layer: &crate::model::LayerRow| {
        let place = layer.pop.as_deref().map(|pop| format!(" {pop}")).unwrap_or_default();
        format!("{}{place} {}", layer.provider, layer.status)
    };
    (!finding.layers.is_empty()).then(|| finding.layers.iter().map(shown).collect::<Vec<_>>().join(" > "))
}

/// A digest is told by its beginning.
fn short(value: &str) -> String {
    match value.strip_prefix("sha256:") {
        Some(hex) => hex.chars().take(12).chain(['…']).collect(),
        None => value.to_owned(),
    }
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

fn plain_table(look: Look) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::ASCII_NO_BORDERS)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(look.width.saturating_sub(2))
        .force_no_tty();
    table
}

fn width(look: Look) -> usize {
    usize::from(look.width).saturating_sub(2)
}

fn defused_lines(text: &str) -> String {
    text.split('\n').map(defused).collect::<Vec<_>>().join("\n")
}

fn painted(text: &str, style: Style, look: Look) -> String {
    if look.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

const fn failure() -> Style {
    Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)))
}

const fn warning() -> Style {
    Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)))
}
