//! What may never be said, whatever happened.

use jiff::SignedDuration;
use purgeproof::dialect;
use purgeproof::judge;
use purgeproof::lab::{Tags, Validators};
use purgeproof::model::{Body, Reference, Trouble, Verdict};

use super::history::{Bodies, World};
use super::prober::Sighting;

/// The law that a judgement breaks.
pub(super) fn broken<'s>(
    world: &'s World,
    latency_ms: i64,
    softly_purged: bool,
    sighting: &'s Sighting,
) -> Option<&'static str> {
    let scene = Scene { world, latency_ms, softly_purged, sighting };
    let laws: [Law<'s>; 8] = [
        ("a stale copy passed", Scene::passes_a_stale_copy),
        ("a copy like the origin's was accused", Scene::accuses_a_fresh_copy),
        ("a newer copy was called stale", Scene::calls_a_newer_copy_stale),
        ("a copy that left the origin after the purge was called unpurged", Scene::calls_a_purged_copy_unpurged),
        ("a copy whose age shows it to be older than the purge was not called old", Scene::overlooks_an_age),
        ("an origin that contradicts itself was believed", Scene::believes_a_contradiction),
        ("the right provider was taken for another", Scene::mistakes_the_provider),
        ("the same question had another answer", Scene::is_moody),
    ];
    laws.into_iter().find(|(_, is_broken)| is_broken(&scene)).map(|(law, _)| law)
}

/// What it says, broken, and whether it is.
type Law<'s> = (&'static str, fn(&Scene<'s>) -> bool);

struct Scene<'s> {
    world: &'s World,
    latency_ms: i64,
    softly_purged: bool,
    sighting: &'s Sighting,
}

impl Scene<'_> {
    fn verdict(&self) -> Verdict {
        self.sighting.ruling.verdict
    }

    fn says(&self, any: &[Verdict]) -> bool {
        any.contains(&self.verdict())
    }

    fn is_at_no_look(&self) -> bool {
        self.sighting.known.looks.iter().all(|look| look.content != self.sighting.served)
    }

    fn passes_a_stale_copy(&self) -> bool {
        let older = self.sighting.known.looks.iter().all(|look| self.sighting.truth.served < look.version);
        self.says(&[Verdict::Fresh, Verdict::Uncached, Verdict::Unpurged]) && older && self.is_at_no_look()
    }

    fn accuses_a_fresh_copy(&self) -> bool {
        // Without bodies, tags that change while the bytes do not are all there is to go by.
        let tags_tell = self.world.validators == Validators::EtagOnly
            && self.world.tags == Tags::ByContent
            && self.sighting.served.has_body();
        self.says(&[Verdict::Stale, Verdict::Divergent, Verdict::Failing])
            && !self.is_at_no_look()
            && (self.world.bodies != Bodies::Never || tags_tell)
            && !self.may_not_be_stored()
    }

    /// Where the origin forbids storing, a stored copy from before the purge is one too many, whatever it holds.
    fn may_not_be_stored(&self) -> bool {
        let forbids = matches!(
            self.sighting.known.reference,
            Reference::Sound { no_store: true, .. } | Reference::Varying { no_store: true, .. }
        );
        self.verdict() == Verdict::Stale && forbids && self.left_before_the_purge()
    }

    fn left_before_the_purge(&self) -> bool {
        self.sighting.purge.at.is_some_and(|purged| self.sighting.truth.left_origin < purged)
    }

    fn calls_a_newer_copy_stale(&self) -> bool {
        let served = self.sighting.truth.served;
        self.verdict() == Verdict::Stale && self.sighting.known.looks.iter().all(|look| served > look.version)
    }

    fn calls_a_purged_copy_unpurged(&self) -> bool {
        self.verdict() == Verdict::Unpurged && !self.left_before_the_purge()
    }

    /// An age loses a second at most in each layer; the answer's way and the prober's clock take their part.
    fn overlooks_an_age(&self) -> bool {
        let Sighting { observation, purge, truth, known, .. } = self.sighting;
        let Some(purged) = purge.at else { return false };
        let by_way_of_a_cache = matches!(known.reference, Reference::Sound { stored_by: Some(_), .. });
        let slack_ms =
            1_000 * (self.world.skew_s + self.world.tree.layers()) + self.latency_ms + self.world.clock_ahead_ms;
        let provably_older = truth.left_origin < purged - SignedDuration::from_millis(slack_ms);
        self.says(&[Verdict::Fresh, Verdict::Uncached, Verdict::Divergent, Verdict::Failing])
            && provably_older
            && observation.head.has("age")
            && !self.softly_purged
            && !by_way_of_a_cache
    }

    /// An error that the origin had at neither look may be told all the same.
    fn believes_a_contradiction(&self) -> bool {
        let Sighting { known, served, .. } = self.sighting;
        let contradict = known.looks.iter().any(|look| look.content != known.looks[0].content);
        let bodies_read = known.looks.iter().all(|look| matches!(look.observation.body, Body::Read(_)));
        let tags_tell = self.world.validators != Validators::Neither;
        let is_shown = bodies_read || tags_tell && known.looks.iter().all(|look| !look.content.dynamic);
        let is_own_error = served.status >= 400 && known.looks.iter().all(|look| look.content.status != served.status);
        self.says(&[Verdict::Fresh, Verdict::Unpurged, Verdict::Stale, Verdict::Divergent])
            && contradict
            && is_shown
            && !is_own_error
            && !self.may_not_be_stored()
    }

    fn mistakes_the_provider(&self) -> bool {
        self.sighting.ruling.trouble == Some(Trouble::WrongProvider)
    }

    /// One in four is read and judged again.
    fn is_moody(&self) -> bool {
        let Sighting { observation, reading, ruling, .. } = self.sighting;
        if observation.received.as_millisecond() % 4 > 0 {
            return false;
        }
        let question = self.sighting.question();
        dialect::read(&observation.head, observation.received) != *reading || judge::rule(&question) != *ruling
    }
}
