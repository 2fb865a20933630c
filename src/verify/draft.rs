//! Drafts of findings, from what was seen. They have no cause yet: that depends on how the neighbours fare, and they may
//! not be judged by now.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Network;
use super::accuse::Settled;
use super::doors::Post;
use super::lane::{Lane, Spot};
use super::look::{Look, Seen, Sight};
use super::reference::Known;
use super::run::Run;
use super::walk::Standing;
use crate::judge::{self, Ruling};
use crate::model::{
    Berth, CacheStatus, Draft, Expect, Head, LayerRow, Names, ObservedRow, Phase, Reading, Reference, ReferenceRow,
    Silence, Timings, TimingsRow, Trouble, hex, stamp,
};
use crate::syntax::age;

impl<N: Network> Lane<N> {
    /// Keeps a finding for what is not good.
    pub(super) fn report(&self, spot: &Spot<'_, N>, post: Option<&Post<N::Client>>, settled: &Settled) {
        let mut draft = self.run.draft(self.berth, spot, settled.sight.ruling());
        draft.finding.attempts = settled.attempts;
        draft.took_turns = settled.took_turns;
        draft.finding.address = post.map(|post| post.door.address.to_string());
        draft.led = post.and_then(|post| post.door.led.as_ref().map(ToString::to_string));
        match &settled.sight {
            Sight::Silent(silence, _) => draft.silence(silence),
            Sight::Answer(look) => self.answer(&mut draft, look, settled.witness.as_deref()),
        }
        draft.finding.reproduce = self.reproduce(spot, post);
        self.run.findings.keep(draft);
    }

    /// Keeps a finding for an object whose reference is not to be had, so that nobody was asked.
    pub(super) fn report_unasked(&self, spot: &Spot<'_, N>, known: &Known, ruling: Ruling) {
        let mut draft = self.run.draft(self.berth, spot, &ruling);
        draft.reference(known);
        draft.finding.reproduce = self.reproduce(spot, None);
        self.run.findings.keep(draft);
    }

    /// A finding for a check that the run ended before.
    pub(super) fn unreached(&self, spot: &Spot<'_, N>, standing: Standing) -> Draft {
        let found = self.doors.found();
        let post = found.first().filter(|_| found.len() == 1 && standing != Standing::NotAsked);
        let (words, attempts) = match standing {
            Standing::NotAsked => ("not asked: the run ended first".to_owned(), 0),
            Standing::Asked => ("begun, and no answer yet: the run ended first".to_owned(), 1),
            Standing::Seen(looks, verdict) => {
                (format!("last seen {}, and not settled: the run ended first", verdict.id()), looks)
            }
        };
        let address = post.map(|post| post.door.address.to_string());
        let silence =
            Silence::new(Phase::Deadline, address.as_ref().unwrap_or(&self.edge().id.edge.to_string()), &words);
        let mut draft = self.run.draft(self.berth, spot, &judge::silence(&silence));
        draft.silence(&silence);
        draft.finding.attempts = attempts;
        draft.finding.address = address;
        draft.finding.reproduce = self.reproduce(spot, post);
        draft
    }

