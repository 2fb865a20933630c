//! Real servers between a client and an origin, and what is read from the heads that come through them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use purgeproof::clock::Clock;
use purgeproof::dialect;
use purgeproof::model::Reading;
use purgeproof::syntax::heads;
use serde_json::Value;
use tempfile::TempDir;

use super::origin::{Did, Origin};
use crate::support::purgeproof;
use crate::support::server::{Server, until};

/// Starts a server in a folder, in front of whoever answers there.
pub(super) type Start = fn(&Path, SocketAddr) -> (Server, SocketAddr);

pub(super) struct Scene {
    pub(super) origin: Origin,
    /// The server nearest the client.
    pub(super) at: SocketAddr,
    _servers: Vec<(Server, TempDir)>,
}

impl Scene {
    /// Servers in a row, origin side first.
    pub(super) fn of(row: &[Start]) -> Self {
        let origin = Origin::start();
        let mut at = origin.at;
        let mut servers = Vec::new();
        for start in row {
            let folder = tempfile::tempdir().unwrap();
            open_to_all(folder.path());
            let (server, here) = start(folder.path(), at);
            servers.push((server, folder));
            at = here;
        }
        Self { origin, at, _servers: servers }
    }

    pub(super) fn get(&self, path: &str) -> Capture {
        self.send("GET", path, &[])
    }

    pub(super) fn send(&self, method: &str, path: &str, fields: &[&str]) -> Capture {
        let before = self.origin.did().len();
        let mut stream = TcpStream::connect(self.at).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let fields: String = fields.iter().flat_map(|field| [*field, "\r\n"]).collect();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: www.example\r\nConnection: close\r\n{fields}\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(answer.len());
        let body = String::from_utf8_lossy(&answer[end..]).trim_start().to_owned();
        let did = self.origin.did()[before..].to_vec();
        answer.truncate(end);
        Capture { head: answer, body, did, since_vouched: self.origin.since_vouched() }
    }

    /// Asks until the origin did this for it; all that was answered before is a hit.
    pub(super) fn get_until(&self, path: &str, did: Did, provider: &str) -> Capture {
        until(&format!("the origin has {did:?}"), || {
            let capture = self.get(path);
            // Some try again where the origin drops them.
            if !capture.did.is_empty() && capture.did.iter().all(|done| *done == did) {
                return Some(capture);
            }
            capture.is_by(&[]);
            let reading = capture.reading();
            assert_eq!((reading.provider, reading.status.id()), (provider, "hit"), "{capture:?}");
            None
        })
    }
}

/// A head, and what is known of how it came about.
pub(super) struct Capture {
    head: Vec<u8>,
    pub(super) body: String,
    pub(super) did: Vec<Did>,
    since_vouched: Duration,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "the origin did {:?}; the answer:", self.did)?;
        write!(out, "{}", String::from_utf8_lossy(&self.head))
    }
}

impl Capture {
    /// The origin did just this for it.
    pub(super) fn is_by(&self, did: &[Did]) -> &Self {
        assert_eq!(self.did, did, "{self:?}");
        self
    }

    /// The library's reading.
    pub(super) fn reading(&self) -> Reading {
        let heads = heads::parse(&self.head);
        assert_eq!(heads.len(), 1, "{self:?}");
        dialect::read(&heads[0], Clock::start().wall())
    }

    /// Library and program read it as this provider's, and as that status; an age is as old as the copy.
    pub(super) fn reads(&self, provider: &str, status: &str) -> Reading {
        let reading = self.reading();
        assert_eq!((reading.provider, reading.status.id()), (provider, status), "{self:?}\n{:?}", reading.notes);
        let row = self.inspected();
        assert_eq!((row["provider"].as_str(), row["status"].as_str()), (Some(provider), Some(status)), "{self:?}");
        assert_eq!(row["age_seconds"].as_u64(), reading.age_seconds, "{self:?}");
        assert_eq!(row["layers"].as_array().map(Vec::len), Some(reading.layers.len()), "{self:?}");
        if status == "hit" {
            assert_eq!(reading.age_seconds.is_some(), provider != "nginx", "nginx alone writes no Age: {self:?}");
        }
        if let Some(age) = reading.age_seconds {
            let true_age = self.since_vouched.as_secs();
            // Servers round, and some count from the second in which they sent their request.
            assert!((true_age.saturating_sub(2)..=true_age + 2).contains(&age), "not {true_age} s old: {self:?}");
        }
        reading
    }

    fn inspected(&self) -> Value {
        let mut child = purgeproof()
            .args(["inspect", "--format", "json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&self.head).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{self:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// Whether servers would give up root for a user of their own.
pub(super) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// That user must reach the folder, which is made for its maker alone.
pub(super) fn open_to_all(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
}
