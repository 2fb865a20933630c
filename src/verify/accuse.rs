//! Before an edge is accused: the origin is asked again, and the edge on a connection of its own.

use std::sync::Arc;

use super::Network;
use super::doors::Post;
use super::lane::{Lane, Spot};
use super::look::{Look, Sight};
use super::reference::Known;
use crate::judge;
use crate::model::{Silence, Verdict};

/// What a check comes to at one address.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) sight: Sight,
    /// The first look, where the last one says the same: it saw the caches before they were asked again and again.
    pub(super) witness: Option<Box<Look>>,
    /// Looks taken.
    pub(super) attempts: u32,
    /// Looks did not agree.
    pub(super) took_turns: bool,
}

impl<N: Network> Lane<N> {
    /// Looks until it can be reported.
    pub(super) async fn settle(&self, post: &Post<N::Client>, spot: &Spot<'_, N>, known: Arc<Known>) -> Settled {
        match Settled::at_once(self.look(post, spot, known, false).await) {
            Ok(settled) => settled,
            Err(first) => Box::pin(self.looked_into(post, spot, *first)).await,
        }
    }

    /// What a first look leaves in doubt.
    async fn looked_into(&self, post: &Post<N::Client>, spot: &Spot<'_, N>, first: Sight) -> Settled {
        if first.is_good_by_chance() {
            return self.seen_by_get(post, spot, first).await;
        }
        let (known, ahead) = self.asked_again(post, spot, &first).await;
        if let Some(ruling) = judge::without_asking(&known.reference, known.expect()) {
            return Settled { sight: first.overruled(known, ruling), witness: None, attempts: 1, took_turns: false };
        }
        let second = match ahead {
            Some(ahead) => ahead,
            None => self.look_again(post, spot, &first, Arc::clone(&known)).await,
        };
        match second.verdict() {
            // The first answer stands, but judged by what the origin says now.
            Verdict::Unreachable => {
                Settled { sight: self.judged_again(first, known), witness: None, attempts: 2, took_turns: false }
            }
            verdict if verdict.is_good() && !was_misdirected(&first) => {
                // Two servers behind one address can take turns: the better of two answers is not the truth.
                let third = self.look(post, spot, known, true).await;
                Settled { sight: third, witness: None, attempts: 3, took_turns: true }
            }
            _ => Settled::agreeing(first, second),
        }
    }

    /// The origin is asked again; where one object is looked at closely the edge is asked meanwhile, and what it says is
    /// judged by what the origin says then, if that is what it said before.
    async fn asked_again(
        &self,
        post: &Post<N::Client>,
        spot: &Spot<'_, N>,
        first: &Sight,
    ) -> (Arc<Known>, Option<Sight>) {
        let again = spot.cell.again(&spot.at);
        let before = match first {
            Sight::Answer(look) if self.run.options.keep_all => Arc::clone(&look.known),
            _ => return (again.await, None),
        };
        let (known, ahead) = futures::join!(again, self.look_again(post, spot, first, Arc::clone(&before)));
        let ahead = known.agrees_with(&before).then(|| self.judged_again(ahead, Arc::clone(&known)));
        (known, ahead)
    }

    /// Looks once more, on a connection of its own. Where it took the body before, that is asked for at once.
    async fn look_again(&self, post: &Post<N::Client>, spot: &Spot<'_, N>, first: &Sight, known: Arc<Known>) -> Sight {
        match first {
            Sight::Answer(look) if self.run.options.keep_all && look.opening.is_some() => {
                self.look_by_get(post, spot, known).await
            }
            _ => self.look(post, spot, known, true).await,
        }
    }

    /// HEAD and GET did not agree. A cache may keep two copies, of which users get the one by GET; or two servers take
    /// turns, and then GET shows the other one too.
    async fn seen_by_get(&self, post: &Post<N::Client>, spot: &Spot<'_, N>, first: Sight) -> Settled {
        const LOOKS: u32 = 3;
        let mut attempts = 1;
        if let Sight::Answer(look) = &first {
            while attempts <= LOOKS {
                let sight = self.look_by_get(post, spot, Arc::clone(&look.known)).await;
                attempts += 1;
                if sight.is_accusation() {
                    // Nobody is accused before the origin was asked again.
                    let sight = self.judged_again(sight, spot.cell.again(&spot.at).await);
                    return Settled { sight, witness: None, attempts, took_turns: true };
                }
            }
        }
        Settled { sight: first, witness: None, attempts, took_turns: false }
    }

    pub(super) fn judged_again(&self, sight: Sight, known: Arc<Known>) -> Sight {
        match sight {
            Sight::Answer(look) => {
                let ruling = judge::rule(&self.question(&known, &look.seen));
                Sight::Answer(Box::new(Look { known, ruling, ..*look }))
            }
            silent @ Sight::Silent(..) => silent,
        }
    }
}

impl Settled {
    /// There was nobody to look at.
    pub(super) fn silent(silence: Silence) -> Self {
        Self { sight: Sight::silent(silence), witness: None, attempts: 0, took_turns: false }
    }

    /// One look, where it leaves no doubt.
    fn at_once(first: Sight) -> Result<Self, Box<Sight>> {
        let is_doubtful = first.is_good_by_chance() || first.is_accusation();
        if is_doubtful {
            Err(first.into())
        } else {
            Ok(Self { sight: first, witness: None, attempts: 1, took_turns: false })
        }
    }

    fn agreeing(first: Sight, last: Sight) -> Self {
        let same = first.verdict() == last.verdict();
        let witness = match first {
            Sight::Answer(look) if same => Some(look),
            Sight::Answer(_) | Sight::Silent(..) => None,
        };
        Self { sight: last, witness, attempts: 2, took_turns: false }
    }
}

impl Sight {
    pub(super) fn overruled(self, known: Arc<Known>, ruling: judge::Ruling) -> Self {
        match self {
            Self::Answer(look) => Self::Answer(Box::new(Look { known, ruling, ..*look })),
            silent @ Self::Silent(..) => silent,
        }
    }
}

/// A look, unless it says nothing about the edge.
pub(super) fn unless_misdirected(sight: Sight) -> Option<Sight> {
    (!was_misdirected(&sight)).then_some(sight)
}

/// The request went to a server that would not take this host over a connection made for another (RFC 9110 section
/// 15.5.20): that says nothing about the edge.
fn was_misdirected(sight: &Sight) -> bool {
    match sight {
        Sight::Answer(look) => look.seen.observation.shared && matches!(look.seen.observation.head.status, 421 | 403),
        Sight::Silent(..) => false,
    }
}
