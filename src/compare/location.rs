//! `Location` by where it leads, not by how it is written.

use url::Url;

/// The URL that an object is asked for: what relative references are resolved against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Base<'a> {
    /// `https` or `http`.
    pub scheme: &'a str,
    /// Where it is empty, references are compared as they are.
    pub host: &'a str,
    /// Path and query.
    pub path: &'a str,
}

/// Whether both lead to the same place (RFC 9110 section 10.2.2, RFC 3986 sections 5.2 and 6.2.2).
pub(super) fn same(ours: &str, theirs: &str, base: Base<'_>) -> bool {
    ours.trim() == theirs.trim()
        || base.url().is_some_and(|base| match (target(&base, ours), target(&base, theirs)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => false,
        })
}

impl Base<'_> {
    fn url(self) -> Option<Url> {
        let Self { scheme, host, path } = self;
        if host.is_empty() { None } else { Url::parse(&format!("{scheme}://{host}{path}")).ok() }
    }
}

/// Absolute, in lower case where case means nothing, without the default port and dot segments.
fn target(base: &Url, reference: &str) -> Option<String> {
    base.join(reference.trim()).ok().map(|url| unreserved_as_such(url.as_str()))
}

/// Percent-encoding that stands for what needs none is undone, and the rest is written in upper case.
fn unreserved_as_such(url: &str) -> String {
    let mut plain = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match code.map(char::from) {
            Some(letter) if letter.is_ascii_alphanumeric() || "-._~".contains(letter) => {
                plain.push(letter);
                &after[2..]
            }
            Some(_) => {
                plain.push('%');
                plain.push_str(&after[..2].to_ascii_uppercase());
                &after[2..]
            }
            None => {
                plain.push('%');
                after
            }
        };
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Base<'_> = Base { scheme: "https", host: "a.example", path: "/dir/page?q" };

    #[test]
    fn references_are_resolved_before_they_are_compared() {
        for (one, other) in [
            ("/new", "https://a.example/new"),
            ("new", "https://a.example/dir/new"),
            ("../new", "/new"),
            ("//A.example/new", "HTTPS://a.example:443/new"),
            ("https://a.example", "/"),
            ("/%7Euser/%2fx", "/~user/%2Fx"),
            ("?p", "/dir/page?p"),
        ] {
            assert!(same(one, other, BASE), "{one} {other}");
            assert!(same(other, one, BASE), "{other} {one}");
        }
    }

    #[test]
    fn another_host_scheme_port_path_query_or_case_of_a_path_is_another_place() {
        for other in [
            "https://b.example/new",
            "http://a.example/new",
            "https://a.example:8443/new",
            "/new/",
            "/New",
            "/new?x",
            "/new#x",
            "/n%2Few",
            "new",
        ] {
            assert!(!same("/new", other, BASE), "{other}");
        }
    }

    #[test]
    fn what_is_no_reference_is_compared_as_it_is() {
        assert!(same("https://[", "https://[ ", BASE));
        assert!(!same("https://[", "https://]", BASE));
        assert!(!same("/new", "https://a.example/new", Base::default()));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(one in "\\PC{0,20}", other in "[%/a-fA-F0-9é:]{0,20}") {
            proptest::prop_assert_eq!(same(&one, &other, BASE), same(&other, &one, BASE));
        }
    }
}
