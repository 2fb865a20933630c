//! The command that asks the same again, for people. It holds no credentials.

use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::model::{Ask, Method, ProxyScheme, Scheme, Trust, Tunnel, Vantage, is_credential};
use crate::vantage;

/// As a `curl` command, quoted for a POSIX shell.
pub(super) fn reproduce(ask: &Ask, address: Option<SocketAddr>, trust: &Trust) -> String {
    let mut command = String::from("curl -sS");
    command.push_str(match ask.method {
        Method::Head => " -I",
        Method::Get => " -o /dev/null -D -",
    });
    if trust.insecure {
        command.push_str(" -k");
    }
    // It takes one file, and it does not add to the system's.
    if let Some(authorities) = trust.authorities.first() {
        let _ = write!(command, " --cacert {}", quoted(&authorities.file));
    }
    let (name, port) = split_port(&ask.host);
    let port = port.unwrap_or(ask.scheme.default_port());
    let in_url = if ask.scheme == Scheme::Https { bracketed_name(&ask.sni) } else { name.to_owned() };
    if let Some(tunnel) = &ask.through {
        command.push_str(&through(tunnel, ask.scheme, (&in_url, port)));
    } else if let Some(address) = address {
        let _ = write!(command, " --connect-to {}", quoted(&format!("::{}:{}", bracketed(address), address.port())));
    }
    if in_url != name {
        let _ = write!(command, " -H {}", quoted(&format!("Host: {}", ask.host)));
    }
    for (name, value) in ask.headers.iter() {
        let value = if is_credential(name.as_str()) { "***".into() } else { String::from_utf8_lossy(value.as_bytes()) };
        let _ = write!(command, " -H {}", quoted(&format!("{name}: {value}")));
    }
    let shown_port = if port == ask.scheme.default_port() { String::new() } else { format!(":{port}") };
    let _ = write!(command, " {}", quoted(&format!("{}://{in_url}{shown_port}{}", ask.scheme.id(), ask.path)));
    command
}

/// As a `curl` command that has a vendor ask; a token stands as a variable of the shell.
pub(super) fn from_afar(vantage: &Vantage, ask: &Ask, port: u16) -> String {
    let (url, headers, body) = vantage::request(vantage, ask, port);
    let mut command = String::from("curl -sS");
    for header in headers {
        let _ = write!(command, " -H \"{header}\"");
    }
    if let Some(body) = body {
        let _ = write!(command, " -d {}", quoted(&body));
    }
    let _ = write!(command, " {}", quoted(&url));
    command
}

/// By the proxy, and to where the tunnel ends if the URL leads elsewhere.
fn through(tunnel: &Tunnel, scheme: Scheme, in_url: (&str, u16)) -> String {
    let mut flags = format!(" --proxy {}", quoted(&tunnel.proxy.to_string()));
    // For a plain URL curl would ask the proxy itself for it.
    if scheme == Scheme::Http && tunnel.proxy.scheme == ProxyScheme::Http {
        flags.push_str(" --proxytunnel");
    }
    if in_url != (&bracketed_name(&tunnel.name), tunnel.port) {
        let _ = write!(flags, " --connect-to {}", quoted(&format!("::{tunnel}")));
    }
    flags
}

fn split_port(host: &str) -> (&str, Option<u16>) {
    let after_brackets = host.rfind(']').map_or(0, |end| end + 1);
    match host[after_brackets..].rsplit_once(':') {
        Some((_, port)) => (&host[..host.len() - port.len() - 1], port.parse().ok()),
        None => (host, None),
    }
}

fn bracketed(address: SocketAddr) -> String {
    if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() }
}

fn bracketed_name(name: &str) -> String {
    if name.contains(':') { format!("[{name}]") } else { name.to_owned() }
}

/// In single quotes, unless it needs none.
fn quoted(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=@%+,[]".contains(&b);
    let globs = text.contains(['[', ']']);
    if !text.is_empty() && text.bytes().all(plain) && !globs {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::HeaderMap;

    use super::*;
    use crate::model::{Credentials, Proxy, Want};

    fn ask(host: &str, sni: &str, path: &str) -> Ask {
        let mut headers = HeaderMap::new();
        headers.insert("accept-encoding", "gzip".parse().unwrap());
        headers.insert("authorization", "Bearer abc".parse().unwrap());
        Ask {
            method: Method::Head,
            scheme: Scheme::Https,
            host: host.into(),
            sni: sni.into(),
            path: path.into(),
            headers: Arc::new(headers),
            want: Want::Head,
            alone: false,
            through: None,
        }
    }

    #[test]
    fn it_dials_the_edge_and_asks_for_the_tenant() {
        let command =
            reproduce(&ask("a.example", "a.example", "/x?y=1"), "192.0.2.7:8443".parse().ok(), &Trust::default());
        assert_eq!(
            command,
            "curl -sS -I --connect-to ::192.0.2.7:8443 -H 'accept-encoding: gzip' -H 'authorization: ***' \
             'https://a.example/x?y=1'"
        );
    }

    #[test]
    fn another_name_for_tls_goes_into_the_url() {
        let command = reproduce(&ask("a.example", "cdn.example", "/"), "[::1]:443".parse().ok(), &Trust::default());
        assert!(command.contains("--connect-to '::[::1]:443' -H 'Host: a.example'"), "{command}");
        assert!(command.ends_with(" https://cdn.example/"), "{command}");
    }

    #[test]
    fn a_proxy_is_asked_for_the_tenants_name_without_its_credentials() {
        let credentials = Some(Credentials { user: "ada".into(), password: "hunter22".into() });
        let proxy = Proxy { scheme: ProxyScheme::Http, name: "proxy.example".into(), port: 3128, credentials };
        let through = |proxy: &Proxy, name: &str, port| {
            Some(Arc::new(Tunnel { proxy: Arc::new(proxy.clone()), name: name.into(), port }))
        };
        let command = |ask: &Ask| reproduce(ask, "192.0.2.9:3128".parse().ok(), &Trust::default());
        let secure = Ask { through: through(&proxy, "a.example", 443), ..ask("a.example", "a.example", "/") };
        let words = command(&secure);
        assert!(words.starts_with("curl -sS -I --proxy 'http://***@proxy.example:3128' -H "), "{words}");
        let plain = Ask { scheme: Scheme::Http, through: through(&proxy, "192.0.2.7", 8080), ..secure };
        let words = command(&plain);
        let flags = "--proxy 'http://***@proxy.example:3128' --proxytunnel --connect-to ::192.0.2.7:8080 -H ";
        assert!(words.contains(flags) && words.ends_with(" http://a.example/"), "{words}");
        let socks = Proxy { scheme: ProxyScheme::Socks5h, credentials: None, ..proxy };
        let words = command(&Ask { through: through(&socks, "a.example", 80), ..plain });
        assert!(words.starts_with("curl -sS -I --proxy socks5h://proxy.example:3128 -H "), "{words}");
    }

    #[test]
    fn nothing_in_a_path_escapes_its_quotes() {
        let command = reproduce(&ask("a.example", "a.example", "/'$(id)'"), None, &Trust::default());
        assert!(command.ends_with(r"'https://a.example/'\''$(id)'\'''"), "{command}");
    }
}
