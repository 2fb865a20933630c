//! Each sign and each shared word for which the dialects' own tests have no head. It holds nothing but tests.

use crate::dialect::testing::assert_reads;

/// <https://wiki.squid-cache.org/SquidFaq/SquidLogs>; `TCP_EXPIRED_…` and `TCP_STALE_HIT` are other caches' of that
/// descent.
#[test]
fn each_of_squids_log_words_is_read() {
    for (word, expected) in [
        ("TCP_HIT", "hit"),
        ("TCP_MEM_HIT", "hit"),
        ("TCP_IMS_HIT", "hit"),
        ("TCP_INM_HIT", "hit"),
        ("TCP_NEGATIVE_HIT", "hit"),
        ("TCP_OFFLINE_HIT", "hit"),
        ("TCP_MISS", "miss"),
        ("TCP_CLIENT_REFRESH", "miss"),
        ("TCP_CLIENT_REFRESH_MISS", "miss"),
        ("TCP_SWAPFAIL_MISS", "miss"),
        ("TCP_REFRESH_HIT", "revalidated"),
        ("TCP_REFRESH_UNMODIFIED", "revalidated"),
        ("TCP_EXPIRED_HIT", "revalidated"),
        ("TCP_REFRESH_MISS", "expired"),
        ("TCP_REFRESH_MODIFIED", "expired"),
        ("TCP_EXPIRED_MISS", "expired"),
        ("TCP_REFRESH_FAIL", "stale"),
        ("TCP_REFRESH_FAIL_HIT", "stale"),
        ("TCP_REFRESH_FAIL_OLD", "stale"),
        ("TCP_STALE_HIT", "stale"),
        ("TCP_DENIED", "error"),
        ("TCP_COOKIE_DENY", "error"),
        ("TCP_REFRESH_FAIL_ERR", "error"),
        ("TCP_REDIRECT", "synthetic"),
    ] {
        assert_reads(&[
            ("anybody's", &format!("x-cache: {word}"), &format!("unknown {expected} - -")),
            ("Edgecast's", &format!("server: ECS (sya/E0E0)\nx-cache: {word}"), &format!("edgecast {expected} SYA -")),
        ]);
    }
}

/// <https://nginx.org/en/docs/http/ngx_http_upstream_module.html>
#[test]
fn each_of_nginxs_words_is_read_wherever_it_is_shown() {
    for (word, expected) in [
        ("HIT", "hit"),
        ("MISS", "miss"),
        ("EXPIRED", "expired"),
        ("STALE", "stale"),
        ("UPDATING", "updating"),
        ("REVALIDATED", "revalidated"),
        ("BYPASS", "bypass"),
    ] {
        for (provider, fields) in [
            ("cdn77", "x-77-nzt: Aw\nx-77-cache"),
            ("cdn77", "server: CDN77-Turbo\nx-cache"),
            ("sucuri", "server: Sucuri/Cloudproxy\nx-sucuri-cache"),
            ("azion", "server: Azion webserver\nx-cache"),
            ("azion", "server: azion-nginx\nx-cache-status"),
            ("azion", "server: azion-nginx\nupstream-cache-status"),
            ("nginx", "x-cache-status"),
            ("nginx", "x-proxy-cache"),
            ("nginx", "x-nginx-cache"),
            ("nginx", "x-nginx-cache-status"),
            ("nginx", "x-upstream-cache-status"),
            ("nginx", "x-fastcgi-cache"),
            ("nginx", "x-cached"),
            ("nginx", "x-proxy-cache-status"),
            ("nginx", "server: openresty/1.25\nx-page-cache"),
            ("unknown", "x-cache"),
            ("unknown", "server: LiteSpeed\nx-litespeed-cache"),
        ] {
            let expected = format!("{provider} {expected} - -");
            assert_reads(&[("nginx's words", &format!("{fields}: {word}"), &expected)]);
        }
    }
    assert_reads(&[(
        "captured 2024: a stored error",
        "server: ECS (sya/E0E0)\nx-cache: 404-HIT",
        "edgecast hit SYA -",
    )]);
}

