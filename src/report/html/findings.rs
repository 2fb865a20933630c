//! Findings as the page tells them: by cause, what the edge said beside what the origin said. It decides nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::super::causes::{Group, grouped, layer};
use super::super::text::clipped;
use super::time;
use crate::model::{Finding, ObservedRow, ReferenceRow, Report, TimingsRow};

/// Findings told in full; the rest is counted.
const MOST: usize = 1_000;
/// Causes told, and findings of each at least.
const MOST_CAUSES: usize = 100;
const LEAST: usize = 10;
/// Characters shown of one header's value.
const LONGEST: usize = 1_000;

/// All causes.
pub(super) struct Findings<'r> {
    pub(super) causes: Vec<Told<'r>>,
    /// Findings of causes that are not told.
    pub(super) untold: u64,
    first: BTreeMap<&'r str, usize>,
}

/// One cause, with its first findings.
pub(super) struct Told<'r> {
    pub(super) group: Group<'r>,
    pub(super) shown: Vec<Shown<'r>>,
    /// Findings beyond those.
    pub(super) more: u64,
}

/// One finding.
pub(super) struct Shown<'r> {
    /// Place on this page.
    pub(super) number: usize,
    pub(super) finding: &'r Finding,
    /// What was compared, strongest first.
    pub(super) compared: Vec<Line<'r>>,
    /// The rest of both heads.
    pub(super) heads: Vec<Line<'r>>,
    /// Caches on the way, origin side first.
    pub(super) layers: Vec<String>,
    /// `connect 3 ms, TLS 20 ms`
    pub(super) timings: String,
}

/// One value at the edge beside the origin's.
pub(super) struct Line<'r> {
    pub(super) name: &'r str,
    pub(super) edge: Option<Cow<'r, str>>,
    pub(super) origin: Option<Cow<'r, str>>,
    pub(super) says: &'r str,
    pub(super) differs: bool,
}

impl<'r> Findings<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let groups = grouped(report);
        let untold = groups.iter().skip(MOST_CAUSES).map(|group| group.findings.len() as u64).sum();
        let each = (MOST / groups.len().clamp(1, MOST_CAUSES)).max(LEAST);
        let (mut number, mut first) = (0, BTreeMap::new());
        let told = |group: Group<'r>| {
            let mut shown = Vec::new();
            for finding in group.findings.iter().copied().take(each) {
                number += 1;
                first.entry(finding.tenant.as_str()).or_insert(number);
                shown.push(Shown::of(number, finding));
            }
            Told { more: (group.findings.len() - shown.len()) as u64, group, shown }
        };
        let causes = groups.into_iter().take(MOST_CAUSES).map(told).collect();
        Self { causes, untold, first }
    }

    /// Number of a tenant's first finding on this page.
    pub(super) fn first_of(&self, tenant: &str) -> Option<usize> {
        self.first.get(tenant).copied()
    }
}

impl<'r> Shown<'r> {
    fn of(number: usize, finding: &'r Finding) -> Self {
        Self {
            number,
            finding,
            compared: compared(finding),
            heads: heads(finding),
            layers: finding.layers.iter().map(layer).collect(),
            timings: timings(&finding.timings_ms),
        }
    }
}

fn compared(finding: &Finding) -> Vec<Line<'_>> {
    let line = |row: &'_ crate::model::Evidence| {
        matches!(&*row.says, "different" | "older" | "newer") || row.says.starts_with("predates")
    };
    let rows = finding.evidence.iter();
    rows.map(|row| Line {
        name: &row.rung,
        edge: row.edge.as_deref().map(short),
        origin: row.reference.as_deref().map(short),
        says: &row.says,
        differs: line(row),
    })
    .collect()
}

/// What the comparisons have not shown yet.
fn heads(finding: &Finding) -> Vec<Line<'_>> {
    let shown: BTreeSet<&str> = finding.evidence.iter().map(|row| row.rung.as_str()).collect();
    let mut sides: BTreeMap<&str, [Option<Cow<'_, str>>; 2]> = BTreeMap::new();
    if let Some(observed) = &finding.observed {
        for (name, value) in of_edge(observed) {
            sides.entry(name).or_default()[0] = Some(value);
        }
    }
    if let Some(reference) = &finding.reference {
        for (name, value) in of_origin(reference) {
            sides.entry(name).or_default()[1] = Some(value);
        }
    }
    let kept = sides.into_iter().filter(|(name, _)| !shown.contains(name));
    let mut lines: Vec<Line<'_>> = kept
        .map(|(name, [edge, origin])| {
            let differs = edge.is_some() && origin.is_some() && edge != origin;
            Line { name, edge, origin, says: if differs { "different" } else { "" }, differs }
        })
        .collect();
    // What both sides told comes first, and the status before all.
    lines.sort_by_key(|line| (line.name != "status", line.origin.is_none()));
    lines
}

fn of_edge(observed: &ObservedRow) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let status = Some(("status", Cow::Owned(observed.status.to_string())));
    let digest = observed.sha256.as_ref().map(|hex| ("digest", Cow::Owned(format!("sha256:{hex}"))));
    let headers = observed.headers.iter().map(|(name, value)| (name.as_str(), short(value)));
    headers.chain(status).chain(digest)
}

fn of_origin(reference: &ReferenceRow) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
    let status = reference.status.map(|status| ("status", Cow::Owned(status.to_string())));
    let digest = reference.sha256.as_ref().map(|hex| ("digest", Cow::Owned(format!("sha256:{hex}"))));
    let texts = [
        ("etag", &reference.etag),
        ("last-modified", &reference.last_modified),
        ("content-type", &reference.content_type),
        ("location", &reference.location),
        ("cache-control", &reference.cache_control),
    ];
    let texts = texts.into_iter().filter_map(|(name, value)| Some((name, short(value.as_deref()?))));
    texts.chain(status).chain(digest)
}

fn short(value: &str) -> Cow<'_, str> {
    if value.len() <= LONGEST { Cow::Borrowed(value) } else { Cow::Owned(clipped(value, LONGEST)) }
}

fn timings(timings: &TimingsRow) -> String {
    let TimingsRow { resolve, connect, tls, first_byte, total } = *timings;
    let steps = [("DNS", resolve), ("connect", connect), ("TLS", tls), ("first byte", first_byte)];
    let steps = steps.into_iter().filter_map(|(name, ms)| Some((name, ms?))).chain([("in all", total)]);
    let told: Vec<String> =
        steps.filter(|(_, ms)| *ms > 0.0).map(|(name, ms)| format!("{name} {}", milliseconds(ms))).collect();
    told.join(", ")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration; the cast saturates")]
fn milliseconds(ms: f64) -> String {
    if ms < 10.0 { format!("{ms:.1} ms") } else { time(ms.round() as u64) }
}
