//! What is alike over paths and tenants, told once: differences between environments, and advice. It leaves nothing out
//! but repetition, and decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::text::clipped;
use crate::model::{AdviceRow, DiffersRow, Report, counted};

/// Characters of one value that are worth a line.
const LONGEST: usize = 120;
/// Tenants, paths or variants named.
const NAMED: usize = 3;

/// One header in which environments differ, wherever they do so alike.
#[derive(Debug)]
pub(super) struct Difference<'r> {
    pub(super) header: &'r str,
    values: &'r BTreeMap<String, Option<String>>,
    variants: &'r [String],
    place: Place<'r>,
}

/// One piece of advice, wherever it is for.
#[derive(Debug)]
pub(super) struct Piece<'r> {
    /// Its words.
    pub(super) row: &'r AdviceRow,
    place: Place<'r>,
}

/// Where something is so.
#[derive(Debug, Default)]
struct Place<'r> {
    paths: BTreeSet<&'r str>,
    tenants: BTreeSet<&'r str>,
    /// Where that is not said otherwise, and there are several.
    environments: BTreeSet<&'r str>,
}

/// By header; what is said of more tenants first.
pub(super) fn differences(report: &Report) -> Vec<Difference<'_>> {
    type Alike<'r> = (&'r str, &'r BTreeMap<String, Option<String>>, &'r [String]);
    let mut found: BTreeMap<Alike<'_>, Place<'_>> = BTreeMap::new();
    for row in &report.parity {
        for DiffersRow { header, values, variants } in &row.differs {
            found.entry((header, values, variants)).or_default().add(&row.path, &row.tenants);
        }
    }
    let difference = |((header, values, variants), place)| Difference { header, values, variants, place };
    let mut all: Vec<Difference<'_>> = found.into_iter().map(difference).collect();
    all.sort_by_key(|difference| (difference.header, std::cmp::Reverse(difference.place.tenants.len())));
    all
}

/// In the order of the report.
pub(super) fn pieces(report: &Report) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for row in &report.advice {
        if pieces.last().is_none_or(|last| last.row.id != row.id) {
            pieces.push(Piece { row, place: Place::default() });
        }
        if let Some(piece) = pieces.last_mut() {
            piece.place.add(&row.path, &row.tenants);
            if report.environments.len() > 1 {
                piece.place.environments.extend(row.environments.iter().map(String::as_str));
            }
        }
    }
    pieces
}

impl Difference<'_> {
    /// Each environment, and what it says.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, String)> {
        let value =
            |value: &Option<String>| value.as_ref().map_or("not sent".to_owned(), |value| clipped(value, LONGEST));
        self.values.iter().map(move |(environment, shown)| (environment.as_str(), value(shown)))
    }

    /// What that environment says; empty where it says nothing either way.
    pub(super) fn value_in(&self, environment: &str) -> String {
        self.values().find(|(name, _)| *name == environment).map(|(_, value)| value).unwrap_or_default()
    }

    /// `dev: no-store; production: max-age=60`
    pub(super) fn said(&self) -> String {
        let each = self.values().map(|(environment, value)| format!("{environment}: {value}"));
        each.collect::<Vec<_>>().join("; ")
    }

    /// `/app.js, 847 tenants (acme, beta, crane, …) [gzip]`
    pub(super) fn place(&self) -> String {
        format!("{} [{}]", self.place.said(), listed(self.variants.iter().map(String::as_str)))
    }
}

impl Piece<'_> {
    /// `/app.js, 847 tenants (acme, beta, crane, …)`, and of several environments in which: `, in dev, staging`
    pub(super) fn place(&self) -> String {
        self.place.said()
    }

    /// What it is about, as the first tenant gets it.
    pub(super) fn seen(&self) -> String {
        clipped(&self.row.seen, LONGEST)
    }
}

impl<'r> Place<'r> {
    fn add(&mut self, path: &'r str, tenants: &'r [String]) {
        self.paths.insert(path);
        self.tenants.extend(tenants.iter().map(String::as_str));
    }

    fn said(&self) -> String {
        let paths = listed(self.paths.iter().copied());
        let paths = match self.paths.len() {
            0 | 1 => paths,
            n => format!("{} ({paths})", counted(n as u64, "path")),
        };
        let tenants = listed(self.tenants.iter().copied());
        let tenants = match self.tenants.len() {
            1 => format!("tenant {tenants}"),
            n => format!("{} ({tenants})", counted(n as u64, "tenant")),
        };
        match self.environments.len() {
            0 => format!("{paths}, {tenants}"),
            _ => format!("{paths}, {tenants}, in {}", listed(self.environments.iter().copied())),
        }
    }
}

/// The first few.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len() > NAMED;
    let mut first: Vec<String> = names.take(NAMED).map(|name| clipped(name, LONGEST)).collect();
    if more {
        first.push("…".to_owned());
    }
    first.join(", ")
}
