//! One check: its verdict, its age, what differs from the reference, and the caches it came through.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::Look;
use super::super::causes::{layer, region};
use super::super::table::{failure, painted, warning};
use super::super::text::{clipped, defused};
use super::{LONGEST, line, parts};
use crate::model::{CacheStatus, Finding, LayerRow, ObservedRow, ReferenceRow, Report, Verdict, counted, human};

/// Before what belongs to a row.
const BENEATH: &str = "        ";

/// So many rows are shown one by one, whatever they say: a dozen edges in four variants.
const FEW: usize = 48;
/// Of more, so many edges with something wrong.
const EDGES: usize = 12;

/// Edges with something wrong first, the worst of them at the top; of many rows, those in which nothing is wrong are
/// counted by region. Gives back the rows that were shown.
pub(super) fn show<'r>(out: &mut String, report: &'r Report, look: Look) -> Vec<&'r Finding> {
    if report.rows.is_empty() {
        return Vec::new();
    }
    out.push_str("\nEDGES  (! differs from the reference, or is the cache with the old copy)\n");
    let same_edge =
        |a: &Finding, b: &Finding| (&a.environment, &a.region, &a.edge) == (&b.environment, &b.region, &b.edge);
    let mut edges: Vec<&[Finding]> = report.rows.chunk_by(same_edge).collect();
    let worst = |rows: &[Finding]| rows.iter().map(|row| row.verdict.rank()).min();
    edges.sort_by_key(|rows| worst(rows));
    let (bad, good): (Vec<_>, Vec<_>) =
        edges.into_iter().partition(|rows| rows.iter().any(|row| !row.verdict.is_good()));
    let all = report.rows.len() <= FEW;
    let closely = bad.iter().take(if all { bad.len() } else { EDGES }).chain(good.iter().filter(|_| all));
    let mut shown = Vec::new();
    for rows in closely {
        edge(out, report, rows, look);
        shown.extend(rows.iter());
    }
    if !all {
        let left = bad.len().saturating_sub(EDGES);
        if left > 0 {
            let edges = counted(left as u64, "more edge");
            line(out, look, "  ", &format!("... and {edges} with something wrong: --only edge=NAME shows one closely"));
        }
        if !good.is_empty() {
            out.push_str("  nothing is wrong at:\n");
        }
        regions(out, report, &good, look);
    }
    shown
}

/// Edges where all is well.
fn regions(out: &mut String, report: &Report, good: &[&[Finding]], look: Look) {
    let mut by_region: BTreeMap<String, Vec<&[Finding]>> = BTreeMap::new();
    for rows in good {
        by_region.entry(region(report, &rows[0])).or_default().push(rows);
    }
    let widest = by_region.keys().map(|region| defused(region).chars().count()).max().unwrap_or_default().min(30);
    for (region, edges) in by_region {
        let rows = || edges.iter().copied().flatten();
        let verdicts = [Verdict::Fresh, Verdict::Uncached]
            .map(|verdict| (verdict, rows().filter(|row| row.verdict == verdict).count()));
        let verdicts = verdicts.iter().filter(|(_, count)| *count > 0);
        let verdicts: Vec<String> = verdicts.map(|(verdict, count)| format!("{count} {}", verdict.id())).collect();
        let oldest = rows().filter_map(|row| row.observed.as_ref()?.age_seconds).max();
        let oldest = oldest.map(|age| format!(", oldest copy {}", human(Duration::from_secs(age)))).unwrap_or_default();
        let names: Vec<&str> = edges.iter().map(|rows| rows[0].edge.as_str()).collect();
        let names = if names.len() > EDGES { format!("{} edges", names.len()) } else { names.join(", ") };
        let region = clipped(&defused(&region), 30);
        line(out, look, &format!("    {region:<widest$}  "), &format!("{}{oldest}: {names}", verdicts.join(", ")));
    }
}

/// The rows of one edge, below its name.
fn edge(out: &mut String, report: &Report, rows: &[Finding], look: Look) {
    let first = &rows[0];
    let addresses = rows.iter().find_map(|row| row.address.as_deref());
    let address = addresses.map(|address| format!("  {address}")).unwrap_or_default();
    line(out, look, "  ", &format!("{} ({}){address}", first.edge, region(report, first)));
    let widest = rows.iter().map(|row| defused(&row.variant).chars().count()).max().unwrap_or_default();
    for row in rows {
        one(out, row, widest.min(30), look);
    }
}

