//! What every file owes its reader: a first sentence, no panics, reasons, and nothing left undone.

use std::collections::BTreeSet;
use std::path::Path;

use super::Complaints;
use super::source::{Source, is_word};

/// A file that neither opens with a sentence nor says of each of its items what it is.
pub(crate) fn unexplained(source: &Source) -> Complaints {
    if source.shipped.trim().is_empty() || source.text.starts_with("//! ") {
        return Complaints::new();
    }
    let lines: Vec<&str> = source.text.lines().collect();
    let is_item = |line: &str| {
        let kinds = ["fn ", "struct ", "enum ", "trait ", "static ", "const ", "type ", "async fn ", "const fn "];
        let bare =
            line.strip_prefix("pub ").or_else(|| line.strip_prefix("pub(")?.split_once(") ").map(|(_, item)| item));
        bare.is_some_and(|item| kinds.iter().any(|kind| item.starts_with(kind)))
    };
    let undocumented = (0..lines.len()).filter(|at| is_item(lines[*at])).filter(|at| {
        let above = lines[..*at].iter().rev().find(|line| !line.starts_with("#["));
        !above.is_some_and(|line| line.starts_with("///"))
    });
    undocumented
        .map(|at| format!("{}:{}: no //! opens the file, and no /// says what this is", source.path.display(), at + 1))
        .collect()
}

/// Ways to panic by intent.
pub(crate) fn panics(source: &Source) -> Complaints {
    const WAYS: [&str; 6] = [".unwrap()", ".expect(", "panic!", "todo!", "unimplemented!", "unreachable!"];
    // A method of ours may have that name; the one that panics takes a message.
    let packed = source.shipped.split_whitespace().collect::<String>().replace(".expect()", "");
    let ways = WAYS.into_iter().filter(|way| packed.contains(way));
    ways.map(|way| format!("{}: {way} outside of tests", source.path.display())).collect()
}

/// `allow` and `expect` without a reason.
pub(crate) fn bare_exceptions(source: &Source) -> Complaints {
    let starts = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
    let all = starts.into_iter().flat_map(|start| source.code.match_indices(start));
    let attribute = |at: usize| source.code[at..].split_once(']').map_or("", |(attribute, _)| attribute);
    let bare = all.filter(|(at, _)| !attribute(*at).contains("reason"));
    bare.map(|(at, _)| format!("{}: {}] has no reason", source.path.display(), attribute(at))).collect()
}

/// Files of a registry that its list leaves out, and the other way round.
pub(crate) fn unregistered(all: &[Source], room: &str, list: &str, name: &str) -> Complaints {
    let folder = Path::new("src").join(room);
    let Some(map) = all.iter().find(|source| source.path == folder.join("mod.rs")) else {
        return vec![format!("{room} has no mod.rs")];
    };
    let modules = map.shipped.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let holds = |module: &&str| {
        let file = folder.join(module).with_extension("rs");
        let within = folder.join(module).join("mod.rs");
        let holds = |source: &Source| source.shipped.contains(&format!("static {name}:"));
        all.iter().any(|source| (source.path == file || source.path == within) && holds(source))
    };
    let members: BTreeSet<&str> = modules.filter(holds).collect();
    let text = map.shipped.split_once(&format!("static {list}:")).and_then(|(_, after)| after.split_once('='));
    let text = text.and_then(|(_, text)| text.split_once(';')).map_or("", |(text, _)| text);
    let suffix = format!("::{name}");
    let listed = text.split(['&', ',', ']']).filter_map(|entry| entry.trim().strip_suffix(&suffix));
    let listed: Vec<&str> = listed.filter(|module| is_word(module)).collect();
    let once: BTreeSet<&str> = listed.iter().copied().collect();
    let mut complaints = Complaints::new();
    complaints.extend(members.difference(&once).map(|module| format!("{room}: {module} is not in {list}")));
    complaints.extend(once.difference(&members).map(|module| format!("{room}: {module} in {list} has no file")));
    if once.len() < listed.len() {
        complaints.push(format!("{room}: {list} names something twice"));
    }
    if once.is_empty() {
        complaints.push(format!("{room}: {list} is empty"));
    }
    complaints
}

