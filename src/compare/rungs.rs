//! The rungs of the ladder, one function each.

use std::cmp::Ordering;

use super::Says;
use crate::model::{Timestamp, Validators};
use crate::syntax::entity_tag::{self, Agreement};
use crate::syntax::http_date;

/// Bodies where both were read, else `Repr-Digest`.
pub(super) fn digest(reference: &Validators<'_>, edge: &Validators<'_>) -> Says {
    match (reference.digest, edge.digest) {
        (Some(a), Some(b)) if a == b => Says::Same,
        (Some(_), Some(_)) => Says::Different,
        _ => repr_digest(reference, edge),
    }
}

/// `Repr-Digest` covers the content coding (RFC 9530 section 3), so a difference counts only under the same one.
fn repr_digest(reference: &Validators<'_>, edge: &Validators<'_>) -> Says {
    let (Some(ours), Some(theirs)) = (&reference.repr_digest, &edge.repr_digest) else { return Says::Silent };
    let mut says = Says::Silent;
    for (algorithm, value) in members(ours) {
        match members(theirs).find(|(name, _)| name.eq_ignore_ascii_case(algorithm)) {
            Some((_, same)) if same == value => return Says::Same,
            Some(_) if coding(reference) == coding(edge) => says = Says::Different,
            _ => {}
        }
    }
    says
}

fn members(field: &str) -> impl Iterator<Item = (&str, &str)> {
    const SOUND: [&str; 2] = ["sha-256", "sha-512"];
    field
        .split(',')
        .filter_map(|member| member.trim().split_once('='))
        .filter(|(name, _)| SOUND.iter().any(|sound| name.eq_ignore_ascii_case(sound)))
}

fn coding<'v>(validators: &'v Validators<'_>) -> Option<&'v str> {
    validators.content_encoding.as_deref().map(str::trim).filter(|coding| !coding.eq_ignore_ascii_case("identity"))
}

/// And whether the agreement is a weakened one.
pub(super) fn etag(reference: Option<&str>, edge: Option<&str>) -> (Says, bool) {
    let tags = (reference.and_then(entity_tag::parse), edge.and_then(entity_tag::parse));
    let (Some(ours), Some(theirs)) = tags else { return (Says::Silent, false) };
    match ours.agreement(theirs) {
        Agreement::Strong => (Says::Same, false),
        // Both weak is how the origin made it: nothing was weakened on the way.
        Agreement::Weak => (Says::Same, ours.weak != theirs.weak),
        Agreement::Unmarked => (Says::Same, true),
        Agreement::None => (Says::Different, false),
    }
}

/// Before 1990, dates are placeholders of build tools and clocks that were never set.
const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0);

pub(super) fn last_modified(reference: Option<&str>, edge: Option<&str>, latest: Timestamp) -> Says {
    let date = |text: Option<&str>| text.and_then(http_date::parse).filter(|at| (EARLIEST..=latest).contains(at));
    if reference == edge {
        // Nearly always: one reading will do.
        return if date(reference).is_some() { Says::Same } else { Says::Silent };
    }
    let (Some(ours), Some(theirs)) = (date(reference), date(edge)) else { return Says::Silent };
    match theirs.cmp(&ours) {
        Ordering::Less => Says::Older,
        Ordering::Equal => Says::Same,
        Ordering::Greater => Says::Newer,
    }
}

