//! A name as sources write it, made the one that is asked for; it looks nothing up.

use std::sync::Arc;

use super::{Sighting, Told};
use crate::inventory::wire::{check_host, check_name};

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Itself.
    Host(Arc<str>),
    /// Any name below it: `*.example.com`, or `*` for any at all.
    Wildcard(Arc<str>),
    /// Names that a pattern describes.
    Pattern(Arc<str>),
}

/// In lower case, in ASCII (RFC 5891), without the root's dot and a scheme's usual port.
pub(super) fn name(text: &str) -> Result<Name, String> {
    let text = text.trim();
    let text = [":443", ":80"].iter().find_map(|port| text.strip_suffix(port)).unwrap_or(text);
    let text = text.strip_suffix('.').unwrap_or(text);
    let (star, rest) = match text.strip_prefix("*.") {
        Some(rest) => ("*.", rest),
        None => ("", text),
    };
    if text == "*" {
        return Ok(Name::Wildcard(text.into()));
    }
    if rest.contains('*') {
        return Ok(Name::Pattern(text.to_ascii_lowercase().into()));
    }
    let lower = if rest.is_ascii() { rest.to_ascii_lowercase() } else { in_ascii(rest)? };
    if star.is_empty() {
        check_host(&lower)?;
        Ok(Name::Host(lower.into()))
    } else {
        check_name(&lower).map_err(|why| format!("\"{text}\" {why}"))?;
        Ok(Name::Wildcard(format!("{star}{lower}").into()))
    }
}

fn in_ascii(text: &str) -> Result<String, String> {
    match url::Host::parse(text) {
        Ok(url::Host::Domain(name)) => Ok(name),
        _ => Err(format!("\"{text}\" is no host name, write letters, digits and hyphens with dots between")),
    }
}

impl Name {
    /// As a source tells it.
    pub(super) fn told(self, source: Arc<str>) -> Told {
        match self {
            Self::Host(host) => Told::Host(Sighting::new(host, source)),
            Self::Wildcard(host) => Told::Wildcard(Sighting::new(host, source)),
            Self::Pattern(pattern) => {
                let reason = "a pattern stands for no single name, name a host with --sample-host".to_owned();
                Told::Unprobeable { pattern: pattern.to_string(), source, reason }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_one_way() {
        let host = |text: &str| Name::Host(text.into());
        for (text, expected) in [
            ("Shop.Example.COM.", host("shop.example.com")),
            ("shop.example.com:443", host("shop.example.com")),
            ("shop.example.com:8443", host("shop.example.com:8443")),
            ("bücher.example", host("xn--bcher-kva.example")),
            ("*.Example.com", Name::Wildcard("*.example.com".into())),
            ("*", Name::Wildcard("*".into())),
            ("*.", Name::Wildcard("*".into())),
            ("shop-*.example.com", Name::Pattern("shop-*.example.com".into())),
        ] {
            assert_eq!(name(text), Ok(expected), "{text}");
        }
        for text in ["", "a b", "*.a b", "a/b", "a..b", "ü ü"] {
            assert!(name(text).is_err(), "{text}");
        }
    }
}
