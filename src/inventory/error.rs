use std::io;
use std::sync::Arc;

use crate::model::Secrets;

/// Why there is no inventory; each names the file and line, or the flag, that would mend it.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// Something that a file says.
    #[error("{at}: {what}")]
    Entry {
        /// `tenants.yaml:12`.
        at: Arc<str>,
        /// Where within the file, what is wrong, and what would mend it.
        what: String,
    },
    /// A file that cannot be had at all.
    #[error("{file}: cannot be read ({source}), {mend}")]
    Unreadable {
        /// As it was named.
        file: Arc<str>,
        /// The flag that names it.
        mend: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Something that a flag says.
    #[error("{flag}: {what}")]
    Flag {
        /// `--only tenant`.
        flag: String,
        /// What is wrong, and what would mend it.
        what: String,
    },
    /// More objects than a number of 32 bits counts.
    #[error(
        "environment \"{environment}\": {objects} objects are more than one run can number, take fewer with --only or --sample"
    )]
    TooMany {
        /// The environment's name.
        environment: Arc<str>,
        /// How many there would be.
        objects: u64,
    },
}

impl InventoryError {
    /// The same error without what must not be printed.
    pub(super) fn masked(self, secrets: &Secrets) -> Self {
        match self {
            Self::Entry { at, what } => Self::Entry { at, what: secrets.mask(&what) },
            other => other,
        }
    }

    pub(super) fn flag(flag: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Flag { flag: flag.into(), what: what.into() }
    }
}

/// Characters of a word that may be a near miss of another: telling takes the product of both lengths, in memory too.
const LONGEST_MISS: usize = 256;

/// The known word that was probably meant.
pub(super) fn near_miss<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.len() > LONGEST_MISS {
        return None;
    }
    let written = word.to_ascii_lowercase();
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= 2 * LONGEST_MISS)
        .map(|candidate| (strsim::damerau_levenshtein(&written, candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= word.chars().count().div_ceil(4))
        .map(|(_, candidate)| candidate)
}

/// `did you mean "address"?`, or all the words there are.
pub(super) fn suggestion<'k>(word: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> String {
    match near_miss(word, known.clone()) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => format!("write one of: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_near() {
        let known = ["address", "addresses", "hostname"];
        assert_eq!(near_miss("adress", known), Some("address"));
        assert_eq!(near_miss("Hostname", known), Some("hostname"));
        assert_eq!(near_miss("globalping", known), None);
    }

    #[test]
    fn what_is_longer_than_any_word_is_compared_with_none() {
        let (one, other) = ("a".repeat(5_000), format!("{}b", "a".repeat(4_999)));
        assert_eq!(near_miss(&one, [&*other]), None);
        assert_eq!(near_miss("aaaa", [&*one, "aaab"]), Some("aaab"));
    }
}
