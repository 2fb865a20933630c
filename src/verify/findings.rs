//! Keeps the worst findings of a run, up to a bound. Which they are does not depend on the order they came in.

use std::collections::BinaryHeap;
use std::sync::Mutex;

use crate::model::Draft;

/// The worst so many; all lanes put theirs in here.
#[derive(Debug)]
pub(super) struct Findings {
    most: usize,
    kept: Mutex<BinaryHeap<Kept>>,
}

#[derive(Debug)]
struct Kept(Box<Draft>);

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.rank().cmp(&other.0.rank())
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Kept {}

impl Findings {
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::new(BinaryHeap::new()) }
    }

    pub(super) fn keep(&self, draft: Draft) {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.push(Kept(Box::new(draft)));
        if kept.len() > self.most {
            kept.pop();
        }
    }

    /// Takes them out, best rank first.
    pub(super) fn take(&self) -> Vec<Draft> {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *kept).into_sorted_vec().into_iter().map(|kept| *kept.0).collect()
    }
}
