//! Imperva (Incapsula): four letters in `X-Iinfo`, of which the second tells whether its cache answered.

use super::evidence::{Evidence, Found, contains, layer};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Hit, Miss, Revalidated, Unknown};
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect { blocked, writes_age: false, ..Dialect::new("imperva", claim, layers) };

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.has("x-iinfo") {
        return Some(Claim::PerAnswer);
    }
    let names_it =
        evidence.value("x-cdn").is_some_and(|name| contains(&name, "incapsula") || contains(&name, "imperva"));
    names_it.then_some(Claim::Passed)
}

/// `<node>-<session>-<backend> ABCD …`
struct Info<'v> {
    node: &'v str,
    asked_backend: bool,
    letter: Option<u8>,
}

fn info(value: &str) -> Option<Info<'_>> {
    let mut words = value.split_ascii_whitespace();
    let mut ids = words.next()?.split('-');
    let (node, _, backend) = (ids.next()?, ids.next()?, ids.next()?);
    let letter =
        words.next().filter(|letters| letters.len() == 4).and_then(|letters| letters.as_bytes().get(1).copied());
    Some(Info { node, asked_backend: backend != "0", letter })
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let value = evidence.value("x-iinfo");
    let info = value.as_deref().and_then(info);
    let status = info.as_ref().map_or(Unknown, status);
    let name = info.map(|info| info.node.to_owned());
    found.layers.push(Layer { name, ..layer(DIALECT.id, status) });
}

/// <https://stackoverflow.com/questions/20809993/what-is-the-x-iinfo-http-header>, from the vendor's support. Where no
/// backend was asked and no cache is named, it may be either a copy or a page of its own.
fn status(info: &Info<'_>) -> CacheStatus {
    match info.letter {
        Some(b'C') => Hit,
        Some(b'V') => Revalidated,
        Some(_) if info.asked_backend => Miss,
        _ => Unknown,
    }
}

/// No backend was asked, and a group `B…(…)` tells why; a redirect of its own is no refusal.
fn blocked(evidence: &Evidence<'_>) -> bool {
    let Some(value) = evidence.value("x-iinfo") else { return false };
    let has_reason = value.split_ascii_whitespace().skip(2).any(|word| word.starts_with('B') && word.contains('('));
    has_reason && info(&value).is_some_and(|info| !info.asked_backend) && !(300..400).contains(&evidence.head.status)
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const SUPPORT: &str = "https://stackoverflow.com/questions/20809993/what-is-the-x-iinfo-http-header";

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (SUPPORT, "x-cdn: Incapsula\nx-iinfo: 9-3206136-0 0CNN RT(1 0) q(0 -1 -1 0) r(0 -1)", "imperva hit - -"),
            (
                SUPPORT,
                "x-cdn: Imperva\nx-iinfo: 9-3206136-3206137 NVNN RT(1 0) q(0 0 0 -1) r(0 0)",
                "imperva revalidated - -",
            ),
            (
                "captured 2017",
                "x-iinfo: 10-378395948-378395988 SNNN RT(1 535) q(0 0 0 -1) r(0 0) U5",
                "imperva miss - -",
            ),
            (
                "captured 2018",
                "x-iinfo: 2-9547693-0 0NNN RT(1 0) q(0 -1 -1 0) r(0 -1) B11(8,881022,0) U5",
                "imperva unknown - -",
            ),
            ("captured 2018", "x-cdn: Incapsula", "imperva unknown - -"),
            ("not its form", "x-iinfo: é", "imperva unknown - -"),
        ]);
    }

    #[test]
    fn age_and_x_cache_are_of_the_cdn_behind() {
        let text = "x-iinfo: 9-3206136-3206137 NNNN CT(1 -1 0) RT(1 0) q(0 0 0 -1) r(0 0) U5\nx-cache: Hit from cloudfront\n\
                    via: 1.1 c.cloudfront.net (CloudFront)\nage: 15556";
        assert_eq!(layers(text), ["cloudfront hit - 15556", "imperva miss - -"]);
    }

    #[test]
    fn a_refusal_without_a_backend_is_a_block_page() {
        let info = "x-iinfo: 2-9547693-0 0NNN RT(1 0) q(0 -1 -1 0) r(0 -1) B15(4,200,0) U5";
        assert!(reading(&format!("HTTP/1.1 403 Forbidden\n{info}")).blocked);
        assert!(!reading(&format!("HTTP/1.1 302 Found\n{info}")).blocked);
        assert!(!reading("HTTP/1.1 403 Forbidden\nx-iinfo: 2-9-10 NNNN RT(1 0) B15(4,200,0)").blocked);
    }
}
