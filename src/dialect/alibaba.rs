//! Alibaba Cloud CDN: two words in `X-Cache`, and a letter for each level in `Via`.

use super::evidence::{Evidence, Found, layer, pop};
use super::words::{SQUID_LOG, Words, meaning};
use super::{Claim, Dialect};
use crate::model::CacheStatus::{self, Hit, Miss, Unknown};
use crate::model::Layer;
use crate::syntax::via::Hop;

pub(super) static DIALECT: Dialect = Dialect {
    via: Some((Claim::Via, |evidence, at| node(evidence.hops[at]).is_some())),
    bare_x_cache: true,
    ..Dialect::new("alibaba", claim, layers)
};

/// The first word is the verdict; the second tells how a stale copy fared.
const VERDICTS: Words = &[("HIT", Hit), ("MISS", Miss)];

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    let shows = ["eagleid", "ali-swift-global-savetime", "x-swift-savetime", "x-swift-cachetime"];
    shows.iter().any(|name| evidence.has(name)).then_some(Claim::Passed)
}

struct Node<'v> {
    name: &'v str,
    group: &'v str,
    /// Routing hops have no letter.
    status: Option<CacheStatus>,
}

/// `cache5.jp3[0,200-0,H]`, `kunlun3.cn257[41,0]`: name, group of nodes, and whether it had a copy.
fn node(hop: Hop<'_>) -> Option<Node<'_>> {
    let (name, rest) = hop.text.split_once('[')?;
    let codes = rest.strip_suffix(']')?;
    let name = name.trim();
    let (_, group) = name.split_once('.')?;
    let is_word =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let (time, codes) = codes.split_once(',')?;
    if !is_word(group) || !time.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let status = match codes.rsplit(',').next().map(str::trim) {
        Some("H") => Some(Hit),
        Some("M") => Some(Miss),
        _ => None,
    };
    Some(Node { name, group, status })
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let verdict = evidence.bare_x_cache(DIALECT.id).last().map_or(Unknown, verdict);
    let nodes = || evidence.hops.iter().filter_map(|hop| node(*hop));
    let Some(last) = nodes().next_back() else {
        found.layers.push(layer(DIALECT.id, verdict));
        return;
    };
    let start = found.layers.len();
    let mut edge = layer(DIALECT.id, Unknown);
    edge.pop = pop(last.group);
    for node in nodes() {
        let Some(status) = node.status else { continue };
        let this = Layer { name: Some(node.name.to_owned()), pop: pop(node.group), ..layer(DIALECT.id, status) };
        if node.group == last.group {
            // Within one group the node with the letter nearest the client speaks for the level.
            edge = this;
        } else {
            found.layers.push(this);
        }
    }
    if verdict != Unknown {
        edge.status = verdict;
    } else if edge.name.is_none()
        && let Some(parent) = found.layers.get(start..).and_then(<[Layer]>::last)
    {
        // No letter of its own, no verdict: whatever the parent did is all that is said.
        edge.status = if parent.status == Miss { Miss } else { Unknown };
    }
    found.layers.push(edge);
}

fn verdict(member: &str) -> CacheStatus {
    let mut words = member.split_ascii_whitespace();
    let first = words.next().map_or(Unknown, |word| meaning(VERDICTS, word));
    match words.next().map_or(Unknown, |word| meaning(SQUID_LOG, word)) {
        Unknown => first,
        finer => finer,
    }
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::{assert_reads, layers};

    #[test]
    fn each_pair_of_words_is_read() {
        for (words, expected) in [
            ("HIT TCP_MEM_HIT dirn:9:280914441", "hit"),
            ("HIT TCP_HIT dirn:1:2", "hit"),
            ("HIT TCP_IMS_HIT dirn:1:2", "hit"),
            ("MISS TCP_MISS dirn:-2:-2", "miss"),
            ("MISS TCP_REFRESH_MISS dirn:1:2", "expired"),
            ("HIT TCP_REFRESH_HIT dirn:1:2", "revalidated"),
            ("HIT", "hit"),
            ("MISS TCP_ELSE", "miss"),
        ] {
            let text = format!("server: Tengine\neagleid: 1\nx-cache: {words}\nage: 5");
            assert_reads(&[("captured; the words are Squid's", &text, &format!("alibaba {expected} - 5"))]);
        }
    }

    #[test]
    fn each_level_with_a_letter_is_a_layer() {
        let text = "via: cache15.l2hk71[0,200-0,H], cache2.l2hk71[0,0], cache5.jp3[0,200-0,H], cache12.jp3[0,0]\n\
                    x-cache: HIT TCP_MEM_HIT dirn:9:2\nage: 77";
        assert_eq!(layers(text), ["alibaba hit L2HK71 - history", "alibaba hit JP3 77"]);
        let text = "via: cache15.l2hk71[0,304-0,H], cache5.jp3[12,200-0,M], cache12.jp3[13,0]\nx-cache: MISS TCP_MISS dirn:-2:-2";
        assert_eq!(layers(text), ["alibaba hit L2HK71 -", "alibaba miss JP3 -"]);
        let text = "via: cache1.l2cn3130[35,200-0,M], kunlun2.cn257[40,200-0,M], kunlun3.cn257[41,0]";
        assert_eq!(layers(text), ["alibaba miss L2CN3130 -", "alibaba miss CN257 -"]);
    }

    #[test]
    fn without_x_cache_the_letters_speak() {
        assert_reads(&[
            ("captured", "via: cache5.cn64[0,200-0,H], cache12.cn64[0,0]", "alibaba hit CN64 -"),
            ("captured", "via: cache12.cn64[0,0]", "alibaba unknown CN64 -"),
        ]);
    }
}
