//! Kind `csv`: a table with a row for each tenant or name (RFC 4180, with commas, semicolons or tabs); columns that say
//! nothing here are passed by.

use std::sync::Arc;

use super::name::{Name, name};
use super::{Given, Kind, Listing, Told, one_by_one};
use crate::inventory::InventoryError;
use crate::inventory::error::suggestion;
use crate::inventory::tenants::path_template;
use crate::model::Priority;

pub(super) const CSV: Kind = Kind { id: "csv", endings: &["csv", "tsv"], read: |given| one_by_one(given, read) };

const HOST: [&str; 6] = ["host", "hosts", "hostname", "hostnames", "domain", "domains"];
const ALIASES: [&str; 2] = ["aliases", "alias"];
const ID: [&str; 3] = ["id", "tenant", "tenant_id"];
const PATHS: [&str; 2] = ["path", "paths"];
const TAGS: [&str; 2] = ["tag", "tags"];
const PRIORITY: [&str; 1] = ["priority"];
const SAMPLE: [&str; 1] = ["sample_host"];

/// Which column says what.
struct Columns {
    hosts: Vec<usize>,
    id: Option<usize>,
    paths: Option<usize>,
    tags: Option<usize>,
    priority: Option<usize>,
    sample: Option<usize>,
    many: usize,
}

fn read(given: &Given<'_>) -> Result<Vec<Told>, InventoryError> {
    let text = given.text.strip_prefix('\u{feff}').unwrap_or(given.text);
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).trim(csv::Trim::All).delimiter(delimiter(text));
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut rows = builder.from_reader(text.as_bytes()).into_records().map(|row| row.map(|row| (lines.of(&row), row)));
    let unreadable = |error: &csv::Error| given.fail(1, format!("is no CSV ({error}), mend it there"));
    let Some(header) = rows.next() else {
        return Err(
            given.fail(1, "is empty, write a first row that names the columns: host, id, priority, paths, tags")
        );
    };
    let (line, header) = header.map_err(|error| unreadable(&error))?;
    let columns = Columns::of(given, line, &header)?;
    let (mut told, mut last) = (Vec::new(), line);
    for row in rows {
        let (line, row) = row.map_err(|error| unreadable(&error))?;
        last = line;
        if row.iter().any(|cell| !cell.is_empty()) {
            columns.row(given, line, &row, &mut told)?;
        }
    }
    // What follows an open quote is one cell to the end of the file: rows would be lost without a word.
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err(given.fail(last, "a quote in this row or before it is not closed, close it, or write it twice"));
    }
    Ok(told)
}

/// Counts lines up to where a row begins; its reader's own count stands before the breaks that it has yet to pass over.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, row: &csv::StringRecord) -> u32 {
        let start = row.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(self.at);
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| self.at < start || matches!(byte, b'\r' | b'\n')) {
            self.line += u32::from(bytes[self.at] == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// What stands most often in the first row.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let many = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if many(other) > many(best) {
            best = other;
        }
    }
    best
}

impl Columns {
    fn of(given: &Given<'_>, line: u32, header: &csv::StringRecord) -> Result<Self, InventoryError> {
        let names: Vec<String> = header.iter().map(|name| name.to_ascii_lowercase().replace([' ', '-'], "_")).collect();
        let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let id = match given.tenant_key {
            None => find(&ID),
            Some(key) => {
                let is_key = |name: &&str| name.eq_ignore_ascii_case(key);
                Some(header.iter().position(|name| is_key(&name)).ok_or_else(|| {
                    let mend = suggestion(key, header.iter().collect::<Vec<_>>());
                    given.fail(line, format!("no column is named \"{key}\", as --tenant-key says, {mend}"))
                })?)
            }
        };
        let hosts: Vec<usize> = find(&HOST).into_iter().chain(find(&ALIASES)).collect();
        if find(&HOST).is_none() {
            let what = "the first row names no column \"host\", write one: host (or hostname, domain), and as you like id, \
                        aliases, priority, paths, tags, sample_host";
            return Err(given.fail(line, what));
        }
        Ok(Self {
            hosts,
            id,
            paths: find(&PATHS),
            tags: find(&TAGS),
            priority: find(&PRIORITY),
            sample: find(&SAMPLE),
            many: names.len(),
        })
    }

    fn row(
        &self,
        given: &Given<'_>,
        line: u32,
        row: &csv::StringRecord,
        told: &mut Vec<Told>,
    ) -> Result<(), InventoryError> {
        if row.len() > self.many {
            let what = format!("has {} cells under {} columns, put a cell with commas in quotes", row.len(), self.many);
            return Err(given.fail(line, what));
        }
        let cell = |column: Option<usize>| column.and_then(|column| row.get(column)).unwrap_or_default();
        let tenant: Option<Arc<str>> = Some(cell(self.id)).filter(|id| !id.is_empty()).map(Into::into);
        let sample = match cell(self.sample) {
            "" => None,
            text => match name(text) {
                Ok(Name::Host(host)) => Some(host),
                _ => return Err(given.fail(line, format!("\"sample_host\": \"{text}\" is no host name, correct it"))),
            },
        };
        let listing = self.listing(given, line, row)?;
        let hosts: Vec<&str> = self.hosts.iter().flat_map(|column| words(cell(Some(*column)), ",;|")).collect();
        if hosts.is_empty() {
            return Err(given.fail(line, "names no host, write one or leave the row out"));
        }
        for host in hosts {
            let mut one = given.listed(line, host)?;
            if let Told::Host(sighting) | Told::Wildcard(sighting) = &mut one {
                (sighting.tenant, sighting.sample) = (tenant.clone(), sample.clone());
            }
            told.push(match one {
                Told::Host(sighting) | Told::Wildcard(sighting) if listing != Listing::default() => {
                    Told::Listed(sighting, Box::new(listing.clone()))
                }
                other => other,
            });
        }
        Ok(())
    }

    fn listing(&self, given: &Given<'_>, line: u32, row: &csv::StringRecord) -> Result<Listing, InventoryError> {
        let cell = |column: Option<usize>| column.and_then(|column| row.get(column)).unwrap_or_default();
        let known = Priority::ALL.map(Priority::id);
        let priority = match cell(self.priority).to_ascii_lowercase().as_str() {
            "" => None,
            word => match Priority::ALL.into_iter().find(|priority| priority.id() == word) {
                None => {
                    let what = format!("\"priority\": unknown \"{word}\", {}", suggestion(word, known));
                    return Err(given.fail(line, what));
                }
                known => known,
            },
        };
        // A comma or semicolon may be part of a path.
        let paths = words(cell(self.paths), "|").map(|path| path_template(path).map_err(|why| given.fail(line, why)));
        Ok(Listing {
            paths: paths.collect::<Result<_, _>>()?,
            priority,
            tags: words(cell(self.tags), ",;|").map(ToOwned::to_owned).collect(),
        })
    }
}

/// What stands between blanks and those characters.
fn words<'c>(cell: &'c str, between: &'static str) -> impl Iterator<Item = &'c str> {
    let is_between = move |c: char| c.is_whitespace() || between.contains(c);
    cell.split(is_between).filter(|word| !word.is_empty())
}
