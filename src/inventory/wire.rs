//! Whether a text may stand in a request: hosts, paths, header lines. It rejects and says what to write, it changes nothing.

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A host as it stands in a request: a name or an IP address, with an optional port.
pub fn check_host(host: &str) -> Result<(), String> {
    if host.contains('/') {
        return Err(format!("\"{host}\" is no host name, write the name alone without scheme and path"));
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return Err(format!("\"{host}\" has no usable port, write one from 1 to 65535"));
    }
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address = address.parse::<std::net::Ipv6Addr>();
        return address.map(drop).map_err(|_| format!("\"{host}\" is no IPv6 address, correct it"));
    }
    check_name(name).map_err(|why| format!("\"{host}\" {why}"))
}

/// A host name without a port.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    if !name.is_ascii() {
        return Err("is no host name in ASCII, write it in its xn-- form");
    }
    if name.contains('/') {
        return Err("is no host name, write the name alone without scheme and path");
    }
    let relative = name.strip_suffix('.').unwrap_or(name);
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if relative.len() <= 253 && relative.split('.').all(fits) {
        Ok(())
    } else {
        Err("is no host name, write letters, digits and hyphens with dots between")
    }
}

/// A path with its query, as it stands in a request.
pub fn check_path(path: &str) -> Result<(), String> {
    if !path.starts_with('/') {
        return Err(format!("the path \"{path}\" does not begin with a slash, write \"/{path}\""));
    }
    if path.contains('#') {
        return Err(format!("the path \"{path}\" holds a fragment, which is never sent, leave it out or write %23"));
    }
    let printable = path.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if printable && PathAndQuery::try_from(path).is_ok() {
        Ok(())
    } else {
        Err(format!("the path \"{}\" holds what no request line may hold, percent-encode it", path.escape_debug()))
    }
}

/// Fields that belong to the connection or that we write ourselves (RFC 9110 section 7.6.1, RFC 9113 section 8.2.2).
const OURS: [&str; 8] =
    ["connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// Make a cache bypass or refresh itself, or answer with less than it serves to users.
const MEDDLING: [&str; 8] = [
    "cache-control",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "pragma",
    "range",
];

/// One header line; none of the value's text stands in the error, since it may be a secret.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = HeaderName::try_from(name)
        .map_err(|_| format!("\"{}\" is no header name, write a token such as X-Tenant", name.escape_debug()))?;
    if parsed == http::header::HOST {
        return Err("the header \"Host\" has a key of its own, use \"host\"".to_owned());
    }
    if OURS.contains(&parsed.as_str()) {
        return Err(format!("the header \"{name}\" belongs to the connection, leave it out"));
    }
    if MEDDLING.contains(&parsed.as_str()) {
        return Err(format!(
            "the header \"{name}\" changes what a cache answers, so it would prove nothing, leave it out"
        ));
    }
    let value = HeaderValue::from_str(value).map_err(|_| {
        format!("the value of the header \"{name}\" is not visible ASCII, percent-encode or leave it out")
    })?;
    Ok((parsed, value))
}

/// `over` on top of `under`: a name that both hold is taken from `over`.
pub(super) fn layered(over: &HeaderMap, under: &HeaderMap) -> HeaderMap {
    let mut both = under.clone();
    for name in over.keys() {
        both.remove(name);
        for value in over.get_all(name) {
            both.append(name, value.clone());
        }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_make_a_cache_answer_otherwise_are_refused() {
        for name in ["Cache-Control", "pragma", "RANGE", "If-None-Match"] {
            let why = header(name, "x").unwrap_err();
            assert!(why.contains("would prove nothing"), "{why}");
        }
    }

    #[test]
    fn hosts_are_names_or_addresses_with_an_optional_port() {
        let long = format!("{}.example", "a".repeat(63));
        for host in ["a.example", "a.example:8443", "a_b.example.", "192.0.2.1", "[2001:db8::1]:443", "[::1]", &long] {
            assert_eq!(check_host(host), Ok(()), "{host}");
        }
        for (host, mend) in [
            ("", "letters, digits"),
            ("a b", "letters, digits"),
            ("a..b", "letters, digits"),
            ("{id}.example", "letters, digits"),
            ("*.example", "letters, digits"),
            ("2001:db8::1", "letters, digits"),
            ("https://a.example", "without scheme"),
            ("bücher.example", "xn--"),
            ("a.example:0", "from 1 to 65535"),
            ("a.example:x", "from 1 to 65535"),
            ("[::g]", "no IPv6 address"),
        ] {
            assert!(check_host(host).unwrap_err().contains(mend), "{host}: {:?}", check_host(host));
        }
    }

    #[test]
    fn paths_hold_what_a_request_line_may_hold() {
        for path in ["/", "/a/b?c=d&e", "//x", "/%20", "/a{host}", "/@v;1"] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        for (path, mend) in [
            ("a", "write \"/a\""),
            ("", "begin with a slash"),
            ("/a b", "percent-encode"),
            ("/ä", "percent-encode"),
            ("/a\n", "percent-encode"),
            ("/a#b", "fragment"),
        ] {
            assert!(check_path(path).unwrap_err().contains(mend), "{path}");
        }
    }

    #[test]
    fn header_lines_are_checked_without_showing_the_value() {
        assert!(header("X-A", "b c").is_ok());
        for (name, value, mend) in [
            ("X A", "b", "is no header name"),
            (":path", "b", "is no header name"),
            ("Host", "b", "use \"host\""),
            ("Connection", "close", "leave it out"),
            ("X-A", "s3cret\n", "is not visible ASCII"),
        ] {
            let error = header(name, value).unwrap_err();
            assert!(error.contains(mend) && !error.contains("s3cret"), "{error}");
        }
    }
}
