//! Whose words a cache uses for what it did: header fields as real vendors send them. It never changes what was served.

use http::header::{HeaderName, SERVER, VIA};
use http::{HeaderMap, HeaderValue};

use super::cache::Outcome;
use super::key::{digest, mixed};
use super::response::{Step, insert, insert_age};
use super::station::Station;
use super::time::Moment;

/// A vendor's way of saying what its caches did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voice {
    /// `Cache-Status` (RFC 9211), one member for each layer.
    CacheStatus,
    /// `CF-Cache-Status`, `CF-RAY`; tiers behind are not shown.
    Cloudflare,
    /// `X-Cache: Hit from cloudfront`, `X-Amz-Cf-Pop`; a hit behind is a hit.
    CloudFront,
    /// `X-Cache`, `X-Served-By`, `X-Cache-Hits`, `X-Timer`: lists, shield first.
    Fastly,
    /// `Akamai-Cache-Status`, and `X-Cache`, `X-Cache-Remote` for those who ask by `Pragma`; no `Age`.
    Akamai,
    /// `X-Varnish`, `Via`, and an `X-Cache` with each layer's name.
    Varnish,
    /// `X-Cache-Status`; no `Age`.
    Nginx,
}

/// What a voice has to tell.
pub(super) struct Told<'a> {
    pub(super) stations: &'a [Station],
    /// Origin side first; the cache that speaks is the last.
    pub(super) trail: &'a [Step],
    /// Of the request.
    pub(super) headers: &'a HeaderMap,
    pub(super) age: u32,
    pub(super) lifetime: Option<u32>,
    pub(super) now: Moment,
    /// How long the copy has been in the nearest store, in seconds.
    pub(super) resident: u32,
    /// For ids that no two answers share.
    pub(super) salt: u64,
}

impl Told<'_> {
    fn outcome(&self) -> Outcome {
        self.trail.last().map_or(Outcome::Synthetic, |step| step.outcome)
    }

    fn edge(&self) -> Option<&Station> {
        self.trail.last().map(|step| self.station(step))
    }

    fn station(&self, step: &Step) -> &Station {
        &self.stations[step.cache.index()]
    }

    /// The layer right behind answered this very request from its store.
    fn came_from_behind(&self) -> bool {
        let [.., behind, edge] = self.trail else { return false };
        matches!(edge.outcome, Outcome::Miss | Outcome::Expired) && behind.outcome.is_stored()
    }

    /// One member for each layer, origin side first.
    fn list(&self, member: impl Fn(&Step) -> String) -> String {
        self.trail.iter().map(member).collect::<Vec<_>>().join(", ")
    }

    /// A number that looks like a counter of hits, and is none: nobody counts here.
    fn hits(&self, step: &Step) -> u32 {
        match step.outcome {
            outcome if !outcome.is_stored() => 0,
            _ if step.history => 1,
            _ => 1 + self.resident / 13,
        }
    }

    fn id(&self, salt: u64) -> u64 {
        mixed(self.salt ^ mixed(salt ^ self.now.timestamp().as_microsecond().unsigned_abs()))
    }
}

impl Voice {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::CacheStatus, Self::Cloudflare, Self::CloudFront, Self::Fastly, Self::Akamai, Self::Varnish, Self::Nginx];

    /// The provider that a regions file would expect; none for the standard's own words, which are nobody's.
    pub const fn provider(self) -> Option<&'static str> {
        match self {
            Self::CacheStatus => None,
            Self::Cloudflare => Some("cloudflare"),
            Self::CloudFront => Some("cloudfront"),
            Self::Fastly => Some("fastly"),
            Self::Akamai => Some("akamai"),
            Self::Varnish => Some("varnish"),
            Self::Nginx => Some("nginx"),
        }
    }

    /// Whether its header fields name the POP.
    pub const fn names_pop(self) -> bool {
        matches!(self, Self::Cloudflare | Self::CloudFront | Self::Fastly)
    }

    /// Whether its header fields tell what a shield did.
    pub const fn names_layers(self) -> bool {
        matches!(self, Self::CacheStatus | Self::Fastly | Self::Varnish)
    }

    /// Whether it sends `Age` with what it stored.
    pub const fn sends_age(self) -> bool {
        !matches!(self, Self::Akamai | Self::Nginx)
    }

    /// Whether `Date` is the moment of this answer; the others pass on the origin's.
    pub(super) const fn dates_anew(self) -> bool {
        matches!(self, Self::Cloudflare | Self::Fastly | Self::Akamai | Self::Nginx)
    }

    /// What the vendor would call a cache of that name at that POP.
    pub(super) fn node(self, name: &str, pop: &str) -> String {
        let lower = pop.to_ascii_lowercase();
        let seed = digest(name.as_bytes());
        match self {
            Self::CacheStatus => format!("{name}.cdn.example"),
            Self::CloudFront => format!("{pop}{}-P{}", 50 + seed % 40, 1 + seed % 9),
            Self::Fastly => format!("cache-{lower}-{lower}{}-{pop}", 8_220_000 + seed % 9_999),
            Self::Akamai => {
                format!("a23-{}-{}-{}.deploy.akamaitechnologies.com", seed % 250, seed / 250 % 250, seed / 62_500 % 250)
            }
            Self::Cloudflare | Self::Varnish | Self::Nginx => format!("cache{}.{lower}", 1_000 + seed % 9_000),
        }
    }

    /// Adds what this vendor adds.
    pub(super) fn speak(self, told: &Told<'_>, headers: &mut HeaderMap) {
        match self {
            Self::CacheStatus => cache_status(told, headers),
            Self::Cloudflare => cloudflare(told, headers),
            Self::CloudFront => cloudfront(told, headers),
            Self::Fastly => fastly(told, headers),
            Self::Akamai => akamai(told, headers),
            Self::Varnish => varnish(told, headers),
            Self::Nginx => nginx(told, headers),
        }
    }
}

