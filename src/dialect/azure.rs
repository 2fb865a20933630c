//! Azure Front Door and Azure CDN from Microsoft: Squid's words, told apart by the reference numbers beside them.

use super::evidence::{Evidence, Found, contains, layer, leading_letters, pop};
use super::words::{Words, meaning};
use super::{Claim, Dialect, Notation, places};
use crate::model::CacheStatus::{Bypass, Error, Hit, Miss, Synthetic, Unknown};
use crate::model::{City, Layer};

pub(super) static DIALECT: Dialect = Dialect {
    blocked,
    bare_x_cache: true,
    writes_age: false,
    debug_headers: &[("X-Azure-DebugInfo", "1")],
    purge: Some("az afd endpoint purge --domains {host} --content-paths '{path}'"),
    pops: Notation::City(place),
    ..Dialect::new("azure", claim, layers)
};

/// <https://learn.microsoft.com/en-us/azure/cdn/cdn-msft-http-debug-headers>
const STATUSES: Words = &[
    ("TCP_HIT", Hit),
    // The edge had none; the regional cache behind it did.
    (REMOTE_HIT, Miss),
    ("TCP_MISS", Miss),
    ("PRIVATE_NOSTORE", Bypass),
    ("CONFIG_NOCACHE", Bypass),
    (REFUSED, Error),
];
const REMOTE_HIT: &str = "TCP_REMOTE_HIT";
const REFUSED: &str = "N/A";

/// Abbreviations that are not the city's IATA code
/// (<https://learn.microsoft.com/en-us/azure/frontdoor/edge-locations-by-abbreviation>); none where the city has no code.
const ABBREVIATIONS: &[(&str, Option<&str>)] = &[
    ("AM", Some("Amsterdam")),
    ("ASH", Some("Ashburn")),
    ("ATA", Some("Atlanta")),
    ("BL", Some("Ashburn")),
    ("BN", None),
    ("CH", Some("Chicago")),
    ("CHG", Some("Chicago")),
    ("CO", None),
    ("CYS", None),
    ("DB", Some("Dublin")),
    ("DM", Some("Des Moines")),
    ("GVX", None),
    ("HK", Some("Hong Kong")),
    ("HKB", Some("Hong Kong")),
    ("LTS", Some("London")),
    ("MEX", Some("Queretaro")),
    ("MNZ", None),
    ("PRA", None),
    ("SAN", Some("San Antonio")),
    ("SG", Some("Singapore")),
    ("SGE", Some("Singapore")),
    ("SLA", Some("Seoul")),
    ("SN", Some("San Antonio")),
    ("STB", Some("Seattle")),
    ("TYA", Some("Tokyo")),
    ("TYB", Some("Tokyo")),
    ("WST", Some("Seattle")),
];

fn place(pop: &str) -> Option<City> {
    match ABBREVIATIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(pop)) {
        Some((_, city)) => places::by_name((*city)?, None),
        None => places::by_code(pop),
    }
}

const SHIELD: &str = "x-azure-ref-originshield";

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    if !(evidence.has("x-azure-ref") || evidence.has("x-msedge-ref") || evidence.has(SHIELD)) {
        return None;
    }
    // It writes X-Cache over: another's word there came later.
    let is_last = evidence.last_x_cache.is_empty() || meaning(STATUSES, evidence.last_x_cache) != Unknown;
    Some(if is_last { Claim::PerAnswer } else { Claim::Passed })
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let word = evidence.bare_x_cache(DIALECT.id).last().unwrap_or("");
    let is_remote = word.eq_ignore_ascii_case(REMOTE_HIT);
    let status = match meaning(STATUSES, word) {
        Error if evidence.head.status < 400 => Synthetic,
        status => status,
    };
    if is_remote || evidence.has(SHIELD) {
        let status = if is_remote { Hit } else { Unknown };
        let pop = evidence.value(SHIELD).as_deref().and_then(node);
        found.layers.push(Layer { name: Some("origin shield".to_owned()), pop, ..layer(DIALECT.id, status) });
    }
    let references = ["x-msedge-ref", "x-azure-ref"];
    let pop = references.iter().find_map(|name| evidence.value(name).as_deref().and_then(node));
    found.layers.push(Layer { pop, ..layer(DIALECT.id, status) });
}

