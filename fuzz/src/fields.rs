//! Any bytes as the value of each header field that has a grammar.

use purgeproof::model::Timestamp;
use purgeproof::syntax::entity_tag::{self, Agreement};
use purgeproof::syntax::{age, cache_control, cache_status, http_date, list, retry_after, targeted, via};

/// From here on a number of seconds is "more than I can count" (RFC 9111 section 1.2.2).
const OVERFLOW: u64 = 1 << 31;

/// One value, read by every grammar.
pub fn fields(value: &[u8]) {
    structured(value);
    let text = String::from_utf8_lossy(value);
    numbers(&text);
    tags(&text);
    lists(&text);
}

fn structured(value: &[u8]) {
    if let Ok(members) = cache_status::parse(value) {
        assert!(members.len() <= value.len() / 2 + 1, "a member takes a letter and a comma");
    }
    let _ = targeted::parse(value);
}

fn numbers(text: &str) {
    assert!(age::parse(text).is_ok_and(|age| age < OVERFLOW) || age::parse(text).is_err());
    let policy = cache_control::parse(text);
    assert_eq!(policy, cache_control::parse(&text.to_ascii_uppercase()), "directives know no case");
    for seconds in [policy.max_age, policy.s_maxage, policy.stale_while_revalidate, policy.stale_if_error] {
        assert!(seconds.is_none_or(|seconds| seconds <= OVERFLOW));
    }
    let date = http_date::parse(text);
    assert!(date.is_none_or(|date| date >= Timestamp::UNIX_EPOCH));
    let wait = retry_after::parse(text, Timestamp::UNIX_EPOCH);
    assert!(date.is_none() || wait.is_some(), "a date to come is a time to wait for");
}

fn tags(text: &str) {
    let Some(tag) = entity_tag::parse(text) else { return };
    assert!(!tag.opaque.is_empty() && text.contains(tag.opaque));
    assert_eq!(tag.agreement(tag), if tag.weak { Agreement::Weak } else { Agreement::Strong });
    if !tag.opaque.contains('"') {
        let mark = if tag.weak { "W/" } else { "" };
        assert_eq!(entity_tag::parse(&format!("{mark}\"{}\"", tag.opaque)), Some(tag), "as RFC 9110 writes it");
    }
    let bare = entity_tag::EntityTag { weak: false, opaque: tag.opaque.trim_end_matches("-gzip") };
    assert_eq!(tag.agreement(bare), bare.agreement(tag), "neither comes first");
}

fn lists(text: &str) {
    same_again(text, list::members);
    same_again(text, list::bracketed_members);
    for hop in via::hops(text) {
        assert!(!hop.text.is_empty() && hop.text.contains(hop.by) && hop.text.contains(hop.comment));
        assert!(!hop.by.contains([' ', '\t']));
    }
}

/// A list that is written again from its members has the same members.
fn same_again(text: &str, read: fn(&str) -> list::Members<'_>) {
    let members: Vec<&str> = read(text).collect();
    assert!(members.iter().all(|member| !member.is_empty() && member.trim_matches([' ', '\t']) == *member));
    assert_eq!(read(&members.join(" , ")).collect::<Vec<_>>(), members);
}
