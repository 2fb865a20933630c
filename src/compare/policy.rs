//! Caching policies by what they mean, not by how they are written.

use crate::model::Validators;
use crate::syntax::cache_control::{self, CacheControl};

/// Whether two responses say the same of how they may be cached. What only one of them says is no difference: caches
/// keep to themselves what was meant for them. `counted_down`: the edge is known to show what is left of the lifetime of
/// a copy of that age.
pub fn same_policy(reference: &Validators<'_>, edge: &Validators<'_>, counted_down: Option<u64>) -> bool {
    let is_what_is_left = || counted_down.is_some_and(|age| is_what_is_left(reference, edge, age));
    let pairs = [
        (&reference.cache_control, &edge.cache_control),
        (&reference.cdn_cache_control, &edge.cdn_cache_control),
        (&reference.surrogate_control, &edge.surrogate_control),
    ];
    let same = (0..).zip(pairs).all(|(nth, pair)| match pair {
        (Some(ours), Some(theirs)) => means_the_same(ours, theirs) || (nth == 0 && is_what_is_left()),
        _ => true,
    });
    same && reference.vary.as_deref().is_none_or(|ours| varies_as_much(ours, edge.vary.as_deref().unwrap_or_default()))
}

/// All but `max-age` is the same, and that is no more than the copy may still live, to a second or two of rounding.
fn is_what_is_left(reference: &Validators<'_>, edge: &Validators<'_>, age: u64) -> bool {
    const ROUNDING: u64 = 2;
    let read = |of: &Validators<'_>| of.cache_control.as_deref().map(cache_control::parse).unwrap_or_default();
    let (ours, theirs) = (read(reference), read(edge));
    let left = ours.shared_lifetime().zip(theirs.max_age);
    left.is_some_and(|(lifetime, left)| left.saturating_add(age) <= lifetime + ROUNDING)
        && CacheControl { max_age: ours.max_age, ..theirs } == ours
}

fn means_the_same(ours: &str, theirs: &str) -> bool {
    ours == theirs || cache_control::parse(ours) == cache_control::parse(theirs)
}

/// Whether the edge still varies by all that the origin varies by. By encoding a cache may answer for itself.
fn varies_as_much(ours: &str, theirs: &str) -> bool {
    let fields =
        |vary: &str| -> Vec<String> { vary.split(',').map(|field| field.trim().to_ascii_lowercase()).collect() };
    let theirs = fields(theirs);
    let encoding = |field: &String| field.is_empty() || field == "accept-encoding";
    theirs.iter().any(|field| field == "*")
        || fields(ours).iter().all(|field| encoding(field) || theirs.contains(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: impl FnOnce(&mut Validators<'static>)) -> Validators<'static> {
        let mut validators = Validators { status: 200, ..Validators::default() };
        set(&mut validators);
        validators
    }

    #[test]
    fn order_case_spacing_and_unknown_words_do_not_matter() {
        assert!(means_the_same("public, max-age=60", "Max-Age=60"));
        assert!(means_the_same("max-age=60, s-maxage=5", "s-maxage=5 ,max-age=60, immutable"));
        assert!(!means_the_same("max-age=60", "max-age=61"));
        assert!(!means_the_same("max-age=60", "max-age=60, private"));
    }

    #[test]
    fn a_policy_for_caches_counts_only_where_both_show_it() {
        let with_cdn = |value: &'static str| with(|v| v.cdn_cache_control = Some(value.into()));
        assert!(same_policy(&with_cdn("max-age=60"), &with(|_| ()), None));
        assert!(same_policy(&with_cdn("max-age=60"), &with_cdn("MAX-AGE=60"), None));
        assert!(!same_policy(&with_cdn("max-age=60"), &with_cdn("max-age=600"), None));
        let surrogate = |value: &'static str| with(|v| v.surrogate_control = Some(value.into()));
        assert!(!same_policy(&surrogate("max-age=60"), &surrogate("no-store"), None));
    }

    #[test]
    fn an_edge_that_varies_by_less_than_the_origin_differs() {
        let vary = |value: &'static str| with(|v| v.vary = Some(value.into()));
        assert!(same_policy(&vary("Accept-Encoding, Accept-Language"), &vary("accept-language"), None));
        assert!(same_policy(&vary("Accept-Language"), &vary("*"), None));
        assert!(!same_policy(&vary("Accept-Language"), &vary("Accept-Encoding"), None));
        assert!(!same_policy(&vary("Accept-Language"), &with(|_| ()), None));
        assert!(same_policy(&with(|_| ()), &vary("Accept-Language"), None));
    }

    #[test]
    fn what_is_left_of_a_lifetime_is_no_other_policy_where_the_edge_is_known_to_count_down() {
        let says = |value: &'static str| with(|v| v.cache_control = Some(value.into()));
        let origin = says("public, max-age=600");
        for (edge, age, same) in [
            ("max-age=300", 300, true),
            ("max-age=300", 0, true),
            ("max-age=599", 60, false),
            ("max-age=3600", 0, false),
            ("max-age=300, no-store", 300, false),
        ] {
            assert_eq!(same_policy(&origin, &says(edge), Some(age)), same, "{edge}");
        }
        assert!(!same_policy(&origin, &says("max-age=300"), None));
    }
}
