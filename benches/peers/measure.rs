//! One run of a program: how long, how much of the processor, how much memory.

use std::process::{Command, Stdio};
use std::time::Duration;

use purgeproof::clock::Clock;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) requests: usize,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_mib: u64,
}

impl Measured {
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64()
    }
}

/// Runs it to its end by `time`, which tells what the kernel counted.
pub(crate) fn measured(command: &mut Command, requests: usize) -> Measured {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%U %S %M"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            timed.env(name, value);
        }
    }
    let watch = Clock::stopwatch();
    let output = timed.stdin(Stdio::null()).stdout(Stdio::null()).output().unwrap();
    let wall = watch.elapsed();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {told}");
    let mut facts = told.lines().last().unwrap_or_default().split(' ').map(|fact| fact.parse::<f64>().unwrap());
    let mut fact = || facts.next().unwrap();
    let (user, system, kib) = (fact(), fact(), fact());
    Measured { requests, wall, cpu: Duration::from_secs_f64(user + system), peak_mib: kib as u64 / 1024 }
}

/// The one in the middle, by wall time.
pub(crate) fn median(mut runs: Vec<Measured>) -> Measured {
    runs.sort_by_key(|run| run.wall);
    runs[runs.len() / 2]
}