fn cache_status(told: &Told<'_>, headers: &mut HeaderMap) {
    let ttl = |step: &Step| {
        let lifetime = told.lifetime.zip(step.age).map(|(lifetime, age)| i64::from(lifetime) - i64::from(age));
        match (lifetime, step.outcome) {
            (None, _) => String::new(),
            // A purge can make a copy stale before its time.
            (Some(ttl), Outcome::Updating | Outcome::Stale) => format!("; ttl={}", ttl.min(-1)),
            (Some(ttl), _) => format!("; ttl={ttl}"),
        }
    };
    let member = |step: &Step| {
        let said = match step.outcome {
            Outcome::Hit | Outcome::Updating | Outcome::Stale => format!("hit{}", ttl(step)),
            Outcome::Miss => format!("fwd=uri-miss; stored{}", ttl(step)),
            Outcome::Expired => format!("fwd=stale; fwd-status=200; stored{}", ttl(step)),
            Outcome::Revalidated => format!("fwd=stale; fwd-status=304; stored{}", ttl(step)),
            Outcome::Pass => "fwd=bypass".to_owned(),
            Outcome::Error => "fwd=uri-miss; fwd-status=503".to_owned(),
            Outcome::Synthetic => "fwd=bypass; detail=generated".to_owned(),
        };
        format!("{}; {said}", told.station(step).node)
    };
    insert(headers, HeaderName::from_static("cache-status"), told.list(member));
    if told.outcome().is_stored() || told.age > 0 {
        insert_age(headers, told.age);
    }
}

fn cloudflare(told: &Told<'_>, headers: &mut HeaderMap) {
    headers.insert(SERVER, HeaderValue::from_static("cloudflare"));
    let pop = told.edge().map_or("", |edge| &edge.pop);
    insert(headers, HeaderName::from_static("cf-ray"), format_args!("{:016x}-{pop}", told.id(1)));
    // The first request that an upper tier fills says HIT, and has no Age.
    let (word, age) = match told.outcome() {
        Outcome::Miss if told.came_from_behind() => ("HIT", false),
        Outcome::Hit => ("HIT", true),
        Outcome::Miss | Outcome::Error => ("MISS", false),
        Outcome::Expired => ("EXPIRED", false),
        Outcome::Revalidated => ("REVALIDATED", false),
        Outcome::Updating => ("UPDATING", true),
        Outcome::Stale => ("STALE", true),
        Outcome::Pass => ("BYPASS", false),
        Outcome::Synthetic => return,
    };
    headers.insert("cf-cache-status", HeaderValue::from_static(word));
    if age {
        insert_age(headers, told.age);
    }
}

fn cloudfront(told: &Told<'_>, headers: &mut HeaderMap) {
    let (word, age) = match told.outcome() {
        // A hit at the regional cache or at Origin Shield is a hit in this header.
        _ if told.came_from_behind() => ("Hit", true),
        Outcome::Hit | Outcome::Updating | Outcome::Stale => ("Hit", true),
        Outcome::Revalidated => ("RefreshHit", false),
        Outcome::Miss | Outcome::Expired | Outcome::Pass => ("Miss", false),
        Outcome::Error | Outcome::Synthetic => ("Error", false),
    };
    insert(headers, HeaderName::from_static("x-cache"), format_args!("{word} from cloudfront"));
    insert(headers, VIA, format_args!("1.1 {:016x}{:016x}.cloudfront.net (CloudFront)", told.id(2), told.id(7)));
    insert(headers, HeaderName::from_static("x-amz-cf-id"), format_args!("{:016x}{:016x}==", told.id(3), told.id(4)));
    if let Some(edge) = told.edge() {
        insert(headers, HeaderName::from_static("x-amz-cf-pop"), &edge.node);
    }
    if age {
        insert_age(headers, told.age);
    }
}

