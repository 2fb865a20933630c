//! What all dialects look at, gathered once for each head. It never says what it means.

use std::borrow::Cow;
use std::cell::OnceCell;

use http::header::{HeaderName, SERVER, VIA};
use smallvec::SmallVec;

use crate::model::{CacheStatus, Head, Layer, ProviderId, Timestamp};
use crate::syntax::cache_status::{self, Member};
use crate::syntax::list;
use crate::syntax::via::{self, Hop};

static X_CACHE: HeaderName = HeaderName::from_static("x-cache");
static CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// The fields that most dialects ask for, lines joined.
pub(super) struct Lines<'h> {
    server: Cow<'h, str>,
    via: Cow<'h, str>,
    x_cache: Cow<'h, str>,
    cache_status: Cow<'h, str>,
}

impl<'h> Lines<'h> {
    pub(super) fn of(head: &'h Head) -> Self {
        Self {
            server: head.first(SERVER).unwrap_or_default(),
            via: head.joined(VIA).unwrap_or_default(),
            x_cache: head.joined(&X_CACHE).unwrap_or_default(),
            cache_status: head.joined(&CACHE_STATUS).unwrap_or_default(),
        }
    }
}

/// Tells most names that a head does not have from those that it may have. Dialects ask for some eighty names, of which
/// a head has a handful, and looking each of them up in the map is what reading would spend most of its time on.
struct Sieve([u64; 4]);

impl Sieve {
    fn of(head: &Head) -> Self {
        let mut bits = [0; 4];
        for name in head.fields.keys() {
            let (word, bit) = Self::place(name.as_str());
            bits[word] |= bit;
        }
        Self(bits)
    }

    fn may_hold(&self, name: &str) -> bool {
        let (word, bit) = Self::place(name);
        self.0[word] & bit != 0
    }

    /// From the length and three letters: names mostly differ in them.
    fn place(name: &str) -> (usize, u64) {
        let name = name.as_bytes();
        let letter = |at: usize| name.get(at).map_or(0, |byte| usize::from(*byte));
        let length = name.len();
        let sum = length * 37 + letter(length / 3) * 5 + letter(length / 2) * 11 + letter(length.wrapping_sub(1)) * 3;
        (sum / 64 % 4, 1 << (sum % 64))
    }
}

pub(super) struct Evidence<'e> {
    pub(super) head: &'e Head,
    names: Sieve,
    pub(super) received: Timestamp,
    pub(super) server: &'e str,
    /// Origin side first.
    pub(super) hops: SmallVec<[Hop<'e>; 4]>,
    x_cache: &'e str,
    /// The last member of `X-Cache`, or nothing.
    pub(super) last_x_cache: &'e str,
    pub(super) cache_status: Vec<Member<'e>>,
    pub(super) cache_status_unparsable: bool,
    /// Whose an `X-Cache` is that names nobody.
    pub(super) bare_x_cache: Option<ProviderId>,
    /// Whether Fastly's own marks are there, once they were looked for: every hop asks.
    pub(super) fastly_marks: OnceCell<bool>,
}

impl<'e> Evidence<'e> {
    pub(super) fn gather(head: &'e Head, lines: &'e Lines<'_>, received: Timestamp) -> Self {
        let said = cache_status::parse(lines.cache_status.as_bytes());
        let cache_status_unparsable = said.is_err();
        let mut cache_status = said.unwrap_or_default();
        // An operator's own field of that name holds a word, not the name of a cache.
        cache_status.retain(|member| !member.is_bare);
        Self {
            head,
            names: Sieve::of(head),
            received,
            server: lines.server.trim(),
            hops: via::hops(&lines.via).collect(),
            x_cache: &lines.x_cache,
            last_x_cache: list::members(&lines.x_cache).last().unwrap_or(""),
            cache_status,
            cache_status_unparsable,
            bare_x_cache: None,
            fastly_marks: OnceCell::new(),
        }
    }

