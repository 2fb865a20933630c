//! What single answers show beside their verdicts, counted into notes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use http::header::ETAG;

use super::Network;
use super::lane::{Lane, Spot};
use super::look::{Look, Seen, Sight};
use super::run::Run;
use crate::compare::{self, Says};
use crate::model::{Body, Reference, Remark, Validators};
use crate::rules::{NOTES, Signs};

/// Remarks of one lane, by note: how many checks, and the first few of them.
pub(super) type Remarks = BTreeMap<&'static str, Remark>;

impl<N: Network> Lane<N> {
    /// Counts what is worth a line.
    pub(super) fn remark(&self, spot: &Spot<'_, N>, sight: &Sight) {
        let Sight::Answer(look) = sight else { return };
        self.take_down(spot, look);
        let signs = look.signs();
        if signs == Signs::default() {
            return;
        }
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        for note in NOTES.iter().filter(|note| (note.applies)(signs)) {
            remarks.entry(note.id).or_default().count(self.berth.environment, spot.object);
        }
    }
}

impl Look {
    fn signs(&self) -> Signs {
        let (Some(ladder), Reference::Sound { validators, .. }) = (self.ruling.ladder, &self.known.reference) else {
            return Signs::default();
        };
        let (edge, validators) = (&self.seen.observation.head, validators.view());
        Signs {
            etag_differs: ladder.etag == Says::Different,
            content_same: ladder.digest == Says::Same,
            etag_weakened: ladder.etag_weakened,
            head_get_differ: self.opening.as_ref().is_some_and(|opening| {
                let head = opening.observation.head.joined(ETAG);
                head.is_some() && head != edge.joined(ETAG)
            }),
            policy_differs: !validators.has_the_policy_of(edge) && self.policy_differs(&validators),
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

/// Characters of a field's name that are worth a line.
const LONGEST: usize = 64;

/// Remarks on objects, whoever asked for them.
pub(super) fn of_objects<N: Network>(run: &Arc<Run<N>>) -> BTreeMap<String, Remark> {
    let of_objects = [
        (Signs { vary_unasked: true, ..Signs::default() }, unasked(run)),
        (Signs { reference_is_error: true, ..Signs::default() }, errors(run)),
    ];
    let of_objects = of_objects.into_iter().filter(|(_, remark)| remark.checks > 0);
    let noted = of_objects.flat_map(|(signs, remark)| {
        let notes = NOTES.iter().filter(move |note| (note.applies)(signs));
        notes.map(move |note| (note.id.to_owned(), remark.clone()))
    });
    noted.collect()
}

/// Objects whose origin answers with an error that nobody pinned. Counted once, not by edge.
fn errors<N: Network>(run: &Arc<Run<N>>) -> Remark {
    let mut remark = Remark::default();
    for (environment, object) in run.objects() {
        let Some(known) = run.cell(environment, object).latest() else { continue };
        let is_pinned = known.expect().is_some_and(|expect| expect.status.is_some());
        let Reference::Sound { validators, .. } = &known.reference else { continue };
        if validators.status() >= 400 && !is_pinned {
            remark.count(environment, object);
        }
    }
    remark
}

/// Objects whose origin varies by request headers that no variant of the tenant sets. Counted once, not by edge.
fn unasked<N: Network>(run: &Arc<Run<N>>) -> Remark {
    let mut remark = Remark::default();
    for (environment, object) in run.objects() {
        let Some(known) = run.cell(environment, object).latest() else { continue };
        let Reference::Sound { validators, .. } = &known.reference else { continue };
        let Some(vary) = validators.view().vary else { continue };
        let tenant = &run.inventory.tenants[run.plan.object(environment, object).tenant];
        // One encoding alone leaves the others unseen; of other headers, one value is what was meant to be looked at.
        let is_asked = |field: &str| {
            let values =
                tenant.variants.iter().filter_map(|variant| run.inventory.variants[*variant].headers.get(field));
            let values: BTreeSet<&[u8]> = values.map(http::HeaderValue::as_bytes).collect();
            let enough = if field.eq_ignore_ascii_case("accept-encoding") { 2 } else { 1 };
            values.len() >= enough || tenant.headers.contains_key(field)
        };
        let fields = vary.split(',').map(str::trim);
        let mut unasked = fields.filter(|field| !field.is_empty() && *field != "*" && !is_asked(field)).peekable();
        if unasked.peek().is_some() {
            let named = unasked.map(|field| field.chars().take(LONGEST).collect::<String>().to_ascii_lowercase());
            remark.fields.extend(named);
            remark.count(environment, object);
        }
    }
    remark
}
