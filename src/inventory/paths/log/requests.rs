//! How often what was asked for, by virtual host, in bounded memory: where there is too much, the rarest are forgotten as
//! Misra and Gries do, so that whatever makes up a fair share of the log is kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// About the memory that paths may take.
const MOST: usize = 256 << 20;
/// About what an entry takes beside its text.
const ENTRY: usize = 96;

/// Paths and how often they were asked for.
pub(in crate::inventory::paths) type Counts = HashMap<Arc<str>, u64>;

/// Requests that were counted.
pub(in crate::inventory::paths) struct Requests {
    /// The file that was read.
    source: Arc<str>,
    /// By virtual host, nothing where the log names none.
    hosts: BTreeMap<Option<Arc<str>>, Counts>,
    weight: usize,
    most: usize,
    has_forgotten: bool,
}

impl Default for Requests {
    fn default() -> Self {
        Self { source: Arc::default(), hosts: BTreeMap::new(), weight: 0, most: MOST, has_forgotten: false }
    }
}

impl Requests {
    pub(in crate::inventory::paths) fn of_file(file: &str) -> Self {
        Self { source: file.into(), ..Self::default() }
    }

    pub(in crate::inventory::paths) fn source(&self) -> &Arc<str> {
        &self.source
    }

    pub(in crate::inventory::paths) fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    pub(super) fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }

    pub(in crate::inventory::paths) fn add(&mut self, host: Option<Arc<str>>, path: Arc<str>, requests: u64) {
        let of_host = self.hosts.entry(host).or_default();
        if let Some(known) = of_host.get_mut(&path) {
            *known += requests;
            return;
        }
        self.weight += path.len() + ENTRY;
        of_host.insert(path, requests);
        if self.weight > self.most {
            self.forget();
        }
    }

    /// Takes as much from every count as half of them have.
    fn forget(&mut self) {
        self.has_forgotten = true;
        let mut counts: Vec<u64> = self.hosts.values().flat_map(HashMap::values).copied().collect();
        let middle = counts.len() / 2;
        let taken = if counts.is_empty() { 0 } else { *counts.select_nth_unstable(middle).1 };
        for of_host in self.hosts.values_mut() {
            of_host.retain(|_, count| {
                *count = count.saturating_sub(taken);
                *count > 0
            });
        }
        self.hosts.retain(|_, of_host| !of_host.is_empty());
        self.weight = self.hosts.values().flat_map(HashMap::keys).map(|path| path.len() + ENTRY).sum();
    }

    /// Takes over what another log tells.
    pub(in crate::inventory::paths) fn join(&mut self, other: Self) {
        for (host, counts) in other.hosts {
            for (path, requests) in counts {
                self.add(host.clone(), path, requests);
            }
        }
    }

    /// Virtual hosts, and how many requests each had.
    pub(in crate::inventory::paths) fn hosts(&self) -> impl Iterator<Item = (&Arc<str>, u64)> {
        self.hosts.iter().filter_map(|(host, counts)| Some((host.as_ref()?, counts.values().sum())))
    }

    pub(in crate::inventory::paths) fn of(&self, host: Option<&Arc<str>>) -> Option<&Counts> {
        self.hosts.get(&host.cloned())
    }
}

/// So many that were asked for most, the most first, of equals by name.
pub(in crate::inventory::paths) fn most_requested(
    counts: impl IntoIterator<Item = (Arc<str>, u64)>,
    many: usize,
) -> Vec<(Arc<str>, u64)> {
    let mut all: Vec<(Arc<str>, u64)> = counts.into_iter().collect();
    all.sort_unstable_by(|(one, requests), (other, others)| others.cmp(requests).then_with(|| one.cmp(other)));
    all.truncate(many);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_count_forgets_the_rarest() {
        let mut requests = Requests { most: 100 * (ENTRY + 8), ..Requests::default() };
        for number in 0..10_000_u32 {
            requests.add(None, format!("/{number:07}").into(), 1);
            requests.add(None, "/app.js".into(), 1);
            if number % 2 == 0 {
                requests.add(Some("a.example".into()), "/b.css".into(), 1);
            }
            assert!(requests.weight <= requests.most);
        }
        assert!(requests.has_forgotten());
        let first = most_requested(requests.of(None).unwrap().clone(), 1);
        assert_eq!(&*first[0].0, "/app.js");
        assert!(requests.of(Some(&"a.example".into())).unwrap().contains_key("/b.css"));
    }

    #[test]
    fn equals_stand_by_name() {
        let counts = [("/b", 2), ("/c", 3), ("/a", 2)].map(|(path, requests)| (path.into(), requests));
        let most = most_requested(counts, 2);
        assert_eq!(most, [("/c".into(), 3), ("/a".into(), 2)]);
    }
}
