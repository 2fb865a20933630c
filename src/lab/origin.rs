//! The origin: which version of which page it has at a moment. It never knows who asks, or why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::key::{ByScope, Key, Scope, digest_of_host};
use super::page::Page;
use super::time::Moment;
use crate::model::Timestamp;

/// Which validators the origin sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validators {
    /// `ETag` and `Last-Modified`.
    #[default]
    Both,
    /// `ETag` alone.
    EtagOnly,
    /// `Last-Modified` alone.
    LastModifiedOnly,
    /// None: only the body tells.
    Neither,
}

/// What an entity tag is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tags {
    /// The deploy: the same content deployed again has another tag, as with tags made of file times.
    #[default]
    ByDeploy,
    /// The content alone.
    ByContent,
    /// The server that answered: the origin is several that do not agree.
    ByServer,
}

/// Which methods the origin, and so the caches before it, answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Methods {
    /// HEAD is answered as GET, without a body.
    #[default]
    GetAndHead,
    /// HEAD is 405.
    GetOnly,
}

/// The version of an object; 0 is before its first deploy. One count for the whole origin, so later is larger.
pub type Version = u32;

/// Pages, the same for every host it serves, and what was deployed when.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    hosts: BTreeSet<u64>,
    pages: BTreeMap<Box<str>, Arc<Page>>,
    deploys: ByScope<Deploy>,
    last: Version,
    latest: Moment,
    outages: Vec<(Moment, Moment)>,
    /// Which validators it sends.
    pub validators: Validators,
    /// What its entity tags are made of.
    pub tags: Tags,
    /// Which methods it answers.
    pub methods: Methods,
}

#[derive(Debug, Clone)]
struct Deploy {
    version: Version,
    at: Moment,
    page: Option<Arc<Page>>,
    same_content: bool,
}

/// What an object is at one version.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) version: Version,
    /// The version at which its content last changed.
    pub(super) content: Version,
    pub(super) deployed: Moment,
    pub(super) page: Arc<Page>,
}

impl Origin {
    /// Serves one more host.
    pub fn add_host(&mut self, host: &str) {
        self.hosts.insert(digest_of_host(host));
    }

    /// Has one more page, at a path without query, percent-decoded, on every host.
    pub fn add_page(&mut self, path: &str, page: Page) {
        self.pages.insert(path.into(), Arc::new(page));
    }

    /// Rolls out new content. A page given takes the place of the one that was there; a removed object is
    /// [`Page::not_found`]. A deploy never lies before the one made earlier: the later of the two moments counts.
    pub fn deploy(&mut self, scope: &Scope, page: Option<Page>, at: Timestamp) -> Version {
        self.roll_out(scope, page, at, false)
    }

    /// Rolls out the same content again: `Last-Modified` moves, and perhaps a page's header fields.
    pub fn redeploy(&mut self, scope: &Scope, page: Option<Page>, at: Timestamp) -> Version {
        self.roll_out(scope, page, at, true)
    }

    fn roll_out(&mut self, scope: &Scope, page: Option<Page>, at: Timestamp, same_content: bool) -> Version {
        self.last += 1;
        self.latest = self.latest.max(Moment::of(at));
        let deploy = Deploy { version: self.last, at: self.latest, page: page.map(Arc::new), same_content };
        self.deploys.push(scope, deploy);
        self.last
    }

    /// Answers 503 from one moment until another.
    pub fn fail(&mut self, from: Timestamp, until: Timestamp) {
        self.outages.push((Moment::of(from), Moment::of(until)));
    }

    pub(super) fn serves(&self, key: Key) -> bool {
        self.hosts.contains(&key.host)
    }

    /// What the origin answers at a moment.
    pub(super) fn state_at(&self, key: Key, path: &str, now: Moment) -> State {
        if self.outages.iter().any(|(from, until)| *from <= now && now < *until) {
            return State { version: 0, content: 0, deployed: now, page: Arc::new(Page::unavailable()) };
        }
        self.state(key, path, |deploy| deploy.at <= now)
    }

