//! A run in the process of the test, for what it leaves there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::inventory::{self, Files, Overrides, Plan};
use purgeproof::judge::Purge;
use purgeproof::model::{GatePolicy, Late, Method, Report, Verdict};
use purgeproof::probe::Http;
use purgeproof::verify::{self, Bodies, Job, Options, Progress, Stop, Wire};

/// Verifies what a regions file and a tenants file say.
pub(crate) async fn verified([regions, tenants]: [PathBuf; 2], overrides: &Overrides, options: Options) -> Report {
    let files = Files { regions: vec![regions], tenants: vec![tenants], ..Files::default() };
    let providers: Vec<&str> = purgeproof::dialect::ids().collect();
    let inventory = Arc::new(inventory::load(&files, overrides, &|_| None, &providers).unwrap());
    let clock = Clock::start();
    let wire = Wire::prepare(&inventory, Http::Auto, clock).unwrap();
    let (plan, progress) = (Arc::new(Plan::new(inventory).unwrap()), Arc::new(Progress::default()));
    verify::verify(Job { plan, options, clock, progress, stop: Stop::default(), events: None }, wire).await
}

/// Without a purge, a deadline or patience; no verdict matters to the gate but stale.
pub(crate) fn options() -> Options {
    Options {
        purge: Purge { at: None, skew: Duration::from_secs(2) },
        method: Method::Head,
        bodies: Bodies::Auto,
        max_body: 1 << 20,
        max_concurrency: 1024,
        retry: 1,
        max_findings: 1_000,
        patience: None,
        deadline: None,
        sweep: true,
        fail_fast: false,
        advise: false,
        gate: GatePolicy {
            fail_on: vec![Verdict::Stale],
            max_fail: None,
            min_coverage: 0.0,
            min_parity: None,
            late: Late::Ignore,
            service_levels_ms: BTreeMap::new(),
            allow_empty: false,
            fail_on_advice: false,
        },
        baseline: None,
        seed: 0,
        keep_all: false,
    }
}
