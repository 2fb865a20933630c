//! Cache-Control fields for one kind of cache (RFC 9213), as structured fields. It never says which cache follows them.

use sfv::{BareItem, Dictionary, ListEntry, Parser};

use super::cache_control::CacheControl;

/// The policy of one field; none where it is empty or no structured field, for then a cache goes by Cache-Control
/// (RFC 9213 section 2.2). Of a repeated directive the last counts, and one of the wrong type is as good as absent.
pub fn parse(value: &[u8]) -> Option<CacheControl> {
    let directives: Dictionary = Parser::new(value).parse().ok()?;
    if directives.is_empty() {
        return None;
    }
    let item = |name: &str| match directives.get(name)? {
        ListEntry::Item(item) => Some(&item.bare_item),
        ListEntry::InnerList(_) => None,
    };
    let is = |name| item(name).and_then(BareItem::as_boolean).unwrap_or(false);
    let seconds = |name| item(name).and_then(BareItem::as_integer).and_then(|n| u64::try_from(i64::from(n)).ok());
    Some(CacheControl {
        no_store: is("no-store"),
        private: is("private"),
        no_cache: is("no-cache"),
        must_revalidate: is("must-revalidate") || is("proxy-revalidate"),
        max_age: seconds("max-age"),
        s_maxage: seconds("s-maxage"),
        stale_while_revalidate: seconds("stale-while-revalidate"),
        stale_if_error: seconds("stale-if-error"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn max_age(value: &str) -> Option<u64> {
        parse(value.as_bytes()).unwrap().max_age
    }

    #[test]
    fn directives_are_read_by_their_type() {
        // RFC 9213 section 2.1.
        let policy = parse(b"max-age=600, must-revalidate, private=\"set-cookie\", stale-if-error=5;x=1").unwrap();
        assert_eq!((policy.max_age, policy.stale_if_error, policy.must_revalidate), (Some(600), Some(5), true));
        assert!(!policy.private, "limited to a field");
        assert!(parse(b"no-store").unwrap().no_store && !parse(b"no-store=?0").unwrap().no_store);
        for wrong in
            ["max-age=\"60\"", "max-age=60.0", "max-age", "max-age=soon", "max-age=-1", "max-age=@60", "max-age=(60)"]
        {
            assert_eq!(max_age(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn of_a_repeated_directive_the_last_counts() {
        // RFC 9651 section 4.2.2.
        assert_eq!(max_age("max-age=1, max-age=2"), Some(2));
        assert_eq!(max_age("max-age=1, max-age=?1"), None);
    }

    #[test]
    fn what_is_no_structured_field_is_ignored_as_a_whole() {
        for value in [
            "",
            " ",
            "max-age=60,",
            "Max-Age=60",
            "max-age = 60",
            "max-age=60 s",
            "max-age=60; no store",
            "max-age=\u{e9}",
        ] {
            assert_eq!(parse(value.as_bytes()), None, "{value}");
        }
    }
}
