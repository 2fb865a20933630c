//! What one answer says of how it is kept and for whom, by meaning: environments are held against each other by that. It
//! never reads validators, dates and ages, which are another in every answer.

use std::collections::BTreeSet;

use super::ALL;
use super::lifetime::{GENERAL, TARGETED, targeted};
use crate::model::{CacheStatus, Head, Policy, Reading, Saying};
use crate::syntax::cache_control::{self, CacheControl};

const STATUS: &str = "status";
const PROVIDER: &str = "provider";
const CACHEABILITY: &str = "cacheability";
const CACHE_CONTROL: &str = "cache-control";
/// What `Cache-Control` says to caches that many share.
const SHARED: &str = "cache-control#shared";
const CONTENT_ENCODING: &str = "content-encoding";
const CONTENT_TYPE: &str = "content-type";
/// By all but encodings.
const VARY: &str = "vary";
const BY_CODING: &str = "vary#coding";
/// What a server may leave out of its answer to HEAD, when it makes it as it sends the content (RFC 9110 section 9.3.2).
const OF_THE_CONTENT: [&str; 3] = [CONTENT_ENCODING, CONTENT_TYPE, BY_CODING];

/// How an answer was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// By GET.
    pub by_get: bool,
    /// With no encoding allowed, so that none is left out.
    pub wants_no_coding: bool,
    /// The `Cache-Control` of which the answer shows what is left, where it does.
    pub counted_down_from: Option<&'a str>,
}

/// Each field that rules caching and what it says, `Cache-Control` among them.
pub fn policies(head: &Head) -> Vec<(&'static str, CacheControl)> {
    let general = head.joined(GENERAL).map(|value| (GENERAL, cache_control::parse(&value)));
    let others = TARGETED.iter().filter_map(|name| Some((*name, targeted(name, &head.joined(*name)?)?)));
    general.into_iter().chain(others).collect()
}

/// What an answer says.
pub fn policy(head: &Head, reading: &Reading, told: Told<'_>) -> Policy {
    let mut policy = Policy::default();
    let status = head.status.to_string();
    say(&mut policy, STATUS, status.clone(), status);
    if reading.provider == "unknown" {
        policy.silent.insert(PROVIDER.to_owned());
    } else {
        say(&mut policy, PROVIDER, reading.provider.to_owned(), reading.provider.to_owned());
    }
    general(&mut policy, head, reading, told);
    for_some_caches(&mut policy, head, reading);
    cacheability(&mut policy, head, reading);
    of_the_content(&mut policy, head, told);
    policy
}

/// Whether an answer leaves nothing out that another way of asking would tell.
pub fn is_all(policy: &Policy) -> bool {
    OF_THE_CONTENT.iter().all(|name| !policy.silent.contains(*name))
}

/// The same where only what HEAD may leave out is to be known.
pub fn of_the_content_alone(head: &Head) -> Policy {
    let mut policy = Policy::default();
    of_the_content(&mut policy, head, Told { by_get: true, ..Told::default() });
    policy.says.remove(VARY);
    let others = [STATUS, PROVIDER, CACHEABILITY, CACHE_CONTROL, SHARED, VARY].map(ToOwned::to_owned);
    policy.silent.extend(others);
    policy.silent.extend(TARGETED.map(str::to_ascii_lowercase));
    policy
}

fn say(policy: &mut Policy, name: &str, means: String, shown: String) {
    policy.says.insert(name.to_owned(), Saying { means, shown });
}

fn general(policy: &mut Policy, head: &Head, reading: &Reading, told: Told<'_>) {
    let dialect = ALL.iter().find(|dialect| dialect.id == reading.provider);
    let shown = head.joined(GENERAL);
    let whole = match told.counted_down_from {
        Some(origins) => Some(origins),
        None if reading.counts_max_age_down => {
            policy.silent.extend([CACHE_CONTROL.to_owned(), SHARED.to_owned()]);
            return;
        }
        None => shown.as_deref(),
    };
    if let Some(text) = whole {
        let said = cache_control::parse(text);
        say(policy, CACHE_CONTROL, to_browsers(&said), text.to_owned());
        say(policy, SHARED, to_shared_caches(&said), text.to_owned());
    }
    // What its cache goes by is kept from clients.
    if dialect.is_some_and(|dialect| dialect.hides_policy) {
        policy.says.remove(SHARED);
        policy.silent.insert(SHARED.to_owned());
    }
}

