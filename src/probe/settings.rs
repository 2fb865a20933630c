//! How an address is spoken to. It speaks to none.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use crate::clock::Clock;
use crate::model::Scheme;

/// The HTTP versions offered over TLS. Plain HTTP is HTTP/1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Http {
    /// HTTP/2, else HTTP/1.1, as the server likes.
    #[default]
    Auto,
    /// HTTP/1.1 alone.
    Http1,
    /// HTTP/2 alone.
    Http2,
}

/// How an address is spoken to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Plain or TLS.
    pub scheme: Scheme,
    /// For TCP and for TLS, each.
    pub connect_timeout: Duration,
    /// HTTP/2 connections for one certificate, at most.
    pub connections: usize,
    /// Share an HTTP/2 connection where its certificate covers the host.
    pub coalesce: bool,
    /// The versions offered.
    pub http: Http,
    /// Made by [`tls::config`](super::tls::config); the [`Client`](super::Client) takes a copy with sessions of its own.
    pub tls: Arc<ClientConfig>,
    /// Gives the wall time.
    pub clock: Clock,
    /// Bytes of a response head, at most.
    pub max_head: usize,
    /// Fields of a response head, at most.
    pub max_fields: usize,
    /// Connections kept open while nothing is under way on them, at most.
    pub keep: usize,
}

impl Settings {
    /// Room for what real responses carry, and the defaults of a regions file.
    pub fn new(scheme: Scheme, tls: Arc<ClientConfig>, clock: Clock) -> Self {
        Self {
            scheme,
            connect_timeout: Duration::from_secs(3),
            connections: 4,
            coalesce: true,
            http: Http::Auto,
            tls,
            clock,
            max_head: 64 << 10,
            max_fields: 256,
            keep: 64,
        }
    }
}
