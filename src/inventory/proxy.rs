//! A proxy's URL; what it quotes of one in an error holds no credentials.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::InventoryError;
use super::error::near_miss;
use super::reader::Item;
use super::wire::check_name;
use crate::model::{Credentials, Proxy, ProxyScheme};

/// RFC 1929 gives a length one byte.
const LONGEST: usize = 255;
const MEND: &str = "write \"http://proxy.example:3128\" or \"socks5h://proxy.example:1080\"";

pub(super) fn proxy(item: &Item<'_>) -> Result<Arc<Proxy>, InventoryError> {
    let text = item.text()?;
    if let Some((_, password)) = userinfo(&text).and_then(|userinfo| userinfo.split_once(':')) {
        item.keep_secret(password);
        item.keep_secret(&percent_decode_str(password).decode_utf8_lossy());
    }
    parse(&text).map(Arc::new).map_err(|why| item.wrong(format_args!("\"{}\" {why}", masked(&text))))
}

/// The error says what is wrong with the URL and what to write.
fn parse(text: &str) -> Result<Proxy, String> {
    let (scheme, rest) = text.split_once("://").ok_or_else(|| format!("has no scheme, {MEND}"))?;
    let scheme = match scheme {
        "http" => ProxyScheme::Http,
        "socks5h" => ProxyScheme::Socks5h,
        "socks5" => {
            let why = "would have names resolved here, where they may lead elsewhere";
            return Err(format!("{why}, did you mean \"socks5h://\"?"));
        }
        "https" => return Err("is a proxy behind TLS, which is not supported, use one by http:// or socks5h://".into()),
        other => {
            let near = near_miss(other, ["http", "socks5h"]);
            let mend = near.map_or_else(|| MEND.to_owned(), |near| format!("did you mean \"{near}://\"?"));
            return Err(format!("has no scheme that a proxy is asked by, {mend}"));
        }
    };
    let (shown, at) = rest.rsplit_once('@').map_or((None, rest), |(shown, at)| (Some(shown), at));
    let (name, port) = place(at.strip_suffix('/').unwrap_or(at))?;
    let credentials = shown.map(|shown| credentials(shown, scheme)).transpose()?;
    Ok(Proxy { scheme, name: name.into(), port, credentials })
}

fn place(at: &str) -> Result<(String, u16), String> {
    if at.contains(['/', '?', '#']) {
        return Err("has a path or a query, end it with the port".to_owned());
    }
    let no_port = || format!("has no port, write it behind the host: \"{at}:3128\"");
    if let Ok(address) = at.parse::<SocketAddr>() {
        return if address.port() == 0 { Err(bad_port()) } else { Ok((address.ip().to_string(), address.port())) };
    }
    let (host, port) = at.rsplit_once(':').unwrap_or((at, ""));
    if host.is_empty() {
        return Err(format!("names no host, {MEND}"));
    }
    if at.ends_with(']') || host == at || port.is_empty() {
        return Err(no_port());
    }
    if host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) {
        return Err(format!("needs brackets around its IPv6 address: \"[{host}]:{port}\""));
    }
    check_name(host).map_err(|why| format!("has \"{host}\" for a host, which {why}"))?;
    match port.parse() {
        Ok(port @ 1..) => Ok((host.to_ascii_lowercase(), port)),
        _ => Err(bad_port()),
    }
}

fn bad_port() -> String {
    "has no usable port, write one from 1 to 65535".to_owned()
}

fn credentials(shown: &str, scheme: ProxyScheme) -> Result<Credentials, &'static str> {
    let (user, password) = shown.split_once(':').unwrap_or((shown, ""));
    let decoded = |part: &str| match percent_decode_str(part).decode_utf8() {
        Ok(text) if text.contains(char::is_control) => Err("has a control character in its credentials, take it out"),
        Ok(text) => Ok(Arc::<str>::from(text)),
        Err(_) => Err("has credentials that are no UTF-8 once percent-decoded, write % as %25"),
    };
    let (user, password) = (decoded(user)?, decoded(password)?);
    if user.is_empty() {
        return Err("has credentials without a user, write \"user:password@\" before the host");
    }
    if scheme == ProxyScheme::Http && user.contains(':') {
        return Err("has a colon in its user, which RFC 7617 does not allow, use another user");
    }
    let fits = |part: &str| (1..=LONGEST).contains(&part.len());
    if scheme == ProxyScheme::Socks5h && !(fits(&user) && fits(&password)) {
        return Err("has a user or password that is empty or longer than 255 bytes, which SOCKS5 cannot send");
    }
    Ok(Credentials { user, password })
}

