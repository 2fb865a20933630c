//! What `docs/reliability.md` says of each behaviour is what the program is held to.

use std::collections::BTreeMap;
use std::path::Path;

use super::row::Row;
use super::{FLAGS, longest, rows};

/// Behaviour, verdict and worst time of every row of every table of behaviours.
fn listed() -> Vec<[String; 3]> {
    let text = text();
    let rows = text.lines().take_while(|line| *line != "## Fuzzing").filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect());
    cells.map(|cells: Vec<String>| cells.try_into().unwrap()).collect()
}

fn text() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md")).unwrap()
}

#[test]
fn every_behaviour_is_listed_once_with_its_verdict() {
    let told: Vec<(String, String)> = listed().into_iter().map(|[name, verdict, _]| (name, verdict)).collect();
    let held: Vec<(String, String)> = rows().iter().map(|row| (row.name.clone(), row.told())).collect();
    for (told, held) in told.iter().zip(&held) {
        assert_eq!(told, held);
    }
    assert_eq!(told.len(), held.len());
}

#[test]
fn no_time_that_is_listed_is_longer_than_the_program_is_given() {
    let rows = rows();
    let by_name: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
    for [name, _, worst] in listed() {
        let seconds: f64 = worst.strip_suffix(" s").unwrap().parse().unwrap();
        assert!(seconds <= longest(by_name[name.as_str()].due).as_secs_f64(), "{name}: {worst}");
    }
}

#[test]
fn the_flags_that_are_named_are_those_that_the_program_is_given() {
    assert!(text().contains(&format!("`{} --body always`", FLAGS.join(" "))));
}
