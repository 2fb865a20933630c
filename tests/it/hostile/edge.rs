//! Listeners that behave as their row says, and some that behave well.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::certificates::{Authorities, Shown};
use super::row::{Act, Script};
use super::say::Say::Bytes;
use super::say::{Wire, say};
use super::{content, frames, http1, http2};
use crate::support::server::free_address;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// An address where that act is played, and what must be kept for it.
pub(super) async fn open(act: Act, authorities: &Authorities) -> (SocketAddr, Option<Deaf>) {
    match act {
        Act::Nobody | Act::Named(_) => (free_address(), None),
        Act::Deaf => {
            let deaf = Deaf::open().await;
            (deaf.listener.local_addr().unwrap(), Some(deaf))
        }
        Act::Accepted(script) => (
            listen(script, |mut tcp, script| async move {
                say(&mut tcp, script(0)).await;
            })
            .await,
            None,
        ),
        Act::Greeted(script) => (
            listen(script, |mut tcp, script| async move {
                let _ = tcp.read(&mut [0; 4096]).await;
                say(&mut tcp, script(0)).await;
            })
            .await,
            None,
        ),
        Act::Certified(shown) => {
            let acceptor = authorities.acceptor(shown, b"http/1.1");
            (well_over_http1(acceptor, whole()).await, None)
        }
        Act::Http1(script) => {
            let acceptor = authorities.acceptor(Shown::Sound, b"http/1.1");
            (over_http1(acceptor, script).await, None)
        }
        Act::Http2(opening, script) => {
            let acceptor = authorities.acceptor(Shown::Sound, b"h2");
            (over_http2(acceptor, opening, script).await, None)
        }
    }
}

/// The origin's answer.
pub(super) fn whole() -> Vec<u8> {
    http1::answer("200 OK", "", content::body().as_bytes())
}

/// Always gives that answer over HTTP/1.1.
pub(super) async fn well_over_http1(acceptor: TlsAcceptor, answer: Vec<u8>) -> SocketAddr {
    over_http1(acceptor, Box::new(move |_| vec![Bytes(answer.clone())])).await
}

/// The same without TLS.
pub(super) async fn well_in_plain(answer: Vec<u8>) -> SocketAddr {
    let script: Script = Box::new(move |_| vec![Bytes(answer.clone())]);
    listen(script, |tcp, script| async move { serve_http1(tcp, &script).await.unwrap_or_default() }).await
}

/// Always gives that answer over HTTP/2.
pub(super) async fn well_over_http2(
    acceptor: TlsAcceptor,
    status: &'static str,
    fields: String,
    body: Vec<u8>,
) -> SocketAddr {
    let script = move |stream| vec![Bytes(http2::answer(stream, status, &fields, &body))];
    over_http2(acceptor, Box::new(|_| http2::sound()), Box::new(script)).await
}

async fn over_http1(acceptor: TlsAcceptor, script: Script) -> SocketAddr {
    listen((acceptor, script), |tcp, both| async move {
        if let Ok(tls) = both.0.accept(tcp).await {
            serve_http1(tls, &both.1).await.unwrap_or_default();
        }
    })
    .await
}

async fn over_http2(acceptor: TlsAcceptor, opening: Script, script: Script) -> SocketAddr {
    listen((acceptor, opening, script), |tcp, all| async move {
        if let Ok(tls) = all.0.accept(tcp).await {
            serve_http2(tls, &all.1, &all.2).await.unwrap_or_default();
        }
    })
    .await
}

async fn listen<T, F>(act: T, serve: impl Fn(TcpStream, Arc<T>) -> F + Send + 'static) -> SocketAddr
where
    T: Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let act = Arc::new(act);
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            // What is held back for company would be lost to a reset.
            tcp.set_nodelay(true).unwrap();
            tokio::spawn(serve(tcp, Arc::clone(&act)));
        }
    });
    address
}

/// Answers as the script says, request after request.
async fn serve_http1(mut wire: impl Wire, script: &Script) -> Option<()> {
    let mut head = Vec::new();
    loop {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(wire.read_u8().await.ok()?);
        }
        head.clear();
        say(&mut wire, script(0)).await?;
    }
}

/// The same, stream after stream. Settings and pings are answered where the script lets it come to that.
async fn serve_http2(mut wire: impl Wire, opening: &Script, script: &Script) -> Option<()> {
    wire.read_exact(&mut [0; PREFACE.len()]).await.ok()?;
    let first = opening(0);
    // A request is not answered before our settings are acknowledged: from then on the other side has nothing to say,
    // and hears all that comes before an end.
    let mut acknowledged = first.is_empty();
    let mut asked = Vec::new();
    say(&mut wire, first).await?;
    loop {
        if acknowledged {
            for stream in asked.drain(..) {
                say(&mut wire, script(stream)).await?;
            }
        }
        let mut head = [0; 9];
        wire.read_exact(&mut head).await.ok()?;
        let [high, middle, low, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        wire.read_exact(&mut payload).await.ok()?;
        match kind {
            frames::HEADERS => asked.push(u32::from_be_bytes(stream)),
            frames::SETTINGS => acknowledged |= flags & 1 == 1,
            frames::PING if flags & 1 == 0 => {
                wire.write_all(&frames::frame(frames::PING, 1, 0, &payload)).await.ok()?;
                wire.flush().await.ok()?;
            }
            _ => {}
        }
    }
}

/// A listener whose queue is full: the kernel leaves further handshakes unanswered.
pub(super) struct Deaf {
    listener: std::net::TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Deaf {
    async fn open() -> Self {
        const LONG_ENOUGH: Duration = Duration::from_millis(500);
        let listener = std::net::TcpListener::bind(free_address()).unwrap();
        let at = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(LONG_ENOUGH, TcpStream::connect(at)).await {
            waiting.push(stream);
        }
        Self { listener, _waiting: waiting }
    }
}
