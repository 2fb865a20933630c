//! Where environments do not say the same of one object. What edges of one environment differ in is no difference
//! between environments, and no answer is judged here.
//!
//! An environment says what more than half of its answers say; where none is that common, all that is said. Two
//! environments differ where they have nothing in common.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::ground::Ground;
use super::likeness::Likeness;
use super::tally;
use crate::model::{DiffersRow, ParityRow, Policy, Tallied};

/// The combinations of one path and variant: by environment, those of all hosts.
type Seen = Vec<(usize, Vec<u32>)>;

/// One header in which environments differ.
#[derive(Debug, Clone)]
struct Differs {
    header: String,
    /// By environment: every meaning.
    means: BTreeMap<usize, Vec<Option<String>>>,
    shown: BTreeMap<usize, Option<String>>,
}

impl Differs {
    fn meaning(&self) -> Meaning {
        (self.header.clone(), self.means.clone())
    }
}

/// What makes two differences one: the header, and all meanings by environment.
type Meaning = (String, BTreeMap<usize, Vec<Option<String>>>);

/// What makes the differences of two paths the same.
type Alike = Vec<(Meaning, BTreeSet<String>)>;

/// All differences, by path and first tenant.
pub(super) fn parity(ground: &Ground, policies: Option<&Tallied<Policy>>) -> Vec<ParityRow> {
    let Some(policies) = policies.filter(|_| ground.environments.len() > 1) else { return Vec::new() };
    let objects = tally::spread(policies);
    let mut known: BTreeMap<Seen, Rc<Vec<Differs>>> = BTreeMap::new();
    let mut rows: BTreeMap<(Likeness, Alike), ParityRow> = BTreeMap::new();
    for (nth, tenant) in ground.tenants.iter().enumerate() {
        for (nth_path, path) in ground.paths(nth).into_iter().enumerate() {
            let mut found: BTreeMap<Meaning, (Differs, BTreeSet<String>)> = BTreeMap::new();
            for (nth_variant, variant) in tenant.variants.iter().enumerate() {
                let seen = seen(ground, &objects, nth, nth_path, nth_variant);
                let differs = known.entry(seen).or_insert_with_key(|seen| Rc::new(differing(policies, seen)));
                for differs in differs.iter() {
                    let known = || (differs.clone(), BTreeSet::new());
                    found.entry(differs.meaning()).or_insert_with(known).1.insert(variant.clone());
                }
            }
            if found.is_empty() {
                continue;
            }
            let alike = found.iter().map(|(meaning, (_, variants))| (meaning.clone(), variants.clone()));
            let likeness = Likeness::of(&path, &tenant.id);
            let row = rows.entry((likeness, alike.collect())).or_insert_with(|| ParityRow {
                path: path.to_string(),
                tenants: Vec::new(),
                tenant: tenant.id.clone(),
                differs: found.into_values().map(|(differs, variants)| row(ground, differs, variants)).collect(),
            });
            row.tenants.push(tenant.id.clone());
        }
    }
    let named = rows
        .into_iter()
        .map(|((likeness, _), row)| ParityRow { path: likeness.shown(&row.path, row.tenants.len()), ..row });
    let mut rows: Vec<ParityRow> = named.collect();
    rows.sort_by(|one, other| (&one.path, &one.tenants).cmp(&(&other.path, &other.tenants)));
    rows
}

fn row(ground: &Ground, differs: Differs, variants: BTreeSet<String>) -> DiffersRow {
    let named = |(environment, shown): (usize, Option<String>)| (ground.environments[environment].clone(), shown);
    let values = differs.shown.into_iter().map(named).collect();
    DiffersRow { header: differs.header, values, variants: variants.into_iter().collect() }
}

fn seen(ground: &Ground, objects: &[Vec<u32>], tenant: usize, nth_path: usize, nth_variant: usize) -> Seen {
    let of = |environment: usize| {
        let numbers = ground.at_all_hosts(environment, tenant, nth_path, nth_variant);
        let of_environment = objects.get(environment).map_or(&[][..], Vec::as_slice);
        let mut together: Vec<u32> =
            numbers.filter_map(|number| of_environment.get(number as usize).copied()).collect();
        together.sort_unstable();
        (environment, together)
    };
    (0..ground.environments.len()).map(of).collect()
}

