//! Heads that real caches write, each beside what their origin saw: what is read from a head must be what happened.
//! Each cache is Debian's own package, started in the foreground for one test.

mod apache;
mod haproxy;
mod nginx;
mod origin;
mod row;
mod scene;
mod squid;
mod trafficserver;
mod varnish;
