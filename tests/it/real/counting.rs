//! A server that counts: requests under way at once, and when each came.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use purgeproof::clock::Clock;

use crate::support::server::free_address;

/// Answers every request with the same content and the same date of modification.
pub(super) struct Counting {
    pub(super) at: SocketAddr,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    under_way: usize,
    most: usize,
    came: Vec<Instant>,
}

impl Counting {
    /// Takes so long to answer.
    pub(super) fn start(takes: Duration, last_modified: &'static str) -> Self {
        let at = free_address();
        let listener = TcpListener::bind(at).unwrap();
        let counts = Arc::<Mutex<Counts>>::default();
        let shared = Arc::clone(&counts);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let counts = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream, &counts, takes, last_modified));
            }
        });
        Self { at, counts }
    }

    /// The most requests that were under way at once.
    pub(super) fn most(&self) -> usize {
        self.counts.lock().unwrap().most
    }

    /// When requests came, in order.
    pub(super) fn came(&self) -> Vec<Instant> {
        self.counts.lock().unwrap().came.clone()
    }
}

fn serve(stream: &TcpStream, counts: &Mutex<Counts>, takes: Duration, last_modified: &str) {
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(first)) = lines.next() {
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        {
            let mut counts = counts.lock().unwrap();
            counts.came.push(Clock::stopwatch());
            counts.under_way += 1;
            counts.most = counts.most.max(counts.under_way);
        }
        std::thread::sleep(takes);
        counts.lock().unwrap().under_way -= 1;
        let body = if first.starts_with("HEAD ") { "" } else { "content" };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nLast-Modified: {last_modified}\r\n\r\n{body}");
        let mut stream = stream;
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}