    fn answer(&self, draft: &mut Draft, look: &Look, witness: Option<&Look>) {
        draft.reference(&look.known);
        draft.finding.evidence = judge::evidence(&self.question(&look.known, &look.seen), &look.ruling);
        draft.finding.timings_ms = timings(&look.seen.observation.timings);
        let shown = witness.unwrap_or(look).first_seen();
        let address = shown.observation.address;
        // From afar, it is known only once somebody answered.
        if draft.finding.address.is_none() && !address.ip().is_unspecified() {
            draft.finding.address = Some(address.to_string());
        }
        let stored_by = witness.unwrap_or(look).ruling.age.stored_by;
        draft.finding.observed = Some(ObservedRow {
            stored_by: stored_by.map(stamp),
            sha256: [Some(look), witness].into_iter().flatten().find_map(digest),
            ..observed(shown)
        });
        let reading = &shown.reading;
        draft.finding.pop_seen.clone_from(&reading.pop);
        draft.finding.provider_seen = Some(reading.provider.to_owned());
        draft.finding.layers = layers(reading);
        draft.outlived = draft.says_stale && !reading.says_stale();
        draft.says_stale = reading.says_stale();
        draft.revalidation_failed = reading.refresh_failed;
        draft.from_a_store = reading.is_from_a_store();
        draft.edge_asked_its_parent = went_further(reading.status);
        draft.edge_refilled_after_purge = draft.stored_after_purge && tells_its_own_age(shown);
        draft.parent = parent(&draft.finding.layers, reading);
        if let crate::model::Body::Unavailable(why) = &look.seen.observation.body {
            draft.error = Some(why.clone());
        } else if draft.trouble == Some(Trouble::HostNotServed) {
            draft.error = Some("it answers 421".to_owned());
        }
    }
}

impl<N: Network> Run<N> {
    /// A finding with its names and nothing else.
    pub(super) fn draft(&self, berth: Berth, spot: &Spot<'_, N>, ruling: &Ruling) -> Draft {
        let edge = self.edge(berth);
        let tenant = &self.inventory.tenants[spot.tenant];
        let purge = self.options.purge;
        let stored_after_purge = ruling.age.stored_by.zip(purge.at).is_some_and(|(stored, at)| stored >= at);
        let names = Names {
            environment: &edge.id.environment,
            region: &edge.id.region,
            edge: &edge.id.edge,
            tenant: &tenant.id,
            host: spot.thing.host,
            path: &super::asks::fill(spot.thing.path, &spot.thing),
            variant: &self.inventory.variants[spot.thing.variant].name,
            priority: tenant.priority,
            pop_expected: edge.pop.as_deref(),
            provider_expected: edge.provider.as_deref(),
        };
        Draft {
            trouble: ruling.trouble,
            predates_purge: ruling.age.predates_purge,
            stored_after_purge,
            says_stale: ruling.age.says_stale,
            metadata_changed_etag_same: ruling.type_changed_under_the_same_tag(),
            ..Draft::named(berth, spot.object, spot.tenant, ruling.verdict, &names)
        }
    }
}

impl Draft {
    fn silence(&mut self, silence: &Silence) {
        self.finding.phase = Some(silence.phase);
        self.finding.timings_ms = timings(&silence.timings);
        self.error = Some(silence.to_string());
    }

    /// Judged anew, when the reference turned out to be none.
    pub(super) fn overruled(&mut self, ruling: &Ruling, known: &Known) {
        self.finding.verdict = ruling.verdict;
        self.finding.evidence.clear();
        self.trouble = ruling.trouble;
        self.reference(known);
    }

    /// Shows what was known of the reference.
    pub(super) fn reference(&mut self, known: &Known) {
        self.finding.reference = reference_row(&known.reference);
        match &known.reference {
            Reference::Sound { body_trouble, .. } => {
                self.error = body_trouble.as_ref().map(|why| format!("at the origin: {why}"));
            }
            _ if known.is_pinned() => self.finding.reference = Some(ReferenceRow::default()),
            Reference::Unreachable(silence) => self.error = Some(silence.to_string()),
            Reference::Failing { .. } | Reference::Varying { .. } | Reference::Unnamed => {}
        }
        if let (Some(row), Some(expect)) = (&mut self.finding.reference, known.expect()) {
            pin(row, expect);
        }
    }
}

