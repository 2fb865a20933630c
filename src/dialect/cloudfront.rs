//! Amazon `CloudFront`: one `X-Cache` for a whole distribution; stacked distributions list their POPs.

use super::evidence::{Evidence, Found, begins, contains, layer, leading_letters, pop, word_and_host};
use super::words::{Words, meaning};
use super::{Claim, Dialect, Notation};
use crate::model::CacheStatus::{self, Error, Hit, Miss, Revalidated, Synthetic, Unknown};
use crate::model::Layer;
use crate::syntax::list;

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Via, |evidence, at| contains(evidence.hops[at].comment, "CloudFront"))),
    cache_status_names: &["cloudfront"],
    blocked,
    keeps_date: true,
    purge: Some("aws cloudfront create-invalidation --distribution-id ID --paths '{path}'"),
    pops: Notation::Airport,
    ..Dialect::new("cloudfront", claim, layers)
};

/// Result types, <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html>.
const RESULTS: Words = &[
    ("Hit", Hit),
    ("OriginShieldHit", Hit),
    ("RefreshHit", Revalidated),
    ("Miss", Miss),
    ("Error", Error),
    ("LimitExceeded", Error),
    ("CapacityExceeded", Error),
    ("Redirect", Synthetic),
    ("LambdaGeneratedResponse", Synthetic),
    ("FunctionGeneratedResponse", Synthetic),
];

fn result(member: &str) -> Option<&str> {
    let (word, from) = word_and_host(member)?;
    from.trim().eq_ignore_ascii_case("cloudfront").then_some(word)
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    // It writes X-Cache over, so where its word stands last, no other writer of X-Cache came after it.
    if evidence.hops.is_empty() && result(evidence.last_x_cache).is_some() {
        return Some(Claim::Via);
    }
    let shows =
        evidence.has("x-amz-cf-id") || evidence.has("x-amz-cf-pop") || evidence.x_cache().any(|m| result(m).is_some());
    shows.then_some(Claim::Passed)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = evidence.x_cache().filter_map(result).last().map_or(Unknown, |word| meaning(RESULTS, word));
    let pops = evidence.value("x-amz-cf-pop");
    let mut pops = list::members(pops.as_deref().unwrap_or("")).map(|code| pop(leading_letters(code))).peekable();
    while let Some(pop) = pops.next() {
        let status = if pops.peek().is_some() { Unknown } else { status };
        found.layers.push(Layer { pop, ..layer(DIALECT.id, status) });
        if pops.peek().is_none() {
            return remark(evidence, status, found);
        }
    }
    found.layers.push(layer(DIALECT.id, status));
    remark(evidence, status, found);
}

fn remark(evidence: &Evidence<'_>, status: CacheStatus, found: &mut Found) {
    if status == Error && evidence.head.status < 400 {
        found.note("an error answer with a status of success: the distribution replaces errors with a page of its own");
    }
}

/// Its own refusal (WAF, geography, a missing signature) names it as the server; an origin's does not.
fn blocked(evidence: &Evidence<'_>) -> bool {
    evidence.head.status == 403 && begins(evidence.server, "CloudFront")
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const LOGS: &str =
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html";
    const VIA: &str = "via: 1.1 08fef49c.cloudfront.net (CloudFront)";

    #[test]
    fn each_result_type_is_read() {
        for (word, expected) in [
            ("Hit", "hit"),
            ("OriginShieldHit", "hit"),
            ("RefreshHit", "revalidated"),
            ("Miss", "miss"),
            ("Error", "error"),
            ("LimitExceeded", "error"),
            ("CapacityExceeded", "error"),
            ("Redirect", "synthetic"),
            ("LambdaGeneratedResponse", "synthetic"),
            ("FunctionGeneratedResponse", "synthetic"),
            ("hit", "hit"),
            ("REFRESHHIT", "revalidated"),
            ("Else", "unknown"),
        ] {
            let text = format!("{VIA}\nx-cache: {word} from cloudfront\nx-amz-cf-pop: NRT57-C3");
            assert_reads(&[(LOGS, &text, &format!("cloudfront {expected} NRT -"))]);
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            ("captured 2018", &format!("{VIA}\nx-cache: Miss from cloudfront\nx-amz-cf-id: a"), "cloudfront miss - -"),
            (
                "captured 2024",
                &format!("{VIA}\nx-cache: Hit from cloudfront\nx-amz-cf-pop: SEA900-P4\nage: 260"),
                "cloudfront hit SEA 260",
            ),
            ("captured", &format!("{VIA}\nx-cache: Hit from cloudfront\nx-amz-cf-pop: PRG50"), "cloudfront hit PRG -"),
            ("captured", "x-cache: Hit from cloudfront", "cloudfront hit - -"),
            ("captured", VIA, "cloudfront unknown - -"),
        ]);
    }

    #[test]
    fn the_last_of_stacked_distributions_is_nearest() {
        let text = "via: 1.1 a.cloudfront.net (CloudFront), 1.1 b.cloudfront.net (CloudFront)\n\
                    x-amz-cf-pop: HIO52-P1, SEA19-C2\nx-cache: Hit from cloudfront\nage: 7";
        assert_eq!(layers(text), ["cloudfront unknown HIO - history", "cloudfront hit SEA 7"]);
    }

    #[test]
    fn an_age_beside_a_miss_is_of_a_cache_behind() {
        let reading = reading(&format!("{VIA}\nx-cache: Miss from cloudfront\nage: 1012488"));
        assert_eq!((reading.age_seconds, reading.layers[0].age_seconds), (Some(1_012_488), None));
        assert!(reading.notes[0].contains("behind"), "{:?}", reading.notes);
    }

    #[test]
    fn an_error_with_a_status_of_success_is_noted() {
        let text = format!("server: CloudFront\n{VIA}\nx-cache: Error from cloudfront");
        assert_eq!(reading(&text).notes.len(), 1);
        assert!(reading(&format!("HTTP/2 404\n{text}")).notes.is_empty());
    }

    #[test]
    fn only_its_own_refusal_is_a_block_page() {
        let text = format!("HTTP/2 403\nserver: CloudFront\n{VIA}\nx-cache: Error from cloudfront");
        assert!(reading(&text).blocked);
        assert!(!reading(&text.replace("server: CloudFront", "server: AmazonS3")).blocked);
    }

    #[test]
    fn its_date_is_the_origins() {
        assert!(reading(&format!("{VIA}\nx-cache: Hit from cloudfront")).date_is_origins);
    }
}
