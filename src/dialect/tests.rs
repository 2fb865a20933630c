use proptest::prelude::*;

use super::testing::{RECEIVED, reading};
use super::*;
use crate::syntax::heads;

#[test]
fn every_provider_has_an_id_of_its_own() {
    let mut all: Vec<_> = ids().collect();
    all.sort_unstable();
    assert_eq!(
        all.join(" "),
        "akamai alibaba apache azion azure bunny caddy cdn77 cloudflare cloudfront edgecast fastly gcore google haproxy \
         imperva keycdn netlify nginx squid sucuri tencent trafficserver varnish vercel"
    );
    assert!(!is_provider("unknown") && !is_provider("Fastly"));
}

#[test]
fn a_head_without_any_cache_reads_as_unknown() {
    assert_eq!(reading("content-type: text/html"), Reading::default());
}

#[test]
fn an_object_is_purged_in_the_providers_own_terms() {
    let how = |id| how_to_purge(id, "https", "a.example", "/x{host}");
    assert_eq!(how("fastly").as_deref(), Some("POST https://api.fastly.com/purge/a.example/x{host}"));
    assert_eq!(how("azure").as_deref(), Some("az afd endpoint purge --domains a.example --content-paths '/x{host}'"));
    assert!(how("cloudflare").is_some_and(|how| how.contains("[\"https://a.example/x{host}\"]")));
    assert_eq!((how("nginx"), how("unknown")), (None, None));
    for dialect in ALL {
        assert!(dialect.purge.is_none_or(|purge| purge.contains("{url}") || purge.contains("{path}")));
    }
}

#[test]
fn debug_headers_are_valid_and_leave_the_cache_alone() {
    for dialect in ALL {
        for (name, value) in dialect.debug_headers {
            assert!(HeaderName::from_bytes(name.as_bytes()).is_ok(), "{name}");
            assert!(http::HeaderValue::from_str(value).is_ok(), "{value}");
            assert!(!value.contains("no-cache") && !value.contains("max-age"), "{name}: {value}");
        }
    }
}

#[test]
fn debug_headers_are_the_expected_providers_or_everybodys() {
    let fields = debug_fields(Some("fastly"));
    assert_eq!((fields.len(), &fields["fastly-debug"]), (1, &"1".parse().unwrap()));
    assert!(debug_fields(Some("cloudflare")).is_empty());
    let all = debug_fields(None);
    assert!(all.contains_key("fastly-debug") && all.contains_key("x-azure-debuginfo"));
    let pragma = all["pragma"].to_str().unwrap();
    assert!(pragma.contains("akamai-x-cache-on") && pragma.contains("azion-debug-cache"), "{pragma}");
    assert_eq!(all.get_all("pragma").iter().count(), 1);
}

/// What must hold for any head.
fn check(head: &Head) {
    let reading = read(head, Timestamp::from_second(RECEIVED).unwrap());
    assert!(reading.provider == "unknown" || is_provider(reading.provider));
    if let Some(nearest) = reading.layers.last() {
        assert_eq!((reading.provider, reading.status), (nearest.provider, nearest.status));
        assert_eq!(reading.pop, nearest.pop);
    }
    let mut answered = false;
    for layer in reading.layers.iter().rev() {
        assert_eq!(layer.history, answered);
        answered |= layer.status.is_stored();
    }
}

const NAMES: &str = "(server|via|x-cache|x-cache-hits|x-cache-lookup|x-cache-remote|x-served-by|x-timer|age|date|\
     cache-status|cf-ray|cf-cache-status|cf-mitigated|x-amz-cf-pop|x-amz-cf-id|x-varnish|x-azure-ref|x-msedge-ref|\
     x-azure-ref-originshield|x-iinfo|x-cdn|server-timing|akamai-cache-status|akamai-request-bc|akamai-grn|\
     x-vercel-id|x-vercel-cache|cdn-cache|cdn-cachedat|cache|x-id|x-cached-since|x-77-cache|x-77-pop|x-77-age|\
     x-edge-location|x-sucuri-cache|eagleid|x-hw|eo-cache-status|x-cache-status|x-proxy-cache|fastly-debug-ttl)";
const VALUES: &str = "(HIT|MISS|Hit from cloudfront|TCP_HIT from a1 \\(AkamaiGHost/9\\)|cloudflare|Vercel|BunnyCDN-|NWS|\
     ECS \\(a/b\\)|1.1 varnish|1.1 google|1.1 a \\(squid\\)|x \\(ApacheTrafficServer \\[cHs f \\]\\)|\
     cache1.jp3\\[0,200-0,H\\]|cache-ams1-AMS|S1,VS0,VE9|1-2-0 0CNN|a; hit|Ref B: |0AABTSU4zMEVER0Uw|\
     [ -~]{0,12}|\\PC{0,6}|,|\\[|\\(|-|[0-9]{1,22})";

proptest! {
    #[test]
    fn any_fields_are_read(fields in proptest::collection::vec((NAMES, proptest::collection::vec(VALUES, 0..4)), 0..14)) {
        let lines = fields.into_iter().map(|(name, values)| format!("{name}: {}", values.join(", ")));
        let text = std::iter::once("HTTP/2 200".to_owned()).chain(lines).collect::<Vec<_>>().join("\n");
        heads::parse(text.as_bytes()).iter().for_each(check);
    }

    #[test]
    fn any_bytes_in_a_value_are_read(name in NAMES, value in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut text = format!("HTTP/2 200\nserver: cloudflare\nvia: 1.1 varnish\n{name}: ").into_bytes();
        text.extend(value);
        heads::parse(&text).iter().for_each(check);
    }
}
