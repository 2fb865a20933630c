//! A copy that one edge showed to be old is old wherever else it is served. It looks at findings alone.

use super::draft::Draft;
use super::walk::Lap;
use crate::model::{Evidence, ObservedRow, Verdict};

/// What differs from the reference at one edge and shows no age, yet is the very copy of the same object that another
/// edge showed to be old, is old there, too.
pub(super) fn shown_old(laps: &mut [Lap], drafts: &mut [Draft]) {
    let old: Vec<Known> =
        drafts.iter().filter(|draft| draft.finding.verdict == Verdict::Stale).map(Known::of).collect();
    for draft in drafts.iter_mut().filter(|draft| draft.finding.verdict == Verdict::Divergent) {
        let here = Known::of(draft);
        let Some((shown, by)) = old.iter().find_map(|old| Some((old, old.is_the_same_as(&here)?))) else { continue };
        draft.finding.verdict = Verdict::Stale;
        draft.finding.evidence.push(Evidence {
            rung: "elsewhere".to_owned(),
            says: format!("equals a copy shown to be old at {}", shown.edge),
            edge: Some(by),
            reference: None,
        });
        if let Some(verdict) =
            laps.get_mut(draft.berth.number as usize).and_then(|lap| lap.verdicts.get_mut(draft.object as usize))
        {
            *verdict = Some(Verdict::Stale);
        }
    }
}

/// A copy of one object.
struct Known {
    object: (usize, u32),
    edge: String,
    observed: Option<ObservedRow>,
}

impl Known {
    fn of(draft: &Draft) -> Self {
        let (edge, observed) = (draft.finding.edge.clone(), draft.finding.observed.clone());
        Self { object: (draft.berth.environment, draft.object), edge, observed }
    }

    /// By what: the digest where both have one, else tag and date together.
    fn is_the_same_as(&self, other: &Self) -> Option<String> {
        let (one, other) = (self.observed.as_ref()?, other.observed.as_ref().filter(|_| self.object == other.object)?);
        if one.status != other.status {
            return None;
        }
        match (&one.sha256, &other.sha256) {
            (Some(one), Some(other)) => (one == other).then(|| format!("sha256:{one}")),
            _ => {
                let (tag, date) = (one.etag.as_ref()?, one.last_modified.as_ref()?);
                (other.etag.as_ref() == Some(tag) && other.last_modified.as_ref() == Some(date))
                    .then(|| format!("{tag}, {date}"))
            }
        }
    }
}
