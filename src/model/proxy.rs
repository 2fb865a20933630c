use std::fmt;
use std::sync::Arc;

/// A proxy that edges are reached through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    /// How it is asked for a tunnel.
    pub scheme: ProxyScheme,
    /// Its name or IP address, without brackets.
    pub name: Arc<str>,
    /// Its port.
    pub port: u16,
    /// What it is shown.
    pub credentials: Option<Credentials>,
}

/// How a proxy is asked for a tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProxyScheme {
    /// By CONNECT (RFC 9110 section 9.3.6).
    Http,
    /// By SOCKS5, the proxy resolving the name (RFC 1928).
    Socks5h,
}

impl ProxyScheme {
    /// As it stands in a URL.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Socks5h => "socks5h",
        }
    }
}

/// What a proxy is shown; never printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// Who asks.
    pub user: Arc<str>,
    /// The proof; may be empty.
    pub password: Arc<str>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// As a URL, credentials masked.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credentials = if self.credentials.is_some() { "***@" } else { "" };
        write!(f, "{}://{credentials}", self.scheme.id())?;
        authority(f, &self.name, self.port)
    }
}

/// A way to a host through a proxy, which resolves its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tunnel {
    /// Who is asked for it.
    pub proxy: Arc<Proxy>,
    /// The name or IP address at its end, without brackets.
    pub name: Arc<str>,
    /// The port at its end.
    pub port: u16,
}

/// Where it ends: `a.example:443`.
impl fmt::Display for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        authority(f, &self.name, self.port)
    }
}

fn authority(f: &mut fmt::Formatter<'_>, name: &str, port: u16) -> fmt::Result {
    if name.contains(':') { write!(f, "[{name}]:{port}") } else { write!(f, "{name}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_shown_nowhere() {
        let credentials = Some(Credentials { user: "ada".into(), password: "hunter22".into() });
        let proxy = Proxy { scheme: ProxyScheme::Http, name: "::1".into(), port: 3128, credentials };
        assert_eq!(proxy.to_string(), "http://***@[::1]:3128");
        let dumped = format!("{proxy:?}");
        assert!(!dumped.contains("ada") && !dumped.contains("hunter22"), "{dumped}");
    }
}
