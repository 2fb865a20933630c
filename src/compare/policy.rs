//! Caching policies by what they mean, not by how they are written.

use crate::syntax::cache_control;

/// Whether two `Cache-Control` mean the same for caches and browsers.
pub fn same_policy(ours: &str, theirs: &str) -> bool {
    ours == theirs || cache_control::parse(ours) == cache_control::parse(theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_case_spacing_and_unknown_words_do_not_matter() {
        assert!(same_policy("public, max-age=60", "Max-Age=60"));
        assert!(same_policy("max-age=60, s-maxage=5", "s-maxage=5 ,max-age=60, immutable"));
        assert!(!same_policy("max-age=60", "max-age=61"));
        assert!(!same_policy("max-age=60", "max-age=60, private"));
    }
}