    /// What a copy of that version is.
    pub(super) fn state_of(&self, key: Key, path: &str, version: Version) -> State {
        self.state(key, path, |deploy| deploy.version <= version)
    }

    fn state(&self, key: Key, path: &str, counts: impl Fn(&Deploy) -> bool) -> State {
        let lists = self.deploys.concerning(key);
        let newest = |wanted: &dyn Fn(&&Deploy) -> bool| {
            lists
                .iter()
                .filter_map(|list| list.iter().rev().filter(|deploy| counts(deploy)).find(wanted))
                .max_by_key(|deploy| deploy.version)
        };
        let (version, deployed) = newest(&|_| true).map_or((0, Moment::EPOCH), |deploy| (deploy.version, deploy.at));
        if version == 0 || !self.serves(key) {
            return State { version: 0, content: 0, deployed, page: Arc::new(Page::not_found()) };
        }
        let content = newest(&|deploy| !deploy.same_content).map_or(0, |deploy| deploy.version);
        let page = newest(&|deploy| deploy.page.is_some()).and_then(|deploy| deploy.page.clone());
        let page = page.or_else(|| self.page(path)).unwrap_or_else(|| Arc::new(Page::not_found()));
        State { version, content, deployed, page }
    }

    fn page(&self, path: &str) -> Option<Arc<Page>> {
        let path = path.split('?').next().unwrap_or_default();
        let page = if path.contains('%') { self.pages.get(decoded(path).as_str()) } else { self.pages.get(path) };
        page.cloned()
    }
}

/// Percent-decoded, so that `%7E` and `~` are one page here while caches keep two copies.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            bytes.push(high << 4 | low);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn origin() -> Origin {
        let mut origin = Origin::default();
        origin.add_host("a.example");
        origin.add_page("/x", Page::default());
        origin.add_page("/~me", Page::default());
        origin
    }

    fn version(origin: &Origin, path: &str, second: i64) -> (Version, u16) {
        let state = origin.state_at(Key::of("a.example", path, 0), path, Moment::of(at(second)));
        (state.version, state.page.status)
    }

    #[test]
    fn a_page_is_missing_before_its_first_deploy() {
        let mut origin = origin();
        origin.deploy(&Scope::Everything, None, at(10));
        assert_eq!(version(&origin, "/x", 9), (0, 404));
        assert_eq!(version(&origin, "/x", 10), (1, 200));
        assert_eq!(version(&origin, "/nowhere", 10), (1, 404));
    }

    #[test]
    fn the_latest_deploy_that_concerns_an_object_counts() {
        let mut origin = origin();
        origin.deploy(&Scope::Everything, None, at(0));
        origin.deploy(&Scope::object("a.example", "/x"), None, at(10));
        origin.deploy(&Scope::host("b.example"), None, at(20));
        assert_eq!(version(&origin, "/x", 30), (2, 200));
        origin.deploy(&Scope::Everything, None, at(40));
        assert_eq!(version(&origin, "/x", 50), (4, 200));
        assert_eq!(version(&origin, "/~me", 30), (1, 200));
    }

    #[test]
    fn a_deployed_page_stays_until_the_next_one() {
        let mut origin = origin();
        origin.deploy(&Scope::Everything, None, at(0));
        origin.deploy(&Scope::object("a.example", "/x"), Some(Page::not_found()), at(10));
        origin.deploy(&Scope::Everything, None, at(20));
        assert_eq!(version(&origin, "/x", 20), (3, 404));
    }

    #[test]
    fn an_escaped_path_is_the_same_page_under_another_key() {
        let mut origin = origin();
        origin.deploy(&Scope::Everything, None, at(0));
        assert_eq!(version(&origin, "/%7Eme?q=1", 0), (1, 200));
        assert_eq!(decoded("/a%2fb%zz%4"), "/a/b%zz%4");
    }

    #[test]
    fn an_outage_ends_when_it_was_to_end() {
        let mut origin = origin();
        origin.deploy(&Scope::Everything, None, at(0));
        origin.fail(at(10), at(20));
        assert_eq!(version(&origin, "/x", 10).1, 503);
        assert_eq!(version(&origin, "/x", 20).1, 200);
    }
}
