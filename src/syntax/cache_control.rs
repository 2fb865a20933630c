//! `Cache-Control` and its kin, read as leniently as caches do (RFC 9111 section 5.2).

/// What a `Cache-Control` says; unknown directives are left aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a directive of its own")]
pub struct CacheControl {
    /// Nobody may store it.
    pub no_store: bool,
    /// No shared cache may store it. Also where it is limited to fields: not a whole response then, so not set.
    pub private: bool,
    /// Stored only to be validated each time.
    pub no_cache: bool,
    /// Stale copies must not be served.
    pub must_revalidate: bool,
    /// Seconds.
    pub max_age: Option<u64>,
    /// Seconds, for shared caches.
    pub s_maxage: Option<u64>,
    /// Seconds.
    pub stale_while_revalidate: Option<u64>,
    /// Seconds.
    pub stale_if_error: Option<u64>,
}

impl CacheControl {
    /// How long a shared cache may call it fresh, where it says so.
    pub fn shared_lifetime(&self) -> Option<u64> {
        self.s_maxage.or(self.max_age)
    }

    /// No shared cache should hold it.
    pub fn is_unstorable(&self) -> bool {
        self.no_store || self.private
    }
}

/// Reads a field value of any quality. Of a repeated directive the first counts (RFC 9111 section 4.2.1).
pub fn parse(value: &str) -> CacheControl {
    let mut read = CacheControl::default();
    for (name, argument) in directives(value) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("no-store") {
            read.no_store = true;
        } else if is("private") {
            read.private |= argument.is_none();
        } else if is("no-cache") {
            read.no_cache |= argument.is_none();
        } else if is("must-revalidate") || is("proxy-revalidate") {
            read.must_revalidate = true;
        } else {
            let slot = if is("max-age") {
                &mut read.max_age
            } else if is("s-maxage") {
                &mut read.s_maxage
            } else if is("stale-while-revalidate") {
                &mut read.stale_while_revalidate
            } else if is("stale-if-error") {
                &mut read.stale_if_error
            } else {
                continue;
            };
            *slot = slot.or_else(|| argument.and_then(seconds));
        }
    }
    read
}

/// Names and arguments, quotes removed. A comma within quotes parts nothing.
fn directives(value: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut quoted = false;
    value
        .split(move |c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        })
        .map(|directive| match directive.split_once('=') {
            Some((name, argument)) => (name.trim(), Some(argument.trim().trim_matches('"'))),
            None => (directive.trim(), None),
        })
        .filter(|(name, _)| !name.is_empty())
}

/// Delta-seconds; beyond 2^31 it is 2^31 (RFC 9111 section 1.2.2).
fn seconds(text: &str) -> Option<u64> {
    const LONGEST: u64 = 1 << 31;
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().map_or(LONGEST, |n: u64| n.min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn directives_are_read_in_any_case_and_spacing() {
        let read = parse("Public , MAX-AGE=60,s-maxage=\"300\", stale-while-revalidate = 30");
        assert_eq!((read.max_age, read.s_maxage, read.stale_while_revalidate), (Some(60), Some(300), Some(30)));
        assert_eq!(read.shared_lifetime(), Some(300));
    }

    #[test]
    fn private_for_some_fields_forbids_no_storing() {
        assert!(!parse("private=\"set-cookie, x-id\", max-age=5").private);
        assert!(parse("private, max-age=5").is_unstorable());
        assert!(!parse("private=\"a, no-store\"").no_store);
    }

    #[test]
    fn what_is_no_number_of_seconds_is_nothing() {
        for text in ["max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=abc"] {
            assert_eq!(parse(text).max_age, None, "{text}");
        }
        assert_eq!(parse("max-age=99999999999999999999").max_age, Some(1 << 31));
        assert_eq!(parse("max-age=1, max-age=2").max_age, Some(1));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
