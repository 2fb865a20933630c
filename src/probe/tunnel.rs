//! Asks a proxy for a tunnel to a name that the proxy resolves. It dials nobody, and sends nothing through.

use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use http::{Method, Request, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_socks::Error as Socks;
use tokio_socks::tcp::Socks5Stream;

use super::link::{NoBody, Task};
use super::words::{self, Fault};
use crate::model::{Credentials, Phase, ProxyScheme, Tunnel};

/// Bytes of a proxy's answer, at most: it is a few lines.
const MAX_HEAD: usize = 16 << 10;

/// A stream whose other end is where the tunnel ends. It takes as long as the proxy does.
pub(super) async fn open(tcp: TcpStream, tunnel: &Tunnel) -> Result<TcpStream, Fault> {
    match tunnel.proxy.scheme {
        ProxyScheme::Http => connect(tcp, tunnel).await,
        ProxyScheme::Socks5h => socks(tcp, tunnel).await,
    }
}

async fn connect(tcp: TcpStream, tunnel: &Tunnel) -> Result<TcpStream, Fault> {
    let told = |error: hyper::Error| words::fault(&error, Phase::Proxy);
    let opening = http1::Builder::new().max_buf_size(MAX_HEAD).handshake(TokioIo::new(tcp));
    let (mut sender, connection) = opening.await.map_err(told)?;
    let _driver = Task::spawn(async move {
        // What went wrong is told to the request.
        let _ = connection.with_upgrades().await;
    });
    let response = sender.send_request(request(tunnel)?).await.map_err(told)?;
    if !response.status().is_success() {
        return Err(refused(response.status(), tunnel));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(told)?;
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        // Whoever is at the other end waits for our first word.
        Ok(parts) if parts.read_buf.is_empty() => Ok(parts.io.into_inner()),
        _ => Err(fault("it sent more than its answer".to_owned())),
    }
}

fn request(tunnel: &Tunnel) -> Result<Request<NoBody>, Fault> {
    let to = tunnel.to_string();
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(&to)
        .header(HOST, &to)
        .header(USER_AGENT, concat!("purgeproof/", env!("CARGO_PKG_VERSION")));
    if let Some(credentials) = &tunnel.proxy.credentials {
        request = request.header(PROXY_AUTHORIZATION, basic(credentials)?);
    }
    request.body(NoBody::new()).map_err(|_| fault(format!("not a host that it can be asked for: {to}")))
}

/// RFC 7617.
fn basic(Credentials { user, password }: &Credentials) -> Result<HeaderValue, Fault> {
    use base64::Engine as _;
    let word = base64::prelude::BASE64_STANDARD.encode(format!("{user}:{password}"));
    let value = HeaderValue::try_from(format!("Basic {word}"));
    let mut value = value.map_err(|_| fault("its credentials cannot be sent".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// `407 Proxy Authentication Required: the proxy refused the credentials`
fn refused(status: StatusCode, tunnel: &Tunnel) -> Fault {
    let said = match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    };
    match status {
        // Some proxies, tinyproxy among them, say 401 of credentials that are wrong.
        StatusCode::PROXY_AUTHENTICATION_REQUIRED | StatusCode::UNAUTHORIZED => {
            fault(format!("{said}: {}", unproven(tunnel)))
        }
        StatusCode::FORBIDDEN => of_this_host(format!("{said}: the proxy may not connect to {tunnel}")),
        _ => of_this_host(format!("{said}: the proxy did not connect to {tunnel}")),
    }
}

async fn socks(tcp: TcpStream, tunnel: &Tunnel) -> Result<TcpStream, Fault> {
    let to = (&*tunnel.name, tunnel.port);
    let opened = match &tunnel.proxy.credentials {
        None => Socks5Stream::connect_with_socket(tcp, to).await,
        Some(Credentials { user, password }) => {
            Socks5Stream::connect_with_password_and_socket(tcp, to, user, password).await
        }
    };
    opened.map(Socks5Stream::into_inner).map_err(|error| of_socks(&error, tunnel))
}

/// The replies of RFC 1928 section 6 and RFC 1929.
fn of_socks(error: &Socks, tunnel: &Tunnel) -> Fault {
    let unconnected = |said: &str| of_this_host(format!("{said}: the proxy did not connect to {tunnel}"));
    match error {
        Socks::Io(error) => words::fault(error, Phase::Proxy),
        Socks::NoAcceptableAuthMethods | Socks::AuthorizationRequired | Socks::PasswordAuthFailure(_) => {
            fault(unproven(tunnel).to_owned())
        }
        Socks::ConnectionNotAllowedByRuleset => {
            of_this_host(format!("not allowed by its rules: the proxy may not connect to {tunnel}"))
        }
        Socks::NetworkUnreachable => unconnected("network unreachable"),
        Socks::HostUnreachable => unconnected("host unreachable"),
        Socks::ConnectionRefused => unconnected("connection refused"),
        Socks::TtlExpired => unconnected("TTL expired"),
        Socks::GeneralSocksServerFailure => unconnected("general failure"),
        Socks::CommandNotSupported => fault("it does not know the command CONNECT".to_owned()),
        Socks::AddressTypeNotSupported => fault("it takes no names, only addresses".to_owned()),
        Socks::InvalidTargetAddress(_) => of_this_host(format!("not a host that it can be asked for: {tunnel}")),
        _ => fault("not SOCKS5".to_owned()),
    }
}

fn unproven(tunnel: &Tunnel) -> &'static str {
    match tunnel.proxy.credentials {
        Some(_) => "the proxy refused the credentials",
        None => "the proxy wants credentials, write them into its URL",
    }
}

fn fault(words: String) -> Fault {
    Fault::new(Phase::Proxy, words)
}

/// The proxy is well; others may fare better.
fn of_this_host(words: String) -> Fault {
    Fault { only_this_host: true, ..fault(words) }
}