pub(super) fn content_length(reference: &Validators<'_>, edge: &Validators<'_>) -> Says {
    if coding(reference).is_some() || coding(edge).is_some() {
        return Says::Silent;
    }
    let length = |validators: &Validators<'_>| validators.content_length.as_deref()?.trim().parse::<u64>().ok();
    match (length(reference), length(edge)) {
        (Some(a), Some(b)) if a == b => Says::Same,
        (Some(_), Some(_)) => Says::Different,
        _ => Says::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn with(set: impl FnOnce(&mut Validators<'static>)) -> Validators<'static> {
        let mut validators = Validators { status: 200, ..Validators::default() };
        set(&mut validators);
        validators
    }

    #[test]
    fn dates_that_cannot_be_are_silent() {
        let sound = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let epoch = Some("Thu, 01 Jan 1970 00:00:00 GMT");
        let future = Some("Sun, 06 Nov 2094 08:49:37 GMT");
        assert_eq!(last_modified(sound, sound, NOW), Says::Same);
        assert_eq!(last_modified(epoch, epoch, NOW), Says::Silent);
        assert_eq!(last_modified(future, future, NOW), Says::Silent);
        assert_eq!(last_modified(sound, None, NOW), Says::Silent);
    }

    #[test]
    fn the_edge_is_older_or_newer_than_the_reference() {
        let earlier = Some("Sun, 06 Nov 1994 08:49:36 GMT");
        let later = Some("Sunday, 06-Nov-94 08:49:37 GMT");
        assert_eq!(last_modified(later, earlier, NOW), Says::Older);
        assert_eq!(last_modified(earlier, later, NOW), Says::Newer);
    }

    #[test]
    fn lengths_of_coded_bodies_say_nothing() {
        let plain = with(|v| v.content_length = Some("10".into()));
        let coded = with(|v| {
            v.content_length = Some("10".into());
            v.content_encoding = Some("gzip".into());
        });
        assert_eq!(content_length(&plain, &plain), Says::Same);
        assert_eq!(content_length(&plain, &coded), Says::Silent);
    }

    #[test]
    fn a_tag_over_another_length_is_not_believed_without_the_bodies() {
        let sized = |length: &'static str, tag: &'static str| {
            with(|v| {
                v.content_length = Some(length.into());
                v.etag = Some(tag.into());
            })
        };
        for (ours, theirs) in [("\"a\"", "\"a\""), ("W/\"a\"", "W/\"a\""), ("\"a\"", "W/\"a\"")] {
            assert!(super::super::ladder(&sized("0", ours), &sized("5120", theirs), NOW).wants_bodies());
            assert!(!super::super::ladder(&sized("5120", ours), &sized("5120", theirs), NOW).wants_bodies());
        }
    }

    #[test]
    fn repr_digests_differ_only_under_the_same_coding() {
        let a = with(|v| v.repr_digest = Some("sha-256=:YQ==:, sha-512=:Yg==:".into()));
        let same = with(|v| v.repr_digest = Some("SHA-512=:Yg==:".into()));
        let other = with(|v| v.repr_digest = Some("sha-256=:Yw==:".into()));
        let coded = with(|v| {
            v.repr_digest = Some("sha-256=:Yw==:".into());
            v.content_encoding = Some("br".into());
        });
        let weak = with(|v| v.repr_digest = Some("md5=:YQ==:".into()));
        assert_eq!(digest(&a, &same), Says::Same);
        assert_eq!(digest(&a, &other), Says::Different);
        assert_eq!(digest(&a, &coded), Says::Silent);
        assert_eq!(digest(&a, &weak), Says::Silent);
    }

    #[test]
    fn bodies_end_the_argument() {
        let read = |byte| with(|v| v.digest = Some(Digest { sha256: [byte; 32], length: 1 }));
        assert_eq!(digest(&read(1), &read(1)), Says::Same);
        assert_eq!(digest(&read(1), &read(2)), Says::Different);
    }

    #[test]
    fn a_tag_weakened_on_the_way_is_told_from_one_made_weak() {
        assert_eq!(etag(Some("\"a\""), Some("W/\"a\"")), (Says::Same, true));
        assert_eq!(etag(Some("W/\"a\""), Some("W/\"a\"")), (Says::Same, false));
        assert_eq!(etag(Some("\"a\""), Some("\"a-gzip\"")), (Says::Same, true));
        assert_eq!(etag(Some("\"a\""), Some("\"b\"")), (Says::Different, false));
        assert_eq!(etag(Some("\"\""), Some("\"\"")), (Says::Silent, false));
    }
}
