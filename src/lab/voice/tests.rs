use http::HeaderMap;

use crate::lab::*;
use crate::model::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// One edge behind a shield of the same vendor, which holds a copy since second 0.
fn cdn(voice: Voice, policy: Policy) -> (Cdn, CacheId) {
    let mut origin = Origin::default();
    origin.add_host("a.example");
    origin.add_page("/x", Page { policy, ..Page::default() });
    origin.add_page("/live", Page::dynamic());
    origin.deploy(&Scope::Everything, None, at(-1_000));
    let mut cdn = Cdn::new(origin);
    let shield = cdn.add(Station::new("shield", "FRA", voice), None, Keeping::default());
    let edge = cdn.add(Station::new("ams", "AMS", voice), Some(shield), Keeping::default());
    cdn.answer(shield, &Request::get("a.example", "/x", &HeaderMap::new()), at(0));
    (cdn, edge)
}

fn minute() -> Policy {
    Policy { max_age: Some(60), stale_while_revalidate: 0, stale_if_error: 600, ..Policy::default() }
}

fn field(response: &Response, name: &str) -> String {
    response.headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

/// The named field as it comes at each of these seconds: a miss filled from the shield at 10, a hit at 30, a
/// revalidation at 60, and a new version at 130.
fn told(voice: Voice, name: &str) -> [String; 4] {
    let (mut cdn, edge) = cdn(voice, minute());
    cdn.origin.deploy(&Scope::Everything, None, at(100));
    let headers = HeaderMap::new();
    [10, 30, 60, 130]
        .map(|second| field(&cdn.answer(edge, &Request::get("a.example", "/x", &headers), at(second)), name))
}

fn dynamic(voice: Voice, name: &str) -> String {
    let (mut cdn, edge) = cdn(voice, minute());
    field(&cdn.answer(edge, &Request::get("a.example", "/live", &HeaderMap::new()), at(10)), name)
}

/// The cache next to the origin answers, the origin is gone, the copy expired.
fn stale(voice: Voice, name: &str) -> String {
    let (mut cdn, _) = cdn(voice, minute());
    let alone = cdn.add(Station::new("waw", "WAW", voice), None, Keeping::default());
    cdn.origin.fail(at(50), at(5_000));
    let headers = HeaderMap::new();
    cdn.answer(alone, &Request::get("a.example", "/x", &headers), at(0));
    field(&cdn.answer(alone, &Request::get("a.example", "/x", &headers), at(100)), name)
}

#[test]
fn the_standard_names_every_layer_with_its_time_to_live() {
    let said = told(Voice::CacheStatus, "cache-status");
    assert_eq!(said[0], "shield.cdn.example; hit; ttl=50, ams.cdn.example; fwd=uri-miss; stored; ttl=50");
    assert_eq!(said[1], "shield.cdn.example; hit; ttl=50, ams.cdn.example; hit; ttl=30");
    assert!(said[2].ends_with("ams.cdn.example; fwd=stale; fwd-status=304; stored; ttl=60"));
    assert!(said[3].ends_with("ams.cdn.example; fwd=stale; fwd-status=200; stored; ttl=60"));
    assert_eq!(stale(Voice::CacheStatus, "cache-status"), "waw.cdn.example; hit; ttl=-40");
    assert_eq!(
        dynamic(Voice::CacheStatus, "cache-status"),
        "shield.cdn.example; fwd=bypass, ams.cdn.example; fwd=bypass"
    );
}

#[test]
fn cloudflare_says_hit_without_an_age_where_an_upper_tier_filled_it() {
    assert_eq!(told(Voice::Cloudflare, "cf-cache-status"), ["HIT", "HIT", "REVALIDATED", "EXPIRED"]);
    assert_eq!(told(Voice::Cloudflare, "age"), ["", "30", "", ""]);
    assert!(told(Voice::Cloudflare, "cf-ray")[0].ends_with("-AMS"));
    assert_eq!(dynamic(Voice::Cloudflare, "cf-cache-status"), "BYPASS");
    assert_eq!(stale(Voice::Cloudflare, "cf-cache-status"), "STALE");
}

#[test]
fn cloudfront_shows_a_hit_behind_as_its_own() {
    let words = ["Hit from cloudfront", "Hit from cloudfront", "RefreshHit from cloudfront", "Miss from cloudfront"];
    assert_eq!(told(Voice::CloudFront, "x-cache"), words);
    assert_eq!(told(Voice::CloudFront, "age"), ["10", "30", "", ""]);
    let pop = &told(Voice::CloudFront, "x-amz-cf-pop")[0];
    assert!(pop.starts_with("AMS") && pop.contains("-P"), "{pop}");
    assert_eq!(dynamic(Voice::CloudFront, "x-cache"), "Miss from cloudfront");
}

#[test]
fn fastly_lists_the_shield_first() {
    assert_eq!(told(Voice::Fastly, "x-cache"), ["HIT, MISS", "HIT, HIT", "MISS, MISS", "MISS, MISS"]);
    assert_eq!(told(Voice::Fastly, "age"), ["10", "30", "0", "0"]);
    let served_by = &told(Voice::Fastly, "x-served-by")[0];
    let nodes: Vec<&str> = served_by.split(", ").collect();
    assert!(nodes[0].starts_with("cache-fra-fra") && nodes[0].ends_with("-FRA"), "{served_by}");
    assert!(nodes[1].starts_with("cache-ams-ams") && nodes[1].ends_with("-AMS"), "{served_by}");
    assert_eq!(told(Voice::Fastly, "x-cache-hits")[2], "0, 0");
    assert_eq!(told(Voice::Fastly, "x-timer")[0], "S1700000010.000000,VS0,VE12");
}

#[test]
fn akamai_names_the_edge_first_and_sends_no_age() {
    let words = [
        "Miss from child, Hit from parent",
        "Hit from child",
        "RefreshHit from child, RefreshHit from parent",
        "Miss from child, Miss from parent",
    ];
    assert_eq!(told(Voice::Akamai, "akamai-cache-status"), words);
    assert_eq!(told(Voice::Akamai, "age"), ["", "", "", ""]);
    assert_eq!(told(Voice::Akamai, "x-cache"), ["", "", "", ""]);
    assert_eq!(stale(Voice::Akamai, "akamai-cache-status"), "HitStale from child");
}

#[test]
fn akamai_says_more_to_those_who_ask() {
    let (mut cdn, edge) = cdn(Voice::Akamai, minute());
    let mut headers = HeaderMap::new();
    headers.insert("pragma", "akamai-x-cache-on, akamai-x-cache-remote-on".parse().unwrap());
    let response = cdn.answer(edge, &Request::get("a.example", "/x", &headers), at(10));
    assert!(field(&response, "x-cache").starts_with("TCP_MISS from a23-"));
    assert!(field(&response, "x-cache").contains(".deploy.akamaitechnologies.com (AkamaiGHost/"));
    assert!(field(&response, "x-cache-remote").starts_with("TCP_MEM_HIT from a23-"));
}

#[test]
fn varnish_gives_two_ids_for_a_hit_and_one_for_a_miss() {
    let ids = |list: &str| list.split(", ").map(|member| member.split(' ').count()).collect::<Vec<_>>();
    let said = told(Voice::Varnish, "x-varnish");
    assert_eq!(said.each_ref().map(|list| ids(list)), [vec![2, 1], vec![2, 2], vec![1, 1], vec![1, 1]]);
    assert_eq!(told(Voice::Varnish, "age"), ["10", "30", "0", "0"]);
    let cache = &told(Voice::Varnish, "x-cache")[0];
    assert!(cache.contains(".fra hit/") && cache.ends_with(".ams miss"), "{cache}");
}

#[test]
fn nginx_sends_one_word_and_no_age() {
    assert_eq!(told(Voice::Nginx, "x-cache-status"), ["MISS", "HIT", "REVALIDATED", "EXPIRED"]);
    assert_eq!(told(Voice::Nginx, "age"), ["", "", "", ""]);
    assert_eq!(dynamic(Voice::Nginx, "x-cache-status"), "BYPASS");
    assert_eq!(stale(Voice::Nginx, "x-cache-status"), "STALE");
}

#[test]
fn a_date_is_the_origins_only_where_the_vendor_leaves_it() {
    for voice in Voice::ALL {
        let dates = told(voice, "date");
        let origins = matches!(voice, Voice::CacheStatus | Voice::CloudFront | Voice::Varnish);
        assert_eq!(dates[0] == dates[1], origins, "{voice:?}");
    }
}