    /// Whether a field of that name, in lower case, came at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.may_hold(name) && self.head.has(name)
    }

    /// All lines of that name, in lower case, as one.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'e, str>> {
        if self.names.may_hold(name) { self.head.joined(name) } else { None }
    }

    /// Members of `X-Cache`, origin side first.
    pub(super) fn x_cache(&self) -> list::Members<'e> {
        list::members(self.x_cache)
    }

    /// Members of `X-Cache` that name nobody, if they are this provider's.
    pub(super) fn bare_x_cache(&self, provider: ProviderId) -> impl Iterator<Item = &'e str> + Clone {
        let members = if self.bare_x_cache == Some(provider) { self.x_cache } else { "" };
        list::members(members).filter(|member| !contains(member, " from "))
    }

    /// Whether a field, of that name in lower case, stands behind `Via` in the head. Who appends it there stands before
    /// all that signed.
    pub(super) fn follows_via(&self, name: &str) -> bool {
        let at = |name: &str| self.head.fields.keys().position(|key| key == name);
        !self.hops.is_empty() && at(name) > at("via")
    }

    /// Whether a `Warning` says of what was served that it is stale (RFC 7234 section 5.5: 110 and 111), in the name of
    /// an agent that begins so.
    pub(super) fn warns_of_stale(&self, agent: &str) -> bool {
        let warnings = self.value("warning");
        list::members(warnings.as_deref().unwrap_or(""))
            .filter_map(|warning| warning.split_once(' '))
            .any(|(code, rest)| matches!(code, "110" | "111") && begins(rest.trim_start(), agent))
    }

    pub(super) fn server_begins(&self, prefix: &str) -> bool {
        begins(self.server, prefix)
    }
}

/// The last so many members, so that lists of different lengths end together at the client's end; where a list is
/// shorter it begins with nothing.
pub(super) fn aligned<'v>(
    members: impl Iterator<Item = &'v str> + Clone,
    count: usize,
) -> impl Iterator<Item = Option<&'v str>> {
    let has = members.clone().count();
    let missing = count.saturating_sub(has);
    std::iter::repeat_n(None, missing).chain(members.skip(has.saturating_sub(count)).map(Some))
}

/// What dialects find, origin side first.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) layers: Vec<Layer>,
    pub(super) notes: Vec<String>,
}

impl Found {
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Removes layers that say nothing at all, from that place on.
    pub(super) fn drop_silent(&mut self, from: usize) {
        let mut at = 0;
        self.layers.retain(|layer| {
            at += 1;
            at <= from || layer.status != CacheStatus::Unknown || layer.name.is_some() || layer.pop.is_some()
        });
    }
}

/// A layer of which only this much is known.
pub(super) fn layer(provider: ProviderId, status: CacheStatus) -> Layer {
    Layer { provider, name: None, status, pop: None, age_seconds: None, history: false }
}

/// A POP as reports show it: upper case; nothing where there are no letters or digits.
pub(super) fn pop(text: &str) -> Option<String> {
    let text = text.trim();
    text.bytes().any(|byte| byte.is_ascii_alphanumeric()).then(|| text.to_uppercase())
}

/// The letters that a node's name begins with.
pub(super) fn leading_letters(text: &str) -> &str {
    let end = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    &text[..end]
}

/// `Hit from cloudfront`: what is said, and by whom.
pub(super) fn word_and_host(member: &str) -> Option<(&str, &str)> {
    const FROM: &[u8] = b" from ";
    let at = member.as_bytes().windows(FROM.len()).position(|window| window.eq_ignore_ascii_case(FROM))?;
    Some((&member[..at], &member[at + FROM.len()..]))
}

/// Whether a text begins so, in whatever case.
pub(super) fn begins(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Whether a text contains this, in whatever case.
pub(super) fn contains(text: &str, needle: &str) -> bool {
    text.as_bytes().windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Version};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_of_different_lengths_end_together() {
        let pairs = |value: &'static str, count| aligned(list::members(value), count).collect::<Vec<_>>();
        assert_eq!(pairs("a, b", 3), [None, Some("a"), Some("b")]);
        assert_eq!(pairs("a, b", 1), [Some("b")]);
        assert_eq!(pairs("", 1), [None]);
    }

    #[test]
    fn text_is_compared_in_whatever_case() {
        assert!(begins("BunnyCDN-DE1", "bunnycdn") && !begins("Bun", "bunnycdn") && begins("é", ""));
        assert!(contains("(AkamaiGHost/9)", "akamaighost") && !contains("a", "ab"));
    }

    proptest! {
        #[test]
        fn what_a_head_has_is_found(names in proptest::collection::vec("[a-z][a-z0-9-]{0,20}", 1..20)) {
            let mut head = Head { version: Version::HTTP_2, status: 200, fields: HeaderMap::new() };
            for name in &names {
                head.fields.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), "1".parse().unwrap());
            }
            let lines = Lines::of(&head);
            let evidence = Evidence::gather(&head, &lines, Timestamp::UNIX_EPOCH);
            for name in &names {
                prop_assert!(evidence.has(name) && evidence.value(name).is_some());
            }
        }
    }
}
