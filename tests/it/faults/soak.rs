//! Long use wears nothing out: run after run in one process, over connections that break, memory and descriptors stay flat.
//!
//! `SOAK=5000 tests/run faults::soak` makes so many runs instead of a few.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use purgeproof::inventory::Overrides;
use purgeproof::lab::{Fault, Planted};
use purgeproof::model::Report;

use super::{tenants, write};
use crate::support::in_process;
use crate::support::responder::{Responder, answer};
use crate::support::server::until;
use crate::support::stage::{Stage, pair};

const THIS: &str = "faults::soak::memory_and_descriptors_stay_flat_over_many_runs";
/// Where the files are, for the process that wears out.
const FOLDER: &str = "PURGE_TEST_SOAK";
const FEW: usize = 90;

/// Resident memory and open descriptors after a run.
#[derive(Debug, Clone, Copy)]
struct Worn {
    kib: u64,
    descriptors: usize,
}

/// The runs happen in a process of their own: this one has the edges, and restarts them.
#[test]
#[expect(clippy::print_stderr, reason = "figures, shown on demand")]
fn memory_and_descriptors_stay_flat_over_many_runs() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return runs(Path::new(&folder));
    }
    let count = std::env::var("SOAK").map_or(FEW, |count| count.parse().unwrap());
    let stage = Stage::purged(pair(8), &Planted::nothing());
    // Each answer ends its connection.
    let closing =
        Responder::start(|request| Some(answer(request, "200 OK", "etag: \"a\"\r\nconnection: close\r\n", "a")));
    let regions =
        super::regions(closing.address, closing.address).replace("schema = 1", "schema = 1\nenvironment = 'closing'");
    write(stage.folder.path(), "closing.toml", regions);
    write(stage.folder.path(), "closing.yaml", tenants(8));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", THIS, "--nocapture", "--test-threads=1"])
        .env(FOLDER, stage.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut go = child.stdin.take().unwrap();
    let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut told = told.filter_map(|line| worn(line.split_once("soak: ")?.1));
    let mut all = Vec::new();
    for run in 0..count {
        // As though it were restarted: what was open breaks, and is answered again later.
        assert!(stage.lab.fault("fra", (run % 3 == 2).then_some(Fault::Broken)));
        writeln!(go, "{}", if run % 3 == 2 { "broken" } else { "well" }).unwrap();
        all.push(told.next().unwrap_or_else(|| panic!("run {run} failed")));
    }
    drop(go);
    assert!(child.wait().unwrap().success());
    let third = count / 3;
    let mean = |runs: &[Worn]| runs.iter().map(|worn| worn.kib).sum::<u64>() / runs.len() as u64;
    let (early, late) = (mean(&all[third..2 * third]), mean(&all[2 * third..]));
    let descriptors: BTreeMap<usize, usize> = all.iter().fold(BTreeMap::new(), |mut seen, worn| {
        *seen.entry(worn.descriptors).or_default() += 1;
        seen
    });
    eprintln!(
        "{count} runs: {} KiB after the first, {early} and {late} KiB in the second and the last third; descriptors and how often: {descriptors:?}",
        all[0].kib
    );
    assert!(late <= early + early / 20, "memory grows: {early} KiB, then {late} KiB");
    assert_eq!(descriptors.len(), 1, "descriptors are left: {descriptors:?}");
}

fn worn(line: &str) -> Option<Worn> {
    let (kib, descriptors) = line.split_once(' ')?;
    Some(Worn { kib: kib.parse().ok()?, descriptors: descriptors.parse().ok()? })
}

/// One run for each line of standard input, and a line for each.
#[expect(clippy::print_stdout, reason = "told to the process that counts")]
fn runs(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut settled = None;
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let reports = runtime.block_on(async {
            [
                verified(folder, "regions.toml", "tenants.yaml").await,
                verified(folder, "closing.toml", "closing.yaml").await,
            ]
        });
        let verdicts = reports.map(|report| report.summary.verdicts);
        assert_eq!((verdicts[1].fresh, verdicts[1].unreachable), (8, 0), "{line}");
        let lost = if line == "broken" { 8 } else { 0 };
        assert_eq!((verdicts[0].fresh, verdicts[0].unreachable), (16 - lost, lost), "{line}");
        let known = *settled.get_or_insert_with(|| {
            until("connections are closed", || (sockets() == 0).then_some(()));
            descriptors()
        });
        // Closing takes its moment once a run has let go.
        until("descriptors are closed", || (descriptors() <= known).then_some(()));
        println!("soak: {} {}", resident_kib(), descriptors());
    }
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Sockets over the network; the runtime's own pair is none.
fn sockets() -> usize {
    let tcp = ["tcp", "udp"].map(|kind| std::fs::read_to_string(format!("/proc/self/net/{kind}")).unwrap());
    let held = std::fs::read_dir("/proc/self/fd").unwrap().map_while(Result::ok);
    let held = held.filter_map(|entry| std::fs::read_link(entry.path()).ok()?.to_str().map(str::to_owned));
    let inodes = held.filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()));
    inodes.filter(|inode| tcp.iter().any(|table| table.contains(&format!(" {inode} ")))).count()
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

async fn verified(folder: &Path, regions: &str, tenants: &str) -> Report {
    in_process::verified([folder.join(regions), folder.join(tenants)], &Overrides::default(), in_process::options())
        .await
}
