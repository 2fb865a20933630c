//! `Cache-Status` (RFC 9211) as a structured field. It never says which cache a member belongs to.

use std::borrow::Cow;
use std::convert::Infallible;

use sfv::visitor::{EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ListVisitor, ParameterVisitor};
use sfv::{BareItemFromInput, KeyRef, Parser};

/// What one cache says it did for a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Member<'v> {
    /// The cache's name for itself.
    pub cache: Cow<'v, str>,
    /// Answered without going forward.
    pub hit: bool,
    /// Why the request went forward.
    pub fwd: Option<Fwd>,
    /// The status that came back for it.
    pub fwd_status: Option<i64>,
    /// Freshness left, in seconds; negative where the response is stale.
    pub ttl: Option<i64>,
    /// The cache kept the response.
    pub stored: bool,
    /// Whether this request was collapsed with another; none where it is not said.
    pub collapsed: Option<bool>,
    /// Whatever else the cache says.
    pub detail: Option<Cow<'v, str>>,
    /// No parameter stands beside the name.
    pub is_bare: bool,
}

/// Why a request went forward (RFC 9211 section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fwd {
    /// The cache was told not to handle this request.
    Bypass,
    /// The method must go forward.
    Method,
    /// Nothing stored under this URI.
    UriMiss,
    /// Stored under this URI, but for other request headers.
    VaryMiss,
    /// Nothing stored that would do.
    Miss,
    /// A fresh response was there; the request did not allow it.
    Request,
    /// A response was there; it was stale.
    Stale,
    /// A part of the response was there.
    Partial,
}

impl Fwd {
    fn named(token: &str) -> Option<Self> {
        Some(match token {
            "bypass" => Self::Bypass,
            "method" => Self::Method,
            "uri-miss" => Self::UriMiss,
            "vary-miss" => Self::VaryMiss,
            "miss" => Self::Miss,
            "request" => Self::Request,
            "stale" => Self::Stale,
            "partial" => Self::Partial,
            _ => return None,
        })
    }
}

/// `Cache-Status` is there and is no structured field: it is ignored as a whole (RFC 9211 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Cache-Status is not a structured field")]
pub struct Unparsable;

/// The members of one field value, origin side first; empty where the value is.
pub fn parse(value: &[u8]) -> Result<Vec<Member<'_>>, Unparsable> {
    Parser::new(value).parse_list_with_visitor(Members(Vec::new())).map_err(|_| Unparsable)
}

struct Members<'v>(Vec<Member<'v>>);

impl<'v> ListVisitor<'v> for Members<'v> {
    type Out = Vec<Member<'v>>;
    type Error = Infallible;

    fn entry(&mut self) -> Result<impl EntryVisitor<'v>, Infallible> {
        Ok(Entry(&mut self.0))
    }

    fn finish(self) -> Result<Self::Out, Infallible> {
        Ok(self.0)
    }
}

struct Entry<'m, 'v>(&'m mut Vec<Member<'v>>);

impl<'v> EntryVisitor<'v> for Entry<'_, 'v> {
    type Error = Infallible;

    fn item(self) -> Result<impl ItemVisitor<'v>, Infallible> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'v>, Infallible> {
        Ok(Ignored)
    }
}

impl<'v> ItemVisitor<'v> for Entry<'_, 'v> {
    type Out = ();
    type Error = Infallible;

    /// No member where the name is neither token nor string.
    fn bare_item(self, name: BareItemFromInput<'v>) -> Result<impl ParameterVisitor<'v, Out = ()>, Infallible> {
        let cache = text(name);
        let is_member = cache.is_some();
        self.0.extend(cache.map(|cache| Member { cache, is_bare: true, ..Member::default() }));
        Ok(Parameters(if is_member { self.0.last_mut() } else { None }))
    }
}

struct Parameters<'m, 'v>(Option<&'m mut Member<'v>>);

impl<'v> ParameterVisitor<'v> for Parameters<'_, 'v> {
    type Out = ();
    type Error = Infallible;

