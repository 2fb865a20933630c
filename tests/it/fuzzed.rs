//! What `fuzz/run` looks for, held for every input that is kept in `fuzz/corpus`, and for what is near them. The same
//! bytes each time.

use std::path::Path;

use purgeproof::syntax::heads;

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a crate of its own, too")]
mod targets;

/// Inputs made of those of one target.
const CHANGED: usize = 1_000;

/// A small generator of Marsaglia's (xorshift64), so that a failure comes again.
struct Bytes(u64);

impl Bytes {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }

    /// Text with a few places changed: a byte, a piece left out, a piece said twice, or a piece of another text.
    fn changed(&mut self, text: &[u8], other: &[u8]) -> Vec<u8> {
        const TELLING: &[u8] = b"\r\n \t:;,=\"()[]-\\\x00\x1b\x80\xff09?%@";
        let mut text = text.to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(text.len());
            let end = (at + self.below(24)).min(text.len());
            match self.below(5) {
                0 if at < text.len() => text[at] = TELLING[self.below(TELLING.len())],
                1 if at < text.len() => text[at] ^= 1 << self.below(8),
                2 => drop(text.drain(at..end)),
                3 => {
                    let piece = text[at..end].to_vec();
                    text.splice(at..at, piece);
                }
                _ => {
                    let from = self.below(other.len());
                    let to = (from + self.below(48)).min(other.len());
                    text.splice(at..end, other[from..to].iter().copied());
                }
            }
        }
        text
    }
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = files
        .map(|file| (file.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(file).unwrap()))
        .collect();
    all.sort();
    all
}

/// What to replay, where it does not hold.
fn broken(target: &str, holds: fn(&[u8]), input: &str, bytes: &[u8]) -> Option<String> {
    let kept = std::panic::catch_unwind(|| holds(bytes));
    kept.is_err().then(|| format!("{target}, {input}: {:?}", String::from_utf8_lossy(bytes)))
}

#[test]
fn every_target_holds_for_the_corpus_and_what_is_near_it() {
    let (mut bytes, mut wrong) = (Bytes(0x9e37_79b9_7f4a_7c15), Vec::new());
    for (target, check) in targets::ALL {
        let all = corpus(target);
        assert!(all.len() > 3, "{target}: next to nothing is kept");
        for (name, input) in &all {
            wrong.extend(broken(target, check, name, input));
        }
        for nth in 0..CHANGED {
            let (name, input) = &all[nth % all.len()];
            let (_, other) = &all[bytes.below(all.len())];
            wrong.extend(broken(target, check, &format!("near {name}"), &bytes.changed(input, other)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let names = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(top.join(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let known: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(names("fuzz_targets"), known);
    assert_eq!(names("corpus"), known);
    assert_eq!(names("dictionaries").iter().find(|name| !known.contains(&name.as_str())), None);
    let manifest = std::fs::read_to_string(top.join("Cargo.toml")).unwrap();
    let missing = known.iter().find(|name| !manifest.contains(&format!("\nname = \"{name}\"\n")));
    assert_eq!(missing, None);
}

#[test]
fn every_kept_text_has_a_head_in_it() {
    for (name, text) in corpus("heads") {
        assert!(!heads::parse(&text).is_empty(), "{name}: no head in it");
    }
}
