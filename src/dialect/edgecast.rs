//! Edgecast (Verizon, Edgio, Azure CDN from Verizon): a node in `Server` beside a plain `X-Cache`.

use super::evidence::{Evidence, Found, begins, layer, pop};
use super::words::{NGINX, SQUID_LOG, meaning_in};
use super::{Claim, Dialect};
use crate::model::CacheStatus::Unknown;
use crate::model::Layer;

pub(super) static DIALECT: Dialect = Dialect { bare_x_cache: true, ..Dialect::new("edgecast", claim, layers) };

/// `ECS (sya/E0E0)`, `ECAcc (hkc/BD99)`: place and node.
fn node(server: &str) -> Option<(&str, &str)> {
    let (kind, rest) = server.split_once(" (")?;
    if !begins(kind, "EC") || kind.len() > 6 || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    rest.strip_suffix(')')?.split_once('/')
}

/// `HIT`, or for a stored error `404-HIT`.
fn word(member: &str) -> &str {
    match member.split_once('-') {
        Some((code, word)) if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) => word,
        _ => member,
    }
}

fn claim(evidence: &Evidence<'_>) -> Option<Claim> {
    node(evidence.server).map(|_| Claim::Server)
}

fn layers(evidence: &Evidence<'_>, found: &mut Found) {
    let status = evidence
        .bare_x_cache(DIALECT.id)
        .last()
        .map_or(Unknown, |member| meaning_in(&[NGINX, SQUID_LOG], word(member)));
    let node = node(evidence.server);
    let name = node.map(|(_, id)| id.to_owned());
    found.layers.push(Layer { name, pop: node.and_then(|(place, _)| pop(place)), ..layer(DIALECT.id, status) });
}

#[cfg(test)]
mod tests {
    use crate::dialect::testing::assert_reads;

    #[test]
    fn heads_are_read() {
        assert_reads(&[
            ("captured 2024", "server: ECAcc (hkc/BD99)\nx-cache: HIT\nage: 3644010", "edgecast hit HKC 3644010"),
            ("captured 2020", "server: ECS (sya/E0E0)\nx-cache: HIT\nage: 3240", "edgecast hit SYA 3240"),
            ("documentation only", "server: ECS (sya/E0E0)\nx-cache: TCP_EXPIRED_MISS", "edgecast expired SYA -"),
            ("documentation only", "server: ECS (sya/E0E0)\nx-cache: TCP_EXPIRED_HIT", "edgecast revalidated SYA -"),
            ("captured", "server: ECD (lac/5E5F)", "edgecast unknown LAC -"),
            ("not its form", "server: ECS\nx-cache: HIT", "unknown hit - -"),
        ]);
    }
}
