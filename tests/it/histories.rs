//! Random histories on a modelled CDN whose truth is known: what the judge may never say of it.
//!
//! `PURGEPROOF_HISTORIES` plays another number of them, `PURGEPROOF_HISTORIES_FROM` begins at another seed.

mod chance;
mod history;
mod laws;
mod prober;
mod world;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use http::HeaderMap;
use purgeproof::lab::Voice;
use purgeproof::model::Verdict;

use history::{Event, Happening, History};
use prober::{Prober, Sighting};
use world::Stage;

const HISTORIES: u64 = 100_000;
/// Seeds that a thread takes at a time.
const BATCH: u64 = 500;

#[test]
fn no_history_makes_the_judge_say_what_is_not_so() {
    let from = number("PURGEPROOF_HISTORIES_FROM").unwrap_or(0);
    let until = from + number("PURGEPROOF_HISTORIES").unwrap_or(HISTORIES);
    let next = AtomicU64::new(from);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let counts = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&next, until))).collect();
        workers.into_iter().fold(Counts::default(), |counts, worker| counts.and(&worker.join().unwrap()))
    });
    if let Some((seed, law)) = counts.broken {
        panic!("{}", told(seed, law));
    }
    if until - from >= HISTORIES {
        counts.assert_telling();
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

fn work(next: &AtomicU64, until: u64) -> Counts {
    let requests = Requests::default();
    let mut counts = Counts::default();
    while counts.broken.is_none() {
        let from = next.fetch_add(BATCH, Ordering::Relaxed);
        if from >= until {
            break;
        }
        for seed in from..until.min(from + BATCH) {
            let law = requests.first_broken(&History::of(seed), |sighting| counts.add(sighting));
            if let Some(law) = law {
                counts.broken = counts.broken.or(Some((seed, law)));
            }
        }
    }
    counts
}

/// Request headers by voice, made once.
struct Requests([Vec<HeaderMap>; Voice::ALL.len()]);

impl Default for Requests {
    fn default() -> Self {
        Self(Voice::ALL.map(|voice| world::requests(voice.provider())))
    }
}

impl Requests {
    /// The first law that a history breaks.
    fn first_broken(&self, history: &History, mut sees: impl FnMut(&Sighting)) -> Option<&'static str> {
        let History { world, events } = history;
        let voice = Voice::ALL.iter().position(|voice| *voice == world.voice).unwrap();
        let mut stage = Stage::new(world, &self.0[voice]);
        for Event { later_ms, what } in events {
            stage.now_ms += later_ms;
            stage.happen(what);
            let Happening::Probe(probe) = what else { continue };
            for sighting in Prober::new(&mut stage, probe).sightings() {
                sees(&sighting);
                let broken = laws::broken(world, probe.latency_ms, stage.softly_purged, &sighting);
                if broken.is_some() {
                    return broken;
                }
            }
        }
        None
    }
}

/// What the histories came to.
#[derive(Default)]
struct Counts {
    broken: Option<(u64, &'static str)>,
    verdicts: [u64; Verdict::ALL.len()],
}

impl Counts {
    fn add(&mut self, sighting: &Sighting) {
        self.verdicts[sighting.ruling.verdict as usize] += 1;
    }

    /// Of two that broke a law the earlier seed is told, whichever thread was faster.
    fn and(mut self, other: &Self) -> Self {
        self.verdicts.iter_mut().zip(other.verdicts).for_each(|(count, more)| *count += more);
        self.broken = [self.broken, other.broken].into_iter().flatten().min();
        self
    }

    /// Histories in which nothing happens would prove nothing.
    fn assert_telling(&self) {
        for verdict in Verdict::ALL.into_iter().filter(|verdict| *verdict != Verdict::Unreachable) {
            let count = self.verdicts[verdict as usize];
            assert!(count >= 500, "only {count} were {}", verdict.id());
        }
    }
}

/// A history that breaks a law, without what has nothing to do with it.
fn told(seed: u64, law: &str) -> String {
    let requests = Requests::default();
    let mut history = History::of(seed);
    let mut at = history.events.len();
    while at > 0 {
        at -= 1;
        let mut shorter = history.clone();
        let Event { later_ms, .. } = shorter.events.remove(at);
        if let Some(next) = shorter.events.get_mut(at) {
            next.later_ms += later_ms;
        }
        if requests.first_broken(&shorter, |_| ()) == Some(law) {
            history = shorter;
            at = history.events.len();
        }
    }
    let mut last = None;
    requests.first_broken(&history, |sighting| last = Some(sighting.to_string()));
    let mut text = format!("{law}\n\nPURGEPROOF_HISTORIES_FROM={seed} PURGEPROOF_HISTORIES=1\n\n{:?}\n", history.world);
    for Event { later_ms, what } in &history.events {
        let _ = writeln!(text, "{later_ms} ms later: {what:?}");
    }
    text + "\n" + &last.unwrap_or_default()
}
