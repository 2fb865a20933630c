//! For what is stale, and only then: do near neighbours of the cache key fare better? Then the key was missed, not the
//! edge.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;
use futures::stream;

use super::doors::Post;
use super::lane::{Lane, Spot};
use super::origin::At;
use super::reference::Cell;
use super::{Network, Thing};
use crate::fold::SWEPT_PER_EDGE;
use crate::model::{Draft, Edge, Neighbour, Place, Reference, Scheme, Swept, Verdict};

/// References of neighbours, shared by all edges.
#[derive(Debug, Default)]
pub(super) struct Neighbours(Mutex<BTreeMap<Key, Arc<Cell>>>);

type Key = (usize, usize, Arc<str>, String, usize);

impl Neighbours {
    fn cell(&self, key: Key) -> Arc<Cell> {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.entry(key).or_default())
    }
}

/// Asks the neighbours of what is stale at each edge.
pub(super) async fn sweep<N: Network>(lanes: &[Lane<N>], drafts: &mut [Draft]) {
    let mut by_lane: BTreeMap<u32, Vec<&mut Draft>> = BTreeMap::new();
    for draft in drafts.iter_mut().filter(|draft| draft.finding.verdict == Verdict::Stale) {
        let of_lane = by_lane.entry(draft.berth.number).or_default();
        if of_lane.len() < SWEPT_PER_EDGE {
            of_lane.push(draft);
        }
    }
    let sweeps = by_lane.into_iter().filter_map(|(number, drafts)| {
        let lane = lanes.get(number as usize)?;
        let at_once = lane.sweeps_at_once();
        Some(stream::iter(drafts).for_each_concurrent(at_once, async |draft: &mut Draft| {
            draft.was_swept = true;
            draft.swept = lane.sweep(draft.object).await;
        }))
    });
    futures::future::join_all(sweeps).await;
}

impl<N: Network> Lane<N> {
    /// One after the other, unless one object is looked at closely.
    fn sweeps_at_once(&self) -> usize {
        if self.run.options.keep_all { self.edge().pace.concurrency } else { 1 }
    }

    async fn sweep(&self, object: u32) -> Vec<Swept> {
        let spot = self.run.spot(self.berth.environment, object);
        let mut neighbours: Vec<(Neighbour, Arc<str>)> =
            other_paths(spot.thing.path).into_iter().map(|(neighbour, path)| (neighbour, path.into())).collect();
        neighbours.push((Neighbour::OtherScheme, Arc::clone(spot.thing.path)));
        let looks = stream::iter(neighbours).map(|(neighbour, path)| {
            let spot = &spot;
            async move {
                let post = self.post_of(neighbour, &spot.thing).await?;
                self.look_at_neighbour(&post, spot, neighbour, &path).await
            }
        });
        looks.buffered(self.sweeps_at_once()).filter_map(std::future::ready).collect().await
    }

    /// Where a neighbour is asked for.
    async fn post_of(&self, neighbour: Neighbour, thing: &Thing<'_>) -> Option<Post<N::Client>> {
        if neighbour != Neighbour::OtherScheme {
            return self.posts(thing).await.ok()?.first().cloned();
        }
        let other = other_scheme(self.edge())?;
        let door = self.run.network.edge(&other, Some(thing.host)).await.ok()?.into_iter().next()?;
        let post = Post::new(door, other.scheme);
        self.warm(&post, thing, 1);
        Some(post)
    }

    /// Nothing where the origin has no such neighbour.
    async fn look_at_neighbour(
        &self,
        post: &Post<N::Client>,
        spot: &Spot<'_, N>,
        neighbour: Neighbour,
        path: &Arc<str>,
    ) -> Option<Swept> {
        let thing = Thing { path, ..spot.thing };
        let scheme = match (neighbour, self.edge().scheme) {
            (Neighbour::OtherScheme, Scheme::Https) => Scheme::Http,
            (Neighbour::OtherScheme, Scheme::Http) => Scheme::Https,
            (_, scheme) => scheme,
        };
        let url = format!("{}://{}{}", scheme.id(), thing.host, super::asks::fill(path, &thing));
        let environment = self.berth.environment;
        let key = (environment, spot.tenant, Arc::clone(thing.host), path.to_string(), thing.variant);
        let cell = self.run.neighbours.cell(key);
        let at = At { run: &self.run, source: spot.at.source, thing, planned: None };
        let spot = Spot { object: spot.object, tenant: spot.tenant, thing, cell: &cell, at };
        let known = cell.first(&spot.at).await;
        match &known.reference {
            Reference::Sound { validators, .. } if validators.status() < 400 => {
                let sight = self.look(post, &spot, known, false).await;
                Some(Swept { neighbour, url, verdict: sight.verdict(), from_a_store: sight.is_from_a_store() })
            }
            _ => None,
        }
    }
}