    /// Of repeated parameters the last counts, and one of the wrong type is as good as absent.
    fn parameter(&mut self, key: &'v KeyRef, value: BareItemFromInput<'v>) -> Result<(), Infallible> {
        let Some(member) = &mut self.0 else { return Ok(()) };
        member.is_bare = false;
        match key.as_str() {
            "hit" => member.hit = boolean(&value) == Some(true),
            "fwd" => {
                member.fwd =
                    if let BareItemFromInput::Token(token) = value { Fwd::named(token.as_str()) } else { None };
            }
            "fwd-status" => member.fwd_status = integer(&value),
            "ttl" => member.ttl = integer(&value),
            "stored" => member.stored = boolean(&value) == Some(true),
            "collapsed" => member.collapsed = boolean(&value),
            "detail" => member.detail = text(value),
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Infallible> {
        Ok(())
    }
}

const fn boolean(value: &BareItemFromInput<'_>) -> Option<bool> {
    if let BareItemFromInput::Boolean(value) = value { Some(*value) } else { None }
}

fn integer(value: &BareItemFromInput<'_>) -> Option<i64> {
    if let BareItemFromInput::Integer(value) = value { Some(i64::from(*value)) } else { None }
}

fn text(value: BareItemFromInput<'_>) -> Option<Cow<'_, str>> {
    match value {
        BareItemFromInput::Token(token) => Some(Cow::Borrowed(token.as_str())),
        BareItemFromInput::String(Cow::Borrowed(string)) => Some(Cow::Borrowed(string.as_str())),
        BareItemFromInput::String(Cow::Owned(string)) => Some(Cow::Owned(string.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &str) -> Member<'_> {
        let mut all = parse(value.as_bytes()).unwrap();
        assert_eq!(all.len(), 1, "{value}");
        all.remove(0)
    }

    #[test]
    fn members_come_origin_side_first() {
        // RFC 9211 section 3.
        let names = parse(br#"OriginCache; hit; ttl=1100, "CDN Company Here"; hit; ttl=545"#).unwrap();
        assert_eq!(names.iter().map(|member| &*member.cache).collect::<Vec<_>>(), ["OriginCache", "CDN Company Here"]);
        assert_eq!(names[1].ttl, Some(545));
    }

    #[test]
    fn parameters_are_read_by_their_type() {
        // RFC 9211 section 3.
        let member = one("ExampleCache; fwd=stale; fwd-status=304; collapsed; stored; detail=why");
        assert_eq!(member.fwd, Some(Fwd::Stale));
        assert_eq!(member.fwd_status, Some(304));
        assert_eq!(member.collapsed, Some(true));
        assert!(member.stored);
        assert_eq!(member.detail.as_deref(), Some("why"));
        assert!(!member.hit);
    }

    #[test]
    fn a_parameter_of_the_wrong_type_is_absent() {
        let member = one(r#"c; hit="yes"; ttl=soon; fwd="miss"; fwd-status=abc; stored=?0; collapsed=?0"#);
        assert_eq!(member, Member { cache: "c".into(), collapsed: Some(false), ..Member::default() });
    }

    #[test]
    fn a_negative_ttl_and_a_spelt_out_hit_are_read() {
        assert_eq!(one("Souin; hit=?1; ttl=-225").ttl, Some(-225));
        assert!(one("Souin; hit=?1; ttl=-225").hit);
        assert!(one("HIT").is_bare);
    }

    #[test]
    fn what_is_no_structured_field_is_ignored_as_a_whole() {
        for value in ["Souin; hit, a=b=c", "hit from edge", "Good; hit, \"open", "a; TTL=5", "caf\u{e9}; hit"] {
            assert_eq!(parse(value.as_bytes()), Err(Unparsable), "{value}");
        }
    }

    #[test]
    fn a_name_that_is_neither_token_nor_string_is_no_member() {
        // RFC 9211 section 2, and the types of RFC 8941 section 3.3 and RFC 9651 section 3.3.
        for item in ["5", "-1.5", "?1", ":aGk=:", "(a b)", "()", "@1659578233", "%\"caf%c3%a9\""] {
            let value = format!("{item}; hit, ok; hit");
            let members = parse(value.as_bytes()).unwrap();
            assert_eq!(members.iter().map(|member| &*member.cache).collect::<Vec<_>>(), ["ok"], "{item}");
        }
    }

    #[test]
    fn of_a_repeated_parameter_the_last_counts() {
        // RFC 8941 section 4.2.3.2.
        assert_eq!(one("c; ttl=1; hit; ttl=-5; hit=?0"), Member { cache: "c".into(), ttl: Some(-5), ..one("c; x") });
        assert_eq!(one("c; ttl=5; ttl=soon").ttl, None, "the last is of the wrong type");
    }

    #[test]
    fn a_parameter_can_be_of_any_type() {
        // RFC 9651 sections 3.3.7 and 3.3.8: dates and display strings.
        let member = one("c; at=@1659578233; who=%\"f%c3%bc%c3%bc\"; blob=:aGk=:; q=0.5; hit; ttl=9");
        assert!(member.hit);
        assert_eq!(member.ttl, Some(9));
        assert_eq!(one("c; hit=@1; ttl=@60; detail=%\"a\"; fwd=:bWlzcw==:"), Member { is_bare: false, ..one("c; x") });
        assert_eq!(one("c; ttl=60.0").ttl, None, "a decimal is no integer");
    }

    #[test]
    fn commas_and_quotes_in_strings_part_nothing() {
        let members = parse(br#""a, \"b\"; hit"; fwd=miss; key="GET, /x; y=\\1", c; hit; key="," "#).unwrap();
        let names: Vec<_> = members.iter().map(|member| &*member.cache).collect();
        assert_eq!(names, [r#"a, "b"; hit"#, "c"]);
        assert_eq!((members[0].fwd, members[0].hit, members[1].hit), (Some(Fwd::Miss), false, true));
    }

    #[test]
    fn a_reason_to_go_forward_that_nobody_registered_is_none() {
        // RFC 9211 section 2.2: the values are those of the registry.
        assert_eq!(one("c; fwd=whim"), Member { is_bare: false, ..one("c; x") });
        assert_eq!(one("c; fwd=MISS").fwd, None, "tokens are compared to the letter");
    }

    #[test]
    fn numbers_end_where_structured_fields_end_them() {
        // RFC 8941 section 3.3.1: at most fifteen digits.
        assert_eq!(one("c; ttl=999999999999999").ttl, Some(999_999_999_999_999));
        assert_eq!(one("c; ttl=-999999999999999").ttl, Some(-999_999_999_999_999));
        assert_eq!(one("c; ttl=-0; fwd-status=007").fwd_status, Some(7));
        assert_eq!(parse(b"c; ttl=1000000000000000"), Err(Unparsable));
    }

    #[test]
    fn an_empty_list_has_no_members_and_an_empty_member_is_none() {
        // RFC 8941 section 4.2.1: a list may be empty, and must not end in a comma.
        assert_eq!(parse(b""), Ok(Vec::new()));
        assert_eq!(parse(b"  "), Ok(Vec::new()));
        assert_eq!(
            parse(b"a;hit\t,\tb ;  x").map(|members| members.len()),
            Err(Unparsable),
            "space before a semicolon"
        );
        assert_eq!(parse(b"a;hit\t,\tb;  x").map(|members| members.len()), Ok(2));
        for value in ["a; hit,", ",a; hit", "a; hit,, b; hit", "a; hit;", "a; ;hit", "a hit", "a; hit b"] {
            assert_eq!(parse(value.as_bytes()), Err(Unparsable), "{value}");
        }
    }

    #[test]
    fn bytes_outside_of_ascii_make_it_no_structured_field() {
        for value in
            ["c; detail=\"caf\u{e9}\"", "c; hit\u{a0}", "\u{feff}c; hit", "c; detail=\"a\tb\"", "c; d=%\"%E9\""]
        {
            assert_eq!(parse(value.as_bytes()), Err(Unparsable), "{value}");
        }
        assert_eq!(parse(b"c; detail=\"\xff\""), Err(Unparsable));
        assert_eq!(parse(b"c\0; hit"), Err(Unparsable));
    }
}
