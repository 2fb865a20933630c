//! Turns the words of each CDN and cache server into one neutral reading. It never decides whether an answer is right.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName};

use crate::model::{CacheStatus, Head, ProviderId, Reading, Timestamp};
use crate::syntax::age;

mod akamai;
mod alibaba;
mod apache;
mod azion;
mod azure;
mod bunny;
mod caddy;
mod cdn77;
mod cloudflare;
mod cloudfront;
mod edgecast;
mod evidence;
mod fastly;
mod gcore;
mod google;
mod haproxy;
mod imperva;
mod keycdn;
mod lifetime;
mod netlify;
mod nginx;
mod places;
mod policy;
mod pops;
mod rfc9211;
#[cfg(test)]
mod signs;
mod squid;
#[cfg(test)]
mod stacks;
mod sucuri;
mod tencent;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trafficserver;
mod unknown;
mod varnish;
mod vercel;
mod words;

use evidence::{Evidence, Found, Lines};
use pops::Notation;

pub use lifetime::{Lifetime, lifetime};
pub use policy::{Told, is_all, of_the_content_alone, policies, policy};
pub use pops::{city, is_elsewhere};

/// Every dialect. Of two that claim the client's end equally, the later one is taken to be nearer the client.
static ALL: [&Dialect; 25] = [
    &nginx::DIALECT,
    &apache::DIALECT,
    &haproxy::DIALECT,
    &caddy::DIALECT,
    &varnish::DIALECT,
    &squid::DIALECT,
    &trafficserver::DIALECT,
    &google::DIALECT,
    &netlify::DIALECT,
    &vercel::DIALECT,
    &alibaba::DIALECT,
    &tencent::DIALECT,
    &gcore::DIALECT,
    &cdn77::DIALECT,
    &keycdn::DIALECT,
    &bunny::DIALECT,
    &edgecast::DIALECT,
    &azion::DIALECT,
    &cloudfront::DIALECT,
    &fastly::DIALECT,
    &azure::DIALECT,
    &akamai::DIALECT,
    &cloudflare::DIALECT,
    &sucuri::DIALECT,
    &imperva::DIALECT,
];

