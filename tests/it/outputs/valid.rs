//! Checks of a format by a program that is not ours.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use crate::support::server::installed;

/// Whether that format's own reader takes what is in the file; formats without one pass.
pub(super) fn holds(format: &str, file: &Path) {
    match format {
        "json" => python(file, "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"),
        "ndjson" => python(
            file,
            "import json, sys
for line in open(sys.argv[1], encoding='utf-8', newline='\\n'): assert isinstance(json.loads(line), dict)",
        ),
        "junit" => junit(file),
        "openmetrics" => openmetrics(file),
        "markdown" => drop(html(file)),
        _ => {}
    }
}

/// By the schema of Jenkins, and by one that asks for more.
fn junit(file: &Path) {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (kind, grammar) in [("--schema", "tests/published/junit-10.xsd"), ("--relaxng", "tests/it/outputs/junit.rng")] {
        let mut xmllint = Command::new(installed("xmllint", "libxml2-utils"));
        passes(xmllint.args(["--noout", kind]).arg(top.join(grammar)).arg(file));
    }
}

/// As Prometheus reads its text format, and as `OpenMetrics` is read.
fn openmetrics(file: &Path) {
    let mut promtool = Command::new(installed("promtool", "prometheus"));
    passes(promtool.args(["check", "metrics"]).stdin(File::open(file).unwrap()));
    python(
        file,
        "import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed
assert [s for f in parsed(open(sys.argv[1], encoding='utf-8', newline='\\n').read()) for s in f.samples if s.timestamp is None]",
    );
}

/// As GitHub shows Markdown.
pub(super) fn html(file: &Path) -> String {
    let mut cmark = Command::new(installed("cmark-gfm", "cmark-gfm"));
    passes(cmark.args(["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-t", "html"]).arg(file))
}

/// Debian's, which has Debian's modules.
fn python(file: &Path, code: &str) {
    drop(passes(Command::new("/usr/bin/python3").args(["-c", code]).arg(file)));
}

fn passes(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{out}{err}");
    out.into_owned()
}
