//! Plays a history on the model, and keeps what is true beside it.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use purgeproof::dialect;
use purgeproof::lab::{
    CacheId, Cdn, Methods, Origin, Page, Policy, Purge, Request, Response, Scope, Station, Storage, Truth, Version,
};
use purgeproof::model::Timestamp;

use super::history::{Asks, Change, Deploy, Happening, Tree, World};

const HOST: &str = "a.example";
const PATH: &str = "/x";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// What users see of a version; two that are equal are the same to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) status: u16,
    media: &'static str,
    location: Option<Cow<'static, str>>,
    /// The deploy that made the body, and its size.
    body: Option<(Version, u32)>,
    /// Made for each request anew.
    pub(super) dynamic: bool,
}

impl Content {
    const UNAVAILABLE: Self = Self { status: 503, media: "text/plain", location: None, body: None, dynamic: false };

    pub(super) const fn has_body(&self) -> bool {
        self.body.is_some()
    }

    fn of(page: &Page, version: Version, made: Version) -> Self {
        let filled = |location: &'static str| match location.split_once("{version}") {
            Some((before, after)) => Cow::Owned(format!("{before}{version}{after}")),
            None => Cow::Borrowed(location),
        };
        Self {
            status: page.status,
            media: if page.content_type == "application/javascript" { JAVASCRIPT } else { page.content_type },
            location: page.location.map(filled),
            body: (page.status == 200 && page.size > 0).then_some((made, page.size)),
            dynamic: page.status == 200 && page.size > 0 && page.policy.storage == Storage::NoStore,
        }
    }
}

/// The model as it stands.
pub(super) struct Stage<'w> {
    pub(super) world: &'w World,
    pub(super) cdn: Cdn,
    pub(super) now_ms: i64,
    pub(super) purged_at_ms: Option<i64>,
    /// Ages are no measure any more: a shield hands on a softly purged copy with a low one.
    pub(super) softly_purged: bool,
    caches: Vec<CacheId>,
    requests: &'w [HeaderMap],
    /// By version; the first stands for no version at all.
    contents: Vec<Content>,
    made: Version,
    size: u32,
    page: Page,
    deployed_s: i64,
}

/// The headers of [`Asks::ALL`], for each voice's debug headers.
pub(super) fn requests(provider: Option<&str>) -> Vec<HeaderMap> {
    let headers =
        |asks: &Asks| {
            let mut headers = HeaderMap::new();
            headers.insert("accept-encoding", HeaderValue::from_static(if asks.gzip { "gzip" } else { "identity" }));
            if asks.mobile {
                headers.insert("x-device", HeaderValue::from_static("mobile"));
            }
            let debug = provider.filter(|_| asks.debug).map_or(&[][..], dialect::debug_headers);
            headers.extend(debug.iter().map(|(name, value)| {
                (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static(value))
            }));
            headers
        };
    Asks::ALL.iter().map(headers).collect()
}

impl<'w> Stage<'w> {
    pub(super) fn new(world: &'w World, requests: &'w [HeaderMap]) -> Self {
        let mut origin = Origin::default();
        origin.validators = world.validators;
        origin.tags = world.tags;
        origin.methods = world.methods;
        origin.add_host(HOST);
        let mut cdn = Cdn::new(origin);
        let mut add = |name, parent| cdn.add(Station::new(name, "FRA", world.voice), parent, world.keeping);
        let behind: Vec<CacheId> = match world.tree {
            Tree::Edges => Vec::new(),
            Tree::Shielded => vec![add("shield", None)],
            Tree::Tiered => {
                let root = add("root", None);
                vec![root, add("shield", Some(root))]
            }
        };
        let parent = behind.last().copied();
        let edges = ["one", "two"].map(|name| add(name, parent));
        let mut stage = Self {
            world,
            cdn,
            now_ms: 0,
            purged_at_ms: None,
            softly_purged: false,
            caches: behind.into_iter().chain(edges).collect(),
            requests,
            contents: vec![Content::UNAVAILABLE],
            made: 0,
            size: world.page.size,
            page: world.page.clone(),
            deployed_s: -1,
        };
        stage.deploy(Deploy { change: Change::Back, same_content: false });
        stage
    }

