//! The committed corpus of heads, as it is and with its bytes changed, through all that `inspect` does. The same bytes
//! each time; `fuzz/run` looks for new ones.

use std::path::Path;

use purgeproof::cli::inspect::{Format, print};
use purgeproof::model::Timestamp;
use purgeproof::syntax::heads;

const CHANGED_PER_HEAD: usize = 200;

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

fn inspect(text: &[u8]) -> usize {
    let all = heads::parse(text);
    for format in [Format::Text, Format::Json] {
        let mut out = Vec::new();
        print(&all, format, Timestamp::UNIX_EPOCH, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains(|char: char| char.is_control() && char != '\n'), "it can steer a terminal: {out:?}");
        if format == Format::Json {
            assert_eq!(out.lines().count(), all.len());
        }
    }
    all.len()
}

#[test]
fn the_corpus_and_what_is_near_it_can_be_inspected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/heads");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts: Vec<_> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    assert!(texts.len() > 10);
    let mut bytes = Bytes(0x9e37_79b9_7f4a_7c15);
    for (text, file) in texts.iter().zip(&files) {
        assert!(inspect(text) > 0, "{}: no head in it", file.display());
        for _ in 0..CHANGED_PER_HEAD {
            let other = bytes.below(texts.len());
            inspect(&bytes.changed(text, &texts[other]));
        }
    }
}
