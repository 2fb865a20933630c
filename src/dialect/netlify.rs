//! Netlify: speaks `Cache-Status`, with the framework's own member among its own.

use super::evidence::{Evidence, Found, layer};
use super::{Claim, Dialect};
use crate::model::CacheStatus;

pub(super) static DIALECT: Dialect = Dialect {
    cache_status_names: &["Netlify"], // https://docs.netlify.com/platform/caching
    follows: &["Netlify-CDN-Cache-Control", "CDN-Cache-Control"],
    hides_policy: true,
    ..Dialect::new("netlify", claim, layers)
};

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.server.eq_ignore_ascii_case("netlify") {
        return Some(Claim::Platform);
    }
    evidence.has("x-nf-request-id").then_some(Claim::Passed)
}

fn layers(_: &Evidence<'_>, found: &mut Found) {
    found.layers.push(layer(DIALECT.id, CacheStatus::Unknown));
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers};

    const BLOG: &str = "https://netlify.com/blog/gain-better-insights-into-edge-caching-behavior-on-netlify";

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            (
                "captured 2024",
                "server: Netlify\ncache-status: \"Netlify Edge\"; hit\nage: 363857",
                "netlify hit - 363857",
            ),
            (BLOG, "server: Netlify\ncache-status: \"Netlify Edge\"; fwd=miss", "netlify miss - -"),
            (BLOG, "server: Netlify\ncache-status: \"Netlify Edge\"; fwd=stale", "netlify expired - -"),
            (BLOG, "server: Netlify\ncache-status: \"Netlify Edge\"; hit; fwd=stale", "netlify stale - -"),
            (BLOG, "server: Netlify\ncache-status: \"Netlify Edge\"; fwd=bypass", "netlify bypass - -"),
            ("captured 2020", "server: Netlify\nx-nf-request-id: 1\nage: 2556", "netlify unknown - 2556"),
        ]);
    }

    #[test]
    fn the_frameworks_member_is_a_layer_behind() {
        let text = "server: Netlify\ncache-status: \"Next.js\"; hit\ncache-status: \"Netlify Durable\"; fwd=bypass\n\
                    cache-status: \"Netlify Edge\"; fwd=miss";
        assert_eq!(layers(text), ["unknown hit - -", "netlify bypass - -", "netlify miss - -"]);
    }
}
