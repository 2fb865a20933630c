//! Labels of caddy-docker-proxy: addresses of sites are hosts; snippets, options, redirects and upstreams are not.

use super::super::host_regexp::Named;
use super::interpolate::Filled;
use super::names::{Seen, address, pattern};
use super::service::{Field, Fields};
use super::variables::Variables;
use crate::inventory::InventoryError;

/// The hosts that Caddy routes to a service.
pub(super) fn seen(labels: &Fields, variables: &Variables<'_>, seen: &mut Vec<Seen>) -> Result<(), InventoryError> {
    for (key, field) in labels.iter().filter(|(key, _)| is_site(key)) {
        let filled = field.filled(variables)?;
        let mut sites = addresses(field, &filled)?;
        // A site for any name, with matchers for those that it serves: it is there for the certificate.
        if sites.iter().any(|site| !matches!(site.named, Named::Host(_))) {
            let matched = matched(key, labels, variables)?;
            if !matched.is_empty() {
                sites.retain(|site| matches!(site.named, Named::Host(_)));
                sites.extend(matched);
            }
        }
        seen.extend(sites);
    }
    Ok(())
}

/// `caddy`, `caddy_0`
fn is_site(key: &str) -> bool {
    let Some(number) = key.strip_prefix("caddy") else { return false };
    number.is_empty() || number.strip_prefix('_').is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `a.example.com, https://b.example.com:8443`; none of `(snippet)` and of an empty text, which is for options.
fn addresses(field: &Field, filled: &Filled) -> Result<Vec<Seen>, InventoryError> {
    let text = filled.text.trim();
    if text.is_empty() || text.starts_with('(') || text == "{{\"\"}}" {
        return Ok(Vec::new());
    }
    if text.contains("{{") {
        let named = pattern(text, "a template that Caddy fills in, write the name or a variable of Compose's");
        return Ok(vec![Seen::new(named, field, filled)]);
    }
    named(words(text), field, filled)
}

/// Arguments as the Caddyfile has them, and what commas part.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c.is_whitespace() || c == ',');
    let words = parts.map(|part| part.trim_matches(['"', '`'])).filter(|word| !word.is_empty());
    words.take_while(|word| !word.starts_with('#'))
}

fn named<'w>(
    words: impl Iterator<Item = &'w str>,
    field: &Field,
    filled: &Filled,
) -> Result<Vec<Seen>, InventoryError> {
    let mut seen = Vec::new();
    for word in words {
        seen.extend(address(word, field, filled)?);
    }
    Ok(seen)
}

/// What the matchers of a site name: `caddy.@shop.host: shop.example.com`, `caddy.1_@shop: host shop.example.com`.
fn matched(site: &str, labels: &Fields, variables: &Variables<'_>) -> Result<Vec<Seen>, InventoryError> {
    let mut seen = Vec::new();
    let within = format!("{site}.");
    for (key, field) in labels.range(within.clone()..).take_while(|(key, _)| key.starts_with(&within)) {
        let Some(matcher) = matcher(&key[within.len()..]) else { continue };
        let filled = field.filled(variables)?;
        let mut words = words(&filled.text);
        match matcher.split_once('.') {
            None if words.next() == Some("host") => {}
            Some((_, "host")) => {}
            _ => continue,
        }
        seen.extend(named(words, field, &filled)?);
    }
    Ok(seen)
}

/// `shop.host` of `@shop.host` and of `1_@shop.host`.
fn matcher(key: &str) -> Option<&str> {
    let (order, matcher) = key.split_once('@')?;
    (order.is_empty() || order.strip_suffix('_').is_some_and(is_number)).then_some(matcher)
}