fn fastly(told: &Told<'_>, headers: &mut HeaderMap) {
    insert(headers, VIA, told.list(|_| "1.1 varnish".to_owned()));
    insert(headers, HeaderName::from_static("x-served-by"), told.list(|step| told.station(step).node.to_string()));
    let word = |step: &Step| if step.outcome.is_stored() { "HIT" } else { "MISS" }.to_owned();
    insert(headers, HeaderName::from_static("x-cache"), told.list(word));
    insert(headers, HeaderName::from_static("x-cache-hits"), told.list(|step| told.hits(step).to_string()));
    let at = told.now.timestamp();
    let waited = if told.outcome().is_stored() { 0 } else { 12 };
    let (second, micros) = (at.as_second(), at.subsec_microsecond());
    insert(headers, HeaderName::from_static("x-timer"), format_args!("S{second}.{micros:06},VS0,VE{waited}"));
    insert_age(headers, told.age);
}

fn akamai(told: &Told<'_>, headers: &mut HeaderMap) {
    let words = |outcome: Outcome| match outcome {
        Outcome::Hit => ("Hit", "TCP_MEM_HIT"),
        Outcome::Miss => ("Miss", "TCP_MISS"),
        Outcome::Expired => ("Miss", "TCP_REFRESH_MISS"),
        Outcome::Revalidated => ("RefreshHit", "TCP_REFRESH_HIT"),
        Outcome::Updating => ("HitStale", "TCP_HIT"),
        Outcome::Stale => ("HitStale", "TCP_REFRESH_FAIL_HIT"),
        Outcome::Pass => ("NotCacheable", "TCP_MISS"),
        Outcome::Error => ("Error", "TCP_MISS"),
        Outcome::Synthetic => ("Constructed", "TCP_DENIED"),
    };
    // Edge first, unlike everywhere else; a parent is named only where it was asked.
    let asked = told.trail.iter().rev().filter(|step| !step.history).take(2);
    let members: Vec<String> =
        asked.zip(["child", "parent"]).map(|(step, place)| format!("{} from {place}", words(step.outcome).0)).collect();
    insert(headers, HeaderName::from_static("akamai-cache-status"), members.join(", "));
    let desc = match told.outcome() {
        outcome if outcome.is_stored() => "HIT",
        Outcome::Revalidated | Outcome::Expired => "REVALIDATE",
        _ => "MISS",
    };
    insert(headers, HeaderName::from_static("server-timing"), format_args!("cdn-cache; desc={desc}, edge; dur=1"));
    let wanted = |word: &str| {
        let lines = told.headers.get_all(http::header::PRAGMA).into_iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|member| member.trim().eq_ignore_ascii_case(word))
    };
    let live = told.trail.iter().rev().filter(|step| !step.history);
    for (step, (pragma, name)) in
        live.zip([("akamai-x-cache-on", "x-cache"), ("akamai-x-cache-remote-on", "x-cache-remote")])
    {
        if wanted(pragma) {
            let node = &told.station(step).node;
            let value = format!("{} from {node} (AkamaiGHost/22.1.0-7f5a) (-)", words(step.outcome).1);
            insert(headers, HeaderName::from_static(name), value);
        }
    }
}

fn varnish(told: &Told<'_>, headers: &mut HeaderMap) {
    insert(headers, VIA, told.list(|_| "1.1 varnish (Varnish/7.1)".to_owned()));
    let xid = |step: &Step, salt: u64| {
        let salt = salt ^ u64::from(step.cache.0) << 8;
        32_770 + (if step.history { mixed(told.salt ^ salt) } else { told.id(salt) }) % 900_000_000
    };
    let ids = |step: &Step| match step.outcome {
        outcome if outcome.is_stored() => format!("{} {}", xid(step, 5), xid(step, 6)),
        _ => xid(step, 5).to_string(),
    };
    insert(headers, HeaderName::from_static("x-varnish"), told.list(ids));
    let said = |step: &Step| {
        let node = &told.station(step).node;
        match step.outcome {
            outcome if outcome.is_stored() => format!("{node} hit/{}", told.hits(step)),
            Outcome::Pass => format!("{node} pass"),
            Outcome::Synthetic => format!("{node} int"),
            _ => format!("{node} miss"),
        }
    };
    insert(headers, HeaderName::from_static("x-cache"), told.list(said));
    insert_age(headers, told.age);
}

fn nginx(told: &Told<'_>, headers: &mut HeaderMap) {
    headers.insert(SERVER, HeaderValue::from_static("nginx"));
    let word = match told.outcome() {
        Outcome::Hit => "HIT",
        Outcome::Miss | Outcome::Error => "MISS",
        Outcome::Expired => "EXPIRED",
        Outcome::Revalidated => "REVALIDATED",
        Outcome::Updating => "UPDATING",
        Outcome::Stale => "STALE",
        Outcome::Pass => "BYPASS",
        Outcome::Synthetic => return,
    };
    headers.insert("x-cache-status", HeaderValue::from_static(word));
}

#[cfg(test)]
mod tests;