    pub(super) fn edge(&self, edge: usize) -> CacheId {
        self.caches[self.caches.len() - 2 + edge]
    }

    pub(super) fn happen(&mut self, what: &Happening) {
        match what {
            Happening::Deploy(deploy) => self.deploy(*deploy),
            Happening::Purge { soft, delays_ms } => self.purge(*soft, delays_ms),
            Happening::Fill { edge, asks } => {
                // HEAD fills as GET does, and costs less.
                let method = if self.world.methods == Methods::GetOnly { Method::GET } else { Method::HEAD };
                self.cdn.answer(self.edge(*edge), &self.request(method, *asks), at(self.now_ms));
            }
            Happening::Outage { for_ms } => self.cdn.origin.fail(at(self.now_ms), at(self.now_ms + for_ms)),
            Happening::Probe(_) => {}
        }
    }

    /// No two deploys share a second, since `Last-Modified` could not tell them apart.
    pub(super) fn deploy(&mut self, Deploy { change, same_content }: Deploy) {
        self.now_ms = self.now_ms.max((self.deployed_s + 1) * 1_000);
        self.deployed_s = self.now_ms / 1_000;
        let policy = |storage| Policy { storage, ..self.world.page.policy };
        let mut page = match change {
            Change::Nothing => self.page.clone(),
            Change::Back => self.world.page.clone(),
            Change::Size(size) => Page { size, ..self.world.page.clone() },
            Change::Type(content_type) => Page { content_type, ..self.world.page.clone() },
            Change::Gone => Page::not_found(),
            Change::Redirect(status, location) => Page::redirect(status, location),
            Change::Store(storage) => Page { policy: policy(storage), ..self.world.page.clone() },
        };
        if page.status == 200 {
            // The same content has the same size.
            page.size = if same_content { self.size } else { page.size };
            self.size = page.size;
        }
        self.page = page.clone();
        let roll_out = if same_content { Origin::redeploy } else { Origin::deploy };
        let version = roll_out(&mut self.cdn.origin, &Scope::Everything, Some(page), at(self.now_ms));
        if !same_content {
            self.made = version;
        }
        self.contents.push(Content::of(&self.page, version, self.made));
    }

    fn purge(&mut self, soft: bool, delays: &[Option<i64>]) {
        let purge = Purge::new(Scope::Everything, at(self.now_ms));
        let purge = self.caches.iter().zip(delays).fold(purge, |purge, (cache, delay)| match delay {
            Some(ms) => purge.arriving(*cache, at(self.now_ms + ms)),
            None => purge.lost_for(*cache),
        });
        self.purged_at_ms = Some(self.now_ms);
        self.softly_purged |= soft;
        self.cdn.purge(if soft { purge.soft() } else { purge });
    }

    pub(super) fn request(&self, method: Method, asks: usize) -> Request<'w> {
        Request { method, ..Request::get(HOST, PATH, &self.requests[asks]) }
    }

    pub(super) fn ask_edge(&mut self, edge: usize, request: &Request<'_>) -> (Response, Truth) {
        let (cache, now) = (self.edge(edge), at(self.now_ms));
        let truth = self.cdn.truth(cache, request, now);
        (self.cdn.answer(cache, request, now), truth)
    }

    pub(super) fn ask_origin(&mut self, request: &Request<'_>) -> Response {
        if self.world.origin_is_cached && self.world.tree != Tree::Edges {
            self.cdn.answer(self.caches[0], request, at(self.now_ms))
        } else {
            self.cdn.ask_origin(request, at(self.now_ms))
        }
    }

    pub(super) fn content(&self, version: Version) -> &Content {
        &self.contents[version as usize]
    }
}

pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
}
