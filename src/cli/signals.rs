//! SIGINT and SIGTERM: the first ends the run with a report, the second ends the process.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::exit;
use crate::verify::{Stop, Why};

/// Listens, from the moment it returns until it is aborted.
pub(super) fn listen(stop: Stop) -> JoinHandle<()> {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    tokio::spawn(async move {
        let (Ok(mut int), Ok(mut term)) = signals else { return };
        stop.now(Why::Interrupted(next(&mut int, &mut term).await));
        let code = next(&mut int, &mut term).await;
        std::process::exit(i32::from(code));
    })
}

/// Until either comes.
#[cfg(feature = "lab")]
pub(super) async fn any() {
    if let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        next(&mut int, &mut term).await;
    }
}

async fn next(int: &mut Signal, term: &mut Signal) -> u8 {
    tokio::select! {
        _ = int.recv() => exit::INTERRUPTED,
        _ = term.recv() => exit::TERMINATED,
    }
}
