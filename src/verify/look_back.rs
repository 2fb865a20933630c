//! A sample of what is settled, asked once more: an edge with several servers can answer fresh, then stale. It finds no
//! edge fresh that was not found so before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use futures::StreamExt as _;

use super::Network;
use super::accuse::Settled;
use super::lane::Lane;
use super::look::{Look, Sight};
use super::waiting::scattered;
use crate::judge;
use crate::model::{Span, Timestamp, Verdict};

/// One of so many is asked again, and no more than that of one edge.
const SHARE: usize = 20;
const MOST: usize = 50;
/// Looks at one object, where one server stands behind the address by all signs, and where several do.
const LOOKS: u32 = 2;
const LOOKS_AT_SEVERAL: u32 = 5;
/// Copies stored at moments that are further apart are not the same one; ages are whole seconds, and two clocks read them.
const SAME_COPY_MS: i128 = 2_500;

/// What tells one server's answer from another's.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    etag: Option<String>,
    last_modified: Option<String>,
    server: Option<String>,
    stored_by: Option<Timestamp>,
}

impl Mark {
    fn of(look: &Look) -> Self {
        let seen = look.first_seen();
        let field = |name| seen.observation.head.joined(name).map(std::borrow::Cow::into_owned);
        Self {
            etag: field("etag"),
            last_modified: field("last-modified"),
            server: seen.reading.layers.last().and_then(|layer| layer.name.clone()),
            stored_by: look.ruling.age.stored_by,
        }
    }

    fn is_of_another_server(&self, other: &Self) -> bool {
        let apart = |(one, another): (Timestamp, Timestamp)| one.duration_since(another).as_millis().abs();
        let copies = self.stored_by.zip(other.stored_by);
        (&self.etag, &self.last_modified, &self.server) != (&other.etag, &other.last_modified, &other.server)
            || copies.is_some_and(|copies| apart(copies) > SAME_COPY_MS)
    }
}

impl<N: Network> Lane<N> {
    /// Asks a sample of the fresh once more; what fell back is not fresh.
    pub(super) async fn look_back(&self, verdicts: &mut [Option<Verdict>], spans: &mut Option<Box<[Span]>>) {
        let seed = self.run.options.seed;
        let is_fresh = |(_, verdict): &(u32, &Option<Verdict>)| **verdict == Some(Verdict::Fresh);
        let mut fresh: Vec<u32> = (0..).zip(verdicts.iter()).filter(is_fresh).map(|(object, _)| object).collect();
        let sampled = fresh.len().div_ceil(SHARE).min(MOST);
        fresh.sort_by_key(|object| scattered(*object, 0, seed));
        fresh.truncate(sampled);
        let several = AtomicBool::new(false);
        let several = &several;
        let looks = futures::stream::iter(fresh);
        let looks = looks.map(|object| async move { (object, self.fell_back(object, several).await) });
        let mut looks = std::pin::pin!(looks.buffer_unordered(self.edge().pace.concurrency));
        loop {
            let (object, fell) = tokio::select! {
                biased;
                _ = self.run.stop.wait() => return,
                next = looks.next() => match next {
                    Some(looked) => looked,
                    None => return,
                },
            };
            let Some(verdict) = fell else { continue };
            verdicts[object as usize] = Some(verdict);
            if let Some(spans) = spans
                && !self.run.is_settled(verdict)
            {
                spans[object as usize] = Span { not_fresh: self.run.since_purge_ms(), fresh: Span::NEVER };
            }
            self.run.progress.fell_back(self.berth.number, verdict);
            self.tell(object, Some(Verdict::Fresh), verdict, true).await;
        }
    }

    /// Looks at one object a few times, each address in turn; `several` is remembered for the other objects.
    async fn fell_back(&self, object: u32, several: &AtomicBool) -> Option<Verdict> {
        let spot = self.run.spot(self.berth.environment, object);
        let posts = self.posts(&spot.thing).await.ok()?;
        if posts.len() > 1 {
            several.store(true, Relaxed);
        }
        let known = spot.cell.first(&spot.at).await;
        let mut marks: Vec<Option<Mark>> = posts.iter().map(|_| None).collect();
        for nth in 0..LOOKS_AT_SEVERAL {
            if nth >= LOOKS && !several.load(Relaxed) {
                break;
            }
            for (post, mark) in posts.iter().zip(&mut marks) {
                // Connections are what balancers deal out: one of its own may lead to another server.
                let sight = self.look(post, &spot, Arc::clone(&known), nth > 0).await;
                let Sight::Answer(look) = &sight else { continue };
                let seen = Mark::of(look);
                if mark
                    .replace(seen)
                    .is_some_and(|before| mark.as_ref().is_some_and(|now| now.is_of_another_server(&before)))
                {
                    several.store(true, Relaxed);
                }
                if !is_old(sight.verdict()) {
                    continue;
                }
                // Nobody is accused before the origin was asked again.
                let again = spot.cell.again(&spot.at).await;
                if judge::without_asking(&again.reference, again.expect()).is_some() {
                    return None;
                }
                let sight = self.judged_again(sight, again);
                if is_old(sight.verdict()) {
                    let verdict = sight.verdict();
                    let settled = Settled { sight, witness: None, attempts: nth + 2, took_turns: true };
                    self.report(&spot, Some(post), &settled);
                    return Some(verdict);
                }
            }
        }
        None
    }
}

/// Not what was seen before. What is failing, or silent, for once contradicts nothing.
const fn is_old(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Stale | Verdict::Divergent | Verdict::Unpurged)
}
