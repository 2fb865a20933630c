//! Counts which things were seen of which objects, in four bytes for each object: what is alike is kept once. It knows
//! nothing of what the things are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::Tallied;

/// So many things are told apart, and so many combinations of them: a server that makes up another for each answer is
/// not followed further.
const MOST_THINGS: usize = 1 << 16;
const MOST_TOGETHER: usize = 1 << 20;

/// Which things, by number, and in how many answers.
type Together = Arc<[(u32, u32)]>;

/// By environment and object, how often each thing was seen.
#[derive(Debug)]
pub struct Tallies<T> {
    things: Once<T>,
    together: Once<[(u32, u32)]>,
    objects: Vec<Box<[u32]>>,
}

/// Each value once, by number.
#[derive(Debug)]
struct Once<T: ?Sized> {
    all: Vec<Arc<T>>,
    numbers: BTreeMap<Arc<T>, u32>,
}

impl<T: Ord + ?Sized> Once<T> {
    const fn new() -> Self {
        Self { all: Vec::new(), numbers: BTreeMap::new() }
    }

    /// Its number; none where that would be one too many.
    fn number(&mut self, value: Arc<T>, most: usize) -> Option<u32> {
        if let Some(number) = self.numbers.get(&value) {
            return Some(*number);
        }
        let number = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() < most)?;
        self.all.push(Arc::clone(&value));
        self.numbers.insert(value, number);
        Some(number)
    }
}

impl<T: Ord + Clone> Tallies<T> {
    /// Of so many objects in each environment, nothing was seen.
    pub fn new(objects: impl IntoIterator<Item = usize>) -> Self {
        let mut together = Once::new();
        // The first is none at all.
        together.number(Together::from([]), MOST_TOGETHER);
        let objects = objects.into_iter().map(|many| vec![0; many].into_boxed_slice()).collect();
        Self { things: Once::new(), together, objects }
    }

    /// It was seen in so many more answers. An object that is none of ours has nothing to be seen.
    pub fn add(&mut self, environment: usize, object: u32, thing: T, many: u32) {
        let Some(place) = self.objects.get_mut(environment).and_then(|objects| objects.get_mut(object as usize)) else {
            return;
        };
        let Some(number) = self.things.number(Arc::new(thing), MOST_THINGS) else { return };
        let mut next = self.together.all[*place as usize].to_vec();
        match next.binary_search_by_key(&number, |(number, _)| *number) {
            Ok(at) => next[at].1 = next[at].1.saturating_add(many),
            Err(at) => next.insert(at, (number, many)),
        }
        if let Some(next) = self.together.number(next.into(), MOST_TOGETHER) {
            *place = next;
        }
    }

    /// All of it, the same whatever order it was seen in.
    pub fn tallied(&self) -> Tallied<T> {
        // By value, not by when it was first seen.
        let mut renamed = vec![0; self.things.all.len()];
        for (new, old) in (0..).zip(self.things.numbers.values()) {
            renamed[*old as usize] = new;
        }
        let named = |old: u32| {
            let mut named: Vec<(u32, u32)> =
                self.together.all[old as usize].iter().map(|(thing, many)| (renamed[*thing as usize], *many)).collect();
            named.sort_unstable();
            named
        };
        let used: BTreeSet<u32> = self.objects.iter().flatten().copied().collect();
        let used: BTreeMap<u32, Vec<(u32, u32)>> = used.into_iter().map(|old| (old, named(old))).collect();
        let mut together: Vec<Vec<(u32, u32)>> = used.values().cloned().collect();
        together.sort_unstable();
        let number = |old: &u32| together.binary_search(&used[old]).map_or(0, |at| u32::try_from(at).unwrap_or(0));
        let runs = |objects: &[u32]| {
            let runs = objects.chunk_by(|one, next| one == next);
            runs.map(|run| (number(&run[0]), u32::try_from(run.len()).unwrap_or(u32::MAX))).collect()
        };
        let objects = self.objects.iter().map(|objects| runs(objects)).collect();
        Tallied { things: self.things.numbers.keys().map(|thing| T::clone(thing)).collect(), together, objects }
    }
}

/// Whether every number in it stands for something, and there are so many objects in each environment.
pub(super) fn is_whole<T>(tallied: &Tallied<T>, objects: &[u32]) -> bool {
    let counted = |runs: &Vec<(u32, u32)>| runs.iter().map(|(_, many)| u64::from(*many)).sum::<u64>();
    let things = tallied.together.iter().flatten().all(|(thing, _)| (*thing as usize) < tallied.things.len());
    let together = tallied.objects.iter().flatten().all(|(nth, _)| (*nth as usize) < tallied.together.len());
    things && together && tallied.objects.iter().map(counted).eq(objects.iter().map(|many| u64::from(*many)))
}

/// By environment, the combination of each object.
pub(super) fn spread<T>(tallied: &Tallied<T>) -> Vec<Vec<u32>> {
    let objects = |runs: &Vec<(u32, u32)>| {
        runs.iter().flat_map(|(together, many)| std::iter::repeat_n(*together, *many as usize)).collect()
    };
    tallied.objects.iter().map(objects).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_which_things_were_seen_does_not_show() {
        let seen = [(0, 2, "b", 1), (0, 2, "a", 2), (1, 0, "c", 1), (0, 1, "a", 1), (0, 0, "b", 1), (0, 0, "a", 2)];
        let tallied = |order: &[usize]| {
            let mut tallies = Tallies::new([4, 1]);
            for at in order {
                let (environment, object, thing, many) = seen[*at];
                tallies.add(environment, object, thing, many);
            }
            tallies.tallied()
        };
        let one = tallied(&[0, 1, 2, 3, 4, 5]);
        assert_eq!(one, tallied(&[5, 3, 1, 4, 2, 0]));
        assert_eq!(one.things, ["a", "b", "c"]);
        assert_eq!(one.together, [vec![], vec![(0, 1)], vec![(0, 2), (1, 1)], vec![(2, 1)]]);
        assert_eq!(one.objects, [vec![(2, 1), (1, 1), (2, 1), (0, 1)], vec![(3, 1)]]);
        assert_eq!(spread(&one), [vec![2, 1, 2, 0], vec![3]]);
    }

    #[test]
    fn a_thing_seen_again_is_counted() {
        let mut tallies = Tallies::new([1]);
        tallies.add(0, 0, "a", 1);
        tallies.add(0, 0, "a", 2);
        tallies.add(0, 7, "a", 2);
        assert_eq!(tallies.tallied().together, [vec![(0, 3)]]);
    }

    #[test]
    fn what_contradicts_itself_is_seen() {
        let mut tallies = Tallies::new([2]);
        tallies.add(0, 1, "a", 1);
        let whole = tallies.tallied();
        assert!(is_whole(&whole, &[2]) && !is_whole(&whole, &[3]) && !is_whole(&whole, &[2, 0]));
        assert!(!is_whole(&Tallied { things: Vec::new(), ..whole.clone() }, &[2]));
        assert!(!is_whole(&Tallied { together: Vec::new(), ..whole }, &[2]));
    }
}
