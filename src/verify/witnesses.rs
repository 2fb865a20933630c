//! First looks at what is still old when its time is up: asked again and again, a cache fills up with the old copy and no
//! longer shows where it took it from.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::draft::went_further;
use super::look::{Look, Sight};
use crate::model::Verdict;

/// Of one lane, by object.
#[derive(Debug, Default)]
pub(super) struct Witnesses(Mutex<BTreeMap<u32, Box<Look>>>);

impl Witnesses {
    /// What is explained by a thousand needs no more of them.
    const MOST: usize = 1_000;

    /// Keeps a look that saw an old copy come from behind the nearest cache; the first of an object is the one that counts.
    pub(super) fn note(&self, object: u32, sight: Sight) {
        let verdict = sight.verdict();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sight {
            Sight::Answer(look) if verdict == Verdict::Stale => {
                let is_telling = went_further(look.first_seen().reading.status);
                if is_telling && known.len() < Self::MOST {
                    known.entry(object).or_insert(look);
                }
            }
            _ if verdict.is_good() => {
                known.remove(&object);
            }
            _ => {}
        }
    }

    /// The first look at that object, where the last one says the same.
    pub(super) fn take(&self, object: u32, verdict: Verdict) -> Option<Box<Look>> {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&object)?;
        (first.ruling.verdict == verdict).then_some(first)
    }
}
