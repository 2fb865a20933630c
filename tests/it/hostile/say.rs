//! What an edge says on a connection, step by step, rubbish included. It never reads a request.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// Between two pieces of a flood: it is to be endless, and not to take the processor that everybody shares here.
const BREATH: Duration = Duration::from_millis(1);

/// One step.
pub(super) enum Say {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes again and again, as long as anyone listens.
    Endless(Vec<u8>),
    /// These bytes, one a second.
    Drip(Vec<u8>),
    /// Nothing, as long as anyone waits.
    Silence,
    /// An orderly end, of TLS too.
    End,
    /// The end of TCP alone, as of a process that died.
    Cut,
    /// A reset.
    Reset,
}

use Say::{Bytes, Cut, Drip, End, Endless, Reset, Silence};

/// A connection, with or without TLS.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&mut self) -> &mut TcpStream;
}

impl Wire for TcpStream {
    fn tcp(&mut self) -> &mut TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&mut self) -> &mut TcpStream {
        self.get_mut().0
    }
}

/// Says it; nothing where the connection is over then.
pub(super) async fn say(wire: &mut impl Wire, script: Vec<Say>) -> Option<()> {
    for step in script {
        match step {
            Bytes(bytes) => send(wire, &bytes).await?,
            Endless(bytes) => loop {
                send(wire, &bytes).await?;
                tokio::time::sleep(BREATH).await;
            },
            Drip(bytes) => {
                for byte in bytes {
                    send(wire, &[byte]).await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Silence => return left(wire.tcp()).await,
            End => {
                wire.shutdown().await.ok()?;
                return left(wire.tcp()).await;
            }
            Cut => {
                wire.tcp().shutdown().await.ok()?;
                return left(wire.tcp()).await;
            }
            Reset => {
                wire.tcp().set_zero_linger().unwrap();
                return None;
            }
        }
    }
    Some(())
}

/// Waits until the other side is gone: what it sent and nobody read would turn an end into a reset.
async fn left(tcp: &mut TcpStream) -> Option<()> {
    let mut ignored = [0; 4096];
    while tcp.read(&mut ignored).await.ok()? > 0 {}
    None
}

async fn send(wire: &mut impl Wire, bytes: &[u8]) -> Option<()> {
    wire.write_all(bytes).await.ok()?;
    wire.flush().await.ok()
}
