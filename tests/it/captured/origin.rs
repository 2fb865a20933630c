//! An origin that keeps the truth: what it was asked for, and what it answered.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::spawn;
use std::time::{Duration, Instant};

use purgeproof::clock::Clock;

/// How the origin answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Well,
    /// With 503.
    Failing,
    /// By closing the connection.
    Silent,
    /// Not before its mood changes.
    Holding,
}

/// What the origin did for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Did {
    Sent,
    /// With 304.
    Confirmed,
    Failed,
    Dropped,
}

struct State {
    version: u32,
    mood: Mood,
    did: Vec<Did>,
    waiting: usize,
    vouched: Instant,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Origin {
    pub(super) at: SocketAddr,
    shared: Arc<Shared>,
}

impl Origin {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let vouched = Clock::stopwatch();
        let state = State { version: 1, mood: Mood::Well, did: Vec::new(), waiting: 0, vouched };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let origin = Self { at, shared: shared.clone() };
        spawn(move || {
            for stream in listener.incoming() {
                let shared = shared.clone();
                spawn(move || stream.map(|stream| serve(stream, &shared)));
            }
        });
        origin
    }

    pub(super) fn publish(&self) {
        self.shared.state().version += 1;
    }

    pub(super) fn turn(&self, mood: Mood) {
        self.shared.state().mood = mood;
        self.shared.changed.notify_all();
    }

    /// Everything it did so far.
    pub(super) fn did(&self) -> Vec<Did> {
        self.shared.state().did.clone()
    }

    /// Requests that it holds back.
    pub(super) fn waiting(&self) -> usize {
        self.shared.state().waiting
    }

    /// The page as it is now.
    pub(super) fn body(&self) -> String {
        body(self.shared.state().version)
    }

    /// How long ago it last sent or confirmed the page.
    pub(super) fn since_vouched(&self) -> Duration {
        self.shared.state().vouched.elapsed()
    }
}

fn body(version: u32) -> String {
    format!("version {version}\n")
}

/// For how long a path may be kept.
fn cache_control(path: &str) -> Option<&'static str> {
    match path {
        "/kept" => Some("max-age=600"),
        "/brief" => Some("max-age=1"),
        "/never" => Some("no-store"),
        _ => None,
    }
}

/// One request, one answer, one connection.
fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let Some(request) = lines.next().transpose()? else { return Ok(()) };
    let mut known = None;
    for line in lines {
        let line = line?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("if-none-match") => known = Some(value.trim().to_owned()),
            None if line.is_empty() => break,
            _ => {}
        }
    }
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let Some(cache_control) = cache_control(path) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let mut state = shared.state();
    state.waiting += 1;
    state =
        shared.changed.wait_while(state, |state| state.mood == Mood::Holding).unwrap_or_else(PoisonError::into_inner);
    state.waiting -= 1;
    let body = body(state.version);
    let date = httpdate::fmt_http_date(Clock::start().wall().into());
    let fields = format!("Date: {date}\r\nCache-Control: {cache_control}\r\nETag: \"v{}\"", state.version);
    let (did, answer) = match state.mood {
        Mood::Silent => (Did::Dropped, String::new()),
        Mood::Failing => (Did::Failed, "503 Service Unavailable\r\nContent-Length: 0".to_owned()),
        _ if known.is_some_and(|known| fields.ends_with(&known)) => {
            (Did::Confirmed, format!("304 Not Modified\r\n{fields}"))
        }
        _ => (Did::Sent, format!("200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n{fields}", body.len())),
    };
    state.did.push(did);
    if matches!(did, Did::Sent | Did::Confirmed) {
        state.vouched = Clock::stopwatch();
    }
    drop(state);
    if did == Did::Dropped {
        return Ok(());
    }
    let body = if did == Did::Sent && method != "HEAD" { body } else { String::new() };
    write!(stream, "HTTP/1.1 {answer}\r\nServer: origin\r\nConnection: close\r\n\r\n{body}")
}