/// `Ref A: … Ref B: SIN30EDGE0713 Ref C: …`, or the older `0` and base64 of the same.
fn node(reference: &str) -> Option<String> {
    if let Some((_, rest)) = reference.split_once("Ref B:") {
        return pop(leading_letters(rest.trim_start()));
    }
    let bytes = from_base64(reference.trim().strip_prefix('0')?);
    let end = bytes.windows(4).position(|window| window == b"EDGE")?;
    // Before EDGE stand letters and a number.
    let digits = bytes[..end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let letters = bytes[..end - digits].iter().rev().take_while(|byte| byte.is_ascii_uppercase()).count();
    let code = str::from_utf8(&bytes[end - digits - letters..end - digits]).ok()?;
    (2..=4).contains(&code.len()).then(|| code.to_owned())
}

/// The bytes, as far as this is base64; the end of the text says nothing we need.
fn from_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| -> Option<u32> {
        Some(u32::from(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }))
    };
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for sextet in text.bytes().map_while(value) {
        bits = (bits << 6 | sextet) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).unwrap_or(0));
        }
    }
    bytes
}

/// Refused by a signed URL, a rule or the firewall: it says that there was nothing to look up.
fn blocked(evidence: &Evidence<'_>) -> bool {
    evidence.head.status == 403
        && (evidence.last_x_cache.eq_ignore_ascii_case(REFUSED)
            || (evidence.last_x_cache.is_empty()
                && !evidence.has("server")
                && evidence.value("content-type").is_some_and(|kind| contains(&kind, "text/html"))))
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers, reading};

    const DOCS: &str = "https://learn.microsoft.com/en-us/azure/cdn/cdn-msft-http-debug-headers";
    const REF: &str = "x-msedge-ref: Ref A: 351D Ref B: SIN30EDGE0713 Ref C: 2024-07-11T04:00:52Z";

    #[test]
    fn each_word_is_read() {
        for (word, expected) in [
            ("TCP_HIT", "hit"),
            ("TCP_REMOTE_HIT", "miss"),
            ("TCP_MISS", "miss"),
            ("PRIVATE_NOSTORE", "bypass"),
            ("CONFIG_NOCACHE", "bypass"),
            ("ELSE", "unknown"),
        ] {
            let text = format!("{REF}\nx-cache: {word}");
            let provider = if expected == "unknown" { "azure unknown" } else { &format!("azure {expected}") };
            assert_reads(&[(DOCS, &text, &format!("{provider} SIN -"))]);
        }
        assert_reads(&[
            (DOCS, &format!("HTTP/2 403\n{REF}\nx-cache: N/A"), "azure error SIN -"),
            (DOCS, &format!("HTTP/2 301\n{REF}\nx-cache: N/A"), "azure synthetic SIN -"),
        ]);
    }

    #[test]
    fn the_older_reference_names_its_node_and_the_newer_names_none() {
        // "\0\0SIN30EDGE0713\0" in base64, as older references hold it; documentation only.
        assert_reads(&[
            ("older reference", "x-azure-ref: 0AABTSU4zMEVER0UwNzEzAA==\nx-cache: TCP_HIT", "azure hit SIN -"),
            ("newer reference", "x-azure-ref: 20240711T040052Z-15c7ff6b7c9x4\nx-cache: TCP_MISS", "azure miss - -"),
        ]);
    }

    #[test]
    fn a_hit_at_the_regional_cache_is_a_miss_at_the_edge() {
        assert_eq!(layers(&format!("{REF}\nx-cache: TCP_REMOTE_HIT")), ["azure hit - -", "azure miss SIN -"]);
    }

    #[test]
    fn a_shield_behind_a_hit_is_history() {
        let text = format!("{REF}\nx-cache: TCP_HIT\nx-azure-ref-originshield: Ref A: 1 Ref B: SG2EDGE2411 Ref C: 2");
        assert_eq!(layers(&text), ["azure unknown SG - history", "azure hit SIN -"]);
    }

    #[test]
    fn behind_another_writer_of_x_cache_it_is_not_nearest() {
        let text = format!("{REF}\nx-cache: TCP_HIT, HIT\nvia: 1.1 varnish\nx-served-by: cache-ams1-AMS");
        assert_eq!(reading(&text).provider, "fastly");
    }

    #[test]
    fn its_refusals_are_block_pages() {
        assert!(reading(&format!("HTTP/2 403\n{REF}\nx-cache: N/A")).blocked);
        assert!(reading("HTTP/2 403\nx-azure-ref: 2024Z-1\ncontent-type: text/html").blocked);
        assert!(!reading("HTTP/2 403\nserver: nginx\nx-azure-ref: 2024Z-1\nx-cache: TCP_MISS").blocked);
    }
}
