//! Any bytes as the reports of partitions: joined, and the whole written in every format.

use purgeproof::fold;
use purgeproof::model::Report;

use super::report::written;

/// JSON reports as `purgeproof merge` gets them, with NULs between.
pub fn merge(bytes: &[u8]) {
    let parts = bytes.split(|byte| *byte == 0).take(3).enumerate();
    let reports: Vec<(String, Report)> =
        parts.filter_map(|(nth, part)| Some((format!("{nth}.json"), Report::from_json(part).ok()?))).collect();
    let backwards: Vec<_> = reports.iter().rev().cloned().collect();
    let (joined, backwards) = (fold::join(reports), fold::join(backwards));
    match (joined, backwards) {
        (Ok(joined), Ok(backwards)) => {
            assert_eq!(joined, backwards, "in whatever order they come");
            written(&joined, bytes.len());
        }
        (Err(_), Err(_)) => {}
        (joined, backwards) => panic!("the order decides: {joined:?} {backwards:?}"),
    }
}
