//! nginx: `$upstream_cache_status` under whatever name an operator chose. It sends no `Age`.

use super::evidence::{Evidence, Found, begins, layer};
use super::words::NGINX;
use super::{Claim, Dialect};
use crate::model::{CacheStatus, Layer};

pub(super) static DIALECT: Dialect = Dialect {
    cache_status_names: &["nginx"],
    bare_x_cache: true,
    writes_age: false,
    // With proxy_cache_background_update it is also said while a working origin is asked (seen from Debian's nginx).
    stale_is_failure: false,
    ..Dialect::new("nginx", claim, layers)
};

/// Names that operators' guides use, the likeliest to be the outermost first.
const HABITUAL: [&str; 8] = [
    "x-cache-status",
    "x-proxy-cache",
    "x-nginx-cache",
    "x-nginx-cache-status",
    "x-upstream-cache-status",
    "x-fastcgi-cache",
    "x-cached",
    "x-proxy-cache-status",
];

/// Applications and other caches that use the same words, and fields that have a dialect of their own.
const OTHERS: [&str; 14] = [
    "drupal",
    "litespeed",
    "magento",
    "joomla",
    "wp-",
    "dispatcher",
    "sucuri",
    "vercel",
    "x-77",
    "x-cache-lookup",
    "x-cache-remote",
    "cf-cache",
    "cdn-cache",
    "eo-cache",
];

fn is_nginx(evidence: &Evidence<'_>) -> bool {
    ["nginx", "openresty", "tengine", "angie", "freenginx"].iter().any(|name| evidence.server_begins(name))
}

/// Exactly as nginx writes it: other software says `hit` or `Hit`.
fn status(value: &[u8]) -> Option<CacheStatus> {
    NGINX.iter().find(|(word, _)| word.as_bytes() == value.trim_ascii()).map(|(_, status)| *status)
}

/// The field of another name that holds nginx's word, where the server says that it is nginx.
fn elsewhere<'e>(evidence: &Evidence<'e>) -> Option<(&'e str, CacheStatus)> {
    if !is_nginx(evidence) {
        return None;
    }
    evidence.head.fields.iter().find_map(|(name, value)| {
        let status = status(value.as_bytes())?;
        let name = name.as_str();
        let is_free = name.contains("cache") && name != "cache" && !OTHERS.iter().any(|other| name.contains(other));
        is_free.then_some((name, status))
    })
}

fn habitual<'e>(evidence: &Evidence<'e>) -> Option<(&'e str, CacheStatus)> {
    HABITUAL.iter().find_map(|name| Some((*name, status(evidence.value(name)?.as_bytes())?)))
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    let (name, _) = habitual(evidence).or_else(|| elsewhere(evidence))?;
    // X-Cache is as likely another's.
    Some(if name != "x-cache" && evidence.follows_via(name) { Claim::Appended } else { Claim::Passed })
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let own = habitual(evidence).or_else(|| {
        // X-Cache is nginx's only where no other cache owns it.
        elsewhere(evidence).filter(|(name, _)| *name != "x-cache" || evidence.bare_x_cache == Some(DIALECT.id))
    });
    let Some((name, status)) = own else { return };
    // A second field of the same stem is another tier's, and which one is not said.
    let deeper = evidence.head.fields.iter().find_map(|(field, value)| {
        let field = field.as_str();
        let is_another = field.len() > name.len() && begins(field, name);
        if is_another { Some((field, self::status(value.as_bytes())?)) } else { None }
    });
    if let Some((field, status)) = deeper {
        found.layers.push(Layer { name: Some(field.to_owned()), ..layer(DIALECT.id, status) });
    }
    found.layers.push(layer(DIALECT.id, status));
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const MODULE: &str = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html";

    #[test]
    fn each_word_is_read_under_any_name() {
        for (word, expected) in [
            ("HIT", "hit"),
            ("MISS", "miss"),
            ("EXPIRED", "expired"),
            ("STALE", "stale"),
            ("UPDATING", "updating"),
            ("REVALIDATED", "revalidated"),
            ("BYPASS", "bypass"),
        ] {
            for name in ["x-cache-status", "x-proxy-cache", "x-cached", "x-cache", "x-my-cache-state"] {
                let text = format!("server: nginx/1.25\n{name}: {word}");
                assert_reads(&[(MODULE, &text, &format!("nginx {expected} - -"))]);
            }
        }
    }

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            ("captured 2018", "server: h2o/2.3\nx-cache-status: MISS\nx-cache-status-bl: HIT", "nginx miss - -"),
            ("captured 2016", "HTTP/2 304\nserver: nginx\nx-proxy-cache: HIT", "nginx hit - -"),
            ("an application's cache", "server: nginx\nx-drupal-cache: HIT", "unknown hit - -"),
            ("not nginx's spelling", "server: nginx\nx-some-cache: hit", "unknown unknown - -"),
        ]);
    }

    #[test]
    fn behind_a_cdn_it_is_a_layer_of_its_own() {
        let text =
            "server: GitHub.com\nx-proxy-cache: MISS\nvia: 1.1 varnish\nx-cache: HIT\nx-served-by: cache-syd10121-SYD";
        assert_eq!(layers(text), ["nginx miss - - history", "fastly hit SYD -"]);
    }

    #[test]
    fn where_its_field_stands_tells_whether_it_is_in_front_of_a_server_that_signs() {
        let signed = "age: 0\nvia: 1.1 varnish (Varnish/7.1)\nx-varnish: 5";
        let before = format!("server: nginx\n{signed}\nx-cache-status: HIT");
        assert_eq!(layers(&before), ["varnish miss - - history", "nginx hit - -"]);
        let behind = format!("server: nginx\nx-cache-status: HIT\n{signed}");
        assert_eq!(layers(&behind), ["nginx hit - -", "varnish miss - -"]);
    }

    #[test]
    fn an_age_beside_its_hit_is_of_a_cache_behind() {
        let reading = reading("server: nginx\nx-cache-status: HIT\nage: 60");
        assert_eq!((reading.age_seconds, reading.layers[0].age_seconds), (Some(60), None));
        assert!(reading.notes[0].contains("behind"), "{:?}", reading.notes);
    }
}
