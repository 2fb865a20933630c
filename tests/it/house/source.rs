//! Source text as the house reads it: without comments and strings, and with its tests told apart.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One file.
pub(crate) struct Source {
    /// Relative to the repository.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// Without comments, and with nothing between quotes.
    pub(crate) code: String,
    /// The same without what only tests compile.
    pub(crate) shipped: String,
}

impl Source {
    pub(crate) fn new(path: impl Into<PathBuf>, text: &str) -> Self {
        let code = bare(text);
        let shipped = without_tests(&code);
        Self { path: path.into(), text: text.to_owned(), code, shipped }
    }

    /// `judge` of `src/judge/age.rs`; none of the map itself.
    pub(crate) fn room(&self) -> Option<String> {
        let inside = self.path.strip_prefix("src").ok()?;
        let first = Path::new(inside.components().next()?.as_os_str()).file_stem()?.to_str()?;
        (first != "lib").then(|| first.to_owned())
    }

    /// How many modules lie between the crate and what the file declares.
    pub(crate) fn depth(&self) -> usize {
        let parts = self.path.components().count() - 1;
        if self.path.file_name().is_some_and(|name| name == "mod.rs") { parts - 1 } else { parts }
    }

    /// Modules with a file of their own that only tests compile.
    fn test_modules(&self) -> impl Iterator<Item = PathBuf> {
        let folder = match self.path.file_name().and_then(|name| name.to_str()) {
            Some("mod.rs" | "lib.rs" | "main.rs") => self.path.with_file_name(""),
            _ => self.path.with_extension(""),
        };
        let items = test_items(&self.code).map(|(start, end)| &self.code[start..end]);
        let names = items.filter_map(|item| item.rsplit_once("mod ")?.1.strip_suffix(';'));
        names.filter(|name| is_word(name)).map(move |name| folder.join(name))
    }
}

/// Every file of `src`, in order.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join("src"), &mut paths);
    paths.sort();
    let read = |path: &PathBuf| Source::new(path.strip_prefix(root).unwrap(), &std::fs::read_to_string(path).unwrap());
    let mut all: Vec<Source> = paths.iter().map(read).collect();
    let tests: BTreeSet<PathBuf> = all.iter().flat_map(Source::test_modules).collect();
    for source in &mut all {
        if tests.iter().any(|test| source.path.with_extension("") == *test || source.path.starts_with(test)) {
            source.shipped.clear();
        }
    }
    all
}

/// Every file with that ending below a folder.
pub(crate) fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Without comments, and with nothing between quotes; line breaks stay.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let before = out.chars().next_back();
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if first == '"' {
            out.push_str("\"\"");
            quoted(rest)
        } else if let Some(length) = raw_string(rest).filter(|_| !before.is_some_and(is_part_of_a_name)) {
            out.push_str("\"\"");
            length
        } else if let Some(length) = character(rest) {
            out.push_str("''");
            length
        } else {
            out.push(first);
            first.len_utf8()
        };
        if skipped > first.len_utf8() {
            out.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
        }
        rest = &rest[skipped..];
    }
    out
}

fn is_part_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// `r"…"`, `br#"…"#`
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(text.len() - inside.len() + length)
}

/// `'a'` and `'\''`, but no lifetime.
fn character(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        return Some(2 + inside[2..].find('\'')? + 2);
    }
    let c = inside.chars().next()?;
    inside[c.len_utf8()..].starts_with('\'').then(|| 2 + c.len_utf8())
}

/// Without the items that only tests compile.
fn without_tests(code: &str) -> String {
    let (mut out, mut from) = (String::with_capacity(code.len()), 0);
    for (start, end) in test_items(code) {
        out.push_str(&code[from..start]);
        from = end;
    }
    out.push_str(&code[from..]);
    out
}

/// Where items begin and end that are marked `#[cfg(test)]`, or with more than that.
fn test_items(code: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let marks = ["#[cfg(test)]", "#[cfg(all(test,"];
        let start = from + marks.iter().filter_map(|mark| code[from..].find(mark)).min()?;
        from = start + item(&code[start..]);
        Some((start, from))
    })
}

/// The length of an item with its attributes: to its semicolon, or to the brace that closes it.
fn item(code: &str) -> usize {
    let (mut depth, mut brackets) = (0_usize, 0_usize);
    for (at, c) in code.char_indices() {
        match c {
            '[' | '(' => brackets += 1,
            ']' | ')' => brackets = brackets.saturating_sub(1),
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 && brackets == 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 && brackets == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[test]
fn words_in_comments_and_strings_are_no_code() {
    let text = "a(\"x \\\" panic!\"); // panic!\nb('\"', r#\"y \" z\"#); /* c /* d */ */ e::<'f>(br\"g\", '\\'');";
    assert_eq!(bare(text), "a(\"\"); \nb('', \"\");  e::<'f>(\"\", '');");
    assert_eq!(bare("\"a\nb\"\nc"), "\"\"\n\nc");
}

#[test]
fn what_only_tests_compile_is_not_shipped() {
    let code =
        "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { c() } }\nfn d() {}\n#[cfg(test)]\nuse x::{y, z};\nfn e() {}";
    let shipped = without_tests(&format!("{code}\n#[cfg(all(test, feature = \"\"))]\nmod f;"));
    assert!(["fn a", "fn d", "fn e"].iter().all(|kept| shipped.contains(kept)), "{shipped}");
    assert!(["fn b", "use x", "y, z", "mod f"].iter().all(|gone| !shipped.contains(gone)), "{shipped}");
}

#[test]
fn rooms_and_depths_follow_the_path() {
    for (path, room, depth) in [
        ("src/judge/mod.rs", Some("judge"), 1),
        ("src/judge/age.rs", Some("judge"), 2),
        ("src/gate.rs", Some("gate"), 1),
        ("src/lab/cdn/tests.rs", Some("lab"), 3),
        ("src/lib.rs", None, 1),
    ] {
        let source = Source::new(path, "");
        assert_eq!((source.room().as_deref(), source.depth()), (room, depth), "{path}");
    }
}
