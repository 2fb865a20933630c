//! `--events`: NDJSON of each change of state, written as it happens.

use std::path::Path;

use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::AppError;
use crate::report::unspoken;
use crate::verify::{Event, Events};

/// Events that may wait to be written.
const WAITING: usize = 1_024;

/// Writes what it is sent until all senders are gone.
pub(super) struct Writer {
    pub(super) events: Events,
    writing: JoinHandle<std::io::Result<()>>,
    path: String,
}

impl Writer {
    /// Opened before anything is sent.
    pub(super) async fn open(path: &Path) -> Result<Self, AppError> {
        let shown = path.display().to_string();
        let file = File::create(path).await.map_err(|error| {
            AppError::Usage(format!("--events {shown}: {error}, choose a file that can be written"))
        })?;
        let (events, received) = mpsc::channel(WAITING);
        Ok(Self { events, writing: tokio::spawn(write(BufWriter::new(file), received)), path: shown })
    }

    /// Waits until all is written.
    pub(super) async fn finish(self) -> Result<(), AppError> {
        drop(self.events);
        match self.writing.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(AppError::Unwritten(format!("{}: {error}", self.path))),
            Err(error) => Err(AppError::Internal(error.to_string())),
        }
    }
}

async fn write(mut file: BufWriter<File>, mut events: mpsc::Receiver<Event>) -> std::io::Result<()> {
    while let Some(event) = events.recv().await {
        let line = unspoken(&serde_json::to_string(&event)?);
        file.write_all(line.as_bytes()).await?;
        file.write_all(b"\n").await?;
        // Whoever follows the file sees each line as soon as there is nothing more to write.
        if events.is_empty() {
            file.flush().await?;
        }
    }
    file.flush().await
}
