//! How a run goes, on standard error: a bar on a terminal, and where convergence is waited for, a line for each region,
//! or on a pipe a line every few seconds. Nothing waits for it.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use super::gate_flags::OutputFlags;
use super::output::say;
use crate::report::defused;
use crate::verify::{Progress, RegionStanding};

/// Between two lines on a pipe.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Between two redraws on a terminal.
const REDRAW_EVERY: Duration = Duration::from_millis(100);
/// Regions that get a line of their own.
const REGIONS: usize = 16;
/// Edges that are named as behind, of each region.
const STRAGGLERS: usize = 3;

/// Shows how it goes until it is dropped, and leaves no trace on a terminal.
pub(super) struct Shown {
    all: Option<MultiProgress>,
    showing: JoinHandle<()>,
}

impl Shown {
    pub(super) fn of(progress: Arc<Progress>, flags: &OutputFlags, waits: bool) -> Option<Self> {
        if flags.no_progress || flags.quiet {
            return None;
        }
        if std::io::stderr().is_terminal() {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            let showing = tokio::spawn(draw(all.clone(), progress, waits));
            Some(Self { all: Some(all), showing })
        } else if waits {
            Some(Self { all: None, showing: tokio::spawn(tell(progress)) })
        } else {
            None
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.showing.abort();
        if let Some(all) = &self.all {
            let _ = all.clear();
            // What is under way still must not draw behind it.
            all.set_draw_target(ProgressDrawTarget::hidden());
        }
    }
}

async fn draw(all: MultiProgress, progress: Arc<Progress>, waits: bool) {
    let styled = |template| ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let whole = all.add(ProgressBar::no_length());
    whole.set_style(styled("{bar:16} {pos}/{len} checks  {wide_msg}"));
    let mut lines: Vec<ProgressBar> = Vec::new();
    let mut beat = tokio::time::interval(REDRAW_EVERY);
    loop {
        beat.tick().await;
        let standing = progress.standing();
        whole.set_length(standing.checks);
        whole.set_position(standing.settled);
        let confirming = if standing.confirming { ", asking the origin once more" } else { "" };
        let (failing, silent) = (standing.failing, standing.silent);
        whole.set_message(format!("{failing} stale or failing, {silent} without an answer{confirming}"));
        if waits {
            for (nth, region) in progress.regions().iter().take(REGIONS).enumerate() {
                if nth == lines.len() {
                    let line = all.add(ProgressBar::no_length());
                    line.set_style(styled("  {bar:12} {wide_msg}"));
                    lines.push(line);
                }
                lines[nth].set_length(region.checks);
                lines[nth].set_position(region.fresh);
                lines[nth].set_message(told(region));
            }
        }
    }
}

async fn tell(progress: Arc<Progress>) {
    let mut beat = tokio::time::interval(LINE_EVERY);
    beat.tick().await;
    loop {
        beat.tick().await;
        let standing = progress.standing();
        let behind: Vec<String> =
            progress.regions().iter().filter(|region| region.fresh < region.checks).map(told).collect();
        let behind = if behind.is_empty() { String::new() } else { format!("; {}", behind.join("; ")) };
        say(&format!("waiting: {} of {} checks settled{behind}", standing.settled, standing.checks));
    }
}

fn told(region: &RegionStanding) -> String {
    let percent = (region.fresh * 100).checked_div(region.checks).unwrap_or_default();
    let named: Vec<String> = region.stragglers.iter().take(STRAGGLERS).map(|edge| defused(edge)).collect();
    let more = if region.stragglers.len() > STRAGGLERS { " …" } else { "" };
    let behind = if named.is_empty() { String::new() } else { format!(", not yet: {}{more}", named.join(" ")) };
    format!("{} {percent}% fresh{behind}", defused(&region.region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_told_with_its_last_stragglers() {
        let edges = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let region = |fresh, stragglers| RegionStanding { region: "eu".to_owned(), checks: 8, fresh, stragglers };
        assert_eq!(told(&region(8, edges(&[]))), "eu 100% fresh");
        assert_eq!(told(&region(6, edges(&["a", "b"]))), "eu 75% fresh, not yet: a b");
        assert_eq!(told(&region(0, edges(&["a", "b", "c", "d"]))), "eu 0% fresh, not yet: a b c …");
    }
}
