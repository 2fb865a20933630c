//! What single answers show beside their verdicts, counted into notes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use super::Network;
use super::lane::{Lane, Spot};
use super::look::{Look, Seen, Sight};
use super::run::Run;
use super::walk::Lap;
use crate::compare::{self, Says};
use crate::model::{Body, NoteExample, NoteRow, Reference, Validators};
use crate::rules::{NOTES, Note, Signs};

/// Examples kept of each note.
const EXAMPLES: usize = 3;

/// Remarks of one lane, by note: how many checks, and the first few of them.
pub(super) type Remarks = BTreeMap<&'static str, Remark>;

#[derive(Debug, Clone, Default)]
pub(super) struct Remark {
    checks: u64,
    objects: BTreeSet<u32>,
}

impl Remark {
    fn count(&mut self, object: u32) {
        self.checks += 1;
        self.objects.insert(object);
        if self.objects.len() > EXAMPLES {
            self.objects.pop_last();
        }
    }
}

impl<N: Network> Lane<N> {
    /// Counts what is worth a line.
    pub(super) fn remark(&self, spot: &Spot<'_, N>, sight: &Sight) {
        let Sight::Answer(look) = sight else { return };
        let signs = look.signs();
        if signs == Signs::default() {
            return;
        }
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        for note in NOTES.iter().filter(|note| (note.applies)(signs)) {
            remarks.entry(note.id).or_default().count(spot.object);
        }
    }
}

impl Look {
    fn signs(&self) -> Signs {
        let (Some(ladder), Reference::Sound { validators, .. }) = (self.ruling.ladder, &self.known.reference) else {
            return Signs::default();
        };
        let edge = &self.seen.observation.head;
        Signs {
            etag_differs: ladder.etag == Says::Different,
            content_same: ladder.digest == Says::Same,
            etag_weakened: ladder.etag_weakened,
            head_get_differ: self.opening.as_ref().is_some_and(|opening| {
                let head = opening.observation.head.joined("etag");
                head.is_some() && head != edge.joined("etag")
            }),
            policy_differs: !validators.has_the_policy_of(edge) && self.policy_differs(validators),
            ..Signs::default()
        }
    }

    fn policy_differs(&self, reference: &Validators<'_>) -> bool {
        let Seen { observation, reading } = &self.seen;
        let edge = Validators::of(&observation.head, &Body::NotAsked);
        let counted_down = reading.counts_max_age_down.then(|| reading.age_seconds.unwrap_or(0));
        !compare::same_policy(reference, &edge, counted_down)
    }
}

/// All notes of a run, in the order of the rules.
pub(super) fn notes<N: Network>(run: &Arc<Run<N>>, laps: &[Lap]) -> Vec<NoteRow> {
    let of_objects = [
        (Signs { vary_unasked: true, ..Signs::default() }, unasked(run)),
        (Signs { reference_is_error: true, ..Signs::default() }, errors(run)),
    ];
    let row = |note: &&'static Note| {
        let of_lanes = laps.iter().filter_map(|lap| Some((lap, lap.remarks.get(note.id)?)));
        let checks = of_lanes.clone().map(|(_, remark)| remark.checks).sum::<u64>();
        let examples = of_lanes
            .flat_map(|(lap, remark)| remark.objects.iter().map(move |object| (lap, *object)))
            .take(EXAMPLES)
            .map(|(lap, object)| example(run, lap.berth.environment, Some(lap), object));
        let of_objects = of_objects.iter().find(|(signs, _)| (note.applies)(*signs));
        let (checks, examples): (u64, Vec<NoteExample>) = match of_objects {
            Some((_, objects)) => {
                let examples = objects.iter().take(EXAMPLES);
                (
                    objects.len() as u64,
                    examples.map(|(environment, object)| example(run, *environment, None, *object)).collect(),
                )
            }
            None => (checks, examples.collect()),
        };
        (checks > 0).then(|| NoteRow {
            id: note.id.to_owned(),
            summary: note.summary.to_owned(),
            why: note.why.to_owned(),
            fix: note.fix.to_owned(),
            checks,
            examples,
        })
    };
    NOTES.iter().filter_map(row).collect()
}

/// Objects whose origin answers with an error that nobody pinned. Counted once, not by edge.
fn errors<N: Network>(run: &Arc<Run<N>>) -> Vec<(usize, u32)> {
    let is_error = |(environment, object): &(usize, u32)| {
        run.cell(*environment, *object).latest().is_some_and(|known| {
            let is_pinned = known.expect().is_some_and(|expect| expect.status.is_some());
            let status = match &known.reference {
                Reference::Sound { validators, .. } => validators.status,
                _ => 0,
            };
            status >= 400 && !is_pinned
        })
    };
    run.objects().filter(is_error).collect()
}

/// Objects whose origin varies by a request header that no variant of the tenant sets. Counted once, not by edge.
fn unasked<N: Network>(run: &Arc<Run<N>>) -> Vec<(usize, u32)> {
    let is_unasked = |(environment, object): &(usize, u32)| {
        let Some(known) = run.cell(*environment, *object).latest() else { return false };
        let Reference::Sound { validators, .. } = &known.reference else { return false };
        let Some(vary) = &validators.vary else { return false };
        let tenant = &run.inventory.tenants[run.plan.object(*environment, *object).tenant];
        // One encoding alone leaves the others unseen; of other headers, one value is what was meant to be looked at.
        let is_asked = |field: &str| {
            let values =
                tenant.variants.iter().filter_map(|variant| run.inventory.variants[*variant].headers.get(field));
            let values: BTreeSet<&[u8]> = values.map(http::HeaderValue::as_bytes).collect();
            let enough = if field.eq_ignore_ascii_case("accept-encoding") { 2 } else { 1 };
            values.len() >= enough || tenant.headers.contains_key(field)
        };
        vary.split(',').map(str::trim).any(|field| !field.is_empty() && field != "*" && !is_asked(field))
    };
    run.objects().filter(is_unasked).collect()
}

fn example<N: Network>(run: &Arc<Run<N>>, environment: usize, lap: Option<&Lap>, object: u32) -> NoteExample {
    let spot = run.spot(environment, object);
    let edge = lap.map(|lap| &run.edge(lap.berth).id);
    NoteExample {
        environment: run.inventory.environments[environment].name.to_string(),
        region: edge.map(|id| id.region.to_string()).unwrap_or_default(),
        edge: edge.map(|id| id.edge.to_string()).unwrap_or_default(),
        tenant: spot.thing.tenant.to_owned(),
        host: spot.thing.host.to_string(),
        path: super::asks::fill(spot.thing.path, &spot.thing),
        variant: run.inventory.variants[spot.thing.variant].name.to_string(),
    }
}
