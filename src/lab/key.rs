//! What a cache files a copy under: host, path with query, and variant. It holds digests only, never the strings.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Which objects a purge or a deploy concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every object of every host.
    Everything,
    /// Every object of one host.
    Host(Box<str>),
    /// One object, all its variants.
    Object {
        /// As the request names it.
        host: Box<str>,
        /// Path and query, byte for byte.
        path: Box<str>,
    },
}

impl Scope {
    /// Every object of one host.
    pub fn host(host: &str) -> Self {
        Self::Host(host.into())
    }

    /// One object, all its variants.
    pub fn object(host: &str, path: &str) -> Self {
        Self::Object { host: host.into(), path: path.into() }
    }
}

/// Digests of one request's host, object and variant. 64 bits: among ten million objects a collision is one in 300,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) host: u64,
    pub(super) object: u64,
    pub(super) slot: u64,
}

impl Key {
    pub(super) fn of(host: &str, path: &str, variant: u64) -> Self {
        let host = digest_of_host(host);
        let object = mixed(host ^ digest(path.as_bytes()));
        Self { host, object, slot: object }.of_variant(variant)
    }

    /// Another variant of the same object.
    pub(super) const fn of_variant(self, variant: u64) -> Self {
        Self { slot: mixed(self.object ^ variant), ..self }
    }
}

/// Host names compare without regard to case (RFC 9110 section 4.2.3).
pub(super) fn digest_of_host(host: &str) -> u64 {
    mixed(host.bytes().fold(OFFSET, |hash, byte| step(hash, byte.to_ascii_lowercase())))
}

/// FNV-1a with a finisher: the same in every run and on every machine.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    mixed(bytes.iter().fold(OFFSET, |hash, byte| step(hash, *byte)))
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

const fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

/// `SplitMix64`: a well spread number out of any number; the lab's only source of chance.
pub(super) const fn mixed(seed: u64) -> u64 {
    let a = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

/// Maps by digest; never iterated, so their order shows nowhere.
pub(super) type ByDigest<T> = HashMap<u64, T, BuildHasherDefault<Taken>>;

/// Takes a digest for its own hash.
#[derive(Default)]
pub(super) struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = digest(bytes);
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

/// What happened, by the scope in which it happened, each list in the order of its events.
#[derive(Debug, Clone)]
pub(super) struct ByScope<T> {
    everything: Vec<T>,
    hosts: ByDigest<Vec<T>>,
    objects: ByDigest<Vec<T>>,
}

impl<T> Default for ByScope<T> {
    fn default() -> Self {
        Self { everything: Vec::new(), hosts: HashMap::default(), objects: HashMap::default() }
    }
}

impl<T> ByScope<T> {
    pub(super) fn push(&mut self, scope: &Scope, event: T) {
        match scope {
            Scope::Everything => &mut self.everything,
            Scope::Host(host) => self.hosts.entry(digest_of_host(host)).or_default(),
            Scope::Object { host, path } => self.objects.entry(Key::of(host, path, 0).object).or_default(),
        }
        .push(event);
    }

    /// The three lists that concern an object, widest scope first.
    pub(super) fn concerning(&self, key: Key) -> [&[T]; 3] {
        [
            &self.everything,
            self.hosts.get(&key.host).map_or(&[], Vec::as_slice),
            self.objects.get(&key.object).map_or(&[], Vec::as_slice),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_same_in_any_case_and_a_path_is_not() {
        assert_eq!(Key::of("A.Example", "/x", 1), Key::of("a.example", "/x", 1));
        assert_ne!(Key::of("a.example", "/X", 1).object, Key::of("a.example", "/x", 1).object);
    }

    #[test]
    fn variants_share_the_object_and_not_the_slot() {
        let (plain, gzip) = (Key::of("a.example", "/x", 0), Key::of("a.example", "/x", 1));
        assert_eq!(plain.object, gzip.object);
        assert_ne!(plain.slot, gzip.slot);
    }

    #[test]
    fn an_event_concerns_its_scope_alone() {
        let mut events = ByScope::default();
        events.push(&Scope::Everything, 1);
        events.push(&Scope::host("a.example"), 2);
        events.push(&Scope::object("a.example", "/x"), 3);
        let seen = |host, path| events.concerning(Key::of(host, path, 7)).concat();
        assert_eq!(seen("a.example", "/x"), [1, 2, 3]);
        assert_eq!(seen("a.example", "/x?q"), [1, 2]);
        assert_eq!(seen("b.example", "/x"), [1]);
    }
}
