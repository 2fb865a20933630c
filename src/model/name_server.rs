use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

/// Who is asked for names: `udp://192.0.2.53`, `tcp://…`, `tls://dns.example@192.0.2.53`, `https://dns.example/dns-query`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameServer {
    /// How it is spoken to.
    pub transport: Transport,
    /// The name that its certificate must bear; absent: its address.
    pub name: Option<Arc<str>>,
    /// Where it is; absent: looked up by the system's resolver, as an ordinary host.
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: u16,
    written: Arc<str>,
}

/// How a name server is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Over UDP, and over TCP what does not fit.
    Udp,
    /// Over TCP.
    Tcp,
    /// Over TLS (RFC 7858).
    Tls,
    /// Over HTTPS (RFC 8484), at this path.
    Https(Arc<str>),
}

/// Why a text is no name server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameServerError {
    /// No scheme, or none that is spoken.
    #[error("unknown scheme")]
    Scheme(String),
    /// What stands behind the scheme cannot be used.
    #[error("{0}")]
    Rest(&'static str),
}

impl NameServer {
    /// Every scheme.
    pub const SCHEMES: [&str; 4] = ["udp", "tcp", "tls", "https"];

    /// Whether certificates are checked.
    pub const fn is_secure(&self) -> bool {
        matches!(self.transport, Transport::Tls | Transport::Https(_))
    }
}

impl FromStr for NameServer {
    type Err = NameServerError;

    fn from_str(text: &str) -> Result<Self, NameServerError> {
        let (scheme, rest) = text.split_once("://").unwrap_or((text, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (transport, port) = match scheme {
            "udp" => (Transport::Udp, 53),
            "tcp" => (Transport::Tcp, 53),
            "tls" => (Transport::Tls, 853),
            "https" => (Transport::Https(if path.len() > 1 { path } else { "/dns-query" }.into()), 443),
            _ => return Err(NameServerError::Scheme(scheme.to_owned())),
        };
        if !matches!(transport, Transport::Https(_)) && path.len() > 1 {
            return Err(NameServerError::Rest("has a path, which only https:// has, leave it out"));
        }
        if path.contains(['?', '#', '{']) {
            return Err(NameServerError::Rest("has a query, a fragment or a placeholder, end it with the path"));
        }
        let (name, at) = authority.split_once('@').map_or((None, authority), |(name, at)| (Some(name), at));
        let (host, port) = split_port(at, port)?;
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let is_secure = matches!(transport, Transport::Tls | Transport::Https(_));
        let name = match (name, address) {
            (Some(_), _) if !is_secure => {
                return Err(NameServerError::Rest("has a name, which only tls:// and https:// check, leave it out"));
            }
            (Some(_), None) => return Err(NameServerError::Rest("needs an IP address behind its \"@\"")),
            (None, None) if !is_secure => return Err(NameServerError::Rest("needs an IP address, not a name")),
            (Some(_), Some(_)) | (None, None) => {
                let name = name.unwrap_or(host);
                if !is_name(name) {
                    return Err(NameServerError::Rest("names no server, write its name or its IP address"));
                }
                Some(name.into())
            }
            (None, Some(_)) => None,
        };
        Ok(Self { transport, name, address, port, written: text.into() })
    }
}

/// A host and its port, or the usual one.
fn split_port(at: &str, usual: u16) -> Result<(&str, u16), NameServerError> {
    if at.parse::<IpAddr>().is_ok() {
        return Ok((at, usual));
    }
    if let Ok(address) = at.parse::<SocketAddr>()
        && address.port() == 0
    {
        return Err(NameServerError::Rest("has port 0, write one from 1 to 65535"));
    }
    match at.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => match port.parse() {
            Ok(port @ 1..) => Ok((host, port)),
            _ => Err(NameServerError::Rest("has no usable port, write one from 1 to 65535")),
        },
        _ => Ok((at, usual)),
    }
}

fn is_name(name: &str) -> bool {
    let fits = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.len() <= 253 && name.split('.').all(fits)
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, Option<String>, u16) {
        let server: NameServer = text.parse().unwrap();
        (server.name.map(|name| name.to_string()), server.address.map(|ip| ip.to_string()), server.port)
    }

    #[test]
    fn a_server_is_an_address_or_a_name_or_both() {
        for (text, name, address, port) in [
            ("udp://192.0.2.53", None, Some("192.0.2.53"), 53),
            ("tcp://192.0.2.53:5353", None, Some("192.0.2.53"), 5353),
            ("udp://[2001:db8::53]:5353", None, Some("2001:db8::53"), 5353),
            ("udp://2001:db8::53", None, Some("2001:db8::53"), 53),
            ("tls://192.0.2.53", None, Some("192.0.2.53"), 853),
            ("tls://dns.example", Some("dns.example"), None, 853),
            ("tls://dns.example@192.0.2.53:8853", Some("dns.example"), Some("192.0.2.53"), 8853),
            ("tls://dns.example@[2001:db8::53]", Some("dns.example"), Some("2001:db8::53"), 853),
            ("https://dns.example/dns-query", Some("dns.example"), None, 443),
            ("https://dns.example:8443/q", Some("dns.example"), None, 8443),
            ("https://dns.example@192.0.2.53/q", Some("dns.example"), Some("192.0.2.53"), 443),
        ] {
            assert_eq!(parts(text), (name.map(str::to_owned), address.map(str::to_owned), port), "{text}");
            assert_eq!(text.parse::<NameServer>().unwrap().to_string(), text);
        }
        let path = |text: &str| text.parse::<NameServer>().unwrap().transport;
        assert_eq!(path("https://dns.example"), Transport::Https("/dns-query".into()));
        assert_eq!(path("https://dns.example/q"), Transport::Https("/q".into()));
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        for text in [
            "192.0.2.53",
            "",
            "quic://192.0.2.53",
            "udp://dns.example",
            "udp://dns.example@192.0.2.53",
            "udp://192.0.2.53/dns-query",
            "tls://",
            "tls://@192.0.2.53",
            "tls://dns.example@other.example",
            "tls://192.0.2.53:0",
            "tls://dns.example:x",
            "https://dns.example/q?a=b",
            "https://dns.example/{?dns}",
            "https://a b/",
        ] {
            assert!(text.parse::<NameServer>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(udp|tcp|tls|https)?(://)?[a-z0-9.:@/\\[\\]]{0,30}") {
            let _ = text.parse::<NameServer>();
        }
    }
}
