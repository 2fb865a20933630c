//! A room imports only from floors below its own, never sideways and never up; its tests keep to that as well.

use super::Complaints;
use super::source::{Source, is_word};

const FLOORS: [&[&str]; 8] = [
    &["model"],
    &["syntax", "clock"],
    &["dialect", "compare", "rules"],
    &["judge", "gate"],
    &["inventory", "source", "probe", "vantage", "fold", "report"],
    &["verify", "lab"],
    &["cli", "exit"],
    &["main"],
];

/// The one step sideways: the command line ends with a code, and the codes know nothing of the command line.
const SIDEWAYS: [(&str, &str); 1] = [("cli", "exit")];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// A room that stands on no floor.
pub(crate) fn homeless(source: &Source) -> Option<String> {
    let room = source.room().filter(|room| floor(room).is_none())?;
    Some(format!("{}: the room \"{room}\" stands on no floor", source.path.display()))
}

/// Imports that do not lead down.
pub(crate) fn climbs(source: &Source) -> Complaints {
    let Some(from) = source.room() else { return Complaints::new() };
    let allowed = |to: &String| {
        let down = floor(to).zip(floor(&from)).is_none_or(|(to, from)| to < from);
        *to == from || down || SIDEWAYS.contains(&(&from, to))
    };
    let steps = entered(source).into_iter().filter(|to| !allowed(to));
    steps.map(|to| format!("{}: {from} imports from {to}", source.path.display())).collect()
}

/// The rooms that a file names, wherever it does.
fn entered(source: &Source) -> Vec<String> {
    let mut rooms = Vec::new();
    for root in ["crate::", "purgeproof::"] {
        for (at, _) in source.code.match_indices(root) {
            let before = source.code[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                heads(&source.code[at + root.len()..], &mut rooms);
            }
        }
    }
    // The shipped code has no module within a file, so that many steps up are the crate.
    let out = "super::".repeat(source.depth());
    for (at, _) in source.shipped.match_indices(&out) {
        if !source.shipped[..at].ends_with("super::") {
            heads(&source.shipped[at + out.len()..], &mut rooms);
        }
    }
    rooms.retain(|room| floor(room).is_some());
    rooms.sort();
    rooms.dedup();
    rooms
}

/// The first words of a path, or of each path in a group.
fn heads(path: &str, rooms: &mut Vec<String>) {
    let Some(group) = path.strip_prefix('{') else {
        let word: String = path.chars().take_while(|c| is_word(&c.to_string())).collect();
        rooms.push(word);
        return;
    };
    let mut depth = 0_usize;
    let mut member = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads(std::mem::take(&mut member).trim(), rooms),
            _ => {}
        }
        if c != ',' || depth > 0 {
            member.push(c);
        }
    }
    heads(member.trim(), rooms);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> Complaints {
        climbs(&Source::new(path, text))
    }

    #[test]
    fn up_and_sideways_are_seen_wherever_they_stand() {
        for (path, text, to) in [
            ("src/model/edge.rs", "use crate::syntax::age;", "syntax"),
            ("src/rules/x.rs", "use crate::{model::Edge, compare::{Says, Ladder}};", "compare"),
            ("src/judge/mod.rs", "use crate::{\n    compare::Says,\n    verify,\n};", "verify"),
            ("src/report/table.rs", "fn a() { crate::probe::tls::config(); }", "probe"),
            ("src/gate.rs", "use super::verify::Stop;", "verify"),
            ("src/judge/age.rs", "use super::super::gate;", "gate"),
            ("src/exit.rs", "use crate::cli::AppError;", "cli"),
            ("src/lab/mod.rs", "#[cfg(test)]\nmod tests { use crate::verify; }", "verify"),
            ("src/lab/mod.rs", "fn a() { purgeproof::cli::run() }", "cli"),
        ] {
            let found = complaints(path, text);
            assert!(found.len() == 1 && found[0].ends_with(&format!("from {to}")), "{text}: {found:?}");
        }
    }

    #[test]
    fn down_and_at_home_are_fine() {
        for (path, text) in [
            ("src/judge/mod.rs", "use crate::compare::{self, Ladder};\nuse crate::model::Verdict;"),
            ("src/judge/age.rs", "use super::Question;\nuse crate::judge::AgeFacts;"),
            ("src/cli/mod.rs", "use crate::exit;"),
            ("src/main.rs", "fn main() { purgeproof::cli::run() }"),
            ("src/lib.rs", "pub use crate::cli::run;"),
            ("src/model/edge.rs", "// use crate::verify;\nconst A: &str = \"crate::verify\";\nuse crate::Something;"),
        ] {
            assert_eq!(complaints(path, text), Complaints::new(), "{text}");
        }
    }

    #[test]
    fn a_new_room_needs_a_floor() {
        assert!(homeless(&Source::new("src/attic/mod.rs", "")).is_some());
        assert!(homeless(&Source::new("src/judge/mod.rs", "")).is_none());
    }
}
