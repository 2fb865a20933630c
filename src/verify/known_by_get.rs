//! A few GETs for each object of each environment, where environments are held against each other: what a server may
//! leave out of an answer to HEAD (RFC 9110 section 9.3.2) would else be missing in one of them. No body is read, none
//! judged.

use futures::StreamExt as _;

use super::Network;
use super::asks::Body as WantBody;
use super::lane::Lane;
use crate::dialect;
use crate::model::Verdict;

impl<N: Network> Lane<N> {
    /// Asks for what is as it should be here, and of which too few edges have told all.
    pub(super) async fn ask_by_get(&self, verdicts: &[Option<Verdict>]) {
        if !self.run.ledger.compares() || self.afar.is_some() {
            return;
        }
        let is_served = |verdict: Verdict| verdict.is_good() || verdict == Verdict::Unpurged;
        let served = (0..).zip(verdicts).filter(|(_, verdict)| verdict.is_some_and(is_served));
        let served: Vec<u32> = served.map(|(object, _)| object).collect();
        let asked = futures::stream::iter(served).map(|object| self.ask_one_by_get(object));
        let mut asked = std::pin::pin!(asked.buffer_unordered(self.edge().pace.concurrency));
        loop {
            tokio::select! {
                biased;
                _ = self.run.stop.wait() => return,
                next = asked.next() => if next.is_none() { return },
            }
        }
    }

    async fn ask_one_by_get(&self, object: u32) {
        let (ledger, environment) = (&self.run.ledger, self.berth.environment);
        if !ledger.claim(environment, object) {
            return;
        }
        let spot = self.run.spot(environment, object);
        let posts = self.posts(&spot.thing).await.ok();
        let answer = match posts.as_deref().and_then(<[_]>::first) {
            Some(post) => self.ask(post, &spot, WantBody::LeaveByGet, false).await.ok(),
            None => None,
        };
        match answer.filter(|answer| answer.head.status < 500 && answer.head.status != 429) {
            Some(answer) => ledger.note(environment, object, dialect::of_the_content_alone(&answer.head)),
            None => ledger.give_back(environment, object),
        }
    }
}