/// What is pinned is what it should be, whatever the origin says.
fn pin(row: &mut ReferenceRow, expect: &Expect) {
    let header = |name: &str| expect.headers.get(name);
    let pinned = |shown: &mut Option<String>, value: Option<&Arc<str>>| {
        if let Some(value) = value {
            *shown = Some(value.to_string());
        }
    };
    row.status = expect.status.or(row.status);
    row.sha256 = expect.sha256.map(|hash| hex(&hash)).or_else(|| row.sha256.take());
    pinned(&mut row.etag, expect.etag.as_ref());
    pinned(&mut row.last_modified, expect.last_modified.as_ref());
    pinned(&mut row.content_type, header("content-type"));
    pinned(&mut row.location, header("location"));
    pinned(&mut row.cache_control, header("cache-control"));
}

/// The reference, as far as it is one thing.
pub(super) fn reference_row(reference: &Reference) -> Option<ReferenceRow> {
    let text = |value: &Option<std::borrow::Cow<'_, str>>| value.as_deref().map(ToOwned::to_owned);
    match reference {
        Reference::Sound { validators, .. } => {
            let said = validators.view();
            Some(ReferenceRow {
                status: Some(said.status),
                etag: text(&said.etag),
                last_modified: text(&said.last_modified),
                sha256: said.digest.map(|digest| digest.hex()),
                content_type: text(&said.content_type),
                location: text(&said.location),
                cache_control: text(&said.cache_control),
            })
        }
        Reference::Failing { status, .. } => Some(ReferenceRow { status: Some(*status), ..ReferenceRow::default() }),
        Reference::Unreachable(_) | Reference::Varying { .. } | Reference::Unnamed => None,
    }
}

fn digest(look: &Look) -> Option<String> {
    match &look.seen.observation.body {
        crate::model::Body::Read(digest) => Some(digest.hex()),
        crate::model::Body::NotAsked | crate::model::Body::Unavailable(_) => None,
    }
}

fn observed(seen: &Seen) -> ObservedRow {
    let head = &seen.observation.head;
    let text = |name| head.joined(name).map(std::borrow::Cow::into_owned);
    ObservedRow {
        status: head.status,
        etag: text("etag"),
        last_modified: text("last-modified"),
        age_seconds: seen.reading.age_seconds,
        stored_by: None,
        sha256: None,
        headers: headers(head),
    }
}

fn headers(head: &Head) -> BTreeMap<String, String> {
    let shown = |name: &str| {
        let value = head.joined(name).map(std::borrow::Cow::into_owned).unwrap_or_default();
        if crate::model::is_credential(name) { "***".to_owned() } else { value }
    };
    head.fields.keys().map(|name| (name.as_str().to_owned(), shown(name.as_str()))).collect()
}

fn layers(reading: &Reading) -> Vec<LayerRow> {
    let row = |layer: &crate::model::Layer| LayerRow {
        provider: layer.provider.to_owned(),
        name: layer.name.clone(),
        status: layer.status.id().to_owned(),
        pop: layer.pop.clone(),
        age_seconds: layer.age_seconds,
        history: layer.history,
    };
    reading.layers.iter().map(row).collect()
}

pub(super) const fn went_further(status: CacheStatus) -> bool {
    matches!(status, CacheStatus::Miss | CacheStatus::Expired | CacheStatus::Bypass | CacheStatus::Dynamic)
}

/// The nearest cache counts from when it stored its copy, in a field of its own. `Age` counts from the origin on.
fn tells_its_own_age(seen: &Seen) -> bool {
    let age = seen.reading.age_seconds;
    seen.reading.status.is_stored() && age.is_some() && age::of(&seen.observation.head) != Ok(age)
}

fn parent(rows: &[LayerRow], reading: &Reading) -> Option<LayerRow> {
    let (_, behind) = reading.layers.split_last()?;
    let nth = behind.iter().rposition(|layer| layer.status.is_stored())?;
    rows.get(nth).cloned()
}

fn timings(timings: &Timings) -> TimingsRow {
    let ms = |duration: std::time::Duration| (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0;
    TimingsRow {
        resolve: timings.resolve.map(ms),
        connect: timings.connect.map(ms),
        tls: timings.tls.map(ms),
        first_byte: timings.first_byte.map(ms),
        total: ms(timings.total),
    }
}
