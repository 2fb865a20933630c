//! Findings with their causes: each draft is diagnosed by its own facts and by how its neighbours fare. No verdict is
//! made here.

use std::collections::BTreeSet;

use super::converge;
use super::ground::Ground;
use super::nearby::Neighbourhood;
use crate::dialect;
use crate::model::{Draft, Finding, FoundLane, Phase, Span, Verdict};
use crate::rules::{self, Facts, Parent};

/// Findings, and where every check is kept, all rows.
pub(super) fn findings(ground: &Ground, lanes: &mut [FoundLane], drafts: Vec<Draft>) -> (Vec<Finding>, Vec<Finding>) {
    let unreached: Vec<Draft> = lanes.iter_mut().filter_map(|lane| lane.unreached.take()).map(|draft| *draft).collect();
    let serving: BTreeSet<_> = drafts.iter().filter_map(serving).collect();
    let around = Scene { ground, lanes, shares: Neighbourhood::count(ground, lanes), serving };
    let mut findings: Vec<Finding> = drafts.into_iter().map(|draft| around.diagnosed(draft)).collect();
    let unreached: Vec<Finding> = unreached.into_iter().map(|draft| around.diagnosed(draft)).collect();
    let mut rows = Vec::new();
    if ground.keep_all {
        rows.extend(findings.iter().chain(&unreached).cloned());
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        findings.retain(|finding| !finding.verdict.is_good());
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    findings.truncate(ground.max_findings);
    // However many are left out: an edge that was not asked to the end is named.
    let mut named: BTreeSet<String> = BTreeSet::new();
    named.extend(findings.iter().filter(|finding| finding.phase == Some(Phase::Deadline)).map(edge_of));
    for finding in unreached {
        if findings.len() < ground.max_findings || !named.contains(&edge_of(&finding)) {
            findings.push(finding);
        }
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    (findings, rows)
}

fn edge_of(finding: &Finding) -> String {
    [finding.environment.as_str(), &finding.region, &finding.edge].join("\n")
}

/// A parent, by environment, object, provider and place.
type Serving = (usize, u32, String, String);

/// The parent that gave an edge a copy from before the purge when it was asked just now.
fn serving(draft: &Draft) -> Option<Serving> {
    let asked = draft.edge_asked_its_parent && draft.predates_purge && draft.finding.verdict == Verdict::Stale;
    if asked { parent_of(draft) } else { None }
}

fn parent_of(draft: &Draft) -> Option<Serving> {
    let Parent { provider, place } = parent(draft)?;
    Some((draft.berth.environment, draft.object, provider.to_owned(), place?.to_owned()))
}

fn parent(draft: &Draft) -> Option<Parent<'_>> {
    let layer = draft.parent.as_ref()?;
    Some(Parent { provider: &layer.provider, place: layer.pop.as_deref().or(layer.name.as_deref()) })
}

/// All that a diagnosis may look at beside its own finding.
struct Scene<'f> {
    ground: &'f Ground,
    lanes: &'f [FoundLane],
    shares: Neighbourhood<'f>,
    serving: BTreeSet<Serving>,
}

impl Scene<'_> {
    fn diagnosed(&self, draft: Draft) -> Finding {
        let lane = &self.lanes[draft.berth.number as usize];
        let finding = &draft.finding;
        let holder = parent(&draft).map(|parent| parent.provider).or(finding.provider_seen.as_deref());
        let how_to_purge = holder.and_then(|id| dialect::how_to_purge(id, &lane.scheme, &finding.host, &finding.path));
        // Many POPs stand behind a vendor's name: the one that was seen says where it is.
        let pop = finding.pop_seen.as_ref().filter(|_| lane.is_vantage);
        let edge = pop.map_or_else(|| finding.edge.clone(), |pop| format!("{} ({pop})", finding.edge));
        let cause = rules::diagnose(&self.facts(&draft, &edge, how_to_purge.as_deref()));
        let span = lane.spans.as_ref().and_then(|spans| spans.get(draft.object as usize));
        let is_good = finding.verdict.is_good();
        Finding {
            cause: cause.filter(|_| !is_good).unwrap_or_default(),
            first_fresh_ms: span.filter(|span| span.fresh != Span::NEVER).map(|span| span.fresh.into()),
            late: converge::was_late(self.ground, lane, draft.object),
            ..draft.finding
        }
    }

    fn facts<'d>(&self, draft: &'d Draft, edge: &'d str, how_to_purge: Option<&'d str>) -> Facts<'d> {
        let finding = &draft.finding;
        Facts {
            verdict: finding.verdict,
            trouble: draft.trouble,
            phase: finding.phase,
            region: &finding.region,
            edge,
            host: &finding.host,
            path: &finding.path,
            variant: &finding.variant,
            error: draft.error.as_deref(),
            observed_status: finding.observed.as_ref().map(|observed| observed.status),
            reference_status: finding.reference.as_ref().and_then(|reference| reference.status),
            pop_expected: finding.pop_expected.as_deref(),
            pop_seen: finding.pop_seen.as_deref(),
            provider_expected: draft.provider_expected.as_deref(),
            provider_seen: finding.provider_seen.as_deref(),
            led: draft.led.as_deref(),
            purged: self.ground.purged,
            predates_purge: draft.predates_purge,
            stored_after_purge: draft.stored_after_purge,
            says_stale: draft.says_stale,
            outlived: draft.outlived,
            from_a_store: draft.from_a_store,
            revalidation_failed: draft.revalidation_failed,
            metadata_changed_etag_same: draft.metadata_changed_etag_same,
            took_turns: draft.took_turns,
            a_variant_is_fresh: self.a_variant_is_fresh(draft),
            how_to_purge,
            swept: &draft.swept,
            parent: parent(draft),
            edge_asked_its_parent: draft.edge_asked_its_parent,
            edge_refilled_after_purge: draft.edge_refilled_after_purge,
            parent_still_serves: parent_of(draft).is_some_and(|parent| self.serving.contains(&parent)),
            nearby: self.shares.of(self.ground, self.lanes, draft),
        }
    }

    /// Whether another variant of the same object is fresh at the same edge.
    fn a_variant_is_fresh(&self, draft: &Draft) -> bool {
        let known = self.ground.object(draft.berth.environment, draft.object);
        let first = draft.object as usize - known.nth_variant;
        let variants = self.ground.tenants[known.tenant].variants.len();
        let verdicts = &self.lanes[draft.berth.number as usize].verdicts.0;
        verdicts[first..first + variants].contains(&Some(Verdict::Fresh))
    }
}
