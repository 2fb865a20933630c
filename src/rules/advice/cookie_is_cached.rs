use super::Advice;

/// A cookie on an answer that is kept for many.
pub(super) static ADVICE: Advice = Advice {
    id: "cookie-is-cached",
    speaks: |given| {
        let has_cookie = given.head.has("set-cookie");
        // Its value may be somebody's session.
        (has_cookie && given.is_kept_for_many()).then(|| "set-cookie".to_owned())
    },
    summary: "it sets a cookie and may be kept for everybody",
    why: "A cache that keeps it hands one user's cookie to others; one that will not keeps nothing, or takes the cookie away, and CDNs differ in which. What is served then depends on the edge, and a purge seems to work or not by chance.",
    fix: "Set cookies on answers that are private or no-store, and none on what caches share.",
    source: "RFC 9111 section 7.3; https://developers.cloudflare.com/cache/concepts/cache-behavior/",
};