/// What stands before the host.
fn userinfo(text: &str) -> Option<&str> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.rsplit_once('@').map(|(shown, _)| shown)
}

fn masked(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, at)) => {
            let scheme = before.split_once("://").map_or_else(String::new, |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}***@{at}")
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_holds_a_scheme_a_host_a_port_and_maybe_credentials() {
        for (text, name, port, credentials) in [
            ("http://proxy.example:3128", "proxy.example", 3128, None),
            ("http://Proxy.example:3128/", "proxy.example", 3128, None),
            ("http://192.0.2.9:8080", "192.0.2.9", 8080, None),
            ("http://ada:s3cret@[2001:db8::9]:8080", "2001:db8::9", 8080, Some(("ada", "s3cret"))),
            ("socks5h://ada:s3cret@proxy.example:1080", "proxy.example", 1080, Some(("ada", "s3cret"))),
            ("http://ada@proxy.example:3128", "proxy.example", 3128, Some(("ada", ""))),
            ("http://a%40b:p%3Aq%2Fr@proxy.example:3128", "proxy.example", 3128, Some(("a@b", "p:q/r"))),
            // As an environment variable brings it.
            ("http://ada:p@s:/s#w?@proxy.example:3128", "proxy.example", 3128, Some(("ada", "p@s:/s#w?"))),
        ] {
            let proxy = parse(text).unwrap();
            let shown = proxy.credentials.as_ref().map(|shown| (&*shown.user, &*shown.password));
            assert_eq!((&*proxy.name, proxy.port, shown), (name, port, credentials), "{text}");
        }
    }

    #[test]
    fn what_is_no_proxy_says_what_to_write() {
        for (text, why) in [
            ("socks5://proxy.example:1080", "did you mean \"socks5h://\"?"),
            ("socks4a://proxy.example:1080", "did you mean \"socks5h://\"?"),
            ("htp://proxy.example:3128", "did you mean \"http://\"?"),
            ("quic://proxy.example:3128", "write \"http://proxy.example:3128\" or \"socks5h://proxy.example:1080\""),
            ("https://proxy.example:3128", "is a proxy behind TLS, which is not supported"),
            ("proxy.example:3128", "has no scheme, write \"http://"),
            ("ada:s3cret@proxy.example:3128", "has no scheme, write \"http://"),
            ("http://", "names no host"),
            ("http://:3128", "names no host"),
            ("http://ada:s3cret@:3128", "names no host"),
            ("http://proxy.example", "has no port, write it behind the host: \"proxy.example:3128\""),
            ("http://[::1]", "has no port"),
            ("http://proxy.example:", "has no port"),
            ("http://proxy.example:0", "has no usable port, write one from 1 to 65535"),
            ("http://192.0.2.9:0", "has no usable port"),
            ("http://proxy.example:70000", "has no usable port"),
            ("http://proxy.example:x", "has no usable port"),
            ("http://2001:db8::9:3128", "needs brackets around its IPv6 address"),
            ("http://proxy.example:3128/path", "has a path or a query"),
            ("http://a b:3128", "is no host name"),
            ("http://:s3cret@proxy.example:3128", "has credentials without a user"),
            ("http://a%3Ab:s3cret@proxy.example:3128", "has a colon in its user"),
            ("http://ada:%FF@proxy.example:3128", "no UTF-8"),
            ("http://ada:%0D%0A@proxy.example:3128", "has a control character"),
            ("socks5h://ada@proxy.example:1080", "which SOCKS5 cannot send"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(why) && !error.contains("s3cret"), "{text}: {error}");
            assert!(!masked(text).contains("s3cret"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_tells_a_password(text in "(http|socks5h)?(://)?[a@:/%0-9\\[\\].#]{0,24}(:pa55word@)?[a:@0-9]{0,8}") {
            let error = parse(&text).map(drop).err().unwrap_or_default();
            if text.contains(":pa55word@") {
                proptest::prop_assert!(!error.contains("pa55word") && !masked(&text).contains("pa55word"), "{error}");
            }
        }
    }
}