/// <https://wikitech.wikimedia.org/wiki/Caching_overview>
#[test]
fn each_of_varnishs_words_is_read() {
    for (word, expected) in [
        ("hit", "hit"),
        ("hit-front", "hit"),
        ("hit-local", "hit"),
        ("hit-remote", "hit"),
        ("miss", "miss"),
        ("pass", "bypass"),
        ("bypass", "bypass"),
        ("int", "synthetic"),
        ("int-front", "synthetic"),
        ("synth", "synthetic"),
    ] {
        let expected = format!("varnish {expected} - -");
        assert_reads(&[
            ("an operator's field", &format!("via: 1.1 varnish\nx-cache-status: {word}"), &expected),
            ("an operator's X-Cache", &format!("via: 1.1 varnish\nx-cache: {word}"), &expected),
        ]);
    }
}

#[test]
fn each_sign_of_a_provider_is_known() {
    assert_reads(&[
        ("https://techdocs.akamai.com/edge-diagnostics/docs", "akamai-grn: 0.1", "akamai unknown - -"),
        ("captured", "akamai-request-id: 1", "akamai unknown - -"),
        ("captured", "x-akamai-request-id: 1", "akamai unknown - -"),
        ("captured", "x-akamai-transformed: 9 1 0 pmb=mRUM", "akamai unknown - -"),
        ("captured", "akamai-request-bc: [a=1]", "akamai unknown - -"),
        ("captured", "server-timing: ak_p; desc=\"1_2\";dur=1", "akamai unknown - -"),
        ("captured 2024", "server: Google Frontend\nage: 3", "google hit - 3"),
        ("captured 2024", "server: gws", "google unknown - -"),
        ("captured 2024", "server: ESF\nage: 3", "google hit - 3"),
        (
            "https://www.fastly.com/documentation",
            "via: 1.1 varnish\nx-fastly-request-id: 1\nx-cache: HIT",
            "fastly hit - -",
        ),
        (
            "https://www.fastly.com/documentation",
            "via: 1.1 varnish\nfastly-restarts: 1\nx-cache: MISS",
            "fastly miss - -",
        ),
        (
            "https://www.fastly.com/documentation/reference/http/http-headers/Fastly-Debug-Path",
            "via: 1.1 varnish\nfastly-debug-path: (D cache-ams1-AMS 1) (F cache-ams1-AMS 0)\nx-cache: HIT",
            "fastly hit - -",
        ),
        ("captured 2018", "x-amz-cf-id: abc==", "cloudfront unknown - -"),
        ("captured", "x-daa-tunnel: hop_count=1", "tencent unknown - -"),
        ("https://www.tencentcloud.com/document/product/1145/54212", "eo-log-uuid: 1", "tencent unknown - -"),
        ("captured", "cache: HIT\nx-id-fe: m9-hw-1", "gcore hit M9 -"),
        ("https://docs.bunny.net", "cdn-requestid: 1\ncdn-cache: HIT", "bunny hit - -"),
        ("https://docs.bunny.net", "cdn-pullzone: 1\ncdn-cache: HIT", "bunny hit - -"),
        ("https://vercel.com/docs/headers/response-headers", "server: now\nx-vercel-cache: HIT", "vercel hit - -"),
        ("https://docs.haproxy.org/", "x-haproxy-cache-status: MISS", "haproxy miss - -"),
        ("https://docs.haproxy.org/", "x-cache-haproxy: HIT", "haproxy hit - -"),
        ("https://docs.trafficserver.apache.org", "server: ATS\nx-cache: miss", "trafficserver miss - -"),
        ("https://docs.trafficserver.apache.org", "server: ApacheTrafficServer/9.2", "trafficserver unknown - -"),
        (
            "https://docs.souin.io/",
            "cache-status: Souin; fwd=request; detail=UNCACHEABLE-STATUS-CODE",
            "caddy miss - -",
        ),
        ("captured", "x-swift-savetime: Wed, 12 Jun 2024 07:00:00 GMT\nx-cache: HIT", "alibaba hit - -"),
        ("captured", "x-swift-cachetime: 0\nx-cache: MISS TCP_MISS dirn:-2:-2", "alibaba miss - -"),
        ("captured", "ali-swift-global-savetime: 1718175600\nx-cache: HIT TCP_HIT dirn:1:2", "alibaba hit - -"),
    ]);
}
