//! A lab that lives as long as a test, and the program run against it.

use std::path::PathBuf;
use std::process::Command;

use purgeproof::lab::{EdgePlan, Lab, Options, Planted, RegionPlan, Shields, Voice};
use purgeproof::model::stamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::{Ran, purgeproof, run};

pub(crate) struct Stage {
    pub(crate) lab: Lab,
    pub(crate) folder: TempDir,
    /// As `--purged-at` takes it.
    pub(crate) purged_at: Option<String>,
    pub(crate) runtime: Runtime,
}

impl Stage {
    /// Nothing deployed since the caches were filled, nothing purged.
    pub(crate) fn quiet(options: Options) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let lab = runtime.block_on(Lab::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        lab.write_files(folder.path()).unwrap();
        Self { lab, folder, purged_at: None, runtime }
    }

    /// Deployed, then purged.
    pub(crate) fn purged(options: Options, planted: &Planted) -> Self {
        let stage = Self::quiet(options);
        stage.lab.deploy();
        stage.then_purged(planted)
    }

    pub(crate) fn then_purged(self, planted: &Planted) -> Self {
        let purged_at = Some(stamp(self.lab.purge(planted)));
        Self { purged_at, ..self }
    }

    pub(crate) fn close(&mut self, edge: &str) {
        assert!(self.runtime.block_on(self.lab.close(edge)), "no edge {edge}");
    }

    pub(crate) fn close_origin(&mut self) {
        self.runtime.block_on(self.lab.close_origin());
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `verify` on the lab's files.
    pub(crate) fn command(&self) -> Command {
        let mut command = purgeproof();
        command.arg("verify").arg("--regions").arg(self.file("regions.toml"));
        command.arg("--tenants").arg(self.file("tenants.yaml"));
        if let Some(at) = &self.purged_at {
            command.args(["--purged-at", at]);
        }
        command
    }

    /// Its report as JSON, and what it came to.
    pub(crate) fn verify(&self, more: &[&str]) -> (Value, Ran) {
        let ran = run(self.command().args(["--format", "json"]).args(more));
        let report = serde_json::from_str(&ran.stdout);
        let report = report.unwrap_or_else(|error| panic!("no report ({error}); exit {}; {}", ran.code, ran.stderr));
        (report, ran)
    }
}

/// One region of two edges without a shield: `ams` and `fra`.
pub(crate) fn pair(tenants: usize) -> Options {
    let edges = vec![EdgePlan::new("AMS", Voice::Cloudflare), EdgePlan::new("FRA", Voice::Fastly)];
    let regions = vec![RegionPlan { key: "eu", title: "Europe", edges }];
    Options { tenants, regions, shields: Shields::None, ..Options::default() }
}

/// The purge misses this edge.
pub(crate) fn missing(edge: &str) -> Planted {
    Planted { missed_edge: Some(edge.to_owned()), ..Planted::nothing() }
}
