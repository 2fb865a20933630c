//! Whether a POP is the one that was meant, though files and providers write POPs in different ways. Where that is not
//! documented it says nothing.

use super::{ALL, Dialect, places};
use crate::model::City;

/// How a provider writes its POPs.
#[derive(Clone, Copy)]
pub(super) enum Notation {
    /// In a way of its own, not documented.
    Own,
    /// The three letters at its beginning are an airport's.
    Airport,
    /// In a way of its own, from which the city follows.
    City(fn(&str) -> Option<City>),
}

fn notation(provider: &str) -> Notation {
    ALL.iter().find(|dialect| dialect.id == provider).map_or(Notation::Own, |dialect: &&Dialect| dialect.pops)
}

/// The city that a provider's POP is in, where its notation is documented.
pub fn city(provider: &str, pop: &str) -> Option<City> {
    match notation(provider) {
        Notation::Own => None,
        Notation::Airport => places::by_leading_code(pop),
        Notation::City(read) => read(pop),
    }
}

/// Whether a provider's POP is another than the one expected, which may be written as the provider does, or as an IATA
/// code. False where that cannot be told.
pub fn is_elsewhere(provider: &str, pop: &str, expected: &str) -> bool {
    if pop.eq_ignore_ascii_case(expected) {
        return false;
    }
    let notation = notation(provider);
    if let (Notation::Airport, Some(seen), Some(expected)) = (notation, iata(pop), iata(expected)) {
        return !seen.eq_ignore_ascii_case(expected) && !is_airport_of(seen, expected);
    }
    let Some(seen) = city(provider, pop) else { return is_of_one_kind(pop, expected) };
    let mut named = [city(provider, expected), places::by_leading_code(expected), places::by_name(expected, None)]
        .into_iter()
        .flatten()
        .peekable();
    if named.peek().is_none() {
        return is_of_one_kind(pop, expected);
    }
    named.all(|expected| expected.name != seen.name)
}

/// `FRA` of `FRA`, `FRA56-P1` and `fra1`: three letters, and no fourth.
pub(super) fn iata(pop: &str) -> Option<&str> {
    let letters = super::evidence::leading_letters(pop);
    (letters.len() == 3).then_some(letters)
}

/// One of them is the code of the city, the other of an airport there.
fn is_airport_of(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (places::by_code(one), places::by_code(other)) else { return false };
    let is_whole = |place: City| places::by_name(place.name, None) == Some(place);
    one.name == other.name && (is_whole(one) || is_whole(other))
}

/// Written in the same way, and not as an IATA code could be: then they are of one provider, and differ.
fn is_of_one_kind(one: &str, other: &str) -> bool {
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphabetic());
    match (is_word(one), is_word(other)) {
        (true, true) => one.len() > 3 && other.len() > 3,
        (false, false) => kind(one) == kind(other),
        _ => false,
    }
}