/// Whether the member of `Via` in that place is a dialect's own.
type IsOwnHop = fn(&Evidence<'_>, usize) -> bool;

/// One CDN or cache server: how it shows in a head, and what its words mean.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Dialect {
    /// The name that files and reports use.
    id: ProviderId,
    /// How its own fields show it; none where they do not.
    claim: fn(&Evidence<'_>) -> Option<Claim>,
    /// How it signs `Via`, if it does: the claim that the last member makes, and whether a member is its own.
    via: Option<(Claim, IsOwnHop)>,
    /// How its members of `Cache-Status` begin.
    cache_status_names: &'static [&'static str],
    /// Adds what its fields say, the layer nearest the client last.
    layers: fn(&Evidence<'_>, &mut Found),
    /// A challenge or block page of its own.
    blocked: fn(&Evidence<'_>) -> bool,
    /// An `X-Cache` that names nobody is its own.
    bare_x_cache: bool,
    /// `Age` counts the time in its store, too.
    writes_age: bool,
    /// It hands on the origin's `Date` with a stored copy.
    keeps_date: bool,
    /// It rewrites `max-age` to what is left of a copy's lifetime.
    counts_max_age_down: bool,
    /// Its word for a stale copy is said only where it asked for a new one and got none.
    stale_is_failure: bool,
    /// Fields that go before `Cache-Control` in its eyes, the most telling first.
    follows: &'static [&'static str],
    /// The `Cache-Control` that a client sees is not the one that its cache goes by.
    hides_policy: bool,
    /// How it writes where it stands.
    pops: Notation,
    /// Harmless request headers that make it say more.
    debug_headers: &'static [(&'static str, &'static str)],
    /// How one object is purged, by `{url}`, `{host}` and `{path}`.
    purge: Option<&'static str>,
}

impl Dialect {
    const fn new(
        id: ProviderId,
        claim: fn(&Evidence<'_>) -> Option<Claim>,
        layers: fn(&Evidence<'_>, &mut Found),
    ) -> Self {
        Self {
            id,
            claim,
            via: None,
            cache_status_names: &[],
            layers,
            blocked: |_| false,
            bare_x_cache: false,
            writes_age: true,
            keeps_date: false,
            counts_max_age_down: false,
            stale_is_failure: true,
            follows: &[],
            hides_policy: false,
            pops: Notation::Own,
            debug_headers: &[],
            purge: None,
        }
    }

    /// How strongly this head shows it, and the place of its last member of `Via`.
    fn sign(&self, evidence: &Evidence<'_>) -> Option<(Claim, Option<usize>)> {
        let mut claim = (self.claim)(evidence);
        let mut place = None;
        if let Some((when_last, is_own)) = self.via {
            place = (0..evidence.hops.len()).rev().find(|at| is_own(evidence, *at));
            if let Some(at) = place {
                let by_via = if at + 1 == evidence.hops.len() { when_last } else { Claim::Passed };
                claim = claim.max(Some(by_via));
            }
        }
        if evidence.cache_status.iter().any(|member| rfc9211::is_of(self, member)) {
            let is_last = evidence.cache_status.last().is_some_and(|member| rfc9211::is_of(self, member));
            claim = claim.max(Some(if is_last { Claim::Software } else { Claim::Passed }));
        }
        claim.map(|claim| (claim, place))
    }
}

/// What a dialect's marks prove about its place; of several dialects in a head the greatest stands nearest the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// Fields that every cache in front hands on.
    Passed,
    /// The last member of a list that hosted services in front do not write: `Via` of a server or a load balancer.
    Software,
    /// A field that stands behind `Via`: whoever added it stands before the servers that signed.
    Appended,
    /// `Server` of a hosting platform, which a CDN in front hands on.
    Platform,
    /// The last member of `Via`, in a CDN's hand.
    Via,
    /// Fields made anew for each answer, by a CDN that writes no `Via` and hands on what others wrote there.
    PerAnswer,
    /// `Server`, by a CDN that writes its own over whatever stood there.
    Server,
}

/// What a response head says about the caches it came through; `received` is when it arrived.
pub fn read(head: &Head, received: Timestamp) -> Reading {
    let lines = Lines::of(head);
    let mut evidence = Evidence::gather(head, &lines, received);
    let mut signs = [(Rank::default(), 0); ALL.len()];
    let seen = rank(&evidence, &mut signs);
    evidence.bare_x_cache = seen.iter().rev().map(|(_, at)| ALL[*at]).find(|d| d.bare_x_cache).map(|d| d.id);

    let mut found = Found::default();
    let front = seen.last().map(|(_, at)| ALL[*at]);
    rfc9211::unclaimed(&evidence, &mut found);
    unknown::layers(&evidence, front.is_none(), &mut found);
    for (_, at) in seen {
        let from = found.layers.len();
        (ALL[*at].layers)(&evidence, &mut found);
        rfc9211::refine(ALL[*at], &evidence, from, &mut found);
        if front.is_some_and(|front| front.id != ALL[*at].id) {
            found.drop_silent(from);
        }
    }
    if front.is_some_and(|front| found.layers.last().is_none_or(|layer| layer.provider != front.id)) {
        found.layers.extend(front.map(|front| evidence::layer(front.id, CacheStatus::Unknown)));
    }
    rfc9211::adopt(seen.last().map(|(rank, _)| rank.claim), &mut found);
    if evidence.cache_status_unparsable {
        found.note("Cache-Status is not a structured field and was ignored as a whole");
    }
    conclude(head, front, &evidence, found)
}

/// Where a dialect stands among those seen; the greatest is nearest the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    is_front: bool,
    /// Behind the front: servers without `Via`, then those that `Via` puts in order, then CDNs without `Via`.
    tier: u8,
    place: usize,
    claim: Claim,
}

impl Default for Rank {
    fn default() -> Self {
        Self { is_front: false, tier: 0, place: 0, claim: Claim::Passed }
    }
}

/// The dialects that a head shows, origin side first.
fn rank<'s>(evidence: &Evidence<'_>, signs: &'s mut [(Rank, usize); ALL.len()]) -> &'s [(Rank, usize)] {
    let mut count = 0;
    let mut front: Option<(Claim, usize)> = None;
    for (at, dialect) in ALL.iter().enumerate() {
        let Some((claim, place)) = dialect.sign(evidence) else { continue };
        let tier = match place {
            Some(_) => 1,
            None if claim >= Claim::Platform => 2,
            None => 0,
        };
        signs[count] = (Rank { is_front: false, tier, place: place.unwrap_or(0), claim }, at);
        if front.is_none_or(|(greatest, _)| claim >= greatest) {
            front = Some((claim, count));
        }
        count += 1;
    }
    if let Some((_, at)) = front {
        signs[at].0.is_front = true;
    }
    let seen = &mut signs[..count];
    seen.sort_unstable();
    seen
}

fn conclude(head: &Head, front: Option<&'static Dialect>, evidence: &Evidence<'_>, mut found: Found) -> Reading {
    let mut answered_nearer = false;
    for layer in found.layers.iter_mut().rev() {
        layer.history = answered_nearer;
        answered_nearer |= layer.status.is_stored();
    }
    let age = age::of(head).unwrap_or_else(|error| {
        found.note(format!("Age is no age: {error}"));
        None
    });
    let own_age = found.layers.last().and_then(|layer| layer.age_seconds);
    if own_age.is_none() {
        attribute(age, front.is_none_or(|front| front.writes_age), &mut found);
    }
    let nearest = found.layers.last();
    Reading {
        provider: nearest.map_or("unknown", |layer| layer.provider),
        status: nearest.map_or(CacheStatus::Unknown, |layer| layer.status),
        pop: nearest.and_then(|layer| layer.pop.clone()),
        age_seconds: own_age.or(age),
        date_is_origins: front.is_some_and(|front| front.keeps_date),
        counts_max_age_down: front.is_some_and(|front| front.counts_max_age_down),
        blocked: front.is_some_and(|front| (front.blocked)(evidence)),
        refresh_failed: nearest.is_some_and(|layer| layer.status == CacheStatus::Stale)
            && rfc9211::refresh_failed(front, evidence),
        layers: found.layers,
        notes: found.notes,
    }
}

/// `Age` counts from end to end: whose copy it tells of follows from who answered out of a store.
fn attribute(age: Option<u64>, writes_age: bool, found: &mut Found) {
    let (Some(age), Some(nearest)) = (age, found.layers.last_mut()) else { return };
    let provider = nearest.provider;
    if nearest.status.is_stored() && writes_age {
        nearest.age_seconds = Some(age);
        return;
    }
    if nearest.status.is_stored() {
        found.note(format!("Age {age} is of a cache behind: {provider} writes none, so its copy can be older"));
    } else if age > 0 && !matches!(nearest.status, CacheStatus::Unknown | CacheStatus::Error) {
        let status = nearest.status.id();
        found.note(format!("Age {age} is of a cache behind: {provider} says {status}"));
        if let Some(layer) = found.layers.iter_mut().rev().find(|layer| !layer.history && layer.status.is_stored()) {
            layer.age_seconds = layer.age_seconds.or(Some(age));
        }
    }
}

/// The ids of all providers that a head can be read as; `unknown` is none of them.
pub fn ids() -> impl Iterator<Item = ProviderId> {
    ALL.iter().map(|dialect| dialect.id)
}

/// Whether files may name this provider.
pub fn is_provider(id: &str) -> bool {
    ids().any(|known| known == id)
}

/// Request headers, harmless to its caches, that make this provider say more; empty where none are known.
pub fn debug_headers(id: &str) -> &'static [(&'static str, &'static str)] {
    ALL.iter().find(|dialect| dialect.id == id).map_or(&[], |dialect| dialect.debug_headers)
}

