//! What the object should be, by variant; those that say the same are told once.

use super::super::Look;
use super::super::text::clipped;
use super::{LONGEST, line};
use crate::model::{AskedRow, OriginRow, Report, counted};

pub(super) fn show(out: &mut String, report: &Report, look: Look) {
    let mut told: Vec<(&AskedRow, Vec<&str>)> = Vec::new();
    for row in &report.asked {
        match told.iter_mut().find(|(known, _)| *known == &of_variant(row, known)) {
            Some((_, variants)) => variants.push(&row.asked.variant),
            None => told.push((row, vec![&row.asked.variant])),
        }
    }
    let mut place = None;
    for (row, variants) in told {
        let here = (&row.asked.environment, &row.url);
        if place.replace(here) != Some(here) {
            let several = report.environments.len() > 1;
            let environment = if several { format!("{}: ", row.asked.environment) } else { String::new() };
            let url = row.url.as_deref().map_or_else(|| "none".to_owned(), |url| clipped(url, LONGEST));
            out.push('\n');
            line(out, look, "", &format!("REFERENCE  {environment}{url}"));
        }
        one(out, row, &variants.join(", "), look);
    }
}

/// The row, as if it were of the other's variant.
fn of_variant(row: &AskedRow, other: &AskedRow) -> AskedRow {
    let asked = OriginRow { variant: other.asked.variant.clone(), ..row.asked.clone() };
    AskedRow { asked, ..row.clone() }
}

fn one(out: &mut String, row: &AskedRow, variants: &str, look: Look) {
    let asked = &row.asked;
    let status = asked.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let consistent = if asked.consistent { "consistent" } else { "! NOT consistent" };
    let said = match asked.samples {
        0 => String::new(),
        samples => format!("  {status}, asked {}, {consistent}", counted(samples.into(), "time")),
    };
    line(out, look, "  ", &format!("[{variants}]{said}"));
    if !asked.trouble.is_empty() {
        line(out, look, "    ! ", &asked.trouble);
    }
    for (name, values) in &asked.seen {
        let values: Vec<String> = values.iter().map(|value| clipped(value, LONGEST)).collect();
        line(out, look, "    ! ", &format!("{name}: {}", values.join(" and ")));
    }
    let Some(reference) = &row.reference else { return };
    for (name, value) in [
        ("etag", &reference.etag),
        ("last-modified", &reference.last_modified),
        ("sha256", &reference.sha256),
        ("location", &reference.location),
        ("cache-control", &reference.cache_control),
    ] {
        if let Some(value) = value {
            line(out, look, &format!("    {name:<14} "), &clipped(value, LONGEST));
        }
    }
}
