//! purgeproof beside its peers, on this machine, in one run, taking turns: `cargo bench --bench peers`, or
//! `benches/peers/run`, which installs them first. Prints the medians, and their ratios.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench that cannot go on has failed, and prints its figures"
)]

mod bare;
mod measure;
mod peers;
mod stage;

use std::path::Path;
use std::process::Command;

use bare::Work;
use measure::{Measured, measured, median};
use peers::Blackbox;
use stage::{Certificates, EDGES, Stage};

fn main() {
    let typed: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if typed.first().map(String::as_str) == Some("bare") {
        return bare_loop(&typed[1..]);
    }
    let rounds = typed.first().and_then(|rounds| rounds.parse().ok()).unwrap_or(5);
    shared(rounds);
    one_certificate_each(rounds);
    memory();
}

/// Everyone sends the same to one connection an edge.
fn shared(rounds: usize) {
    let stage = Stage::start(Certificates::Shared);
    let (tenants, paths) = (500, 10);
    let [regions, file] = stage.files(tenants, paths);
    let checks = tenants * paths * EDGES;
    let blackbox = Blackbox::start(&stage).expect("apt-get install prometheus-blackbox-exporter");
    let mut rows: Vec<(&str, Vec<Measured>)> = [
        "purgeproof",
        "bare hyper loop",
        "h2load",
        "curl --parallel",
        "curl --parallel, one name an edge",
        "asyncio script",
        "blackbox_exporter",
    ]
    .map(|name| (name, Vec::new()))
    .into();
    for _ in 0..rounds {
        rows[0].1.push(peers::purgeproof(&regions, &file, checks, &[]));
        rows[1].1.push(bare_peer(&stage, tenants, paths, 2, true));
        rows[2].1.push(peers::h2load(&stage, checks));
        rows[3].1.push(peers::curl(&stage, EDGES, 20, 2, true));
        rows[4].1.push(peers::curl(&stage, EDGES, 50, paths, false));
        rows[5].1.push(peers::python(&stage, EDGES, 20, paths));
        rows[6].1.push(blackbox.probe(&stage, 2_000));
    }
    print("Shared connections, HEAD over HTTP/2, 40 edges", rows);
}

/// Nothing to share: a handshake for every check.
fn one_certificate_each(rounds: usize) {
    let tenants = 100;
    let stage = Stage::start(Certificates::OneEach(tenants));
    let [regions, file] = stage.files(tenants, 1);
    let mut rows = vec![("purgeproof", Vec::new()), ("bare rustls loop", Vec::new())];
    for _ in 0..rounds {
        rows[0].1.push(peers::purgeproof(&regions, &file, tenants * EDGES, &[]));
        rows[1].1.push(bare_peer(&stage, tenants, 1, 2, false));
    }
    print("A certificate for each tenant: a handshake for every check", rows);
}

/// How memory grows with checks that are all fresh, and with what is found.
fn memory() {
    let stage = Stage::start(Certificates::Shared);
    let mut rows = Vec::new();
    for (name, tenants) in [("100,000 checks", 250), ("1,000,000 checks", 2_500)] {
        let [regions, file] = stage.files(tenants, 10);
        rows.push((name, vec![peers::purgeproof(&regions, &file, tenants * 10 * EDGES, &[])]));
    }
    drop(stage);
    let stage = Stage::partly_old();
    let [regions, file] = stage.files(2_500, 10);
    rows.push(("1,000,000 checks, 1% stale", vec![peers::purgeproof(&regions, &file, 1_000_000, &["--exit-zero"])]));
    print("Memory", rows);
}

fn bare_peer(stage: &Stage, tenants: usize, paths: usize, threads: usize, shared: bool) -> Measured {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("bare").arg(stage.path("ca.pem"));
    command.args([tenants, paths, threads, usize::from(shared)].map(|number| number.to_string()));
    command.args((0..EDGES).map(|nth| stage.edge(nth).to_string()));
    measured(&mut command, tenants * paths * EDGES)
}

fn bare_loop(typed: &[String]) {
    let number = |nth: usize| typed[nth].parse::<usize>().unwrap();
    let ports = typed[5..].iter().map(|port| port.parse().unwrap()).collect();
    let work = Work { ports, tenants: number(1), paths: number(2), threads: number(3), shared: number(4) == 1 };
    bare::run(&work, Path::new(&typed[0]));
}

fn print(title: &str, rows: Vec<(&str, Vec<Measured>)>) {
    println!("\n### {title}\n\n| | a second | CPU each | peak memory | purgeproof is |\n|---|--:|--:|--:|--:|");
    let rows: Vec<(&str, Measured)> = rows.into_iter().map(|(name, runs)| (name, median(runs))).collect();
    let own = rows[0].1.rate();
    for (name, run) in &rows {
        let each = run.cpu.as_secs_f64() * 1e6 / run.requests as f64;
        println!(
            "| {name} | {:.0} | {each:.1} µs | {} MiB | {:.2} times |",
            run.rate(),
            run.peak_mib,
            own / run.rate()
        );
    }
}