/// How one object is purged, in that provider's own terms, where they are known.
pub fn how_to_purge(id: &str, scheme: &str, host: &str, path: &str) -> Option<String> {
    let template = ALL.iter().find(|dialect| dialect.id == id)?.purge?;
    // In this order, for a path may hold what looks like a placeholder.
    let url = format!("{scheme}://{host}{path}");
    let (before, placeholder, after) = ["{url}", "{host}{path}", "{host}", "{path}"]
        .into_iter()
        .find_map(|placeholder| template.split_once(placeholder).map(|(before, after)| (before, placeholder, after)))?;
    let filled = match placeholder {
        "{url}" => url,
        "{host}{path}" => format!("{host}{path}"),
        "{host}" => host.to_owned(),
        _ => path.to_owned(),
    };
    Some(format!("{before}{filled}{}", after.replacen("{path}", path, 1)))
}

/// Those of that provider, or where none is expected, of all of them; lines of one name are one list.
pub fn debug_fields(expected: Option<&str>) -> HeaderMap {
    let all = || ALL.iter().flat_map(|dialect| dialect.debug_headers);
    let mut lists: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in expected.map_or_else(|| all().collect(), |id| debug_headers(id).iter().collect::<Vec<_>>()) {
        lists.entry(name).or_default().push(value);
    }
    let field =
        |(name, values): (&str, Vec<&str>)| Some((HeaderName::try_from(name).ok()?, values.join(", ").parse().ok()?));
    lists.into_iter().filter_map(field).collect()
}
