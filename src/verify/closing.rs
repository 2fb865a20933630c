//! The last look at the origin: does it still say what the edges were held against? No edge is asked here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use tokio::time::Instant;

use super::Network;
use super::reference::Known;
use super::run::Run;
use crate::clock::Clock;
use crate::model::Reference;

/// An object whose origin contradicted itself after the edges were judged.
pub(super) struct Overturned {
    pub(super) environment: usize,
    pub(super) object: u32,
    pub(super) known: Known,
}

/// By environment and object: what the origin said while the edges were asked, and when.
pub(super) type Meanwhile = BTreeMap<(usize, u32), (Instant, Known)>;

/// A look at the origin that is no older than this when the last edge has answered is as good as one after it: HTTP's
/// own dates tell no smaller time.
const STANDS: Duration = Duration::from_secs(1);

/// Where one object is looked at closely, the origin is asked before any edge is found, and again while they are asked.
pub(super) async fn meanwhile<N: Network>(run: &Run<N>) -> Meanwhile {
    if !run.options.keep_all {
        return Meanwhile::new();
    }
    let looks = run.objects().map(|(environment, object)| async move {
        let spot = run.spot(environment, object);
        let first = spot.cell.first(&spot.at).await;
        if !matches!(first.reference, Reference::Sound { .. }) {
            return None;
        }
        let known = spot.cell.confirmed(&spot.at).await;
        Some(((environment, object), (Clock::now(), known)))
    });
    let looks = futures::future::join_all(looks);
    tokio::select! {
        biased;
        _ = run.stop.wait() => Meanwhile::new(),
        found = looks => found.into_iter().flatten().collect(),
    }
}

/// Asks the origin once more for everything it was a reference for, now that every edge has answered.
pub(super) async fn confirm<N: Network>(
    run: &Arc<Run<N>>,
    meanwhile: &Meanwhile,
    answered: Instant,
) -> Vec<Overturned> {
    if run.stop.why().is_some() {
        return Vec::new();
    }
    run.progress.confirming();
    let mut overturned = Vec::new();
    for (nth, source) in run.sources.iter().enumerate() {
        let Some(source) = source else { continue };
        let again = run
            .objects()
            .filter(|(environment, _)| *environment == nth)
            .map(|place| confirm_one(run, place, meanwhile.get(&place), answered));
        let mut again = std::pin::pin!(stream::iter(again).buffer_unordered(source.concurrency()));
        loop {
            tokio::select! {
                biased;
                _ = run.stop.wait() => break,
                next = again.next() => match next {
                    Some(found) => overturned.extend(found),
                    None => break,
                },
            }
        }
    }
    overturned.sort_by_key(|found| (found.environment, found.object));
    overturned
}

async fn confirm_one<N: Network>(
    run: &Run<N>,
    (environment, object): (usize, u32),
    meanwhile: Option<&(Instant, Known)>,
    answered: Instant,
) -> Option<Overturned> {
    let spot = run.spot(environment, object);
    // Before an accusation: edges that were judged by then were held against the same.
    if let Some(known) = spot.cell.contradicted() {
        return (!known.is_pinned()).then(|| Overturned { environment, object, known: known.clone() });
    }
    let was_sound = matches!(spot.cell.latest()?.reference, Reference::Sound { .. });
    if !was_sound {
        return None;
    }
    let again = spot.cell.asked_again().map(|(at, known)| (*at, &**known));
    let last = again.into_iter().chain(meanwhile.map(|(at, known)| (*at, known))).max_by_key(|(at, _)| *at);
    let stands = last.filter(|(at, _)| run.options.keep_all && answered.saturating_duration_since(*at) <= STANDS);
    let contradicted = meanwhile.filter(|(_, known)| matches!(known.reference, Reference::Varying { .. }));
    let known = match (contradicted, stands) {
        (Some((_, known)), _) | (None, Some((_, known))) => known.clone(),
        (None, None) => spot.cell.confirmed(&spot.at).await,
    };
    let nobody_is_right = matches!(known.reference, Reference::Varying { .. }) && !known.is_pinned();
    nobody_is_right.then_some(Overturned { environment, object, known })
}
