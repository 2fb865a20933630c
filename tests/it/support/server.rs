//! A real server in the foreground: its own address, its own folder, its log kept, ended by its own process id.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::Duration;

const POLL: Duration = Duration::from_millis(10);
/// A readiness that takes longer than so many polls never comes.
const POLLS: u32 = 3_000;

/// A socket address that no other test binds: the loopback address is this process's, the port this call's.
pub(crate) fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let ip = Ipv4Addr::new(127, 64 | (high & 63), middle, low);
    loop {
        let at = SocketAddr::V4(SocketAddrV4::new(ip, NEXT.fetch_add(1, Ordering::Relaxed)));
        if TcpListener::bind(at).is_ok() {
            return at;
        }
    }
}

/// The same port on another loopback address.
pub(crate) fn beside(at: SocketAddr) -> SocketAddr {
    let SocketAddr::V4(at) = at else { panic!("{at} is none of ours") };
    let [first, second, third, fourth] = at.ip().octets();
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(first, second | 128, third, fourth), at.port()))
}

/// Four addresses with one port, the first as given.
pub(crate) fn four(at: SocketAddr) -> [SocketAddr; 4] {
    let SocketAddr::V4(at) = at else { panic!("{at} is none of ours") };
    let [first, second, third, fourth] = at.ip().octets();
    [64, 192, 128, 0].map(|high| {
        let ip = Ipv4Addr::new(first, high | (second & 63), third, fourth);
        SocketAddr::V4(SocketAddrV4::new(ip, at.port()))
    })
}

/// Asks again until the condition holds; panics where it never does.
pub(crate) fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    for _ in 0..POLLS {
        if let Some(value) = condition() {
            return value;
        }
        sleep(POLL);
    }
    panic!("{what}: not within {:?}", POLL * POLLS)
}

/// A process that ends with this value.
pub(crate) struct Server {
    name: String,
    child: Child,
    logs: Vec<PathBuf>,
}

impl Server {
    /// Starts the program of that Debian package and waits until it accepts connections.
    pub(crate) fn start(
        (program, package): (&str, &str),
        folder: &Path,
        arguments: &[&str],
        accepts: SocketAddr,
    ) -> Self {
        let path = installed(program, package);
        let log = folder.join("server.log");
        let output = File::create(&log).unwrap();
        // The kernel ends it even where the test itself is killed.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM"])
            .arg(path)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("setpriv: {error}; install the Debian package util-linux"));
        let name = format!("{program} at {accepts}");
        let mut server = Self { name, child, logs: vec![log, folder.join("error.log")] };
        until(&format!("{} accepts", server.name), || {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("{} ended at once: {status}; is the Debian package {package} complete?", server.name);
            }
            TcpStream::connect(accepts).ok()
        });
        server
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "shown with the test that failed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            for log in &self.logs {
                let text = std::fs::read_to_string(log).unwrap_or_default();
                let tail: Vec<&str> = text.lines().rev().take(20).collect();
                for line in tail.iter().rev() {
                    eprintln!("{}: {line}", self.name);
                }
            }
        }
        // A term lets it end its own children; what ignores that is killed.
        let _ = Command::new("sh").args(["-c", "kill -TERM \"$1\"", "-", &self.child.id().to_string()]).status();
        for _ in 0..POLLS / 6 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where that program of a Debian package is.
pub(crate) fn installed(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{program} is not installed: install from Debian: {package} (tests/run does)"))
}
