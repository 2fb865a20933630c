//! The report's rows about references: those with trouble, and those that a later run may be held against.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Network;
use super::closing::Overturned;
use super::draft::reference_row;
use super::run::Run;
use crate::model::{AskedRow, KnownRow, OriginRow, Reference, Validators};

/// References with trouble, no more than findings are kept.
pub(super) fn origins<N: Network>(run: &Arc<Run<N>>, overturned: &[Overturned]) -> Vec<OriginRow> {
    let named = |asked: &Asked<'_>| run.sources[asked.environment].is_some();
    let rows = asked(run, overturned).filter(named).filter_map(|asked| {
        let row = trouble(asked.reference).or_else(|| older_than_the_purge(run, asked.reference))?;
        Some(asked.named(run, row))
    });
    rows.take(run.options.max_findings).collect()
}

/// All references, as `diagnose` shows them.
pub(super) fn asked_rows<N: Network>(run: &Arc<Run<N>>, overturned: &[Overturned]) -> Vec<AskedRow> {
    let row = |asked: Asked<'_>| {
        let source = run.sources[asked.environment].as_ref();
        let mut row = trouble(asked.reference).unwrap_or_else(|| sound(asked.reference));
        // The last look is not in the cell.
        let confirmed = matches!(asked.reference, Reference::Sound { .. }) && run.stop.why().is_none();
        row.samples += u32::from(confirmed);
        AskedRow {
            asked: asked.named(run, row),
            url: source.map(|source| source.url(&run.spot(asked.environment, asked.object).thing)),
            reference: reference_row(asked.reference),
        }
    };
    let mut rows: Vec<AskedRow> = asked(run, overturned).map(row).collect();
    let place = |row: &AskedRow| {
        let OriginRow { environment, tenant, host, path, variant, .. } = row.asked.clone();
        (environment, tenant, host, path, variant)
    };
    rows.sort_by_cached_key(place);
    rows
}

/// One object's reference.
#[derive(Clone, Copy)]
struct Asked<'r> {
    environment: usize,
    object: u32,
    reference: &'r Reference,
}

impl Asked<'_> {
    fn named<N: Network>(self, run: &Arc<Run<N>>, row: OriginRow) -> OriginRow {
        let spot = run.spot(self.environment, self.object);
        OriginRow {
            environment: run.inventory.environments[self.environment].name.to_string(),
            tenant: spot.thing.tenant.to_owned(),
            host: spot.thing.host.to_string(),
            path: super::asks::fill(spot.thing.path, &spot.thing),
            variant: run.inventory.variants[spot.thing.variant].name.to_string(),
            ..row
        }
    }
}

/// Every reference that was asked for, as it was known in the end.
fn asked<'r, N: Network>(
    run: &'r Arc<Run<N>>,
    overturned: &'r [Overturned],
) -> impl Iterator<Item = Asked<'r>> + use<'r, N> {
    let at_the_end: BTreeMap<(usize, u32), &Reference> =
        overturned.iter().map(|found| ((found.environment, found.object), &found.known.reference)).collect();
    let environments = 0..run.inventory.environments.len();
    let objects = environments.flat_map(|nth| (0..run.plan.objects(nth)).map(move |object| (nth, object)));
    objects.filter_map(move |(environment, object)| {
        let cell = run.cell(environment, object);
        let reference = match at_the_end.get(&(environment, object)) {
            Some(reference) => reference,
            None => &cell.latest()?.reference,
        };
        Some(Asked { environment, object, reference })
    })
}

fn sound(reference: &Reference) -> OriginRow {
    let (status, samples) = match reference {
        Reference::Sound { validators, samples, .. } => (Some(validators.status()), *samples),
        Reference::Varying { seen, samples, .. } => (Some(seen[0].status), *samples),
        Reference::Failing { status, samples } => (Some(*status), *samples),
        Reference::Unreachable(_) | Reference::Unnamed => (None, 0),
    };
    let consistent = !matches!(reference, Reference::Varying { .. });
    OriginRow { status, samples, consistent, ..OriginRow::default() }
}

