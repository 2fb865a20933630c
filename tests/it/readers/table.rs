//! The table: columns of regions, and a heading for each cause.

use super::{Counts, Findings, Told, counted, exit_code};
use purgeproof::model::Verdict;

/// Causes that are shown; of more, only how many they are.
const GROUPS: usize = 12;

pub(super) fn read(text: &str) -> Told {
    let first = text.lines().next().unwrap_or_default();
    Told {
        outcome: first.split(' ').next().map(str::to_ascii_lowercase),
        exit_code: exit_code(first),
        counts: Some(columns(text)),
        findings: causes(text),
    }
}

/// The sum of each verdict's column in the table of regions.
fn columns(text: &str) -> Counts {
    let cells =
        |line: &str| line.split(['|', ' ']).filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let mut lines = text.lines().map(cells).skip_while(|cells| cells.first().is_none_or(|cell| cell != "region"));
    let Some(header) = lines.next() else { return Counts::new() };
    let mut sums = Counts::new();
    for row in lines.take_while(|row| !row.is_empty()).filter(|row| row.len() == header.len()) {
        for (name, cell) in header.iter().zip(row) {
            if Verdict::named(name).is_some() && cell != "." {
                *sums.entry(name.clone()).or_default() += cell.parse::<u64>().unwrap();
            }
        }
    }
    sums.retain(|_, count| *count > 0);
    sums
}

fn causes(text: &str) -> Option<Findings> {
    let headings = text.lines().filter_map(|line| {
        let (word, rest) = line.split_once("  ")?;
        let verdict = Verdict::named(&word.to_ascii_lowercase()).filter(|_| word.chars().all(char::is_uppercase))?;
        let (cause, count) = counted(rest).unwrap_or_else(|| panic!("no count: {line}"));
        Some(((verdict.id().to_owned(), cause.to_owned()), count))
    });
    let headings: Vec<_> = headings.collect();
    let mut sums = Findings::new();
    for (cause, count) in &headings {
        *sums.entry(cause.clone()).or_default() += count;
    }
    (headings.len() < GROUPS).then_some(sums)
}
