//! Samples of an exposition: a name, labels and a value a line.

use std::collections::BTreeMap;

use super::{Counts, Findings, Told};

/// One sample.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

pub(crate) fn samples(text: &str) -> Vec<Sample> {
    assert!(text.ends_with("\n# EOF\n"), "no end");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| sample(line).unwrap_or_else(|| panic!("no sample: {line}"))).collect()
}

fn sample(line: &str) -> Option<Sample> {
    let (name, value) = line.rsplit_once(' ')?;
    let value = value.parse().ok()?;
    let Some((name, rest)) = name.split_once('{') else {
        return Some(Sample { name: name.to_owned(), labels: BTreeMap::new(), value });
    };
    let mut labels = BTreeMap::new();
    let mut rest = rest.strip_suffix('}')?;
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"")?;
        let (text, after) = quoted(after)?;
        labels.insert(label.trim_start_matches(',').to_owned(), text);
        rest = after;
    }
    Some(Sample { name: name.to_owned(), labels, value })
}

/// Up to the quote that ends it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
pub(super) fn read(text: &str) -> Told {
    let (mut counts, mut findings) = (Counts::new(), Findings::new());
    let mut outcome = None;
    for Sample { name, labels, value } in samples(text) {
        match name.as_str() {
            "purgeproof_checks" => *counts.entry(labels["verdict"].clone()).or_default() += value as u64,
            "purgeproof_findings" => {
                findings.insert((labels["verdict"].clone(), labels["cause"].clone()), value as u64);
            }
            "purgeproof_gate_outcome" if value > 0.0 => outcome = Some(labels["outcome"].clone()),
            _ => {}
        }
    }
    counts.retain(|_, count| *count > 0);
    Told { outcome, exit_code: None, counts: Some(counts), findings: Some(findings) }
}