/// A cache may keep to itself what is meant for it; of others, what does not show was not sent.
fn for_some_caches(policy: &mut Policy, head: &Head, reading: &Reading) {
    let dialect = ALL.iter().find(|dialect| dialect.id == reading.provider);
    let follows = dialect.map_or(&[][..], |dialect| dialect.follows);
    for field in TARGETED {
        let name = field.to_ascii_lowercase();
        let value = head.joined(field);
        match value.as_deref().and_then(|value| Some((value, targeted(field, value)?))) {
            Some((value, said)) => say(policy, &name, to_shared_caches(&said), value.to_owned()),
            None if follows.contains(&field) => {
                policy.silent.insert(name);
            }
            None => {}
        }
    }
}

/// What the nearest cache does with it. A miss of what must not be stored says nothing.
fn cacheability(policy: &mut Policy, head: &Head, reading: &Reading) {
    use CacheStatus::{Bypass, Dynamic, Error, Expired, Hit, Miss, Revalidated, Stale, Synthetic, Unknown, Updating};
    let may_be_stored = policies(head).iter().all(|(_, said)| !said.is_unstorable());
    let word = match reading.status {
        Hit | Stale | Updating | Revalidated | Expired => "cached",
        Miss if may_be_stored => "cached",
        Bypass | Dynamic => "not cached",
        Miss | Synthetic | Error | Unknown => {
            policy.silent.insert(CACHEABILITY.to_owned());
            return;
        }
    };
    say(policy, CACHEABILITY, word.to_owned(), word.to_owned());
}

fn of_the_content(policy: &mut Policy, head: &Head, told: Told<'_>) {
    for name in [CONTENT_ENCODING, CONTENT_TYPE, VARY] {
        let shown = head.joined(name);
        let may_be_left_out = name != VARY && !told.by_get && !(name == CONTENT_ENCODING && told.wants_no_coding);
        match shown {
            Some(shown) => say(policy, name, words(name, &shown), shown.into_owned()),
            None if may_be_left_out => {
                policy.silent.insert(name.to_owned());
            }
            None => {}
        }
    }
    let vary = head.joined(VARY);
    let is_coding = |field: &str| matches!(&*field.trim().to_ascii_lowercase(), "accept-encoding" | "*");
    match vary {
        Some(shown) if shown.split(',').any(is_coding) => {
            say(policy, BY_CODING, "accept-encoding".to_owned(), shown.into_owned());
        }
        Some(shown) if told.by_get => say(policy, BY_CODING, String::new(), shown.into_owned()),
        None if told.by_get => {}
        _ => {
            policy.silent.insert(BY_CODING.to_owned());
        }
    }
}

/// In words that are the same where the meaning is.
fn words(name: &str, value: &str) -> String {
    let listed = value.split(',').map(|word| word.trim().to_ascii_lowercase());
    match name {
        "vary" => {
            let fields = listed.filter(|word| !word.is_empty() && word != "accept-encoding");
            let fields: BTreeSet<String> = fields.collect();
            if fields.contains("*") { "*".to_owned() } else { Vec::from_iter(fields).join(", ") }
        }
        "content-encoding" => {
            let codings = listed.filter(|word| !word.is_empty() && word != "identity");
            codings.map(|coding| coding.trim_start_matches("x-").to_owned()).collect::<Vec<_>>().join(", ")
        }
        _ => value.chars().filter(|c| !c.is_whitespace() && *c != '"').collect::<String>().to_ascii_lowercase(),
    }
}

fn to_browsers(said: &CacheControl) -> String {
    meaning(said, said.max_age)
}

