//! Small worlds told as response heads, each run through the real orchestrator: what must be found there, and what not.

mod check;
mod script;
mod told;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use purgeproof::rules;
use told::Case;

/// Every case by the name of its folder, and what could not be read.
fn all() -> (BTreeMap<String, Case>, Vec<String>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let (mut cases, mut unreadable) = (BTreeMap::new(), Vec::new());
    for entry in std::fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match Case::read(&entry.path().join("case.toml")) {
            Ok(case) => drop(cases.insert(name, case)),
            Err(why) => unreadable.push(format!("{name}: {why}")),
        }
    }
    (cases, unreadable)
}

fn fail_with(mut wrong: Vec<String>, of: usize) {
    wrong.sort();
    assert!(wrong.is_empty(), "{} wrong in {of} cases:\n\n{}\n", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_comes_out_as_it_says() {
    let (cases, mut wrong) = all();
    for (name, case) in &cases {
        let found = match world::run(case) {
            Ok((report, problems)) => problems.into_iter().chain(check::all(case, &report)).collect(),
            Err(why) => vec![why],
        };
        wrong.extend(found.into_iter().map(|found| format!("{name}: {found}")));
    }
    fail_with(wrong, cases.len());
}

#[test]
fn every_rule_and_note_has_a_case_where_it_speaks_and_a_near_miss() {
    let (cases, mut wrong) = all();
    let named = |of: fn(&Case) -> Option<&String>| cases.values().filter_map(of).cloned().collect::<BTreeSet<_>>();
    let (speaks, quiet) = (named(|case| case.speaks.as_ref()), named(|case| case.quiet.as_ref()));
    let known: BTreeSet<String> = ids().map(str::to_owned).collect();
    let missing = |which: &BTreeSet<String>, what: &str| {
        known.difference(which).map(|id| format!("{id}: no case where it {what}")).collect::<Vec<_>>()
    };
    wrong.extend(missing(&speaks, "speaks"));
    wrong.extend(missing(&quiet, "keeps quiet"));
    wrong.extend(speaks.union(&quiet).filter(|id| !known.contains(*id)).map(|id| format!("{id}: no such rule")));
    wrong.extend(
        cases.iter().filter(|(_, case)| !case.is_for_something()).map(|(name, _)| format!("{name}: for what?")),
    );
    fail_with(wrong, cases.len());
}

/// Ids of all rules, then of all notes.
fn ids() -> impl Iterator<Item = &'static str> {
    rules::ALL.iter().map(|rule| rule.id).chain(rules::NOTES.iter().map(|note| note.id))
}
