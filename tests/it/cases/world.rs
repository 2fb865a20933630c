//! Builds a case's world and runs the real orchestrator in it, with time paused.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::inventory::{self, Files, Overrides, Plan};
use purgeproof::judge::Purge;
use purgeproof::model::{GatePolicy, Inventory, Late, Method, Report, Verdict, parse_duration};
use purgeproof::verify::{self, Bodies, Job, Options, Progress, Stop};

use super::script::{Script, Scripted, Stage};
use super::told::Case;

/// The report, and what the script was asked for and could not tell.
pub(super) fn run(case: &Case) -> Result<(Report, Vec<String>), String> {
    let inventory = inventory(case)?;
    let options = options(case)?;
    let answers = Scripted::all(case, &inventory)?;
    let plan = Arc::new(Plan::new(Arc::new(inventory)).map_err(|error| error.to_string())?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let clock = Clock::at(case.now);
        let script = Arc::new(Script::new(answers, case.names.clone(), &plan, clock));
        let (progress, stop) = (Arc::new(Progress::default()), Stop::default());
        let job = Job { plan, options, clock, progress, stop, events: None };
        let report = verify::verify(job, Stage(Arc::clone(&script))).await;
        Ok((report, script.problems()))
    })
}

/// Through the files, as a user would.
fn inventory(case: &Case) -> Result<Inventory, String> {
    use toml::Value;
    let mut origin = case.origin.clone();
    origin.entry("url").or_insert_with(|| "https://origin.example".into());
    let mut regions = toml::Table::new();
    regions.insert("schema".to_owned(), Value::Integer(1));
    if !case.options.no_origin {
        regions.insert("origin".to_owned(), origin.into());
    }
    regions.insert("regions".to_owned(), case.regions.clone().into());
    let mut tenants = toml::Table::new();
    tenants.insert("schema".to_owned(), Value::Integer(1));
    tenants.insert("variants".to_owned(), case.variants.clone().into());
    tenants.insert("tenants".to_owned(), Value::Array(case.tenants.iter().cloned().map(Value::Table).collect()));
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, table: &toml::Table| {
        let file = folder.path().join(name);
        std::fs::write(&file, table.to_string()).unwrap();
        file
    };
    let files = Files {
        regions: vec![write("regions.toml", &regions)],
        tenants: vec![write("tenants.toml", &tenants)],
        ..Files::default()
    };
    let providers: Vec<&str> = purgeproof::dialect::ids().collect();
    inventory::load(&files, &Overrides::default(), &|_| None, &providers).map_err(|error| error.to_string())
}

fn options(case: &Case) -> Result<Options, String> {
    let told = &case.options;
    let unknown = |key: &str, word: &str| Err(format!("options.{key}: unknown {word:?}"));
    Ok(Options {
        purge: Purge { at: case.purged_at, skew: Duration::from_secs(2) },
        method: match told.method.as_deref() {
            None | Some("head") => Method::Head,
            Some("get") => Method::Get,
            Some(word) => return unknown("method", word),
        },
        bodies: match told.body.as_deref() {
            None | Some("auto") => Bodies::Auto,
            Some("always") => Bodies::Always,
            Some("never") => Bodies::Never,
            Some(word) => return unknown("body", word),
        },
        max_body: told.max_body.unwrap_or(16 << 20),
        max_concurrency: 1024,
        retry: 1,
        max_findings: 1_000,
        sweep: !told.no_sweep,
        patience: None,
        baseline: None,
        advise: false,
        keep_all: false,
        deadline: told.deadline.as_deref().map(duration).transpose()?,
        fail_fast: false,
        gate: GatePolicy {
            fail_on: vec![Verdict::Stale, Verdict::Divergent, Verdict::Failing],
            max_fail: None,
            min_coverage: 100.0,
            min_parity: None,
            late: Late::Warn,
            service_levels_ms: BTreeMap::new(),
            fail_on_advice: false,
            allow_empty: false,
        },
        seed: 0,
    })
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| format!("{text:?}: {error}"))
}