fn to_shared_caches(said: &CacheControl) -> String {
    if said.private && !said.no_store { "private".to_owned() } else { meaning(said, said.shared_lifetime()) }
}

/// What must be confirmed each time has no lifetime, and no window in which it may be served stale (RFC 9111 section
/// 5.2.2.2 and 5.2.2.4).
fn meaning(said: &CacheControl, lifetime: Option<u64>) -> String {
    if said.no_store {
        return "no-store".to_owned();
    }
    if said.no_cache || (said.must_revalidate && lifetime == Some(0)) {
        return "no-cache".to_owned();
    }
    let seconds = |name: &str, n: Option<u64>| n.map(|n| format!("{name}={n}"));
    let window = |name: &str, n: Option<u64>| seconds(name, n.filter(|n| *n > 0 && !said.must_revalidate));
    let all = [
        seconds("lifetime", lifetime),
        said.must_revalidate.then(|| "must-revalidate".to_owned()),
        window("stale-while-revalidate", said.stale_while_revalidate),
        window("stale-if-error", said.stale_if_error),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::syntax::heads;

    fn said(fields: &str, by_get: bool) -> Policy {
        let heads = heads::parse(format!("HTTP/2 200\n{fields}\n").as_bytes());
        let reading = super::super::read(&heads[0], Timestamp::UNIX_EPOCH);
        policy(&heads[0], &reading, Told { by_get, ..Told::default() })
    }

    fn means(fields: &str) -> Vec<(String, String)> {
        let says = said(fields, true).says.into_iter().map(|(name, said)| (name, said.means));
        says.filter(|(_, means)| !means.is_empty()).collect()
    }

    #[test]
    fn another_spelling_is_no_other_policy() {
        for (one, other) in [
            ("cache-control: public, max-age=60", "cache-control: Max-Age=60 ,public"),
            // RFC 9111 section 4.2.1: without s-maxage, max-age holds for shared caches as well.
            ("cache-control: max-age=60", "cache-control: max-age=60, s-maxage=60"),
            // Section 5.2.2.5: nothing else matters then.
            ("cache-control: no-store", "cache-control: no-store, no-cache, max-age=0, private"),
            ("cache-control: no-cache", "cache-control: max-age=0, must-revalidate"),
            // Section 5.2.2.2: stale is not to be used.
            (
                "cache-control: max-age=5, must-revalidate",
                "cache-control: max-age=5, must-revalidate, stale-if-error=9",
            ),
            ("vary: Accept-Encoding, Origin", "vary: origin\nvary: accept-encoding"),
            ("vary: *, origin", "vary: *"),
            // RFC 9110 section 8.4.1.3.
            ("content-encoding: x-gzip", "content-encoding: GZIP"),
            ("content-encoding: identity", "etag: \"x\""),
            ("content-type: text/html; charset=\"UTF-8\"", "content-type: text/html;charset=utf-8"),
            ("etag: \"a\"\nage: 5\ndate: Sat, 01 Jan 2000 00:00:00 GMT\nexpires: 0", "last-modified: x"),
        ] {
            assert_eq!(means(one), means(other), "{one} / {other}");
        }
    }

    #[test]
    fn another_meaning_is_another_policy() {
        for (one, other) in [
            ("cache-control: max-age=60", "cache-control: max-age=61"),
            ("cache-control: max-age=60", "cache-control: max-age=60, s-maxage=600"),
            ("cache-control: max-age=60", "cache-control: private, max-age=60"),
            ("cache-control: max-age=60", "cache-control: max-age=60, stale-while-revalidate=5"),
            ("cache-control: max-age=60", "cache-control: max-age=60, stale-if-error=5"),
            ("cache-control: max-age=60", "x: y"),
            ("surrogate-control: max-age=60", "surrogate-control: max-age=6"),
            ("cdn-cache-control: max-age=60", "x: y"),
            ("vary: origin", "vary: accept"),
            ("vary: origin", "vary: origin, accept-encoding"),
            ("content-encoding: gzip", "content-encoding: br"),
            ("cf-ray: 8a-AMS\ncf-cache-status: DYNAMIC", "cf-ray: 8a-AMS\ncf-cache-status: MISS"),
        ] {
            assert_ne!(means(one), means(other), "{one} / {other}");
        }
    }

    #[test]
    fn what_a_cache_may_keep_to_itself_is_not_missing() {
        // https://www.fastly.com/documentation/reference/http/http-headers/Surrogate-Control: it is taken out.
        let fastly = "x-served-by: cache-ams-AMS\nx-cache: HIT\nx-timer: S1.1,VS0,VE0";
        assert!(said(fastly, true).silent.contains("surrogate-control"));
        assert!(!said("x-varnish: 1 2\nvia: 1.1 v (Varnish/7.1)", true).silent.contains("surrogate-control"));
        // https://vercel.com/docs/headers/cache-control-headers: so is s-maxage.
        let vercel = said("server: Vercel\nx-vercel-cache: HIT\nx-vercel-id: fra1::x\ncache-control: max-age=0", true);
        assert!(vercel.silent.contains(SHARED) && vercel.says.contains_key(CACHE_CONTROL));
    }

    #[test]
    fn head_says_nothing_of_what_it_may_leave_out() {
        let by_head = said("vary: origin", false);
        assert!(OF_THE_CONTENT.iter().all(|name| by_head.silent.contains(*name)), "{by_head:?}");
        assert_eq!(by_head.says[VARY].means, "origin");
        let telling = said("vary: origin, accept-encoding\ncontent-encoding: br\ncontent-type: a/b", false);
        assert!(OF_THE_CONTENT.iter().all(|name| telling.says.contains_key(*name)), "{telling:?}");
        assert!(is_all(&telling) && !is_all(&by_head));
        let by_get = said("vary: origin", true);
        assert!(by_get.silent.iter().all(|name| name == PROVIDER || name == CACHEABILITY), "{by_get:?}");
    }

    #[test]
    fn who_wants_no_coding_misses_none() {
        let heads = heads::parse(b"HTTP/2 200\n");
        let told = Told { wants_no_coding: true, ..Told::default() };
        let policy = policy(&heads[0], &Reading::default(), told);
        assert!(!policy.silent.contains(CONTENT_ENCODING) && policy.silent.contains(BY_CODING));
    }

    #[test]
    fn what_is_asked_for_its_content_says_nothing_else() {
        let heads = heads::parse(b"HTTP/2 200\nvary: origin, accept-encoding\ncache-control: max-age=5\n");
        let alone = of_the_content_alone(&heads[0]);
        assert_eq!(alone.says.keys().collect::<Vec<_>>(), [BY_CODING]);
        let whole = said("vary: a\ncache-control: max-age=5\ncdn-cache-control: max-age=6\ncf-cache-status: HIT", true);
        let is_other = |name: &&String| !OF_THE_CONTENT.contains(&name.as_str());
        assert!(whole.says.keys().filter(is_other).all(|name| alone.silent.contains(name)), "{whole:?}");
    }

    #[test]
    fn a_miss_of_what_is_not_to_be_stored_says_nothing_of_caching() {
        let nginx = |more: &str| said(&format!("x-cache-status: MISS\nserver: nginx\n{more}"), true);
        assert!(nginx("cache-control: no-store").silent.contains(CACHEABILITY));
        assert_eq!(nginx("cache-control: max-age=5").says[CACHEABILITY].means, "cached");
    }

    #[test]
    fn what_is_left_of_a_lifetime_is_not_taken_for_it() {
        let heads = heads::parse(b"HTTP/2 200\ncache-control: max-age=17\n");
        let reading = Reading { counts_max_age_down: true, ..Reading::default() };
        let of = |counted_down_from| {
            policy(&heads[0], &reading, Told { by_get: true, counted_down_from, ..Told::default() })
        };
        assert!(of(None).silent.contains(CACHE_CONTROL) && of(None).silent.contains(SHARED));
        assert_eq!(of(Some("max-age=60")).says[CACHE_CONTROL].shown, "max-age=60");
    }
}
