//! A copy that one edge showed to be old is old wherever else it is served. It looks at findings alone.

use std::collections::BTreeMap;

use crate::model::{Draft, Evidence, FoundLane, ObservedRow, Verdict};

/// What differs from the reference at one edge and shows no age, yet is the very copy of the same object that another
/// edge showed to be old, is old there, too.
pub(super) fn shown_old(lanes: &mut [FoundLane], drafts: &mut [Draft]) {
    let mut old: BTreeMap<(usize, u32), Vec<Served>> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| draft.finding.verdict == Verdict::Stale) {
        old.entry((draft.berth.environment, draft.object)).or_default().extend(Served::of(draft));
    }
    for draft in drafts.iter_mut().filter(|draft| draft.finding.verdict == Verdict::Divergent) {
        let (Some(old), Some(here)) = (old.get(&(draft.berth.environment, draft.object)), Served::of(draft)) else {
            continue;
        };
        let Some((shown, by)) = old.iter().find_map(|old| Some((old, old.is_the_same_as(&here)?))) else { continue };
        draft.finding.verdict = Verdict::Stale;
        draft.finding.evidence.push(Evidence {
            rung: "elsewhere".to_owned(),
            says: format!("equals a copy shown to be old at {}", shown.edge),
            edge: Some(by),
            reference: None,
        });
        if let Some(verdict) =
            lanes.get_mut(draft.berth.number as usize).and_then(|lane| lane.verdicts.0.get_mut(draft.object as usize))
        {
            *verdict = Some(Verdict::Stale);
        }
    }
}

/// What an edge serves of one object.
struct Served {
    edge: String,
    status: u16,
    sha256: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Served {
    fn of(draft: &Draft) -> Option<Self> {
        let ObservedRow { status, sha256, etag, last_modified, .. } = draft.finding.observed.clone()?;
        Some(Self { edge: draft.finding.edge.clone(), status, sha256, etag, last_modified })
    }

    /// By what: the digest where both have one, else tag and date together.
    fn is_the_same_as(&self, other: &Self) -> Option<String> {
        if self.status != other.status {
            return None;
        }
        if let (Some(one), Some(other)) = (&self.sha256, &other.sha256) {
            return (one == other).then(|| format!("sha256:{one}"));
        }
        let (tag, date) = (self.etag.as_ref()?, self.last_modified.as_ref()?);
        let is_same = other.etag.as_ref() == Some(tag) && other.last_modified.as_ref() == Some(date);
        is_same.then(|| format!("{tag}, {date}"))
    }
}