/// Dependencies without a comment right above.
pub(crate) fn unreasoned(manifest: &str) -> Complaints {
    let mut complaints = Complaints::new();
    let (mut listing, mut above) = (false, "");
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            listing = table.trim_end_matches(']').ends_with("dependencies");
        } else if listing && !line.starts_with('#') && line.contains('=') && !above.starts_with("# ") {
            complaints.push(format!("Cargo.toml: no reason above {line}"));
        }
        above = line;
    }
    complaints
}

/// Marks of work that is not done.
pub(crate) fn undone(path: &Path, text: &str) -> Complaints {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let lines = (1..).zip(text.lines()).filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
    lines.map(|(number, line)| format!("{}:{number}: {line}", path.display())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Source {
        Source::new("src/judge/x.rs", text)
    }

    #[test]
    fn a_file_without_a_sentence_must_document_its_items() {
        assert_eq!(unexplained(&of("use a;\n\npub(super) fn b() {}\n")).len(), 1);
        assert_eq!(unexplained(&of("/// B.\npub fn b() {}\n\n#[derive(Debug)]\npub struct C;\n")).len(), 1);
        assert!(unexplained(&of("//! What it is for.\n\npub fn b() {}\n")).is_empty());
        assert!(unexplained(&of("use a;\n\n/// B.\n#[derive(Debug)]\npub struct B;\n\nfn c() {}\n")).is_empty());
    }

    #[test]
    fn each_way_to_panic_is_seen() {
        for text in [
            "fn a() { b.unwrap(); }",
            "fn a() { b\n    .expect(\"c\"); }",
            "fn a() { panic!(\"b\") }",
            "fn a() { todo!() }",
            "fn a() { unimplemented!() }",
            "fn a() { unreachable!() }",
        ] {
            assert_eq!(panics(&of(text)).len(), 1, "{text}");
        }
        let fine = "#[expect(b, reason = \"c\")]\nfn a() { c.expect(); b.unwrap_or(\"panic!\") }\n#[cfg(test)]\nmod t { fn c() { d.unwrap() } }";
        assert!(panics(&of(fine)).is_empty());
    }

    #[test]
    fn an_exception_without_a_reason_is_seen() {
        for text in ["#[allow(dead_code)]", "#![allow(a::b)]", "#[expect(unused)]"] {
            assert_eq!(bare_exceptions(&of(text)).len(), 1, "{text}");
        }
        assert!(bare_exceptions(&of("#[expect(unused, reason = \"a\")]\n// #[allow(dead_code)]")).is_empty());
    }

    #[test]
    fn a_registry_and_its_files_must_agree() {
        let registry = |all: &str| {
            let map = format!("mod a;\nmod b;\nmod helper;\n#[cfg(test)]\nmod t;\npub static ALL: {all};");
            let rule = "pub(super) static RULE: Rule = Rule {};";
            let files = [("src/rules/a.rs", rule), ("src/rules/b.rs", rule), ("src/rules/helper.rs", "fn c() {}")];
            let mut all = vec![Source::new("src/rules/mod.rs", &map)];
            all.extend(files.map(|(path, text)| Source::new(path, text)));
            unregistered(&all, "rules", "ALL", "RULE")
        };
        assert!(registry("&[&Rule] = &[&a::RULE, &b::RULE]").is_empty());
        assert!(registry("[&Rule; 2] = [\n    &a::RULE,\n    &b::RULE,\n]").is_empty());
        for all in [
            "&[&Rule] = &[&a::RULE]",
            "&[&Rule] = &[&a::RULE, &b::RULE, &b::RULE]",
            "&[&Rule] = &[&a::RULE, &b::RULE, &c::RULE]",
        ] {
            assert_eq!(registry(all).len(), 1, "{all}");
        }
    }

    #[test]
    fn a_dependency_without_a_comment_is_seen() {
        let manifest = "[package]\nname = \"a\"\n[dependencies]\n# Why.\nb = \"1\"\nc = \"1\"\n[dev-dependencies]\nd = \"1\"\n[lints.rust]\ne = \"warn\"";
        let found = unreasoned(manifest);
        assert!(found.len() == 2 && found[0].ends_with("c = \"1\"") && found[1].ends_with("d = \"1\""), "{found:?}");
    }

    #[test]
    fn work_left_undone_is_seen() {
        let text = format!("fn a() {{}}\n// {}: later", concat!("TO", "DO"));
        assert_eq!(undone(Path::new("a.rs"), &text).len(), 1);
        assert!(undone(Path::new("a.rs"), "// done").is_empty());
    }
}
