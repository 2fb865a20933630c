//! The progress bar, on standard error and on a terminal only. Nothing waits for it.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

use super::gate_flags::OutputFlags;
use crate::verify::Progress;

/// Redraws until it is dropped, and leaves no trace.
pub(super) struct Bar {
    bar: ProgressBar,
    redraw: JoinHandle<()>,
}

impl Bar {
    pub(super) fn of(progress: Arc<Progress>, flags: &OutputFlags) -> Option<Self> {
        if flags.no_progress || flags.quiet || !std::io::stderr().is_terminal() {
            return None;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let template = "{bar:24} {pos}/{len} checks  {per_sec}  {msg}";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let drawn = bar.clone();
        let redraw = tokio::spawn(async move {
            let mut beat = tokio::time::interval(Duration::from_millis(100));
            loop {
                beat.tick().await;
                let standing = progress.standing();
                drawn.set_length(standing.checks);
                drawn.set_position(standing.settled);
                let confirming = if standing.confirming { ", asking the origin once more" } else { "" };
                drawn.set_message(format!(
                    "{} stale or failing, {} without an answer{confirming}",
                    standing.failing, standing.silent
                ));
            }
        });
        Some(Self { bar, redraw })
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.redraw.abort();
        self.bar.finish_and_clear();
    }
}
