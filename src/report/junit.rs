//! The report as test cases, for CI servers that show those: one for each tenant at each edge, and one for the gate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report as Suites, TestCase, TestCaseStatus, TestSuite};

use super::text::defused;
use super::{Format, Look, severity};
use crate::model::{EdgeRow, Finding, GatePolicy, Outcome, PairRow, Report, TenantRow, Verdict};
use severity::Severity;

pub(super) static FORMAT: Format = Format::new("junit", "test cases, for CI servers", render);

/// Beyond so many, CI servers give up: then there is a case for each tenant.
const MOST_PAIRS: usize = 50_000;
/// Findings told in one case.
const MOST_TOLD: usize = 10;

fn render(report: &Report, _look: Look) -> Vec<u8> {
    let mut suites = Suites::new("purgeproof");
    suites.add_test_suite(gate(report));
    let pairs = report.tenants.len().saturating_mul(report.edges.len());
    if pairs > MOST_PAIRS || report.pairs_left_out > 0 {
        suites.add_test_suite(by_tenant(report));
    } else {
        for suite in by_edge(report) {
            suites.add_test_suite(suite);
        }
    }
    suites.to_string().unwrap_or_default().into_bytes()
}

/// The decision itself, so that a red gate is red here too, whatever was tolerated or left out.
fn gate(report: &Report) -> TestSuite {
    let status = match report.gate.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Inconclusive | Outcome::Empty => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let mut told = format!("{}, exit code {}\n", report.gate.outcome.id(), report.gate.exit_code);
    for reason in &report.gate.reasons {
        let _ = writeln!(told, "{}: {}", reason.code, defused(&reason.message));
    }
    let summary = &report.summary;
    let counts = Verdict::ALL.into_iter().filter(|verdict| summary.verdicts.of(*verdict) > 0);
    let counts: Vec<String> =
        counts.map(|verdict| format!("{} {}", summary.verdicts.of(verdict), verdict.id())).collect();
    let _ = writeln!(told, "{} checks: {}", summary.checks, counts.join(", "));
    let mut suite = TestSuite::new("gate");
    suite.add_test_case(case("purgeproof", "gate", status, report.gate.outcome.id(), &told));
    suite
}

fn by_edge(report: &Report) -> Vec<TestSuite> {
    let mut pairs: BTreeMap<[&str; 4], &PairRow> = BTreeMap::new();
    for row in &report.pairs {
        pairs.insert([&row.environment, &row.region, &row.edge, &row.tenant], row);
    }
    let mut findings: BTreeMap<[&str; 4], Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        let place = [finding.environment.as_str(), &finding.region, &finding.edge, &finding.tenant];
        findings.entry(place).or_default().push(finding);
    }
    let suite = |edge: &EdgeRow| {
        let class = format!("{}.{}.{}", edge.environment, edge.region, edge.name);
        let mut suite = TestSuite::new(class.clone());
        for tenant in report.tenants.iter().filter(|tenant| !tenant.absent_from.contains(&edge.environment)) {
            let place = [edge.environment.as_str(), &edge.region, &edge.name, &tenant.id];
            let counts = pairs.get(&place).map(|row| row.verdicts.clone()).unwrap_or_default();
            let told = findings.get(&place).map_or(&[][..], Vec::as_slice);
            suite.add_test_case(outcome(&class, &tenant.id, &counts, told, &report.gate.policy));
        }
        suite
    };
    report.edges.iter().map(suite).collect()
}

fn by_tenant(report: &Report) -> TestSuite {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        findings.entry(&finding.tenant).or_default().push(finding);
    }
    let mut suite = TestSuite::new("tenants");
    for TenantRow { id, verdicts, .. } in &report.tenants {
        let present = Verdict::ALL.into_iter().filter(|verdict| !verdict.is_good() && verdicts.of(*verdict) > 0);
        let counts = present.map(|verdict| (verdict, verdicts.of(verdict))).collect();
        let told = findings.get(id.as_str()).map_or(&[][..], Vec::as_slice);
        suite.add_test_case(outcome("tenants", id, &counts, told, &report.gate.policy));
    }
    suite
}

/// One case: its worst verdict decides, and everything known is told.
fn outcome(
    class: &str,
    name: &str,
    counts: &BTreeMap<Verdict, u64>,
    findings: &[&Finding],
    policy: &GatePolicy,
) -> TestCase {
    let severity = counts.keys().map(|verdict| severity::of(*verdict, policy)).max().unwrap_or(Severity::Good);
    let status = match severity {
        Severity::Good | Severity::Notice => TestCaseStatus::success(),
        Severity::Inconclusive => TestCaseStatus::non_success(NonSuccessKind::Error),
        Severity::Failing => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let bad = counts.iter().filter(|(verdict, _)| !verdict.is_good());
    let headline: Vec<String> = bad.map(|(verdict, count)| format!("{count} {}", verdict.id())).collect();
    let headline = headline.join(", ");
    let mut told = if headline.is_empty() { String::new() } else { format!("{headline}\n") };
    for finding in findings.iter().take(MOST_TOLD) {
        tell(&mut told, finding);
    }
    if findings.len() > MOST_TOLD {
        let _ = writeln!(told, "\n... and {} more findings", findings.len() - MOST_TOLD);
    }
    case(class, name, status, &headline, &told)
}

fn tell(told: &mut String, finding: &Finding) {
    let Finding { verdict, host, path, variant, edge, cause, reproduce, .. } = finding;
    let said = [
        format!("\n{}: {host}{path} [{variant}] at {edge}", verdict.id()),
        format!("  why: {} ({})", cause.summary, cause.id),
        format!("  fix: {}", cause.fix),
        format!("  {reproduce}"),
    ];
    for line in said {
        // Line breaks of ours only.
        let _ = writeln!(
            told,
            "{}{}",
            if line.starts_with('\n') { "\n" } else { "" },
            defused(line.trim_start_matches('\n'))
        );
    }
}

fn case(class: &str, name: &str, mut status: TestCaseStatus, message: &str, told: &str) -> TestCase {
    let is_good = matches!(status, TestCaseStatus::Success { .. });
    if !is_good {
        status.set_message(message.to_owned()).set_type(message.to_owned()).set_description(told.to_owned());
    }
    let mut case = TestCase::new(name.to_owned(), status);
    case.set_classname(class.to_owned());
    if is_good && !told.is_empty() {
        case.set_system_out(told.to_owned());
    }
    case
}
