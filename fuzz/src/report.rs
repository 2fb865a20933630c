//! Any bytes as a saved report: read, and written in every format.

use purgeproof::gate::{self, Beside, Ending};
use purgeproof::model::Report;
use purgeproof::report::{self as formats, Format, Look};

use super::safe::steers_no_terminal;

/// A JSON report as `purgeproof render` gets it.
pub fn report(bytes: &[u8]) {
    if let Ok(report) = Report::from_json(bytes) {
        written(&report, bytes.len());
    }
}

/// Every format takes it, and JSON gives it back.
pub fn written(report: &Report, bytes: usize) {
    for format in formats::ALL.iter().copied().chain([formats::DIAGNOSIS]) {
        let text = shown(format, report, Look::PLAIN, bytes);
        steers_no_terminal(format.id, &text);
        if let Some(summary) = format.step_summary {
            steers_no_terminal(summary.id, &shown(summary, report, Look::PLAIN, bytes));
        }
        if let Some(last_pass) = format.last_pass {
            let _ = last_pass(&text);
        }
        if format.id == "json" {
            let again = Report::from_json(text.as_bytes()).unwrap();
            assert_eq!(shown(format, &again, Look::PLAIN, bytes), text, "what was written reads as what it was");
        }
    }
    shown(formats::ALL[0], report, Look { color: true, width: 20 }, bytes);
    let beside = Beside { late: report.summary.late, advice: report.advice.len() as u64 };
    gate::decide(&report.summary.verdicts, &beside, report.gate.policy.clone(), &Ending::of_report(report));
}

/// Text, and not out of proportion: what a format says of its own fits into 256 KiB.
fn shown(format: &Format, report: &Report, look: Look, bytes: usize) -> String {
    let text = String::from_utf8((format.render)(report, look)).unwrap();
    assert!(text.len() < (256 << 10) + 500 * bytes, "{}: {} bytes from {bytes}", format.id, text.len());
    text
}