/// What every object with a sound reference should be.
pub(super) fn references<N: Network>(run: &Arc<Run<N>>, overturned: &[Overturned]) -> Vec<KnownRow> {
    let overturned: BTreeSet<(usize, u32)> = overturned.iter().map(|found| (found.environment, found.object)).collect();
    let rows = run.objects().filter(|object| !overturned.contains(object)).filter_map(|(environment, object)| {
        let Reference::Sound { validators, .. } = &run.cell(environment, object).latest()?.reference else {
            return None;
        };
        let (spot, said) = (run.spot(environment, object), validators.view());
        let text = |value: &Option<std::borrow::Cow<'_, str>>| value.as_deref().map(ToOwned::to_owned);
        Some(KnownRow {
            environment: Arc::clone(&run.inventory.environments[environment].name),
            tenant: Arc::clone(&run.inventory.tenants[spot.tenant].id),
            host: Arc::clone(spot.thing.host),
            path: super::asks::filled(spot.thing.path, &spot.thing),
            variant: Arc::clone(&run.inventory.variants[spot.thing.variant].name),
            status: said.status,
            etag: text(&said.etag),
            last_modified: text(&said.last_modified),
            sha256: said.digest.map(|digest| digest.hex()),
        })
    });
    // There may be a million: room for all of them at once, and none to sort in.
    let mut known = Vec::with_capacity(usize::try_from(run.plan.total_objects()).unwrap_or_default());
    known.extend(rows);
    known.sort_unstable_by(|one: &KnownRow, other| one.object().cmp(&other.object()));
    known
}

/// A cache stands in front of the origin, and the purge did not reach it: then it may be no better than the edges.
fn older_than_the_purge<N: Network>(run: &Arc<Run<N>>, reference: &Reference) -> Option<OriginRow> {
    let Reference::Sound { stored_by: Some(stored), .. } = reference else { return None };
    let limit = run.options.purge.at?.checked_sub(run.options.purge.skew).ok()?;
    let trouble =
        "answers with a copy from before the purge: name an origin that no cache stands in front of".to_owned();
    (*stored < limit).then(|| OriginRow { trouble, ..sound(reference) })
}

fn trouble(reference: &Reference) -> Option<OriginRow> {
    let row = |status, samples, consistent, trouble: String| OriginRow {
        status,
        samples,
        consistent,
        trouble,
        ..OriginRow::default()
    };
    match reference {
        Reference::Sound { validators, samples, .. } => (validators.status() >= 400).then(|| {
            let says = format!("answers {}: edges are held against that", validators.status());
            row(Some(validators.status()), *samples, true, says)
        }),
        Reference::Varying { seen, no_store, samples } => (!no_store).then(|| OriginRow {
            seen: differing(seen),
            ..row(Some(seen[0].status), *samples, false, "its answers contradict each other".to_owned())
        }),
        Reference::Failing { status, samples } => {
            Some(row(Some(*status), *samples, true, format!("answers {status}, which is no reference")))
        }
        Reference::Unreachable(silence) => Some(row(None, 0, true, silence.to_string())),
        Reference::Unnamed => Some(row(None, 0, true, "no origin named; give --origin".to_owned())),
    }
}

fn differing(seen: &[Validators<'_>; 2]) -> BTreeMap<String, Vec<String>> {
    let value = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("(none)").to_owned();
    let fields = seen.each_ref().map(|one| {
        [
            ("status", one.status.to_string()),
            ("etag", value(&one.etag)),
            ("last-modified", value(&one.last_modified)),
            ("content-type", value(&one.content_type)),
            ("location", value(&one.location)),
            ("sha256", one.digest.map_or_else(|| "(not read)".to_owned(), |digest| digest.hex())),
        ]
    });
    let [one, other] = fields;
    let pairs = one.into_iter().zip(other).filter(|(one, other)| one.1 != other.1);
    pairs.map(|((name, one), (_, other))| (name.to_owned(), vec![one, other])).collect()
}