/// Letters as `a`, digits as `0`, runs of them as one.
fn kind(text: &str) -> String {
    let mut kind: Vec<char> = text
        .chars()
        .map(|char| match char {
            _ if char.is_ascii_digit() => '0',
            _ if char.is_alphanumeric() => 'a',
            other => other,
        })
        .collect();
    kind.dedup();
    kind.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row: where the notation is documented, provider, POP as it is read, its IATA code and city.
    const PLACES: &[(&str, &str, &str, &str, &str)] = &[
        ("https://www.fastly.com/documentation/guides/concepts/pop/", "fastly", "NRT", "NRT", "Tokyo"),
        ("https://www.cloudflarestatus.com/", "cloudflare", "AMS", "AMS", "Amsterdam"),
        (
            "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html",
            "cloudfront",
            "FRA",
            "FRA",
            "Frankfurt",
        ),
        ("https://cloud.google.com/load-balancing/docs/https/custom-headers", "google", "SEA", "SEA", "Seattle"),
        ("https://vercel.com/docs/regions", "vercel", "HND1", "HND", "Tokyo"),
        (
            "https://learn.microsoft.com/en-us/azure/frontdoor/edge-locations-by-abbreviation",
            "azure",
            "SG",
            "SIN",
            "Singapore",
        ),
        ("https://www.keycdn.com/support/cdn-server-locations", "keycdn", "DEFR", "FRA", "Frankfurt"),
        ("https://bunny.net/docs/scripting/regions", "bunny", "UK1", "LON", "London"),
        (
            "https://client.cdn77.com/support/knowledgebase/general-faq/which-headers-does-cdn77-add-to-my-files",
            "cdn77",
            "NEWYORKUSNY",
            "NYC",
            "New York",
        ),
        ("captured 2024: it names the city", "akamai", "SG__SINGAPORE", "SIN", "Singapore"),
    ];

    #[test]
    fn a_documented_notation_names_a_city() {
        for (source, provider, pop, iata, name) in PLACES {
            assert_eq!(city(provider, pop), Some(City { iata, name }), "{source}");
        }
        for (provider, pop) in
            [("gcore", "M9"), ("alibaba", "JP3"), ("azion", "GRU"), ("edgecast", "HKC"), ("keycdn", "ÉÉ")]
        {
            assert_eq!(city(provider, pop), None, "{provider}");
        }
    }

    #[test]
    fn the_same_place_in_another_notation_is_the_one_expected() {
        for (provider, pop, expected) in [
            ("cloudfront", "FRA", "fra"),
            ("cloudfront", "FRA", "FRA56-P1"),
            ("cloudfront", "NRT", "TYO"),
            ("vercel", "FRA1", "FRA"),
            ("vercel", "HND1", "NRT"),
            ("keycdn", "DEFR", "FRA"),
            ("keycdn", "DEFR", "Frankfurt"),
            ("azure", "SG", "SIN"),
            ("azure", "SGE", "SG"),
            ("azure", "TYA", "NRT"),
            ("bunny", "DE1", "FRA"),
            ("cdn77", "FRANKFURTDE", "FRA"),
            ("akamai", "SG__SINGAPORE", "SIN"),
            ("fastly", "LCY", "LON"),
        ] {
            assert!(!is_elsewhere(provider, pop, expected), "{provider} {pop} {expected}");
        }
    }

    #[test]
    fn another_place_is_not_the_one_expected() {
        for (provider, pop, expected) in [
            ("cloudfront", "FRA", "AMS"),
            ("cloudfront", "AMS", "FRA56-P1"),
            ("fastly", "LCY", "LHR"),
            ("cloudflare", "XXA", "XXB"),
            ("vercel", "FRA1", "AMS"),
            ("vercel", "FRA1", "IAD1"),
            ("keycdn", "DEFR", "NLAM"),
            ("keycdn", "DEFR", "AMS"),
            ("azure", "SG", "FRA"),
            ("azure", "SAN", "LAX"),
            ("bunny", "DE1", "LAX"),
            ("bunny", "DE1", "LA1"),
            ("cdn77", "FRANKFURTDE", "PRG"),
            ("cdn77", "FRANKFURTDE", "ostravaCZ"),
            ("gcore", "M9", "FR5"),
            ("alibaba", "JP3", "CN64"),
            ("akamai", "SG__SINGAPORE", "JP__TOKYO"),
        ] {
            assert!(is_elsewhere(provider, pop, expected), "{provider} {pop} {expected}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_no_accusation() {
        for (provider, pop, expected) in [
            ("gcore", "M9", "FRA"),
            ("alibaba", "JP3", "NRT"),
            ("edgecast", "HKC", "HKG"),
            ("azion", "GRU", "sao-paulo"),
            ("bunny", "ZZ1", "FRA"),
            ("keycdn", "USCH", "ORD"),
            ("cloudflare", "FRA", "edge-7"),
            ("vercel", "FRA1", "QQQ"),
            ("unknown", "SK1", "STO"),
        ] {
            assert!(!is_elsewhere(provider, pop, expected), "{provider} {pop} {expected}");
        }
    }
}
