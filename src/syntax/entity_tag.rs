//! `ETag` as servers really write it (RFC 9110 section 8.8.3, and what deviates from it).

/// An entity tag: its weakness mark and what stands between the quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntityTag<'a> {
    /// `W/` stood before it.
    pub weak: bool,
    /// Never empty.
    pub opaque: &'a str,
}

/// How two tags agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Both strong, and the same.
    Strong,
    /// The same but for a weakness mark.
    Weak,
    /// The same once the marks are removed that servers add when they transform a body.
    Unmarked,
    /// Two different tags.
    None,
}

/// Codings that servers append to a tag, as in `-gzip` (Apache), `--gzip` (Jetty), `;br`, `-df` (Netlify).
const MARKS: [&str; 7] = ["gzip", "gz", "br", "zstd", "deflate", "df", "identity"];

/// Reads a field value, of which lines may have been joined. Nothing for an empty tag, and for several that differ.
pub fn parse(value: &str) -> Option<EntityTag<'_>> {
    let (first, mut rest) = next(value)?;
    while let Some(more) = rest.trim_start().strip_prefix(',') {
        let (again, after) = next(more)?;
        if again != first {
            return None;
        }
        rest = after;
    }
    (rest.trim().is_empty() && !first.opaque.is_empty()).then_some(first)
}

/// The tag at the start of a text, and what follows it. Without quotes, the tag is all of the text up to a comma.
fn next(text: &str) -> Option<(EntityTag<'_>, &str)> {
    let text = text.trim_start();
    let (weak, text) = match text.strip_prefix("W/").or_else(|| text.strip_prefix("w/")) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (opaque, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => text.split_at(text.find(',').unwrap_or(text.len())),
    };
    Some((EntityTag { weak, opaque: opaque.trim() }, rest))
}

impl EntityTag<'_> {
    /// How it agrees with another (RFC 9110 section 8.8.3.2, then without marks).
    pub fn agreement(self, other: Self) -> Agreement {
        if self.opaque == other.opaque {
            if self.weak || other.weak { Agreement::Weak } else { Agreement::Strong }
        } else if unmarked(self.opaque) == unmarked(other.opaque) {
            Agreement::Unmarked
        } else {
            Agreement::None
        }
    }
}

/// Without a trailing mark. What would leave nothing is left as it is.
fn unmarked(opaque: &str) -> &str {
    MARKS
        .iter()
        .find_map(|mark| {
            let stem = opaque.strip_suffix(mark)?;
            let bare = stem.strip_suffix("--").or_else(|| stem.strip_suffix(['-', ';', ':']))?;
            (!bare.is_empty()).then_some(bare)
        })
        .unwrap_or(opaque)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agreement(a: &str, b: &str) -> Agreement {
        parse(a).unwrap().agreement(parse(b).unwrap())
    }

    /// The table of RFC 9110 section 8.8.3.2.
    #[test]
    fn comparison_follows_the_table_of_the_standard() {
        assert_eq!(agreement(r#"W/"1""#, r#"W/"1""#), Agreement::Weak);
        assert_eq!(agreement(r#"W/"1""#, r#"W/"2""#), Agreement::None);
        assert_eq!(agreement(r#"W/"1""#, r#""1""#), Agreement::Weak);
        assert_eq!(agreement(r#""1""#, r#""1""#), Agreement::Strong);
    }

    #[test]
    fn marks_of_a_transformed_body_do_not_count() {
        for marked in [r#""a-gzip""#, r#"W/"a--gzip""#, r#""a;gzip""#, r#""a-br""#, r#"W/"a;br""#, r#""a-df""#] {
            assert_eq!(agreement(r#""a""#, marked), Agreement::Unmarked, "{marked}");
        }
        assert_eq!(agreement(r#""a-gzip""#, r#""b-gzip""#), Agreement::None);
        assert_eq!(agreement(r#""gzip""#, r#""-gzip""#), Agreement::None);
    }

    #[test]
    fn a_comma_within_quotes_is_part_of_the_tag() {
        assert_eq!(parse(r#""a,b""#).unwrap().opaque, "a,b");
    }

    #[test]
    fn an_unquoted_tag_is_taken_whole() {
        assert_eq!(parse("W/3c3b"), Some(EntityTag { weak: true, opaque: "3c3b" }));
        assert_eq!(agreement("3c3b", r#""3c3b""#), Agreement::Strong);
    }

    #[test]
    fn repeated_tags_count_only_where_they_agree() {
        assert_eq!(parse(r#""a", "a""#).unwrap().opaque, "a");
        assert_eq!(parse(r#""a", "b""#), None);
    }

    #[test]
    fn an_empty_or_broken_tag_is_none() {
        for text in ["", "  ", r#""""#, r#"W/"""#, r#"""#, r#""a" b"#, r#""a"#] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            if let Some(tag) = parse(&text) {
                prop_assert!(!tag.opaque.is_empty());
                prop_assert_ne!(tag.agreement(tag), Agreement::None);
            }
        }

        #[test]
        fn agreement_is_symmetric(a in "(W/)?\"[a-c]{1,2}(-gzip|;br|--gzip)?\"", b in "(W/)?\"[a-c]{1,2}(-gzip|;br)?\"") {
            prop_assert_eq!(agreement(&a, &b), agreement(&b, &a));
        }
    }
}
