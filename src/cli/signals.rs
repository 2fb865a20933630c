//! SIGINT, SIGTERM and SIGHUP, which is taken as SIGTERM: the first ends the run with a report, the second ends the process.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::AbortHandle;

use crate::exit;
use crate::verify::{Stop, Why};

/// Listens as long as it is kept.
pub(super) struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens from the moment it returns.
pub(super) fn listen(stop: Stop) -> Listening {
    let signals = Signals::all();
    let task = tokio::spawn(async move {
        let Ok(mut signals) = signals else { return };
        stop.now(Why::Interrupted(signals.next().await));
        let code = signals.next().await;
        std::process::exit(i32::from(code));
    });
    Listening(task.abort_handle())
}

/// Until any comes.
#[cfg(feature = "lab")]
pub(super) async fn any() {
    if let Ok(mut signals) = Signals::all() {
        signals.next().await;
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn all() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => exit::INTERRUPTED,
            _ = self.terminate.recv() => exit::TERMINATED,
            _ = self.hangup.recv() => exit::TERMINATED,
        }
    }
}