fn one(out: &mut String, row: &Finding, widest: usize, look: Look) {
    let said: Vec<String> = pop(row).into_iter().chain(row.observed.iter().flat_map(|seen| age(row, seen))).collect();
    let (mark, word) =
        if row.verdict.is_good() { (' ', row.verdict.id().to_owned()) } else { ('!', row.verdict.id().to_uppercase()) };
    let variant = clipped(&defused(&row.variant), 30);
    let mut text = String::new();
    parts(&mut text, look, &format!("    {variant:<widest$}  {mark} {word:<12}  "), &said, "  ");
    if !row.verdict.is_good() {
        let style = if row.verdict.is_comparable() { failure() } else { warning() };
        text = text.replacen(&word, &painted(&word, style, look), 1);
    }
    out.push_str(text.trim_end());
    out.push('\n');
    let Some(observed) = &row.observed else { return line(out, look, BENEATH, &row.cause.summary) };
    parts(out, look, BENEATH, &validators(row, observed), "  ");
    if !row.layers.is_empty() {
        parts(out, look, BENEATH, &layers(row), " > ");
    }
}

/// Who answered, where that is known.
fn pop(row: &Finding) -> Option<String> {
    let seen = row.pop_seen.as_deref()?;
    let other = row.pop_expected.as_deref().filter(|expected| !expected.eq_ignore_ascii_case(seen));
    let seen = clipped(seen, 20);
    Some(other.map_or_else(|| format!("POP {seen}"), |expected| format!("! POP {seen}, not {expected}")))
}

/// How old the copy is, and what that means.
fn age(row: &Finding, observed: &ObservedRow) -> Vec<String> {
    let age = match observed.age_seconds {
        Some(0) => "age 0 s".to_owned(),
        Some(seconds) => format!("age {}", human(Duration::from_secs(seconds))),
        None => "no age".to_owned(),
    };
    let said = row.evidence.iter().find(|row| row.rung == "age");
    let said = said.map(|said| marked(said.says.starts_with("predates"), said.says.clone()));
    [Some(age), said].into_iter().flatten().collect()
}

/// Status and whatever tells one version from another; what differs is marked.
fn validators(row: &Finding, observed: &ObservedRow) -> Vec<String> {
    let none = ReferenceRow::default();
    let (reference, should) = (row.reference.as_ref(), row.reference.as_ref().unwrap_or(&none));
    let differs = |rung: &str| row.evidence.iter().find(|row| row.rung == rung).is_some_and(|row| row.says != "same");
    let mut told = vec![marked(differs("status"), observed.status.to_string())];
    let mut tell = |name: &str, seen: Option<&String>, should: Option<&String>, differs: bool| match (seen, should) {
        (Some(seen), _) => told.push(marked(differs, format!("{name} {}", clipped(seen, LONGEST)))),
        (None, Some(_)) => told.push(marked(true, format!("no {name}"))),
        (None, None) => {}
    };
    tell("etag", observed.etag.as_ref(), should.etag.as_ref(), differs("etag"));
    let modified = (observed.last_modified.as_ref(), should.last_modified.as_ref());
    tell("last-modified", modified.0, modified.1, differs("last-modified"));
    let sha256 = observed.sha256.as_ref().map(|sha256| clipped(sha256, 13));
    tell("sha256", sha256.as_ref(), None, differs("digest"));
    // These are only worth a word where they are others.
    for (name, should) in [("location", &should.location), ("content-type", &should.content_type)] {
        if differs(name) {
            tell(name, observed.headers.get(name), should.as_ref(), true);
        }
    }
    let policy = observed.headers.get("cache-control");
    if reference.is_some() && policy != should.cache_control.as_ref() {
        tell("cache-control", policy, should.cache_control.as_ref(), true);
    }
    told
}

fn marked(differs: bool, text: String) -> String {
    if differs { format!("! {text}") } else { text }
}

/// Origin side first; the one that gave the old copy is marked.
fn layers(row: &Finding) -> Vec<String> {
    let old = matches!(row.verdict, Verdict::Stale | Verdict::Unpurged);
    let holder = row.layers.iter().rposition(|layer| !layer.history && gave_its_copy(layer)).filter(|_| old);
    let told = (0..).zip(&row.layers).map(|(nth, known)| marked(holder == Some(nth), clipped(&layer(known), 60)));
    told.collect()
}

/// It answered from its store.
fn gave_its_copy(layer: &LayerRow) -> bool {
    CacheStatus::ALL.into_iter().any(|status| status.is_stored() && status.id() == layer.status)
}