/// The same edge over the other scheme, where both are at their usual ports.
fn other_scheme(edge: &Edge) -> Option<Edge> {
    let written = match edge.place {
        Place::Address(_, port) => port,
        Place::Hostname { .. } | Place::Tenant(_) | Place::Proxy(_) => None,
        Place::Vantage(_) => return None,
    };
    let scheme = match edge.scheme {
        Scheme::Http => Scheme::Https,
        Scheme::Https => Scheme::Http,
    };
    let usual = written.unwrap_or(edge.port) == edge.scheme.default_port();
    usual.then(|| {
        let place = match &edge.place {
            Place::Address(ip, _) => Place::Address(*ip, None),
            named @ (Place::Hostname { .. } | Place::Tenant(_) | Place::Proxy(_) | Place::Vantage(_)) => named.clone(),
        };
        Edge { scheme, port: scheme.default_port(), place, ..edge.clone() }
    })
}

/// Other ways to name what a path names.
fn other_paths(path: &str) -> Vec<(Neighbour, String)> {
    let (bare, query) = path.split_once('?').map_or((path, None), |(bare, query)| (bare, Some(query)));
    let with_query = |bare: &str| query.map_or_else(|| bare.to_owned(), |query| format!("{bare}?{query}"));
    let mut others = Vec::new();
    if query.is_some() {
        others.push((Neighbour::WithoutQuery, bare.to_owned()));
    }
    if let Some(spelled) = other_spelling(bare) {
        others.push((Neighbour::OtherEncoding, with_query(&spelled)));
    }
    if let Some(folder) = bare.strip_suffix("/index.html") {
        others.push((Neighbour::DirectoryAlias, with_query(&format!("{folder}/"))));
    } else if bare.ends_with('/') {
        others.push((Neighbour::DirectoryAlias, with_query(&format!("{bare}index.html"))));
    }
    others
}

/// Unreserved characters decoded (RFC 3986 section 2.3), or else encoded where people do, or else the other case of hex.
fn other_spelling(path: &str) -> Option<String> {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        let byte = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = byte.filter(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(byte)) {
            decoded.push(char::from(byte));
            rest = &after[2..];
        } else {
            decoded.push('%');
            rest = after;
        }
    }
    decoded.push_str(rest);
    let encoded = path.replace('~', "%7E");
    [decoded, encoded, other_hex_case(path)].into_iter().find(|spelled| spelled != path)
}

fn other_hex_case(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut flipped = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        flipped.push('%');
        let (hex, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        let lower = hex.bytes().any(|byte| byte.is_ascii_lowercase());
        flipped.push_str(&if lower { hex.to_ascii_uppercase() } else { hex.to_ascii_lowercase() });
        flipped.push_str(rest);
    }
    flipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_neighbours_of_a_path_are_its_other_names() {
        use Neighbour::{DirectoryAlias, OtherEncoding, WithoutQuery};
        for (path, others) in [
            ("/app.js", vec![]),
            ("/app.js?v=2", vec![(WithoutQuery, "/app.js")]),
            ("/%7Eada/", vec![(OtherEncoding, "/~ada/"), (DirectoryAlias, "/%7Eada/index.html")]),
            ("/~ada", vec![(OtherEncoding, "/%7Eada")]),
            ("/caf%C3%A9", vec![(OtherEncoding, "/caf%c3%a9")]),
            ("/app/index.html?a", vec![(WithoutQuery, "/app/index.html"), (DirectoryAlias, "/app/?a")]),
            ("/", vec![(DirectoryAlias, "/index.html")]),
            ("/a%", vec![]),
            ("/a%2", vec![]),
        ] {
            let others: Vec<_> = others.into_iter().map(|(how, path)| (how, path.to_owned())).collect();
            assert_eq!(other_paths(path), others, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_path_has_neighbours_other_than_itself(path in "/\\PC*") {
            for (_, other) in other_paths(&path) {
                proptest::prop_assert_ne!(&other, &path);
            }
        }
    }
}
