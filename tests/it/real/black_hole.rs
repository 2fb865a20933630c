//! Edges that take connections and never answer, or take none.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::support::server::free_address;

/// A listener that nobody accepts from; the kernel completes the handshakes.
pub(super) struct BlackHole {
    pub(super) at: SocketAddr,
    _listener: TcpListener,
}

impl BlackHole {
    pub(super) fn new() -> Self {
        let at = free_address();
        Self { at, _listener: TcpListener::bind(at).unwrap() }
    }
}

/// A listener whose queue is full: the kernel leaves further handshakes unanswered.
pub(super) struct Deaf {
    pub(super) at: SocketAddr,
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl Deaf {
    pub(super) fn new() -> Self {
        const LONG_ENOUGH: Duration = Duration::from_millis(500);
        let at = free_address();
        let listener = TcpListener::bind(at).unwrap();
        let mut waiting = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&at, LONG_ENOUGH) {
            waiting.push(stream);
        }
        Self { at, _listener: listener, _waiting: waiting }
    }
}
