//! What a URL, a file's name or a logged request is asked for as; braces in it are never placeholders.

use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use url::{Position, Url};

use crate::inventory::wire::{check_host, check_path};

/// What no request line may hold, and braces.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');
/// All but what `encodeURIComponent` leaves as it is (ECMA-262 section 19.2.6.5).
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Host and path with query, as a browser asks for that URL; a fragment is never sent.
pub(super) fn url(text: &str) -> Result<(Arc<str>, Arc<str>), String> {
    let parsed = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    let Some(url) = parsed else {
        return Err(format!("\"{}\" is no URL of a page, write it in full: https://www.example.com/page", shown(text)));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL with credentials would show them to everyone, take them out".to_owned());
    }
    let authority = url[Position::BeforeHost..Position::AfterPort].to_owned();
    check_host(&authority)?;
    let path = target(url[Position::BeforePath..Position::AfterQuery].as_bytes())?;
    Ok((authority.into(), path))
}

/// What stands in a request line, percent-encoded where that is missing.
pub(super) fn target(bytes: &[u8]) -> Result<Arc<str>, String> {
    let bytes = bytes.split(|byte| *byte == b'#').next().unwrap_or_default();
    let path = percent_encode(bytes, ENCODED).to_string();
    check_path(&path).map_err(|why| why.replace(&path, &shown(&path)))?;
    Ok(path.into())
}

/// A file's name, each of its parts encoded.
pub(super) fn file_name(name: &str) -> String {
    let parts: Vec<String> = name.split('/').map(|part| utf8_percent_encode(part, COMPONENT).to_string()).collect();
    parts.join("/")
}

/// As much of it as a message needs.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_asked_for_as_a_browser_does() {
        for (text, host, path) in [
            ("https://www.Example.com", "www.example.com", "/"),
            ("http://a.example:80/x?b=c&d#e", "a.example", "/x?b=c&d"),
            ("https://a.example:8443/x", "a.example:8443", "/x"),
            ("https://bücher.example/Straße/ä b", "xn--bcher-kva.example", "/Stra%C3%9Fe/%C3%A4%20b"),
            ("https://a.example/%C3%A4?q=%7b", "a.example", "/%C3%A4?q=%7b"),
            ("https://a.example/{id}?t={host}", "a.example", "/%7Bid%7D?t=%7Bhost%7D"),
            ("https://[::1]:8443/x", "[::1]:8443", "/x"),
        ] {
            assert_eq!(url(text), Ok((host.into(), path.into())), "{text}");
        }
        for text in ["", "/x", "a.example/x", "ftp://a.example/x", "https://", "javascript:x", "https://a b/"] {
            assert!(url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_url_with_credentials_is_not_shown() {
        let error = url("https://user:hunter22@a.example/").unwrap_err();
        assert!(error.contains("credentials") && !error.contains("hunter22"), "{error}");
    }

    #[test]
    fn names_of_files_are_encoded_part_by_part() {
        assert_eq!(file_name("a/[slug]/(shop)/@modal/x+y z.js"), "a/%5Bslug%5D/(shop)/%40modal/x%2By%20z.js");
    }
}
