//! The house keeps its floors, and every file its manners.

mod floors;
mod manners;
mod source;

use std::path::Path;

use source::sources;

/// What a check found, one line each.
type Complaints = Vec<String>;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[track_caller]
fn none(complaints: &Complaints) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_room_imports_only_from_floors_below() {
    let all = sources();
    assert!(all.len() > 100, "only {} files were read", all.len());
    none(&all.iter().flat_map(floors::climbs).collect());
}

#[test]
fn every_room_stands_on_a_floor() {
    none(&sources().iter().filter_map(floors::homeless).collect());
}

#[test]
fn every_file_says_what_it_is_for() {
    none(&sources().iter().flat_map(manners::unexplained).collect());
}

#[test]
fn nothing_that_ships_can_panic_by_intent() {
    none(&sources().iter().flat_map(manners::panics).collect());
}

#[test]
fn every_exception_to_a_lint_has_its_reason() {
    none(&sources().iter().flat_map(manners::bare_exceptions).collect());
}

#[test]
fn every_file_of_a_registry_is_in_it() {
    let all = sources();
    for (room, list, name) in [
        ("dialect", "ALL", "DIALECT"),
        ("rules", "ALL", "RULE"),
        ("rules", "NOTES", "NOTE"),
        ("rules/advice", "ALL", "ADVICE"),
        ("report", "ALL", "FORMAT"),
    ] {
        none(&manners::unregistered(&all, room, list, name));
    }
}

#[test]
fn every_dependency_has_its_reason() {
    none(&manners::unreasoned(&read("Cargo.toml")));
}

#[test]
fn nothing_is_left_undone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["src", "tests"] {
        source::walk(&root.join(folder), &mut paths);
    }
    none(&paths.iter().flat_map(|path| manners::undone(path, &std::fs::read_to_string(path).unwrap())).collect());
}
