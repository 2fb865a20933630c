//! Heads as text and readings as one line, for the tables in the dialects' tests.

use crate::model::{Reading, Timestamp};
use crate::syntax::heads;

/// 2024-06-12T08:00:00Z.
pub(super) const RECEIVED: i64 = 1_718_179_200;

/// Reads one head; a status line is put before fields that have none.
pub(super) fn reading(text: &str) -> Reading {
    let whole = if text.starts_with("HTTP/") { text.to_owned() } else { format!("HTTP/2 200\n{text}") };
    let heads = heads::parse(whole.as_bytes());
    assert_eq!(heads.len(), 1, "one head: {text}");
    super::read(&heads[0], Timestamp::from_second(RECEIVED).unwrap())
}

/// Provider, status, POP and age, `-` for what is absent.
pub(super) fn line(reading: &Reading) -> String {
    let age = reading.age_seconds.map_or("-".to_owned(), |age| age.to_string());
    format!("{} {} {} {age}", reading.provider, reading.status.id(), reading.pop.as_deref().unwrap_or("-"))
}

/// Each layer in a line, origin side first: provider, status, POP, age, and `history`.
pub(super) fn layers(text: &str) -> Vec<String> {
    let rows = reading(text).layers.into_iter().map(|layer| {
        let age = layer.age_seconds.map_or("-".to_owned(), |age| age.to_string());
        let history = if layer.history { " history" } else { "" };
        format!("{} {} {} {age}{history}", layer.provider, layer.status.id(), layer.pop.as_deref().unwrap_or("-"))
    });
    rows.collect()
}

/// Each row: where the claim comes from, a head, and its reading as a line.
pub(super) fn assert_reads(rows: &[(&str, &str, &str)]) {
    for (source, text, expected) in rows {
        assert_eq!(line(&reading(text)), *expected, "{source}\n{text}");
    }
}