/// Every header of which two environments say something with nothing in common.
fn differing(policies: &Tallied<Policy>, seen: &Seen) -> Vec<Differs> {
    let answers: Vec<(usize, Vec<(&Policy, u32)>)> =
        seen.iter().map(|(environment, together)| (*environment, answers(policies, together))).collect();
    let all = || answers.iter().flat_map(|(_, answers)| answers).map(|(policy, _)| *policy);
    let names: BTreeSet<&String> = all().flat_map(|policy| policy.says.keys()).collect();
    let mut found: Vec<Differs> = Vec::new();
    for name in names {
        // A field that says one thing to browsers and another to shared caches is one field.
        let header = name.split('#').next().unwrap_or(name);
        let said = answers.iter().filter_map(|(environment, answers)| Some((*environment, Said::of(name, answers)?)));
        let said: Vec<(usize, Said<'_>)> = said.collect();
        let is_another = said.iter().any(|(_, one)| said.iter().any(|(_, other)| one.shares_nothing_with(other)));
        if is_another && found.last().is_none_or(|last| last.header != header) {
            found.push(Differs {
                header: header.to_owned(),
                means: said.iter().map(|(environment, said)| (*environment, said.means())).collect(),
                shown: said.iter().map(|(environment, said)| (*environment, said.shown())).collect(),
            });
        }
    }
    found
}

/// Each policy, and in how many answers it was seen.
fn answers<'p>(policies: &'p Tallied<Policy>, together: &[u32]) -> Vec<(&'p Policy, u32)> {
    let each = together.iter().filter_map(|nth| policies.together.get(*nth as usize)).flatten();
    each.filter_map(|(thing, many)| Some((policies.things.get(*thing as usize)?, *many))).collect()
}

/// What an environment says of one field: by meaning, none where it says nothing or is not sent; how it came, and how
/// often.
struct Said<'p>(BTreeMap<Option<&'p str>, BTreeMap<&'p str, u64>>);

