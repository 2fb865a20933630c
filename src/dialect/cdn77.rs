//! CDN77: fields of its own for status, place and age.

use super::evidence::{Evidence, Found, layer, pop};
use super::words::{NGINX, meaning};
use super::{Claim, Dialect, Notation, places};
use crate::model::CacheStatus::Unknown;
use crate::model::{City, Layer};
use crate::syntax::age;

pub(super) static DIALECT: Dialect = Dialect {
    bare_x_cache: true,
    writes_age: false,
    cache_status_names: &["cdn77"],
    pops: Notation::City(place),
    stale_is_failure: false,
    ..Dialect::new("cdn77", claim, layers)
};

/// `pragueCZ`, `newyorkUSNY`: city, country, and a state in some.
fn place(pop: &str) -> Option<City> {
    [2, 4].into_iter().find_map(|tail| {
        let (city, rest) = pop.split_at_checked(pop.len().checked_sub(tail)?)?;
        places::by_name(city, Some(places::domain(rest.get(..2)?)))
    })
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if evidence.server_begins("CDN77") {
        return Some(Claim::Server);
    }
    ["x-77-cache", "x-77-nzt", "x-77-pop"].iter().any(|name| evidence.has(name)).then_some(Claim::PerAnswer)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    // Before it had a field of its own it wrote X-Cache.
    let status = match evidence.value("x-77-cache") {
        Some(word) => meaning(NGINX, &word),
        None => evidence.bare_x_cache(DIALECT.id).last().map_or(Unknown, |word| meaning(NGINX, word)),
    };
    let pop = evidence.value("x-77-pop").and_then(|place| pop(&place));
    let age_seconds = evidence.value("x-77-age").and_then(|value| age::parse(&value).ok());
    found.layers.push(Layer { pop, age_seconds, ..layer(DIALECT.id, status) });
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;

    #[test]
    fn heads_are_read() {
        const DOCS: &str =
            "https://client.cdn77.com/support/knowledgebase/general-faq/which-headers-does-cdn77-add-to-my-files";
        assert_reads(&[
            (
                DOCS,
                "server: CDN77-Turbo\nx-77-cache: HIT\nx-77-pop: pragueCZ\nx-77-age: 4221",
                "cdn77 hit PRAGUECZ 4221",
            ),
            (DOCS, "server: CDN77-Turbo\nx-77-cache: MISS\nx-77-pop: newyorkUSNY", "cdn77 miss NEWYORKUSNY -"),
            (DOCS, "server: nginx\nx-77-nzt: Aw\nx-77-cache: HIT\nx-77-age: soon", "cdn77 hit - -"),
            (DOCS, "server: CDN77-Turbo\nx-cache: UPDATING", "cdn77 updating - -"),
            (DOCS, "server: CDN77-Turbo\nx-cache: EXPIRED", "cdn77 expired - -"),
        ]);
    }
}
