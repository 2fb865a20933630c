//! An edge that takes connections and never answers.

use std::net::{SocketAddr, TcpListener};

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