impl<'p> Said<'p> {
    /// Nothing where no answer says anything either way.
    fn of(name: &str, answers: &[(&'p Policy, u32)]) -> Option<Self> {
        let mut said: BTreeMap<Option<&str>, BTreeMap<&str, u64>> = BTreeMap::new();
        for (policy, many) in answers.iter().filter(|(policy, _)| !policy.silent.contains(name)) {
            let saying = policy.says.get(name);
            let shown = saying.map_or("", |saying| &saying.shown);
            let means = saying.map(|saying| &*saying.means).filter(|means| !means.is_empty());
            *said.entry(means).or_default().entry(shown).or_default() += u64::from(*many);
        }
        let many = |shown: &BTreeMap<&str, u64>| shown.values().sum::<u64>();
        let all: u64 = said.values().map(many).sum();
        if let Some(most) = said.iter().find(|(_, shown)| many(shown) * 2 > all).map(|(means, _)| *means) {
            said.retain(|means, _| *means == most);
        }
        (!said.is_empty()).then_some(Self(said))
    }

    fn shares_nothing_with(&self, other: &Self) -> bool {
        self.0.keys().all(|means| !other.0.contains_key(means))
    }

    fn means(&self) -> Vec<Option<String>> {
        self.0.keys().map(|means| means.map(ToOwned::to_owned)).collect()
    }

    /// As it mostly comes; where several things are said, each.
    fn shown(&self) -> Option<String> {
        let mostly = |shown: &BTreeMap<&'p str, u64>| {
            let most = shown.iter().max_by_key(|(text, many)| (**many, std::cmp::Reverse(**text)));
            most.map(|(text, _)| (*text).to_owned()).filter(|text| !text.is_empty())
        };
        let each: Vec<Option<String>> = self.0.values().map(mostly).collect();
        match each.as_slice() {
            [one] => one.clone(),
            several => {
                let each = several.iter().map(|shown| shown.as_deref().unwrap_or("not sent"));
                Some(each.collect::<Vec<_>>().join(" | "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Saying;

    fn policy(says: &[(&str, &str)], silent: &[&str]) -> Policy {
        let saying = |value: &str| Saying { means: value.to_ascii_lowercase(), shown: value.to_owned() };
        Policy {
            says: says.iter().map(|(name, value)| ((*name).to_owned(), saying(value))).collect(),
            silent: silent.iter().map(ToString::to_string).collect(),
        }
    }

    /// What is told of that field where environments have these answers.
    fn told(environments: &[&[(&str, u32)]]) -> Option<Vec<Option<String>>> {
        let mut policies = Tallied { things: Vec::new(), together: vec![Vec::new()], objects: Vec::new() };
        let mut seen = Seen::new();
        for (environment, answers) in environments.iter().enumerate() {
            let mut together = Vec::new();
            for (value, many) in *answers {
                together.push((u32::try_from(policies.things.len()).unwrap(), *many));
                policies.things.push(match *value {
                    "" => policy(&[], &[]),
                    "?" => policy(&[], &["x"]),
                    value => policy(&[("x", value)], &[]),
                });
            }
            policies.together.push(together);
            seen.push((environment, vec![u32::try_from(environment + 1).unwrap()]));
        }
        let found = differing(&policies, &seen);
        assert!(found.len() < 2);
        found.into_iter().next().map(|differs| differs.shown.into_values().collect())
    }

    fn values(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|value| (!value.is_empty()).then(|| (*value).to_owned())).collect()
    }

    #[test]
    fn an_environment_says_what_most_of_its_answers_say() {
        assert_eq!(told(&[&[("a", 299), ("b", 1)], &[("a", 1)]]), None);
        assert_eq!(told(&[&[("a", 299), ("b", 1)], &[("b", 1)]]), Some(values(&["a", "b"])));
        assert_eq!(told(&[&[("A", 2), ("a", 1)], &[("a", 1)]]), None);
        assert_eq!(told(&[&[("A", 2), ("a", 1)], &[("c", 1)]]), Some(values(&["A", "c"])));
    }

    #[test]
    fn where_its_answers_part_all_they_say_counts() {
        assert_eq!(told(&[&[("a", 1), ("b", 1)], &[("a", 1)]]), None);
        assert_eq!(told(&[&[("a", 1), ("b", 1)], &[("c", 1)]]), Some(values(&["a | b", "c"])));
        assert_eq!(told(&[&[("a", 1), ("", 1)], &[("c", 1)]]), Some(values(&["not sent | a", "c"])));
    }

    #[test]
    fn what_says_nothing_is_as_good_as_not_sent_and_is_shown() {
        let public = Policy {
            says: [("x".to_owned(), Saying { means: String::new(), shown: "public".to_owned() })].into(),
            ..Policy::default()
        };
        let things = vec![public, policy(&[], &[]), policy(&[("x", "a")], &[])];
        let policies =
            Tallied { things, together: vec![vec![(0, 1)], vec![(1, 1)], vec![(2, 1)]], objects: Vec::new() };
        assert!(differing(&policies, &vec![(0, vec![0]), (1, vec![1])]).is_empty());
        let found = differing(&policies, &vec![(0, vec![0]), (1, vec![2])]);
        assert_eq!(found[0].shown[&0].as_deref(), Some("public"));
    }

    #[test]
    fn what_is_not_sent_differs_and_what_is_not_told_does_not() {
        assert_eq!(told(&[&[("a", 1)], &[("", 1)]]), Some(values(&["a", ""])));
        assert_eq!(told(&[&[("a", 1)], &[("?", 1)]]), None);
        assert_eq!(told(&[&[("a", 1)], &[("?", 9), ("b", 1)]]), Some(values(&["a", "b"])));
        assert_eq!(told(&[&[("a", 1)], &[]]), None);
        assert_eq!(told(&[&[("", 1)], &[("", 1)]]), None);
    }

    #[test]
    fn of_three_all_are_told_where_two_differ() {
        assert_eq!(told(&[&[("a", 1)], &[("a", 1)], &[("b", 1)]]), Some(values(&["a", "a", "b"])));
    }
}
