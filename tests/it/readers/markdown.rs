//! Markdown: the headline, the table of regions, and a heading for each cause.

use super::{Counts, Findings, Told, counted, exit_code};
use purgeproof::model::Verdict;

pub(super) fn read(text: &str) -> Told {
    let headline = text.lines().next().unwrap_or_default();
    let outcome = headline.split("purgeproof: ").nth(1).and_then(|rest| rest.split(' ').next());
    Told {
        outcome: outcome.map(str::to_ascii_lowercase),
        exit_code: exit_code(headline),
        counts: Some(columns(text)),
        findings: Some(causes(text)),
    }
}

fn columns(text: &str) -> Counts {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut lines =
        text.lines().skip_while(|line| !line.starts_with("| environment |")).take_while(|line| !line.is_empty());
    let header = lines.next().map(cells).unwrap_or_default();
    let mut sums = Counts::new();
    for row in lines.skip(1).map(cells) {
        assert_eq!(row.len(), header.len(), "{row:?}");
        for (name, cell) in header.iter().zip(row).filter(|(name, _)| Verdict::named(name).is_some()) {
            *sums.entry(name.clone()).or_default() += cell.parse::<u64>().unwrap();
        }
    }
    sums.retain(|_, count| *count > 0);
    sums
}

fn causes(text: &str) -> Findings {
    let mut sums = Findings::new();
    for heading in text.lines().filter_map(|line| line.strip_prefix("### ")) {
        if let Some((before, count)) = counted(heading) {
            let (verdict, cause) = before.split_once(": ").unwrap();
            *sums.entry((verdict.to_owned(), cause.trim_matches('`').to_owned())).or_default() += count;
        }
    }
    sums
}
